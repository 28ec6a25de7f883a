import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";
import { anOrder, testVenue } from "../testing/venue.ts";

test("tells the order, what was cancelled for it, and that nothing is unprotected", async () => {
  const venue = testVenue();
  expect(await dataOf("close_position", { symbol: "AAPL" }, venue)).toMatchObject({
    message: "closed",
    order: { order_id: "1001", side: "SELL", status: "filled" },
    cancelled: ["900"],
    restored: [],
    unprotected: false,
  });
  expect(venue.calls).toEqual([["closePosition", "AAPL", null, null]]);
});

test("a part is closed by quantity", async () => {
  const venue = testVenue();
  await dataOf("close_position", { symbol: "AAPL", quantity: "1.5" }, venue);
  expect(venue.calls).toEqual([["closePosition", "AAPL", decimal("1.5"), null]]);
});

test("a sale that did not happen shows the protection that is back", async () => {
  const venue = testVenue({
    guard: {
      closePosition: async () => ({
        cancelled: ["900"],
        order: null,
        restored: [anOrder({ orderId: "901", orderType: "stop", status: "submitted" })],
        unprotected: true,
        replayed: false,
        message: "rejected",
      }),
    },
  });
  expect(await dataOf("close_position", { symbol: "AAPL" }, venue)).toMatchObject({
    order: null,
    restored: [{ order_id: "901", order_type: "stop" }],
    unprotected: true,
  });
});

test("S18: its key reaches the guard, and so does the word that nothing was done again", async () => {
  const venue = testVenue({
    guard: {
      closePosition: async () => ({
        cancelled: ["900"],
        order: anOrder({ side: "SELL", replayed: true }),
        restored: [],
        unprotected: false,
        replayed: true,
        message: "done before",
      }),
    },
  });
  expect(await dataOf("close_position", { symbol: "AAPL", idempotency_key: "c1" }, venue)).toMatchObject({
    replayed: true,
    order: { replayed: true },
  });
  expect(venue.calls).toEqual([["closePosition", "AAPL", null, "c1"]]);
});
