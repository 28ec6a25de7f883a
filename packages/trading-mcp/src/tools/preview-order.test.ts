import { decimal } from "trading-core/domain/money";
import { refuse } from "trading-core/guard/verdict";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { aPreview, testVenue } from "../testing/venue.ts";

test("a refusal is a preview's result, not its failure, and names the check", async () => {
  const check = {
    rule: "order-value",
    ...refuse("order_value_exceeded", "98.50 USD is more than 50 USD.", "Buy less.", {
      observed: "98.50",
      limit: "50",
    }),
  };
  const venue = testVenue({
    guard: {
      preview: async (request) => ({
        ...aPreview(request),
        allowed: false,
        checks: [check],
        venue: {
          amount: decimal("98"),
          commission: decimal("0.5"),
          total: decimal("98.5"),
          marginChange: null,
          availableFundsBefore: null,
          availableFundsAfter: null,
          currency: "USD",
          warnings: ["<b>careful</b>\u202e"],
          refusal: null,
        },
        venueMessage: null,
      }),
    },
  });
  const data = await dataOf("preview_order", { symbol: "AAPL", side: "BUY", cash_amount: 98 }, venue);
  expect(data).toMatchObject({
    allowed: false,
    order_type: "market",
    cash_amount: "98",
    quantity: null,
    worst_case: "98.50",
    checks: [
      {
        rule: "order-value",
        verdict: "refuse",
        code: "order_value_exceeded",
        observed: "98.50",
        limit: "50",
        message: "98.50 USD is more than 50 USD.",
        next_step: "Buy less.",
      },
    ],
    venue: { commission: "0.5", margin_change: null, warnings: ["careful"] },
    venue_message: null,
  });
});

test("a trigger makes it a stop that outlives the day", async () => {
  const venue = testVenue();
  await dataOf("preview_order", { symbol: "AAPL", side: "SELL", quantity: "2", stop_price: "170" }, venue);
  expect(venue.calls[0]?.[1]).toMatchObject({ orderType: "stop", timeInForce: "GTC" });
});

test("a side has to be said: nothing is previewed by guess", async () => {
  expect((await errorOf("preview_order", { symbol: "AAPL", quantity: 1 })).message).toContain(
    '"side" is missing',
  );
});

test("a sale by amount, which could not be proven to be held, is refused before the venue is asked", async () => {
  const venue = testVenue();
  const error = await errorOf("preview_order", { symbol: "AAPL", side: "SELL", cash_amount: 50 }, venue);
  expect(error.code).toBe("cash_amount_buy_only");
  expect(venue.calls).toEqual([]);
});
