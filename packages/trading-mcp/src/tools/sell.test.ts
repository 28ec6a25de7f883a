import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { testVenue } from "../testing/venue.ts";

test("sells an exact quantity", async () => {
  const venue = testVenue();
  expect(await dataOf("sell", { symbol: "AAPL", quantity: "0.30" }, venue)).toMatchObject({ side: "SELL" });
  expect(venue.calls).toEqual([
    [
      "place",
      {
        symbol: "AAPL",
        side: "SELL",
        orderType: "market",
        quantity: decimal("0.3"),
        cashAmount: null,
        limitPrice: null,
        stopPrice: null,
        timeInForce: "DAY",
      },
    ],
  ]);
});

test("a sell by amount does not exist: the argument is unknown", async () => {
  const venue = testVenue();
  const error = await errorOf("sell", { symbol: "AAPL", cash_amount: 100 }, venue);
  expect(error.code).toBe("invalid_arguments");
  expect(error.message).toContain('"quantity" is missing');
  expect(error.message).toContain('unknown argument "cash_amount"');
  expect(venue.calls).toEqual([]);
});

test("S18: its key reaches the guard", async () => {
  const venue = testVenue();
  await dataOf("sell", { symbol: "AAPL", quantity: 1, idempotency_key: "k" }, venue);
  expect(venue.calls[0]?.[1]).toMatchObject({ idempotencyKey: "k" });
});
