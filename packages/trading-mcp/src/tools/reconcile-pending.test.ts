import { expect, test } from "vitest";
import { call, dataOf } from "../testing/call.ts";
import { anOrder, testContext, testVenue } from "../testing/venue.ts";

test("nothing open is said as that", async () => {
  expect(await dataOf("reconcile_pending", {})).toEqual({
    orders: [],
    omitted: 0,
    open: 0,
    complete: true,
    unread: [],
    message: "No order is of unknown fate.",
  });
});

test("what is still open comes first, with its next step, and is not to be sent again", async () => {
  const venue = testVenue({
    guard: {
      reconcile: async () => ({
        orders: [
          { order: anOrder({ orderId: "1" }), settled: true, nextStep: null },
          { order: anOrder({ orderId: null, status: "unknown" }), settled: false, nextStep: "look again" },
        ],
        complete: false,
        unread: ["executions: HTTP 503"],
      }),
    },
  });
  const data = await dataOf("reconcile_pending", {}, venue);
  expect(data).toMatchObject({
    orders: [
      { order_id: null, status: "unknown", settled: false, next_step: "look again" },
      { order_id: "1", settled: true, next_step: null },
    ],
    open: 1,
    complete: false,
    unread: ["executions: HTTP 503"],
  });
  expect(data.message).toBe(
    "1 of 2 orders are settled. 1 keep their place in the limits: do not send them again. Not everything could be read; call again.",
  );
});

test("S32: read mode serves it", async () => {
  const envelope = await call("reconcile_pending", {}, testContext(testVenue(), { readOnly: true }));
  expect(envelope.ok).toBe(true);
});
