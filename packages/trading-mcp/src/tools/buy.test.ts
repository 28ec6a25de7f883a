import { TradingError } from "trading-core/domain/errors";
import { decimal } from "trading-core/domain/money";
import { refuse } from "trading-core/guard/verdict";
import { describe, expect, test } from "vitest";
import { call, dataOf, errorOf } from "../testing/call.ts";
import { anOrder, testContext, testVenue } from "../testing/venue.ts";

test("a buy by amount is a market order, and its answer has every field", async () => {
  const venue = testVenue();
  expect(await dataOf("buy", { symbol: "AAPL", cash_amount: 100.5 }, venue)).toEqual({
    order_id: "1001",
    client_order_id: "ab12cd34ef56",
    status: "filled",
    symbol: "AAPL",
    side: "BUY",
    message: null,
    order_type: "market",
    quantity: "2",
    cash_amount: null,
    filled_quantity: "2",
    average_price: "187.505",
    limit_price: null,
    stop_price: null,
    time_in_force: "DAY",
    notional: "375.01",
    currency: "USD",
    mode: "paper",
    account_type: "PAPER",
    dry_run: false,
    journal_seq: 7,
  });
  expect(venue.calls).toEqual([
    [
      "place",
      {
        symbol: "AAPL",
        side: "BUY",
        orderType: "market",
        quantity: null,
        cashAmount: decimal("100.5"),
        limitPrice: null,
        stopPrice: null,
        timeInForce: "DAY",
      },
    ],
  ]);
});

test("a limit price makes it a limit order", async () => {
  const venue = testVenue();
  await dataOf(
    "buy",
    { symbol: "AAPL", quantity: "0.000000000001", limit_price: "1e0".slice(0, 1), time_in_force: "GTC" },
    venue,
  );
  expect(venue.calls[0]?.[1]).toMatchObject({ orderType: "limit", timeInForce: "GTC" });
});

describe("a size that is not one size is refused before the venue is touched", () => {
  const cases: [code: string, args: object][] = [
    ["size_required", { symbol: "AAPL" }],
    ["size_conflict", { symbol: "AAPL", quantity: 1, cash_amount: 10 }],
    ["cash_amount_market_only", { symbol: "AAPL", cash_amount: 10, limit_price: 5 }],
    ["time_in_force_unused", { symbol: "AAPL", quantity: 1, time_in_force: "GTC" }],
  ];
  test.each(cases)("%s", async (code, args) => {
    const venue = testVenue();
    expect(await errorOf("buy", args, venue)).toMatchObject({ code, retryable: false });
    expect(venue.calls).toEqual([]);
  });
});

test("a refusal by the guard carries every failing check", async () => {
  const checks = [
    {
      rule: "daily-value",
      ...refuse("daily_value_exceeded", "too much", "wait", { observed: "9", limit: "5" }),
    },
  ];
  const venue = testVenue({
    guard: {
      place: async () => {
        throw new TradingError("refused", "1 check failed.", "See checks.", {
          checks,
          details: { client_order_id: "x1" },
        });
      },
    },
  });
  expect(await call("buy", { symbol: "AAPL", quantity: 1 }, testContext(venue))).toEqual({
    ok: false,
    error: {
      code: "refused",
      message: "1 check failed.",
      retryable: false,
      next_step: "See checks.",
      checks: [
        {
          rule: "daily-value",
          verdict: "refuse",
          code: "daily_value_exceeded",
          observed: "9",
          limit: "5",
          message: "too much",
          next_step: "wait",
        },
      ],
      details: { client_order_id: "x1" },
    },
  });
});

test("a failure that nobody foresaw does not claim that nothing was sent", async () => {
  const venue = testVenue({
    guard: {
      place: async () => {
        throw new TypeError("secret internals at /home/x");
      },
    },
  });
  const error = await errorOf("buy", { symbol: "AAPL", quantity: 1 }, venue);
  expect(error).toMatchObject({ code: "internal_error", retryable: false });
  expect(error.message).toContain("whether the order was sent is not known");
  expect(JSON.stringify(error)).not.toContain("internals");
});

test("a placed order whose numbers cannot be written is still a placed order", async () => {
  const broken = anOrder({
    quantity: {
      toFixed: () => {
        throw new Error("no");
      },
    } as never,
  });
  const venue = testVenue({ guard: { place: async () => broken } });
  expect(await dataOf("buy", { symbol: "AAPL", quantity: 1 }, venue)).toMatchObject({
    order_id: "1001",
    client_order_id: "ab12cd34ef56",
    status: "filled",
  });
});

test("a dry run shows the request it would have sent, without credentials", async () => {
  const venue = testVenue({
    guard: {
      place: async () =>
        anOrder({
          orderId: null,
          dryRun: true,
          request: { method: "POST", path: "/orders", body: { quantity: 1, apiKey: "k-123456" } },
        }),
    },
  });
  expect(await dataOf("buy", { symbol: "AAPL", quantity: 1 }, venue)).toMatchObject({
    order_id: null,
    dry_run: true,
    request: { method: "POST", path: "/orders", body: { quantity: 1, apiKey: "[redacted]" } },
    preview: null,
  });
});

test("S18: its key reaches the guard, and an answer that an earlier call earned says so", async () => {
  const venue = testVenue({ guard: { place: async () => anOrder({ replayed: true }) } });
  const args = { symbol: "AAPL", quantity: 1, idempotency_key: "a.B-9_:" };
  expect(await dataOf("buy", args, venue)).toMatchObject({ order_id: "1001", replayed: true });
  expect(venue.calls[0]?.[1]).toMatchObject({ idempotencyKey: "a.B-9_:" });
});

test.each(["", " a", "a/b", "ü", "x".repeat(65), 7, null])("S18: %j is no key", async (key) => {
  const venue = testVenue();
  for (const tool of ["buy", "sell", "stop_order", "close_position"]) {
    const args = { symbol: "AAPL", quantity: 1, idempotency_key: key };
    const stop = tool === "stop_order" ? { side: "SELL", stop_price: 1 } : {};
    expect(await errorOf(tool, { ...args, ...stop }, venue)).toMatchObject({ code: "invalid_arguments" });
  }
  expect(venue.calls).toEqual([]);
});
