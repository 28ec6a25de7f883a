import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { testVenue } from "../testing/venue.ts";

test("H15: rests until cancelled unless told otherwise: protection outlives the day", async () => {
  const venue = testVenue();
  const args = { symbol: "AAPL", side: "SELL", quantity: 2, stop_price: "170.25" };
  await dataOf("stop_order", args, venue);
  await dataOf("stop_order", { ...args, limit_price: 170, time_in_force: "DAY" }, venue);
  expect(venue.calls.map(([, request]) => request)).toMatchObject([
    { orderType: "stop", stopPrice: decimal("170.25"), limitPrice: null, timeInForce: "GTC" },
    { orderType: "stop_limit", stopPrice: decimal("170.25"), limitPrice: decimal(170), timeInForce: "DAY" },
  ]);
});

test("without a trigger price it is no stop", async () => {
  expect((await errorOf("stop_order", { symbol: "AAPL", side: "SELL", quantity: 2 })).message).toContain(
    '"stop_price" is missing',
  );
});

test("S18: its key reaches the guard", async () => {
  const venue = testVenue();
  await dataOf(
    "stop_order",
    { symbol: "AAPL", side: "SELL", quantity: 1, stop_price: 1, idempotency_key: "k" },
    venue,
  );
  expect(venue.calls[0]?.[1]).toMatchObject({ idempotencyKey: "k" });
});
