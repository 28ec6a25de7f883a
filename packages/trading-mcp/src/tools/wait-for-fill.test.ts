import { expect, test } from "vitest";
import { call, dataOf, errorOf } from "../testing/call.ts";
import { anOrder, testContext, testVenue } from "../testing/venue.ts";

test("waits thirty seconds unless told otherwise", async () => {
  const venue = testVenue();
  expect(await dataOf("wait_for_fill", { order_id: "1" }, venue)).toMatchObject({
    order_id: "1",
    timed_out: false,
  });
  await dataOf("wait_for_fill", { order_id: "1", timeout_seconds: 0.5 }, venue);
  expect(venue.calls.map(([name, id, ms]) => [name, id, ms])).toEqual([
    ["waitForFill", "1", 30_000],
    ["waitForFill", "1", 500],
  ]);
});

test("the request's signal ends the waiting", async () => {
  let seen: AbortSignal | undefined;
  const venue = testVenue({
    guard: {
      waitForFill: async (_id, _timeout, signal) => {
        seen = signal;
        return { order: anOrder({ status: "submitted" }), timedOut: true };
      },
    },
  });
  const context = testContext(venue);
  expect(await call("wait_for_fill", { order_id: "1" }, context)).toMatchObject({
    data: { status: "submitted", timed_out: true },
  });
  expect(seen).toBe(context.signal);
});

test("no wait is longer than two minutes", async () => {
  expect((await errorOf("wait_for_fill", { order_id: "1", timeout_seconds: 121 })).message).toContain(
    '"timeout_seconds" has to be at most 120, got 121',
  );
});
