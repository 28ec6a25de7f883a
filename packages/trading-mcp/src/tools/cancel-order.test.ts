import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";
import { testVenue } from "../testing/venue.ts";

test("done means that the venue reported a final status", async () => {
  expect(await dataOf("cancel_order", { order_id: "1001" })).toMatchObject({
    order_id: "1001",
    outcome: "done",
    order: { status: "cancelled" },
    warnings: [],
  });
});

test("asked is not done, and what is left unprotected is said", async () => {
  const venue = testVenue({
    guard: {
      cancel: async (id) => ({
        orderId: id,
        clientOrderId: "c1",
        outcome: "requested",
        order: null,
        message: "not confirmed yet",
        warnings: ["AAPL has no protective order now"],
      }),
    },
  });
  expect(await dataOf("cancel_order", { order_id: "1001" }, venue)).toEqual({
    order_id: "1001",
    client_order_id: "c1",
    outcome: "requested",
    message: "not confirmed yet",
    warnings: ["AAPL has no protective order now"],
    order: null,
  });
});
