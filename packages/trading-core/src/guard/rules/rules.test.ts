import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/money.ts";
import type { OrderIntent, VenueOrder } from "../../domain/order.ts";
import { read, unread } from "../../domain/reading.ts";
import { MORNING, quoteOf, stock } from "../../testing/fixtures.ts";
import { story } from "../../testing/ledger-of.ts";
import { type RuleChange as Change, ruleInput as input } from "../../testing/rule-input.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { accountIdentity } from "./account-identity.ts";
import { bracketSides } from "./bracket-sides.ts";
import { clock } from "./clock.ts";
import { dailyLoss } from "./daily-loss.ts";
import { dailyValue } from "./daily-value.ts";
import { duplicate } from "./duplicate.ts";
import { foreignWriter } from "./foreign-writer.ts";
import { judge, rules } from "./index.ts";
import { instrument } from "./instrument.ts";
import { liveArm } from "./live-arm.ts";
import { marketHours } from "./market-hours.ts";
import { orderRate } from "./order-rate.ts";
import { orderValue } from "./order-value.ts";
import { oversell } from "./oversell.ts";
import { positionValue } from "./position-value.ts";
import { priceCollar } from "./price-collar.ts";
import { riskCurrency } from "./risk-currency.ts";
import { stopSide } from "./stop-side.ts";
import { symbolUniverse } from "./symbol-universe.ts";
import { tradingState } from "./trading-state.ts";
import { trailBounds } from "./trail-bounds.ts";
import { unresolved } from "./unresolved.ts";

const AAPL = stock("AAPL");
const NOW = Date.parse(MORNING);
const codesSeen = new Map<string, Set<string>>();

/** "pass", "skip", or the code of the refusal, which has to be one that the rule declares. */
function ask(rule: Rule, change: Change = {}): string {
  const verdict = rule.check(input(change));
  if (verdict.verdict !== "refuse") return verdict.verdict;
  const code = verdict.code ?? "";
  expect(Object.keys(rule.codes)).toContain(code);
  expect(verdict.message).toMatch(/\.$/);
  expect(verdict.nextStep).toBeTruthy();
  codesSeen.set(rule.name, (codesSeen.get(rule.name) ?? new Set()).add(code));
  return code;
}

const short = { reduction: { kind: "not_held" } } as const;
const unpriced = { worstCase: { kind: "unpriced", reason: "no quote" } } as const;
const worth = (value: string) =>
  ({
    worstCase: { kind: "priced", value: decimal(value), local: decimal(value), price: null, basis: "b" },
  }) as const;

test("trading-state", () => {
  const state = (word: "ACTIVE" | "REDUCING" | "HALTED") => ({
    facts: { tradingState: { state: word, reason: "r" } },
  });
  expect(ask(tradingState)).toBe("pass");
  expect(ask(tradingState, state("REDUCING"))).toBe("trading_reducing");
  expect(ask(tradingState, { ...state("REDUCING"), isExit: true })).toBe("pass");
  expect(ask(tradingState, state("HALTED"))).toBe("trading_halted");
  expect(ask(tradingState, { ...state("HALTED"), isExit: true })).toBe("trading_halted");
});

test("live-arm: the label and the venue's word each need the arm, exits included", () => {
  const real = {
    identity: { kind: "verified", identity: { accountId: "U1", isPaper: false, evidence: "" } },
  } as const;
  expect(ask(liveArm)).toBe("skip");
  expect(ask(liveArm, { policy: { mode: "live" } })).toBe("live_not_armed");
  expect(ask(liveArm, { facts: real, isExit: true })).toBe("live_not_armed");
  expect(ask(liveArm, { facts: real, policy: { allowLive: true } })).toBe("pass");
  expect(ask(liveArm, { facts: { identity: { kind: "unread", reason: "r" } } })).toBe("skip");
});

describe("account-identity", () => {
  const who = (accountId: string, isPaper: boolean | null) =>
    ({ identity: { kind: "verified", identity: { accountId, isPaper, evidence: "e" } } }) as const;
  test("the venue's word decides, for entries and exits alike", () => {
    expect(ask(accountIdentity)).toBe("pass");
    expect(ask(accountIdentity, { policy: { accountId: "DU1" } })).toBe("pass");
    expect(ask(accountIdentity, { policy: { accountId: "DU2" }, isExit: true })).toBe("account_mismatch");
    expect(ask(accountIdentity, { facts: { boundAccount: "DU9" }, isExit: true })).toBe("account_changed");
    expect(ask(accountIdentity, { facts: who("DU1", null), isExit: true })).toBe("paper_live_unknown");
    expect(ask(accountIdentity, { facts: who("U1", false) })).toBe("mode_mismatch");
    expect(ask(accountIdentity, { facts: who("DU1", true), policy: { mode: "live" } })).toBe("mode_mismatch");
    expect(ask(accountIdentity, { facts: { identity: { kind: "unread", reason: "r" } }, isExit: true })).toBe(
      "account_unverified",
    );
  });
  test("M9: what was verified earlier serves exits, for ten minutes and not a moment more", () => {
    const remembered = (ageMs: number, isPaper = true) => ({
      identity: {
        kind: "remembered",
        identity: { accountId: "DU1", isPaper, evidence: "e" },
        ageMs,
        reason: "r",
      } as const,
    });
    expect(ask(accountIdentity, { facts: remembered(600_000), isExit: true })).toBe("pass");
    expect(ask(accountIdentity, { facts: remembered(600_001), isExit: true })).toBe("account_unverified");
    expect(ask(accountIdentity, { facts: remembered(0) })).toBe("account_unverified");
    expect(ask(accountIdentity, { facts: remembered(0, false), isExit: true })).toBe("mode_mismatch");
  });
});

test("symbol-universe: H14, W7: a base covers its pairs, blanks and case do not matter, exits are exempt", () => {
  const pair = stock("BTC/USDT");
  expect(ask(symbolUniverse)).toBe("pass");
  expect(ask(symbolUniverse, { policy: { denylist: [" aapl "] } })).toBe("symbol_denied");
  expect(ask(symbolUniverse, { policy: { denylist: ["AAPL"] }, isExit: true })).toBe("skip");
  expect(
    ask(symbolUniverse, { intent: { instrument: stock(" aapl ") }, policy: { denylist: ["AAPL"] } }),
  ).toBe("symbol_denied");
  expect(ask(symbolUniverse, { intent: { instrument: pair }, policy: { denylist: ["BTC"] } })).toBe(
    "symbol_denied",
  );
  expect(ask(symbolUniverse, { intent: { instrument: pair }, policy: { denylist: ["USDT"] } })).toBe("pass");
  expect(ask(symbolUniverse, { policy: { allowlist: ["MSFT"] } })).toBe("symbol_not_allowed");
  expect(ask(symbolUniverse, { policy: { allowlist: ["AAPL"] } })).toBe("pass");
  expect(ask(symbolUniverse, { policy: { allowlist: ["AAPL"], denylist: ["AAPL"] } })).toBe("symbol_denied");
});

test("S6: symbol-universe: cash is bought only where an allow-list names it", () => {
  const pair = stock("USDC/USDT", { kind: "spot", currency: "USDT" });
  const buy = (policy: Change["policy"] = {}) =>
    ask(symbolUniverse, { intent: { instrument: pair }, policy });
  expect(buy()).toBe("cash_not_traded");
  expect(buy({ allowlist: ["USDC"] })).toBe("pass");
  expect(buy({ cashCurrencies: ["USDT"] })).toBe("pass");
  // A sale for cash that is not proven is about what it sells.
  const sale = { instrument: stock("BTC/USDT", { kind: "spot", currency: "USDT" }), side: "SELL" } as const;
  expect(ask(symbolUniverse, { intent: sale, policy: { denylist: ["BTC"] } })).toBe("symbol_denied");
  expect(ask(symbolUniverse, { intent: sale, policy: { denylist: ["USDT"] } })).toBe("pass");
});

test("S25: symbol-universe: a symbol has to be on every server's allow-list", () => {
  const lists = (...otherAllowlists: string[][]) => ({ policy: { otherAllowlists } });
  expect(ask(symbolUniverse, lists(["AAPL"], ["aapl", "MSFT"]))).toBe("pass");
  expect(ask(symbolUniverse, lists(["AAPL"], ["MSFT"]))).toBe("symbol_not_allowed");
  expect(ask(symbolUniverse, lists([]))).toBe("symbol_not_allowed");
  expect(ask(symbolUniverse, { ...lists(["MSFT"]), isExit: true })).toBe("skip");
});

test("instrument: kind, size and ticks, for exits as well", () => {
  const on = (change: Parameters<typeof stock>[1], intent: Partial<OrderIntent> = {}) =>
    ask(instrument, { intent: { instrument: stock("AAPL", change), ...intent }, isExit: true });
  expect(on({})).toBe("pass");
  expect(on({ usListed: null })).toBe("instrument_not_supported");
  expect(on({ kind: "spot", usListed: null })).toBe("pass");
  expect(on({ tradable: false })).toBe("instrument_not_tradable");
  expect(on({ takesCashAmount: false })).toBe("pass");
  expect(on({ takesCashAmount: true }, { quantity: null, cashAmount: decimal(5) })).toBe("pass");
  expect(on({ minimumQuantity: decimal(1) }, { quantity: null, cashAmount: decimal(5) })).toBe("pass");
  expect(on({ takesCashAmount: false }, { quantity: null, cashAmount: decimal(5) })).toBe(
    "cash_amount_not_supported",
  );
  expect(on({ quantityStep: decimal(1) }, { quantity: decimal("1.5") })).toBe("wrong_quantity_step");
  expect(on({ minimumQuantity: decimal(1) })).toBe("pass");
  expect(on({ minimumQuantity: decimal("1.0001") })).toBe("below_minimum_quantity");
  expect(on({ minimumNotional: decimal(100) })).toBe("pass");
  expect(on({ minimumNotional: decimal("100.01") })).toBe("below_minimum_value");
  expect(on({}, { limitPrice: decimal("10.005") })).toBe("wrong_price_increment");
  expect(on({}, { stopPrice: decimal("10.005") })).toBe("wrong_price_increment");
  expect(on({}, { limitPrice: decimal(0) })).toBe("wrong_price_increment");
});

test("market-hours: only an exit that the venue can hold goes into a closed market (S27)", () => {
  const closed = { hours: { kind: "closed", source: "s", reason: "night", opens: null } } as const;
  const unknown = { hours: { kind: "unknown", reason: "r" } } as const;
  const stop = { side: "SELL", orderType: "stop", stopPrice: decimal(90), timeInForce: "GTC" } as const;
  expect(ask(marketHours)).toBe("pass");
  expect(ask(marketHours, { facts: closed })).toBe("market_closed");
  expect(ask(marketHours, { facts: closed, intent: { orderType: "limit" } })).toBe("market_closed");
  expect(ask(marketHours, { facts: closed, isExit: true })).toBe("market_closed");
  expect(ask(marketHours, { facts: closed, intent: stop, isExit: true })).toBe("skip");
  expect(ask(marketHours, { facts: closed, intent: { ...stop, timeInForce: "IOC" }, isExit: true })).toBe(
    "market_closed",
  );
  expect(ask(marketHours, { facts: unknown })).toBe("market_hours_unknown");
  expect(ask(marketHours, { facts: unknown, isExit: true })).toBe("skip");
});

test("order-value: equal to the cap passes, one cent more does not, unpriced refuses, exits are exempt", () => {
  const policy = { maxOrderValue: decimal(100) };
  expect(ask(orderValue, { policy })).toBe("pass");
  expect(ask(orderValue, { policy, facts: worth("100.01") })).toBe("order_value_exceeded");
  expect(ask(orderValue, { policy, facts: unpriced })).toBe("order_unpriced");
  expect(ask(orderValue, { policy, facts: worth("1000"), isExit: true })).toBe("skip");
});

test("S21: risk-currency: a rate that is known and fresh, and one currency for all that is added up", () => {
  const from = (at: Partial<RuleInput["facts"]>, more: Change = {}) =>
    ask(riskCurrency, { facts: at, ...more });
  const rate = { kind: "known", from: "BTC", to: "USD", rate: decimal(60_000), asOf: NOW } as const;
  const unknown = { kind: "unknown", from: "BTC", to: "USD", reason: "no market" } as const;
  expect(from({})).toBe("pass");
  expect(from({ rate })).toBe("pass");
  expect(from({ rate: unknown })).toBe("rate_unavailable");
  expect(from({ rate: unknown }, { isExit: true })).toBe("skip");
  const euros = story();
  euros.intent(0, "a", {}, { riskCurrency: "EUR" });
  expect(from({ ledger: euros.ledger })).toBe("risk_currency_changed");
  expect(from({ ledger: euros.ledger }, { policy: { riskCurrency: "EUR" } })).toBe("pass");
  expect(from({ ledger: euros.ledger }, { isExit: true })).toBe("skip");
  euros.outcome(1, "a", "rejected");
  expect(from({ ledger: euros.ledger })).toBe("pass");
  expect(from({}, { policy: { otherRiskCurrencies: ["EUR"] } })).toBe("risk_currency_changed");
});

describe("daily-value", () => {
  const spent = story();
  spent.intent(0, "a", {}, { worstCase: "60" });
  spent.outcome(1, "a", "acknowledged");
  const facts = { ledger: spent.ledger };
  test("equal to the cap passes, a cent more does not, exits and no cap are skipped", () => {
    expect(ask(dailyValue, { facts })).toBe("skip");
    expect(ask(dailyValue, { facts, policy: { maxDailyValue: decimal(160) } })).toBe("pass");
    expect(ask(dailyValue, { facts, policy: { maxDailyValue: decimal("159.99") } })).toBe(
      "daily_value_exceeded",
    );
    expect(ask(dailyValue, { facts, policy: { maxDailyValue: decimal(1) }, isExit: true })).toBe("skip");
    expect(
      ask(dailyValue, { facts: { ...facts, ...unpriced }, policy: { maxDailyValue: decimal(999) } }),
    ).toBe("daily_value_unpriced");
  });
  test("an order that this one replaces does not count beside it", () => {
    const replaces = spent.ledger.openOrders();
    expect(ask(dailyValue, { facts: { ...facts, replaces }, policy: { maxDailyValue: decimal(100) } })).toBe(
      "pass",
    );
  });
});

test("oversell: the proof, and each way in which it fails", () => {
  const sell = { side: "SELL" } as const;
  const reserved = { quantity: decimal(5), orderIds: ["1"] };
  const known = { kind: "known", low: decimal(0), high: decimal(5), note: "n" } as const;
  expect(ask(oversell)).toBe("skip");
  expect(ask(oversell, { intent: sell, facts: { reduction: { kind: "exit", capacity: decimal(1) } } })).toBe(
    "pass",
  );
  expect(
    ask(oversell, { intent: sell, facts: { reduction: { kind: "crosses_flat", held: decimal(1) } } }),
  ).toBe("crosses_flat");
  expect(
    ask(oversell, {
      intent: sell,
      facts: { holdings: known, reduction: { kind: "crosses_flat", held: decimal(0) } },
    }),
  ).toBe("holdings_unknown");
  expect(
    ask(oversell, {
      intent: sell,
      facts: { reduction: { kind: "reserved", held: decimal(5), reserved, free: decimal(0) } },
    }),
  ).toBe("oversell");
  expect(ask(oversell, { intent: sell, facts: short })).toBe("oversell");
  expect(ask(oversell, { intent: sell, facts: { reduction: { kind: "unknown", reason: "r" } } })).toBe(
    "holdings_unknown",
  );
  expect(ask(oversell, { facts: { reduction: { kind: "unknown", reason: "r" } } })).toBe("skip");
});

test("H3: a short is opened only when shorts are on and everybody's orders are known", () => {
  const policy = { allowShort: true };
  const sell = { side: "SELL" } as const;
  expect(ask(oversell, { intent: sell, facts: short, policy })).toBe("pass");
  expect(ask(oversell, { intent: sell, facts: { ...short, foreignOrders: unread("503") }, policy })).toBe(
    "foreign_orders_unknown",
  );
  expect(
    ask(oversell, { intent: sell, facts: { reduction: { kind: "unknown", reason: "r" } }, policy }),
  ).toBe("holdings_unknown");
});

test("stop-side: a stop belongs on the far side of the market; without a quote entries wait, exits do not", () => {
  const stop = (side: "BUY" | "SELL", price: string) =>
    ({ side, orderType: "stop", stopPrice: decimal(price) }) as const;
  const none = { quote: unread("r") };
  const stale = { quote: read(quoteOf(AAPL, NOW - 60_001), NOW) };
  expect(ask(stopSide)).toBe("skip");
  expect(ask(stopSide, { intent: stop("SELL", "99.99"), isExit: true })).toBe("pass");
  expect(ask(stopSide, { intent: stop("SELL", "100"), isExit: true })).toBe("stop_triggers_at_once");
  expect(ask(stopSide, { intent: stop("BUY", "100.01") })).toBe("pass");
  expect(ask(stopSide, { intent: stop("BUY", "100") })).toBe("stop_triggers_at_once");
  for (const facts of [none, stale]) {
    expect(ask(stopSide, { intent: stop("BUY", "101"), facts })).toBe("stop_side_unknown");
    expect(ask(stopSide, { intent: stop("SELL", "200"), facts, isExit: true })).toBe("skip");
  }
});

describe("bracket-sides", () => {
  const around = (takeProfit: string, stopLoss: string, more: Partial<OrderIntent> = {}) => ({
    exits: {
      takeProfit: decimal(takeProfit),
      stopLoss: decimal(stopLoss),
      takeProfitId: "tp",
      stopLossId: "sl",
    },
    ...more,
  });
  const limit = (price: string, side: "BUY" | "SELL" = "BUY") =>
    ({ side, orderType: "limit", limitPrice: decimal(price) }) as const;

  test("L37: a market entry fills at the market, and its exits belong on either side of that", () => {
    expect(ask(bracketSides)).toBe("skip");
    expect(ask(bracketSides, { intent: around("100.01", "99.99") })).toBe("pass");
    expect(ask(bracketSides, { intent: around("100", "95") })).toBe("take_profit_wrong_side");
    expect(ask(bracketSides, { intent: around("105", "100") })).toBe("stop_loss_wrong_side");
    expect(ask(bracketSides, { intent: around("95", "105") })).toBe("take_profit_wrong_side");
    const sells = { intent: around("95", "105", { side: "SELL" }), facts: short };
    expect(ask(bracketSides, sells)).toBe("pass");
    expect(ask(bracketSides, { intent: around("99.9", "105", { side: "SELL" }), facts: short })).toBe(
      "take_profit_wrong_side",
    );
    expect(ask(bracketSides, { intent: around("95", "100", { side: "SELL" }), facts: short })).toBe(
      "stop_loss_wrong_side",
    );
  });

  test("L38: an entry that waits below the market is judged by its limit, one that crosses it by the market", () => {
    expect(ask(bracketSides, { intent: around("95", "85", limit("90")) })).toBe("pass");
    expect(ask(bracketSides, { intent: around("90", "85", limit("90")) })).toBe("take_profit_wrong_side");
    expect(ask(bracketSides, { intent: around("95", "90", limit("90")) })).toBe("stop_loss_wrong_side");
    // Filled at 100 and not at its limit of 110.
    expect(ask(bracketSides, { intent: around("115", "105", limit("110")) })).toBe("stop_loss_wrong_side");
    expect(ask(bracketSides, { intent: around("105", "95", limit("110")) })).toBe("pass");
    expect(ask(bracketSides, { intent: around("105", "115", limit("110", "SELL")), facts: short })).toBe(
      "pass",
    );
  });

  test("a stop-loss between the last trade and the ask would go off with the next trade", () => {
    const quote = read(quoteOf(AAPL, NOW, { last: decimal("99.5") }), NOW);
    expect(ask(bracketSides, { intent: around("105", "99.8"), facts: { quote } })).toBe(
      "stop_loss_wrong_side",
    );
    expect(ask(bracketSides, { intent: around("105", "99.4"), facts: { quote } })).toBe("pass");
  });

  test("without a fresh quote nothing is known of the fill", () => {
    for (const quote of [unread("r"), read(quoteOf(AAPL, NOW - 60_001), NOW)]) {
      expect(ask(bracketSides, { intent: around("105", "95"), facts: { quote } })).toBe(
        "bracket_sides_unknown",
      );
    }
  });

  test("an entry that closes a position, or may, is none: its exits would open another", () => {
    const intent = around("105", "95");
    const held = (low: string, high: string) =>
      ({ holdings: { kind: "known", low: decimal(low), high: decimal(high), note: "n" } }) as const;
    const exit = { reduction: { kind: "exit", capacity: decimal(1) } } as const;
    const unknown = { reduction: { kind: "unknown", reason: "r" } } as const;
    expect(ask(bracketSides, { intent, facts: { ...held("-1", "-1"), ...exit } })).toBe(
      "bracket_not_an_entry",
    );
    expect(ask(bracketSides, { intent, facts: unknown })).toBe("bracket_not_an_entry");
    expect(ask(bracketSides, { intent, facts: held("-1", "0") })).toBe("bracket_not_an_entry");
    expect(ask(bracketSides, { intent, facts: held("5", "5") })).toBe("pass");
  });

  test("a refusal names the leg that it is about", () => {
    const legs = judge(
      input({ intent: around("105.001", "94.999", { quantity: decimal("0.00005") }) }),
    ).filter((check) => check.verdict === "refuse");
    expect(legs.map((check) => [check.rule, check.message.split(":")[0]])).toEqual([
      ["instrument", "entry"],
      ["instrument", "take_profit"],
      ["instrument", "stop_loss"],
    ]);
  });
});

test("stop-side: a live quote that has no price at all says nothing of a stop", () => {
  const facts = { quote: read(quoteOf(AAPL, NOW, { last: null, bid: null, ask: null }), NOW) };
  const intent = { orderType: "stop", side: "SELL", stopPrice: decimal(95) } as const;
  expect(ask(stopSide, { intent, facts })).toBe("stop_side_unknown");
  expect(ask(stopSide, { intent, facts, isExit: true })).toBe("skip");
});

describe("trail-bounds", () => {
  const trail = (side: "BUY" | "SELL", distance: Partial<OrderIntent>) =>
    ({ side, orderType: "trailing_stop", ...distance }) as const;
  const by = (amount: string) => ({ trailAmount: decimal(amount) });
  const percent = (share: string) => ({ trailPercent: decimal(share) });

  test("M24: a distance that can never trigger, or is no step of the venue's, is refused, exits included", () => {
    expect(ask(trailBounds)).toBe("skip");
    expect(ask(trailBounds, { intent: trail("SELL", by("2")), isExit: true })).toBe("pass");
    expect(ask(trailBounds, { intent: trail("SELL", by("100")), isExit: true })).toBe("trail_out_of_bounds");
    expect(ask(trailBounds, { intent: trail("SELL", by("99.99")), isExit: true })).toBe("pass");
    expect(ask(trailBounds, { intent: trail("SELL", percent("100")), isExit: true })).toBe(
      "trail_out_of_bounds",
    );
    expect(ask(trailBounds, { intent: trail("SELL", by("2.005")), isExit: true })).toBe(
      "wrong_trail_increment",
    );
    expect(ask(trailBounds, { intent: trail("SELL", percent("1.005")), isExit: true })).toBe(
      "wrong_trail_increment",
    );
  });

  test("an amount goes in the instrument's own steps, a percentage in hundredths on any", () => {
    const instrument = { ...AAPL, priceSteps: [{ from: decimal(0), increment: decimal("0.05") }] };
    const on = (distance: Partial<OrderIntent>) =>
      ask(trailBounds, { intent: { ...trail("SELL", distance), instrument } });
    expect(on(by("2.05"))).toBe("pass");
    expect(on(by("2.01"))).toBe("wrong_trail_increment");
    expect(on(percent("2.01"))).toBe("pass");
  });

  test("one without a distance is refused, not taken for one at the market", () => {
    expect(ask(trailBounds, { intent: trail("SELL", {}), isExit: true })).toBe("trail_out_of_bounds");
    expect(ask(trailBounds, { intent: trail("BUY", {}) })).toBe("trail_triggers_at_once");
  });

  test("a cover may start further above the market than the market is high", () => {
    expect(ask(trailBounds, { intent: trail("BUY", by("100")), isExit: true })).toBe("pass");
  });

  test("within the spread it would trigger at once", () => {
    expect(ask(trailBounds, { intent: trail("SELL", by("0.1")), isExit: true })).toBe(
      "trail_triggers_at_once",
    );
    expect(ask(trailBounds, { intent: trail("SELL", percent("0.1")), isExit: true })).toBe(
      "trail_triggers_at_once",
    );
    expect(ask(trailBounds, { intent: trail("SELL", by("0.11")), isExit: true })).toBe("pass");
    const quote = read(quoteOf(AAPL, NOW, { last: decimal("99.9") }), NOW);
    expect(ask(trailBounds, { intent: trail("BUY", by("0.1")), facts: { quote } })).toBe(
      "trail_triggers_at_once",
    );
  });

  test("an entry's starts no further from the market than any entry's price may be; an exit's may", () => {
    expect(ask(trailBounds, { intent: trail("BUY", by("5")) })).toBe("pass");
    expect(ask(trailBounds, { intent: trail("BUY", by("5.01")) })).toBe("trail_too_wide");
    expect(ask(trailBounds, { intent: trail("BUY", by("5.01")), isExit: true })).toBe("pass");
  });

  test("without a fresh quote entries wait, exits do not", () => {
    const noPrice = quoteOf(AAPL, NOW, { last: null, bid: null, ask: null });
    for (const quote of [unread("r"), read(quoteOf(AAPL, NOW - 60_001), NOW), read(noPrice, NOW)]) {
      expect(ask(trailBounds, { intent: trail("BUY", by("5")), facts: { quote } })).toBe(
        "trail_bounds_unknown",
      );
      expect(ask(trailBounds, { intent: trail("SELL", by("5")), facts: { quote }, isExit: true })).toBe(
        "skip",
      );
    }
  });
});

describe("duplicate", () => {
  const policy = { duplicateWindowMs: 60_000 };
  const before = (
    order: Parameters<ReturnType<typeof story>["intent"]>[2],
    outcome: "acknowledged" | "rejected" = "acknowledged",
  ) => {
    const told = story();
    told.intent(-30, "a", { quantity: "1.00", ...order });
    told.outcome(-30, "a", outcome);
    return { ledger: told.ledger };
  };
  test("L25, H14: side, type, time in force and normalised size make the same order", () => {
    expect(ask(duplicate, { facts: before({}) })).toBe("skip");
    expect(ask(duplicate, { policy, facts: before({}) })).toBe("duplicate_order");
    expect(ask(duplicate, { policy, facts: before({}), isExit: true })).toBe("duplicate_order");
    for (const other of [
      { side: "SELL" },
      { orderType: "stop" },
      { timeInForce: "GTC" },
      { quantity: "2" },
      { instrumentId: "x" },
    ] as const) {
      expect(ask(duplicate, { policy, facts: before(other) })).toBe("pass");
    }
    expect(ask(duplicate, { policy, facts: before({}, "rejected") })).toBe("pass");
  });
  test("the window ends after its last moment; an order from the future is still in it", () => {
    expect(ask(duplicate, { policy, facts: { ...before({}), now: NOW + 29_999 } })).toBe("duplicate_order");
    expect(ask(duplicate, { policy, facts: { ...before({}), now: NOW + 30_000 } })).toBe("pass");
    expect(ask(duplicate, { policy, facts: { ...before({}), now: NOW - 3_600_000 } })).toBe(
      "duplicate_order",
    );
  });
  test("S19: a re-quote within the collar is the same order, one beyond it is not", () => {
    const facts = before({ orderType: "limit", limitPrice: "100" });
    const at = (price: string) =>
      ask(duplicate, { policy, facts, intent: { orderType: "limit", limitPrice: decimal(price) } });
    expect([at("100.01"), at("105"), at("105.01"), at("94.99")]).toEqual([
      "duplicate_order",
      "duplicate_order",
      "pass",
      "pass",
    ]);
  });
});

describe("unresolved", () => {
  const lost = (order: Parameters<ReturnType<typeof story>["intent"]>[2], exit = false) => {
    const told = story();
    told.intent(0, "a", { quantity: "1", ...order }, { exit });
    told.outcome(1, "a", "unknown");
    return { ledger: told.ledger };
  };
  test("S17: entries of the same instrument and side wait, whatever their size", () => {
    expect(ask(unresolved)).toBe("pass");
    expect(ask(unresolved, { facts: lost({}) })).toBe("unresolved_order");
    expect(ask(unresolved, { facts: lost({ quantity: "7", orderType: "limit" }) })).toBe("unresolved_order");
    expect(ask(unresolved, { facts: lost({ side: "SELL" }) })).toBe("pass");
    expect(ask(unresolved, { facts: lost({ instrumentId: "x" }) })).toBe("pass");
  });
  test("S17: of exits only the identical one waits", () => {
    const sell = { side: "SELL" } as const;
    expect(ask(unresolved, { facts: lost(sell, true), intent: sell, isExit: true })).toBe("unresolved_order");
    expect(
      ask(unresolved, { facts: lost({ ...sell, quantity: "2" }, true), intent: sell, isExit: true }),
    ).toBe("pass");
    expect(
      ask(unresolved, { facts: lost({ ...sell, orderType: "stop" }, true), intent: sell, isExit: true }),
    ).toBe("pass");
  });
  test.each([
    ["quantity", { quantity: "2" }],
    ["limit", { limitPrice: "94" }],
    ["missing limit", { limitPrice: null }],
    ["stop", { stopPrice: "96" }],
    ["missing stop", { stopPrice: null }],
    ["distance", { trailAmount: "2" }],
    ["distance in percent", { trailPercent: "2" }],
    ["time in force", { timeInForce: "DAY" }],
    ["currency", { currency: "EUR" }],
  ] as const)("S17: an exit with another %s is another exit", (_, change) => {
    const kept = { orderType: "stop_limit", side: "SELL", timeInForce: "GTC" } as const;
    const journaled = { ...kept, quantity: "1", limitPrice: "93", stopPrice: "95" };
    const intent = { ...kept, quantity: decimal(1), limitPrice: decimal(93), stopPrice: decimal(95) };
    const asked = (lostOne: object, asking: Partial<OrderIntent> = intent) =>
      ask(unresolved, { facts: lost(lostOne, true), intent: asking, isExit: true });
    expect(asked(journaled)).toBe("unresolved_order");
    expect(asked({ ...journaled, ...change })).toBe("pass");
  });

  test("S17: of two trailing exits the identical one waits, and one with a price where the other has none does not", () => {
    const kept = { orderType: "trailing_stop", side: "SELL", timeInForce: "GTC" } as const;
    const asked = (lostOne: object, asking: Partial<OrderIntent>) =>
      ask(unresolved, {
        facts: lost({ ...kept, quantity: "1", ...lostOne }, true),
        intent: { ...kept, quantity: decimal(1), ...asking },
        isExit: true,
      });
    expect(asked({ trailAmount: "2.0" }, { trailAmount: decimal(2) })).toBe("unresolved_order");
    expect(asked({ trailAmount: "3" }, { trailAmount: decimal(2) })).toBe("pass");
    expect(asked({ trailPercent: "2" }, { trailAmount: decimal(2) })).toBe("pass");
    expect(asked({ trailPercent: "2" }, { trailPercent: decimal(3) })).toBe("pass");
    expect(asked({}, { limitPrice: decimal(93) })).toBe("pass");
  });

  test("a dispatch that has no outcome yet counts as unresolved", () => {
    const told = story();
    told.intent(0, "a", {});
    told.at(0, { kind: "dispatch", clientOrderId: "a" });
    expect(ask(unresolved, { facts: { ledger: told.ledger } })).toBe("unresolved_order");
  });
});

describe("position-value", () => {
  const held = (low: string, high = low) =>
    ({ holdings: { kind: "known", low: decimal(low), high: decimal(high), note: "n" } }) as const;
  const most = (limit: number) => ({ maxPositionValue: decimal(limit) });
  const at = (limit: number, facts: Change["facts"] = {}, intent: Change["intent"] = {}) =>
    ask(positionValue, { policy: most(limit), facts, intent });

  test("unset it judges nothing, and an exit is exempt whatever is unknown", () => {
    expect(ask(positionValue)).toBe("skip");
    const unknown = { holdings: { kind: "unknown", reason: "r" }, ...unpriced } as const;
    expect(ask(positionValue, { policy: most(1), facts: unknown, isExit: true })).toBe("skip");
  });
  test("exactly the cap passes, a cent more does not", () => {
    expect(at(100)).toBe("pass");
    expect(at(99.99)).toBe("position_value_exceeded");
    expect(at(300, held("2"))).toBe("pass");
    expect(at(299.99, held("2"))).toBe("position_value_exceeded");
  });
  test("S1: of a position that is not known exactly the higher figure counts", () => {
    expect(at(300, held("1", "2"))).toBe("pass");
    expect(at(299, held("1", "2"))).toBe("position_value_exceeded");
  });
  test("what is held is not made cheap by a limit below the market", () => {
    const low = { orderType: "limit", limitPrice: decimal(1) } as const;
    const worst = {
      worstCase: { kind: "priced", value: decimal(1), local: decimal(1), price: decimal(1), basis: "b" },
    } as const;
    expect(at(201, { ...held("2"), ...worst }, low)).toBe("pass");
    expect(at(200, { ...held("2"), ...worst }, low)).toBe("position_value_exceeded");
  });
  test("a buy by amount adds its amount", () => {
    const amount = { quantity: null, cashAmount: decimal(50) };
    expect(at(250, { ...held("2"), ...worth("50") }, amount)).toBe("pass");
    expect(at(249, { ...held("2"), ...worth("50") }, amount)).toBe("position_value_exceeded");
  });
  test("entries that work or are unresolved count with what is left of them, exits do not", () => {
    const told = story();
    told.intent(0, "a", { quantity: "2", orderType: "limit", limitPrice: "120" }, { worstCase: "240" });
    told.outcome(0, "a", "acknowledged");
    told.intent(0, "b", { quantity: null, cashAmount: "50" }, { worstCase: "50" });
    told.outcome(0, "b", "unknown");
    told.intent(0, "c", { quantity: "9", side: "SELL" }, { exit: true, worstCase: null });
    told.outcome(0, "c", "acknowledged");
    expect(at(390, { ledger: told.ledger })).toBe("pass");
    expect(at(389.99, { ledger: told.ledger })).toBe("position_value_exceeded");
    told.seen(1, "a", { status: "partially_filled", filledQuantity: "1", averagePrice: "120" });
    expect(at(370, { ...held("1"), ledger: told.ledger })).toBe("pass");
    expect(at(369.99, { ...held("1"), ledger: told.ledger })).toBe("position_value_exceeded");
    const [own] = told.ledger.ordersOf("id-AAPL");
    expect(at(250, { ...held("1"), ledger: told.ledger, replaces: own ? [own] : [] })).toBe("pass");
  });
  test("orders of others on it count; one of unknown size refuses", () => {
    const other = {
      orderId: "9",
      instrumentId: AAPL.id,
      side: "BUY",
      quantity: decimal(1),
      cashAmount: null,
      filledQuantity: null,
      limitPrice: null,
      stopPrice: null,
    } as VenueOrder;
    expect(at(200, { othersWorking: [other] })).toBe("pass");
    expect(at(199, { othersWorking: [other] })).toBe("position_value_exceeded");
    expect(at(100, { othersWorking: [{ ...other, side: "SELL" }] })).toBe("pass");
    expect(at(999, { othersWorking: [{ ...other, quantity: null }] })).toBe("position_value_unknown");
  });
  test("a short is bounded like a long", () => {
    const sell = { side: "SELL" } as const;
    expect(at(300, { ...held("-2"), ...short }, sell)).toBe("pass");
    expect(at(299, { ...held("-2"), ...short }, sell)).toBe("position_value_exceeded");
  });
  test("what is unknown or cannot be priced refuses", () => {
    expect(at(999, { holdings: { kind: "unknown", reason: "r" } })).toBe("position_value_unknown");
    expect(at(999, unpriced)).toBe("position_value_unknown");
    expect(at(999, { ...held("1"), quote: unread("down") })).toBe("position_value_unknown");
  });
});

describe("price-collar", () => {
  const limit = (side: "BUY" | "SELL", price: string) => ({
    intent: { side, orderType: "limit", limitPrice: decimal(price) } as const,
  });
  const stop = (side: "BUY" | "SELL", price: string, limitPrice: string | null = null) => ({
    intent: {
      side,
      orderType: limitPrice === null ? "stop" : "stop_limit",
      stopPrice: decimal(price),
      limitPrice: limitPrice === null ? null : decimal(limitPrice),
    } as const,
  });
  const stale = { quote: read(quoteOf(AAPL, NOW - 60_001), NOW) };

  test("a limit is held against the quote's losing side: the ask for a buy, the bid for a sell", () => {
    expect(ask(priceCollar)).toBe("skip");
    expect(ask(priceCollar, limit("BUY", "105"))).toBe("pass");
    expect(ask(priceCollar, limit("BUY", "105.01"))).toBe("price_outside_collar");
    expect(ask(priceCollar, limit("BUY", "1"))).toBe("pass");
    expect(ask(priceCollar, limit("SELL", "94.905"))).toBe("pass");
    expect(ask(priceCollar, limit("SELL", "94.90"))).toBe("price_outside_collar");
    expect(ask(priceCollar, limit("SELL", "500"))).toBe("pass");
  });
  test("C1: an entry's stop is held against it too", () => {
    expect(ask(priceCollar, stop("BUY", "105"))).toBe("pass");
    expect(ask(priceCollar, stop("BUY", "1000"))).toBe("price_outside_collar");
    expect(ask(priceCollar, stop("SELL", "90"))).toBe("price_outside_collar");
  });
  test("a stop-limit's limit is held against its own stop", () => {
    expect(ask(priceCollar, stop("BUY", "104", "109.2"))).toBe("pass");
    expect(ask(priceCollar, stop("BUY", "104", "109.21"))).toBe("price_outside_collar");
  });
  test("without a fresh quote an entry with a price is refused", () => {
    expect(ask(priceCollar, { ...limit("BUY", "99"), facts: { quote: unread("r") } })).toBe(
      "price_collar_no_quote",
    );
    expect(ask(priceCollar, { ...limit("BUY", "99"), facts: stale })).toBe("price_collar_no_quote");
    const empty = { quote: read(quoteOf(AAPL, NOW, { ask: null, last: null }), NOW) };
    expect(ask(priceCollar, { ...limit("BUY", "99"), facts: empty })).toBe("price_collar_no_quote");
    expect(ask(priceCollar, { facts: stale })).toBe("skip");
  });
  test("S27: an exit's limit against a fresh quote only, its protective trigger never", () => {
    expect(ask(priceCollar, { ...limit("SELL", "90"), isExit: true })).toBe("price_outside_collar");
    expect(ask(priceCollar, { ...limit("SELL", "90"), isExit: true, facts: stale })).toBe("skip");
    expect(ask(priceCollar, { ...stop("SELL", "50"), isExit: true })).toBe("skip");
    expect(ask(priceCollar, { ...stop("SELL", "50", "49"), isExit: true })).toBe("pass");
    expect(ask(priceCollar, { ...stop("SELL", "50", "40"), isExit: true })).toBe("price_outside_collar");
    expect(ask(priceCollar, { ...stop("SELL", "50", "40"), isExit: true, facts: stale })).toBe("skip");
  });
});

describe("order-rate", () => {
  const sentAt = (...seconds: number[]) => {
    const told = story();
    seconds.forEach((second, index) => {
      told.intent(second, `o${index}`, {});
      told.at(second, { kind: "dispatch", clientOrderId: `o${index}` });
      told.outcome(second, `o${index}`, "rejected");
    });
    return { ledger: told.ledger };
  };
  const most = (maxOrdersPerMinute: number) => ({ maxOrdersPerMinute });
  test("as many as the limit pass within a minute, one more waits, and exits do not", () => {
    expect(ask(orderRate, { policy: most(2), facts: sentAt(-1) })).toBe("pass");
    expect(ask(orderRate, { policy: most(2), facts: sentAt(-2, -1) })).toBe("too_many_orders");
    expect(ask(orderRate, { policy: most(2), facts: sentAt(-2, -1), isExit: true })).toBe("skip");
    expect(ask(orderRate, { policy: most(2), facts: sentAt(-60, -1) })).toBe("pass");
    expect(ask(orderRate, { policy: most(2), facts: sentAt(-59, -1) })).toBe("too_many_orders");
  });
  test("a clock that jumps back does not open it", () => {
    expect(ask(orderRate, { policy: most(2), facts: sentAt(3_600, 3_601) })).toBe("too_many_orders");
  });
  test("what is decided and not sent yet counts", () => {
    const told = story();
    told.intent(0, "a", {});
    expect(ask(orderRate, { policy: most(1), facts: { ledger: told.ledger } })).toBe("too_many_orders");
    told.outcome(0, "a", "not_sent");
    expect(ask(orderRate, { policy: most(1), facts: { ledger: told.ledger } })).toBe("pass");
  });
});

describe("daily-loss", () => {
  const most = { policy: { maxDailyLoss: decimal(50) } };
  const result = (value: string) => ({ dailyPnl: read(decimal(value), NOW) });
  const stopped = { lossStop: { until: "2026-06-11", reason: "r" } };
  test("a loss short of the limit passes, one that reaches it does not", () => {
    expect(ask(dailyLoss)).toBe("skip");
    expect(ask(dailyLoss, { ...most, facts: result("12") })).toBe("pass");
    expect(ask(dailyLoss, { ...most, facts: result("-49.99") })).toBe("pass");
    expect(ask(dailyLoss, { ...most, facts: result("-50") })).toBe("daily_loss_reached");
  });
  test("S24: once journaled it holds, also for a server without the limit, and when the price recovers", () => {
    expect(ask(dailyLoss, { facts: stopped })).toBe("daily_loss_reached");
    expect(ask(dailyLoss, { ...most, facts: { ...stopped, ...result("80") } })).toBe("daily_loss_reached");
  });
  test("an unknown result refuses entries; exits are exempt", () => {
    expect(ask(dailyLoss, most)).toBe("daily_loss_unknown");
    expect(ask(dailyLoss, { ...most, isExit: true })).toBe("skip");
    expect(ask(dailyLoss, { ...most, facts: { ...stopped, ...result("-99") }, isExit: true })).toBe("skip");
  });
});

test("S26: clock: a minute apart passes, more refuses entries, in either direction; unknown passes", () => {
  const apart = (clockSkewMs: number | null) => ({ facts: { clockSkewMs } });
  expect(ask(clock, apart(null))).toBe("pass");
  expect(ask(clock, apart(60_000))).toBe("pass");
  expect(ask(clock, apart(60_001))).toBe("clock_skewed");
  expect(ask(clock, apart(-60_001))).toBe("clock_skewed");
  expect(ask(clock, { ...apart(-60_001), isExit: true })).toBe("skip");
});

test("S25: foreign-writer", () => {
  const other = { facts: { otherWriters: ["zzzz00000000000001"] } };
  expect(ask(foreignWriter)).toBe("pass");
  expect(ask(foreignWriter, other)).toBe("foreign_writer");
  expect(ask(foreignWriter, { ...other, isExit: true })).toBe("skip");
});

test("every code that a rule declares was met above", () => {
  for (const rule of rules) {
    expect([rule.name, [...(codesSeen.get(rule.name) ?? [])].sort()]).toEqual([
      rule.name,
      Object.keys(rule.codes).sort(),
    ]);
  }
});
