import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { anOrder, testVenue } from "../testing/venue.ts";

const args = { symbol: "AAPL", side: "BUY", quantity: 2, take_profit: 200, stop_loss: "170.5" };

test("an entry at the market, or at a limit, with both of its exits and the caller's key", async () => {
  const venue = testVenue();
  await dataOf("bracket_order", args, venue);
  await dataOf(
    "bracket_order",
    { ...args, entry_limit_price: 180, time_in_force: "GTC", idempotency_key: "k" },
    venue,
  );
  const bracket = { takeProfit: decimal(200), stopLoss: decimal("170.5") };
  expect(venue.calls.map(([, request]) => request)).toMatchObject([
    { orderType: "market", limitPrice: null, stopPrice: null, bracket, timeInForce: "DAY" },
    { orderType: "limit", limitPrice: decimal(180), bracket, timeInForce: "GTC", idempotencyKey: "k" },
  ]);
});

test("a preview takes the same arguments, and half a bracket is none", async () => {
  const venue = testVenue();
  await dataOf("preview_order", { ...args, entry_limit_price: 180 }, venue);
  expect(venue.calls).toMatchObject([
    ["preview", { orderType: "limit", bracket: { takeProfit: decimal(200) } }],
  ]);
  const { stop_loss: _, ...half } = args;
  expect(await errorOf("preview_order", half, venue)).toMatchObject({ code: "bracket_incomplete_arguments" });
  expect(await errorOf("preview_order", { ...args, limit_price: 180 }, venue)).toMatchObject({
    code: "bracket_conflict",
  });
  expect(venue.calls).toHaveLength(1);
});

test("an answer lists every leg, with null where something is not known", async () => {
  const leg = { clientOrderId: "c", price: null, filledQuantity: decimal(0) };
  const group = {
    id: "c",
    role: "entry" as const,
    legs: [{ ...leg, role: "entry" as const, orderId: null, status: "unknown" as const }],
  };
  const venue = testVenue({ guard: { place: async () => anOrder({ group }) } });
  expect((await dataOf("bracket_order", args, venue)).group).toEqual({
    id: "c",
    role: "entry",
    legs: [
      {
        role: "entry",
        order_id: null,
        client_order_id: "c",
        status: "unknown",
        price: null,
        filled_quantity: "0",
      },
    ],
  });
});
