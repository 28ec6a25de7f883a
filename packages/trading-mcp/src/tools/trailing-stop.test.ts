import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { anOrder, testVenue } from "../testing/venue.ts";

const args = { symbol: "AAPL", side: "SELL", quantity: 2 };

test("H15: a trailing stop outlives the day unless told otherwise, by an amount or by percent", async () => {
  const venue = testVenue();
  await dataOf("trailing_stop", { ...args, trail_amount: "2.50" }, venue);
  await dataOf("trailing_stop", { ...args, trail_percent: 5, time_in_force: "DAY" }, venue);
  expect(venue.calls.map(([, request]) => request)).toMatchObject([
    { orderType: "trailing_stop", trailAmount: decimal("2.5"), trailPercent: null, timeInForce: "GTC" },
    { orderType: "trailing_stop", trailAmount: null, trailPercent: decimal(5), timeInForce: "DAY" },
  ]);
});

test("M24: it takes exactly one distance, and never becomes a market order for want of one", async () => {
  const venue = testVenue();
  expect(await errorOf("trailing_stop", args, venue)).toMatchObject({ code: "trail_required" });
  const both = { ...args, trail_amount: 1, trail_percent: 1 };
  expect(await errorOf("trailing_stop", both, venue)).toMatchObject({ code: "trail_conflict" });
  expect(await errorOf("preview_order", { ...args, trail_amount: 1, stop_price: 90 }, venue)).toMatchObject({
    code: "trail_conflict",
  });
  expect(venue.calls).toEqual([]);
});

test("an answer tells the distance", async () => {
  const order = anOrder({ orderType: "trailing_stop", trailPercent: decimal("2.5") });
  const venue = testVenue({ guard: { order: async () => order } });
  expect(await dataOf("order_status", { order_id: "1" }, venue)).toMatchObject({
    order_type: "trailing_stop",
    trail_percent: "2.5",
  });
});
