import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";
import { anOrder, testVenue } from "../testing/venue.ts";

test("lists working orders, and whether the list can be relied on", async () => {
  expect(await dataOf("open_orders", {})).toMatchObject({
    orders: [{ order_id: "1001", status: "submitted" }],
    omitted: 0,
    complete: true,
    message: null,
  });
});

test("a partial list says so, and a long one is cut", async () => {
  const orders = Array.from({ length: 201 }, (_, index) => anOrder({ orderId: String(index) }));
  const venue = testVenue({
    guard: {
      openOrders: async () => ({ orders, complete: false, message: "the venue's list was filtered" }),
    },
  });
  const data = await dataOf("open_orders", {}, venue);
  expect(data).toMatchObject({ complete: false, message: "the venue's list was filtered", omitted: 1 });
  expect(data.orders).toHaveLength(200);
});
