import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import { tradingStateFile } from "./trading-state.ts";

// Each test runs a whole guard into one rule and into no other: take the rule out of the list and the
// order reaches the venue.

let at: Bench;
afterEach(() => at.end());

async function expectOnly(rule: string, code: string, call: Promise<unknown>): Promise<void> {
  const before = at.venue.wire.length;
  const error = await failure(call);
  expect(refusedBy(error)).toEqual([rule]);
  expect(error.code).toBe(code);
  expect(at.venue.wire.length).toBe(before);
  expect(at.kinds().at(-1)).toBe("refusal");
}

test("trading-state: a reducing venue takes no entry", async () => {
  at = bench();
  tradingStateFile(at.stateDir, "ibkr").write("REDUCING", "operator", new Date(at.clock.now()));
  await expectOnly("trading-state", "trading_reducing", at.guard.place(order("BUY", "1")));
});

test("live-arm: real money is not touched without the operator's arm", async () => {
  at = bench({ mode: "live" });
  at.venue.identity = { accountId: "U1", isPaper: false, evidence: "scripted" };
  await expectOnly("live-arm", "live_not_armed", at.guard.place(order("BUY", "1")));
});

test("account-identity: another account than the configured one is not traded on", async () => {
  at = bench({ accountId: "DU9" });
  await expectOnly("account-identity", "account_mismatch", at.guard.place(order("BUY", "1")));
});

test("symbol-universe: a denied symbol is not bought", async () => {
  at = bench({ denylist: ["AAPL"] });
  await expectOnly("symbol-universe", "symbol_denied", at.guard.place(order("BUY", "1")));
});

test("instrument: a foreign listing is not bought", async () => {
  at = bench({}, [stock("AAPL", { usListed: false })]);
  await expectOnly("instrument", "instrument_not_supported", at.guard.place(order("BUY", "1")));
});

test("market-hours: nothing is sent into a closed market", async () => {
  at = bench();
  at.venue.schedule = { sessions: [], alwaysOpen: false };
  await expectOnly("market-hours", "market_closed", at.guard.place(order("BUY", "1")));
});

test("order-value: an order above the cap on one order is not sent", async () => {
  at = bench({ maxOrderValue: decimal(104) });
  await expectOnly("order-value", "order_value_exceeded", at.guard.place(order("BUY", "1")));
});

test("daily-value: the order that takes the day above its cap is not sent", async () => {
  at = bench({ maxDailyValue: decimal(150) });
  await at.guard.place(order("BUY", "1"));
  await expectOnly("daily-value", "daily_value_exceeded", at.guard.place(order("BUY", "0.5")));
});

test("oversell: more than is held is not sold", async () => {
  at = bench();
  await expectOnly("oversell", "oversell", at.guard.place(order("SELL", "1")));
});

test("L40: stop-side: a stop that would fire at once is not sent", async () => {
  at = bench();
  at.venue.hold(stock("AAPL"), "1");
  await expectOnly(
    "stop-side",
    "stop_triggers_at_once",
    at.guard.place(order("SELL", "1", { stopPrice: "101" })),
  );
});

test("duplicate: the same order twice is sent once", async () => {
  at = bench({ duplicateWindowMs: 60_000 });
  await at.guard.place(order("BUY", "1"));
  await expectOnly("duplicate", "duplicate_order", at.guard.place(order("BUY", "1.0")));
});

test("unresolved: while an order's fate is unknown no second one like it is sent", async () => {
  at = bench();
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    return { kind: "unknown", reason: "the answer was lost", exchanges: [] };
  });
  expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("outcome_unknown");
  at.freshQuotes();
  await expectOnly("unresolved", "unresolved_order", at.guard.place(order("BUY", "2")));
});

test("position-value: the order that takes a position above its cap is not sent", async () => {
  at = bench({ maxPositionValue: decimal(209) });
  at.venue.hold(stock("AAPL"), "1");
  await expectOnly("position-value", "position_value_exceeded", at.guard.place(order("BUY", "1")));
});

test("position-value: orders that rest unfilled count like what is held", async () => {
  at = bench({ maxPositionValue: decimal(250) });
  await at.guard.place(order("BUY", "1", { limitPrice: "99" }));
  await expectOnly(
    "position-value",
    "position_value_exceeded",
    at.guard.place(order("BUY", "1.5", { limitPrice: "101" })),
  );
});

test("daily-loss: once the day's loss has reached its limit nothing is entered", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  at.venue.dailyPnl = decimal(-50);
  await expectOnly("daily-loss", "daily_loss_reached", at.guard.place(order("BUY", "1")));
});

test("order-rate: one order more than the minute takes is not sent", async () => {
  at = bench({ maxOrdersPerMinute: 2 });
  await at.guard.place(order("BUY", "1"));
  await at.guard.place(order("BUY", "2"));
  await expectOnly("order-rate", "too_many_orders", at.guard.place(order("BUY", "3")));
});

test("order-rate: a crowd of calls at once is not taken for one", async () => {
  at = bench({ maxOrdersPerMinute: 2 });
  const calls = ["1", "2", "3", "4"].map((size) => at.guard.place(order("BUY", size)));
  const ended = await Promise.allSettled(calls);
  expect(ended.filter((each) => each.status === "fulfilled")).toHaveLength(2);
  expect(at.venue.wire).toHaveLength(2);
});

test("price-collar: a limit with a digit too many is not sent", async () => {
  at = bench();
  await expectOnly(
    "price-collar",
    "price_outside_collar",
    at.guard.place(order("BUY", "1", { limitPrice: "1000" })),
  );
});

test("clock: with a clock that is wrong nothing is entered", async () => {
  at = bench();
  at.venue.clockSkewMs = 61_000;
  await expectOnly("clock", "clock_skewed", at.guard.place(order("BUY", "1")));
});

test("foreign-writer: beside a server with a journal of its own nothing is entered", async () => {
  at = bench();
  const prefix = readFileSync(join(at.stateDir, "id"), "utf8").trim();
  at.venue.orders.set("77", {
    orderId: "77",
    clientOrderId: `${prefix === "zzzz" ? "yyyy" : "zzzz"}00000000000001`,
    parentOrderId: null,
    instrumentId: "id-MSFT",
    symbol: "MSFT",
    side: "BUY",
    orderType: "limit",
    quantity: decimal(1),
    cashAmount: null,
    filledQuantity: decimal(0),
    averagePrice: null,
    limitPrice: decimal(90),
    stopPrice: null,
    timeInForce: "DAY",
    status: "submitted",
    message: null,
  });
  await expectOnly("foreign-writer", "foreign_writer", at.guard.place(order("BUY", "1")));
  expect((await at.guard.posture()).obstacles.join(" ")).toContain("another state folder");
});
