import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/money.ts";
import type { OrderIntent, VenueOrder } from "../../domain/order.ts";
import { read, unread } from "../../domain/reading.ts";
import { MORNING, quoteOf, stock } from "../../testing/fixtures.ts";
import { story } from "../../testing/ledger-of.ts";
import { type RuleChange, ruleInput } from "../../testing/rule-input.ts";
import type { Reduction } from "../holdings.ts";
import type { Rule } from "../rule.ts";
import type { Verdict } from "../verdict.ts";
import { accountIdentity } from "./account-identity.ts";
import { bracketSides } from "./bracket-sides.ts";
import { clock } from "./clock.ts";
import { dailyLoss } from "./daily-loss.ts";
import { dailyValue } from "./daily-value.ts";
import { duplicate } from "./duplicate.ts";
import { foreignWriter } from "./foreign-writer.ts";
import { rules } from "./index.ts";
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
const SELL = { side: "SELL" } as const;
const REAL = {
  kind: "verified",
  identity: { accountId: "U1", isPaper: false, evidence: "isPaper is false" },
} as const;
const REMEMBERED = {
  kind: "remembered",
  identity: { accountId: "DU1", isPaper: true, evidence: "isPaper is true" },
  reason: "a time-out",
} as const;
const UNPRICED = { worstCase: { kind: "unpriced", reason: "no fresh quote" } } as const;
const NO_RATE = { kind: "unknown", from: "EUR", to: "USD", reason: "no answer" } as const;
const CLOSED = {
  kind: "closed",
  source: "IBKR",
  reason: "night",
  opens: "2026-06-11T13:30:00.000Z",
} as const;
const STOPPED = { until: "2026-06-11", reason: "The loss of 60 has reached MAX_DAILY_LOSS 50" };
/** An order of somebody else whose size the venue does not tell. */
const OTHER = {
  orderId: "9",
  instrumentId: AAPL.id,
  side: "BUY",
  quantity: null,
  cashAmount: null,
} as VenueOrder;

const held = (quantity: string) =>
  ({ kind: "known", low: decimal(quantity), high: decimal(quantity), note: "as of now" }) as const;
const limit = (side: "BUY" | "SELL", price: string) =>
  ({ side, orderType: "limit", limitPrice: decimal(price) }) as const;
const bracket = (takeProfit: string, stopLoss: string) => ({
  exits: { takeProfit: decimal(takeProfit), stopLoss: decimal(stopLoss) } as NonNullable<
    OrderIntent["exits"]
  >,
});
const trail = (side: "BUY" | "SELL", distance: Pick<OrderIntent, "trailAmount" | "trailPercent">) =>
  ({ side, orderType: "trailing_stop", ...distance }) as const;

/** A market buy of one share, sent 2.5 seconds ago. */
function sentOnce(outcome: "acknowledged" | "unknown" = "acknowledged") {
  const told = story();
  told.intent(-2.5, "a", { quantity: "1" });
  told.at(-2.5, { kind: "dispatch", clientOrderId: "a" });
  told.outcome(-2, "a", outcome);
  return told.ledger;
}

/** The whole verdict: an agent reads it, and the journal keeps it. */
function tells(rule: Rule, situation: string, change: RuleChange, verdict: Partial<Verdict>): void {
  test(situation, () => {
    const nothing = { code: null, observed: null, limit: null, nextStep: null, retryable: false };
    expect(rule.check(ruleInput(change))).toEqual({ ...nothing, ...verdict });
  });
}

describe("trading-state tells", () => {
  tells(tradingState, "active", {}, { verdict: "pass", observed: "ACTIVE", message: "trading is active" });
  tells(
    tradingState,
    "halted",
    { facts: { tradingState: { state: "HALTED", reason: "the operator said so" } } },
    {
      verdict: "refuse",
      code: "trading_halted",
      observed: "HALTED",
      limit: "ACTIVE",
      message: "Trading is halted: the operator said so.",
      nextStep: "Entries can still be cancelled. Only the operator can resume trading, in a terminal.",
    },
  );
  tells(
    tradingState,
    "reducing, an entry",
    { facts: { tradingState: { state: "REDUCING", reason: "a loss" } } },
    {
      verdict: "refuse",
      code: "trading_reducing",
      observed: "REDUCING",
      limit: "ACTIVE",
      message: "Only exits are allowed: a loss.",
      nextStep: "Positions can be reduced or closed. Only the operator can resume trading, in a terminal.",
    },
  );
  tells(
    tradingState,
    "reducing, an exit",
    { facts: { tradingState: { state: "REDUCING", reason: "a loss" } }, isExit: true },
    { verdict: "pass", observed: "REDUCING", message: "reducing only, and this order reduces" },
  );
  tells(
    tradingState,
    "halted, protection that a close took away",
    { facts: { tradingState: { state: "HALTED", reason: "r" }, restores: true }, isExit: true },
    {
      verdict: "pass",
      observed: "HALTED",
      message: "places again the protection that a close had cancelled",
    },
  );
  tells(
    tradingState,
    "halted, a protection that is not proven to reduce",
    { facts: { tradingState: { state: "HALTED", reason: "r" }, restores: true } },
    {
      verdict: "refuse",
      code: "trading_halted",
      observed: "HALTED",
      limit: "ACTIVE",
      message: "Trading is halted: r.",
      nextStep: "Entries can still be cancelled. Only the operator can resume trading, in a terminal.",
    },
  );
});

describe("live-arm tells", () => {
  tells(
    liveArm,
    "no real money",
    {},
    { verdict: "skip", message: "neither the label nor the venue says real money" },
  );
  tells(
    liveArm,
    "the label says real money",
    { policy: { mode: "live" } },
    {
      verdict: "refuse",
      code: "live_not_armed",
      observed: "IBKR_TRADING_MODE=live",
      limit: "IBKR_ALLOW_LIVE=true",
      message: "This would trade real money (IBKR_TRADING_MODE=live), and live trading is not armed.",
      nextStep:
        "If that is meant, the operator sets IBKR_ALLOW_LIVE=true and restarts the server. Otherwise log the venue into the paper account.",
    },
  );
  tells(
    liveArm,
    "the venue says real money",
    { facts: { identity: REAL } },
    {
      verdict: "refuse",
      code: "live_not_armed",
      observed: "the venue says that U1 is a real-money account",
      limit: "IBKR_ALLOW_LIVE=true",
      message:
        "This would trade real money (the venue says that U1 is a real-money account), and live trading is not armed.",
      nextStep:
        "If that is meant, the operator sets IBKR_ALLOW_LIVE=true and restarts the server. Otherwise log the venue into the paper account.",
    },
  );
  tells(
    liveArm,
    "armed",
    { policy: { mode: "live", allowLive: true } },
    { verdict: "pass", observed: "IBKR_TRADING_MODE=live", message: "real money, armed by IBKR_ALLOW_LIVE" },
  );
  tells(
    liveArm,
    "a dry run",
    { policy: { mode: "live", dryRun: true } },
    {
      verdict: "skip",
      message: "a dry run sends nothing, and needs no arm",
    },
  );
});

describe("every rule is told in the documentation", () => {
  test.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.refuses).toMatch(/\w+ \w+/);
    expect(rule.exits).toMatch(/\w+/);
    expect(Object.keys(rule.codes)).not.toEqual([]);
    for (const [code, meaning] of Object.entries(rule.codes)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe("account-identity tells", () => {
  tells(
    accountIdentity,
    "verified paper",
    {},
    { verdict: "pass", observed: "DU1", message: "DU1, paper: e" },
  );
  tells(
    accountIdentity,
    "verified real money",
    { facts: { identity: REAL }, policy: { mode: "live" } },
    { verdict: "pass", observed: "U1", message: "U1, live: isPaper is false" },
  );
  tells(
    accountIdentity,
    "remembered, an exit",
    { facts: { identity: { ...REMEMBERED, ageMs: 1 } }, isExit: true },
    {
      verdict: "pass",
      observed: "DU1",
      message: "the venue did not answer now (a time-out); verified earlier in this session",
    },
  );
  tells(
    accountIdentity,
    "unread",
    { facts: { identity: { kind: "unread", reason: "a time-out" } }, isExit: true },
    {
      verdict: "refuse",
      code: "account_unverified",
      message: "The account could not be verified: a time-out.",
      nextStep: "Nothing was sent. Look at session_status, then try again.",
      retryable: true,
    },
  );
  tells(
    accountIdentity,
    "another account than configured",
    { policy: { accountId: "DU2" } },
    {
      verdict: "refuse",
      code: "account_mismatch",
      observed: "DU1",
      limit: "DU2",
      message: "The venue is logged into account DU1, the configuration names DU2.",
      nextStep: "Log in with the right user, or correct IBKR_ACCOUNT_ID.",
    },
  );
  tells(
    accountIdentity,
    "another account than before",
    { facts: { boundAccount: "DU9" } },
    {
      verdict: "refuse",
      code: "account_changed",
      observed: "DU1",
      limit: "DU9",
      message: "This server works for DU9 since it was started; the venue now says DU1.",
      nextStep: "Restart the server if the change of account is meant.",
    },
  );
  tells(
    accountIdentity,
    "paper or live unproven",
    {
      facts: {
        identity: {
          kind: "verified",
          identity: { accountId: "DU1", isPaper: null, evidence: "isPaper is 2" },
        },
      },
    },
    {
      verdict: "refuse",
      code: "paper_live_unknown",
      observed: "unknown",
      limit: "paper",
      message: "Whether DU1 is paper or real money is not proven: isPaper is 2.",
      nextStep: "Look at session_status. Nothing is traded on an account whose nature is unknown.",
    },
  );
  tells(
    accountIdentity,
    "paper under a live label",
    { policy: { mode: "live" } },
    {
      verdict: "refuse",
      code: "mode_mismatch",
      observed: "paper",
      limit: "live",
      message: "DU1 is a paper account (e), but IBKR_TRADING_MODE says live.",
      nextStep: "Log in with the other user, or correct IBKR_TRADING_MODE.",
    },
  );
  tells(
    accountIdentity,
    "real money under a paper label",
    { facts: { identity: REAL } },
    {
      verdict: "refuse",
      code: "mode_mismatch",
      observed: "live",
      limit: "paper",
      message: "U1 is a real-money account (isPaper is false), but IBKR_TRADING_MODE says paper.",
      nextStep: "Log in with the other user, or correct IBKR_TRADING_MODE.",
    },
  );
});

describe("foreign-writer tells", () => {
  tells(foreignWriter, "nobody else", {}, { verdict: "pass", message: "no other server's orders were seen" });
  tells(
    foreignWriter,
    "an exit",
    { facts: { otherWriters: ["abcd1"] }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    foreignWriter,
    "one order of another",
    { facts: { otherWriters: ["abcd1"] } },
    {
      verdict: "refuse",
      code: "foreign_writer",
      observed: "abcd1",
      limit: "one state folder",
      message:
        "abcd1 came from a server with another state folder: what it spends is not in this journal, so no limit here would hold.",
      nextStep:
        "The operator gives all servers of this account one TRADING_STATE_DIR, and cancels the other's orders. Exits still go through.",
      retryable: true,
    },
  );
  tells(
    foreignWriter,
    "three orders of another",
    { facts: { otherWriters: ["abcd1", "abcd2", "abcd3"] } },
    {
      verdict: "refuse",
      code: "foreign_writer",
      observed: "abcd1",
      limit: "one state folder",
      message:
        "abcd1 and 2 more came from a server with another state folder: what it spends is not in this journal, so no limit here would hold.",
      nextStep:
        "The operator gives all servers of this account one TRADING_STATE_DIR, and cancels the other's orders. Exits still go through.",
      retryable: true,
    },
  );
});

describe("clock tells", () => {
  tells(
    clock,
    "in step",
    { facts: { clockSkewMs: -1_600 } },
    { verdict: "pass", observed: "2 s", limit: "60 s", message: "in step with the venue's clock" },
  );
  tells(
    clock,
    "at the bound",
    { facts: { clockSkewMs: 60_000 } },
    { verdict: "pass", observed: "60 s", limit: "60 s", message: "in step with the venue's clock" },
  );
  tells(
    clock,
    "behind",
    { facts: { clockSkewMs: 60_600 } },
    {
      verdict: "refuse",
      code: "clock_skewed",
      observed: "61 s",
      limit: "60 s",
      message: "This machine's clock is 61 s behind the venue's.",
      nextStep:
        "Nothing was sent. The operator sets the clock right (time synchronisation); exits still go through.",
      retryable: true,
    },
  );
  tells(
    clock,
    "ahead",
    { facts: { clockSkewMs: -90_000 } },
    {
      verdict: "refuse",
      code: "clock_skewed",
      observed: "90 s",
      limit: "60 s",
      message: "This machine's clock is 90 s ahead of the venue's.",
      nextStep:
        "Nothing was sent. The operator sets the clock right (time synchronisation); exits still go through.",
      retryable: true,
    },
  );
  tells(
    clock,
    "not told yet",
    { facts: { clockSkewMs: null } },
    { verdict: "pass", message: "the venue has not told its time yet" },
  );
  tells(
    clock,
    "an exit",
    { facts: { clockSkewMs: 90_000 }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
});

describe("symbol-universe tells", () => {
  tells(
    symbolUniverse,
    "no lists",
    {},
    { verdict: "pass", observed: "AAPL", message: "no allow-list is set" },
  );
  tells(
    symbolUniverse,
    "an exit",
    { policy: { denylist: ["AAPL"] }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    symbolUniverse,
    "denied",
    { policy: { denylist: ["MSFT", "AAPL"] } },
    {
      verdict: "refuse",
      code: "symbol_denied",
      observed: "AAPL",
      limit: "AAPL",
      message: "AAPL is on the deny-list.",
      nextStep: "Choose another symbol; only the operator can change SYMBOL_DENYLIST.",
    },
  );
  tells(
    symbolUniverse,
    "allowed",
    { policy: { allowlist: ["MSFT", "AAPL"] } },
    { verdict: "pass", observed: "AAPL", message: "on the allow-list" },
  );
  tells(
    symbolUniverse,
    "not allowed",
    { policy: { allowlist: ["MSFT", "TSLA"] } },
    {
      verdict: "refuse",
      code: "symbol_not_allowed",
      observed: "AAPL",
      limit: "MSFT,TSLA",
      message: "AAPL is not on the allow-list.",
      nextStep: "Choose an allowed symbol; only the operator can change SYMBOL_ALLOWLIST.",
    },
  );
  tells(
    symbolUniverse,
    "not allowed by another server of the day",
    { policy: { allowlist: ["AAPL"], otherAllowlists: [["MSFT"]] } },
    {
      verdict: "refuse",
      code: "symbol_not_allowed",
      observed: "AAPL",
      limit: "MSFT",
      message: "AAPL is not on the allow-list of another server of today.",
      nextStep: "Choose an allowed symbol; only the operator can change SYMBOL_ALLOWLIST.",
    },
  );
  tells(
    symbolUniverse,
    "cash that is bought",
    {
      intent: { instrument: stock("USDC/USDT", { kind: "spot", currency: "USDT" }) },
      policy: { cashCurrencies: ["USDT", "USDC"] },
    },
    {
      verdict: "refuse",
      code: "cash_not_traded",
      observed: "USDC",
      limit: "USDT,USDC",
      message: "USDC/USDT buys USDC, which counts as cash here and is no position.",
      nextStep: "Pay with what is held. The operator can name USDC in SYMBOL_ALLOWLIST to allow it.",
    },
  );
});

describe("instrument tells", () => {
  tells(
    instrument,
    "tradable",
    {},
    { verdict: "pass", observed: "AAPL (id-AAPL)", message: "tradable in this size" },
  );
  tells(
    instrument,
    "listed elsewhere",
    { intent: { instrument: stock("AAPL", { usListed: false, exchange: "LSE" }) } },
    {
      verdict: "refuse",
      code: "instrument_not_supported",
      observed: "LSE",
      limit: "US listing",
      message: "AAPL is not proven to be listed in the United States (LSE).",
      nextStep: "Only US-listed stocks are traded here.",
    },
  );
  tells(
    instrument,
    "listed nobody knows where",
    { intent: { instrument: stock("AAPL", { usListed: null, exchange: null }) } },
    {
      verdict: "refuse",
      code: "instrument_not_supported",
      observed: "unknown",
      limit: "US listing",
      message: "AAPL is not proven to be listed in the United States (exchange unknown).",
      nextStep: "Only US-listed stocks are traded here.",
    },
  );
  tells(
    instrument,
    "not tradable",
    { intent: { instrument: stock("AAPL", { tradable: false }) } },
    {
      verdict: "refuse",
      code: "instrument_not_tradable",
      message: "The venue says that AAPL cannot be traded now.",
      nextStep: "Look at get_quote for a halt, or choose another instrument.",
      retryable: true,
    },
  );
  tells(
    instrument,
    "no buys by amount",
    {
      intent: {
        instrument: stock("AAPL", { takesCashAmount: false }),
        quantity: null,
        cashAmount: decimal(5),
      },
    },
    {
      verdict: "refuse",
      code: "cash_amount_not_supported",
      message: "AAPL cannot be bought by amount on this account.",
      nextStep: "Give a quantity instead of cash_amount.",
    },
  );
  tells(
    instrument,
    "a wrong step",
    { intent: { quantity: decimal("0.00005") } },
    {
      verdict: "refuse",
      code: "wrong_quantity_step",
      observed: "0.00005",
      limit: "0.0001",
      message: "0.00005 AAPL is not a multiple of 0.0001.",
      nextStep: "Use a quantity in steps of 0.0001.",
    },
  );
  tells(
    instrument,
    "below the least quantity",
    { intent: { instrument: stock("AAPL", { minimumQuantity: decimal(2) }) } },
    {
      verdict: "refuse",
      code: "below_minimum_quantity",
      observed: "1",
      limit: "2",
      message: "1 is below the least quantity of 2.",
      nextStep: "Use a greater quantity.",
    },
  );
  tells(
    instrument,
    "below the least value",
    { intent: { instrument: stock("AAPL", { minimumNotional: decimal(101) }) } },
    {
      verdict: "refuse",
      code: "below_minimum_value",
      observed: "100",
      limit: "101",
      message: "The order is worth 100, less than the least value of 101.",
      nextStep: "Use a greater size.",
    },
  );
  tells(
    instrument,
    "a value that nobody knows, against a least one",
    { intent: { instrument: stock("AAPL", { minimumNotional: decimal(101) }) }, facts: UNPRICED },
    { verdict: "pass", observed: "AAPL (id-AAPL)", message: "tradable in this size" },
  );
  tells(
    instrument,
    "a limit off the tick",
    { intent: { limitPrice: decimal("10.005") } },
    {
      verdict: "refuse",
      code: "wrong_price_increment",
      observed: "10.005",
      limit: "0.01",
      message: "limit_price 10.005 is not a multiple of 0.01.",
      nextStep: "Use a price in steps of 0.01.",
    },
  );
  tells(
    instrument,
    "a stop off the tick",
    { intent: { stopPrice: decimal("10.005") } },
    {
      verdict: "refuse",
      code: "wrong_price_increment",
      observed: "10.005",
      limit: "0.01",
      message: "stop_price 10.005 is not a multiple of 0.01.",
      nextStep: "Use a price in steps of 0.01.",
    },
  );
  tells(
    instrument,
    "a price of nothing",
    { intent: { limitPrice: decimal(0) } },
    {
      verdict: "refuse",
      code: "wrong_price_increment",
      observed: "0",
      limit: "0.01",
      message: "limit_price is smaller than the least increment of 0.01.",
      nextStep: "Use a price in steps of 0.01.",
    },
  );
});

describe("oversell tells", () => {
  tells(oversell, "a buy", {}, { verdict: "skip", message: "a buy with no short to cover" });
  tells(
    oversell,
    "a proven exit",
    {
      intent: SELL,
      facts: { reduction: { kind: "exit", capacity: decimal(3) }, holdings: held("3") },
      isExit: true,
    },
    { verdict: "pass", observed: "1", limit: "3", message: "reduces a position of 3 (as of now)" },
  );
  tells(
    oversell,
    "a proven exit while orders of others are unread",
    {
      intent: SELL,
      facts: {
        reduction: { kind: "exit", capacity: decimal(3) },
        holdings: held("3"),
        foreignOrders: unread("503"),
      },
      isExit: true,
    },
    {
      verdict: "pass",
      observed: "1",
      limit: "3",
      message:
        "reduces a position of 3 (as of now); orders of others could not be listed (503), those seen last count",
    },
  );
  tells(
    oversell,
    "more than is held",
    {
      intent: { ...SELL, quantity: decimal(5) },
      facts: { reduction: { kind: "crosses_flat", held: decimal(3) }, holdings: held("3") },
    },
    {
      verdict: "refuse",
      code: "crosses_flat",
      observed: "5",
      limit: "3",
      message: "5 is more than the 3 held: the order would cross zero (as of now).",
      nextStep: "Close the position with at most 3, then open the other side with an order of its own.",
    },
  );
  tells(
    oversell,
    "a buy by amount over a short",
    {
      intent: { ...SELL, side: "BUY", quantity: null, cashAmount: decimal(300) },
      facts: { reduction: { kind: "crosses_flat", held: decimal(3) }, holdings: held("-3") },
    },
    {
      verdict: "refuse",
      code: "crosses_flat",
      observed: "by amount 300",
      limit: "3",
      message:
        "A short of 3 AAPL is held (as of now), and how much of it an amount of money buys back is not known " +
        "before: the order may cross zero.",
      nextStep: "Cover it by quantity, with at most 3, or with close_position; then buy for an amount.",
    },
  );
  tells(
    oversell,
    "held or not, nobody knows",
    {
      intent: SELL,
      facts: {
        reduction: { kind: "crosses_flat", held: decimal(0) },
        holdings: { kind: "known", low: decimal(0), high: decimal(2), note: "the list lags" },
      },
    },
    {
      verdict: "refuse",
      code: "holdings_unknown",
      observed: "1",
      limit: "unknown",
      message: "Between 0…2 are held (the list lags).",
      nextStep: "Try again in a minute, when the venue's list has settled.",
      retryable: true,
    },
  );
  tells(
    oversell,
    "nothing held, shorts off",
    { intent: SELL, facts: { reduction: { kind: "not_held" } } },
    {
      verdict: "refuse",
      code: "oversell",
      observed: "1",
      limit: "0",
      message: "No AAPL is held (n); selling it would open a short.",
      nextStep: "Check positions. Shorts are off; only the operator can set ALLOW_SHORT=true.",
    },
  );
  tells(
    oversell,
    "nothing held, shorts on",
    { intent: SELL, facts: { reduction: { kind: "not_held" } }, policy: { allowShort: true } },
    {
      verdict: "pass",
      observed: "1",
      message: "opens or grows a short, which ALLOW_SHORT allows; capped as an entry",
    },
  );
  tells(
    oversell,
    "a short while orders of others are unread",
    {
      intent: SELL,
      facts: { reduction: { kind: "not_held" }, foreignOrders: unread("503") },
      policy: { allowShort: true },
    },
    {
      verdict: "refuse",
      code: "foreign_orders_unknown",
      message: "Orders on the account could not be read: 503.",
      nextStep: "Try again in a few seconds.",
      retryable: true,
    },
  );
  tells(
    oversell,
    "holdings unknown, a sell",
    { intent: SELL, facts: { reduction: { kind: "unknown", reason: "positions did not answer" } } },
    {
      verdict: "refuse",
      code: "holdings_unknown",
      observed: "1",
      limit: "unknown",
      message: "What is held is not known: positions did not answer.",
      nextStep: "Look at positions, then try again; nothing is sold that is not proven to be held.",
      retryable: true,
    },
  );
  tells(
    oversell,
    "holdings unknown, a buy",
    { facts: { reduction: { kind: "unknown", reason: "positions did not answer" } } },
    { verdict: "skip", message: "a buy; holdings are unknown" },
  );
  tells(
    oversell,
    "a sell that is an entry, shorts off",
    {
      intent: SELL,
      facts: {
        reduction: { kind: "entry", reason: "into BTC" },
        holdings: { kind: "unknown", reason: "not read" },
      },
    },
    {
      verdict: "refuse",
      code: "oversell",
      observed: "1",
      limit: "0",
      message: "No AAPL is held (not read); selling it would open a short.",
      nextStep: "Check positions. Shorts are off; only the operator can set ALLOW_SHORT=true.",
    },
  );
  tells(
    oversell,
    "a sell that is an entry, shorts on",
    {
      intent: SELL,
      facts: { reduction: { kind: "entry", reason: "into BTC" } },
      policy: { allowShort: true },
    },
    { verdict: "skip", message: "into BTC" },
  );
});

describe("oversell tells what reserves, and how it comes free", () => {
  const reserved = (orderIds: string[]): Reduction => ({
    kind: "reserved",
    held: decimal(3),
    reserved: { quantity: decimal(3), orderIds },
    free: decimal(0),
  });
  /** Orders of our own that sell the position: a resting stop, a market sale, and a stop of unknown fate. */
  function own() {
    const told = story();
    const stop = { side: "SELL", orderType: "stop", stopPrice: "90", quantity: "1" } as const;
    told.intent(-9, "stop", stop, { exit: true });
    told.outcome(-9, "stop", "acknowledged");
    told.intent(-9, "sale", { side: "SELL", quantity: "1" }, { exit: true });
    told.outcome(-9, "sale", "acknowledged");
    told.intent(-9, "lost", stop, { exit: true });
    told.outcome(-9, "lost", "unknown");
    told.intent(-9, "short", stop, { exit: false });
    told.outcome(-9, "short", "acknowledged");
    return told.ledger;
  }
  const ask = (...orderIds: string[]) =>
    oversell.check(ruleInput({ intent: SELL, facts: { reduction: reserved(orderIds), ledger: own() } }));

  test("a stop of our own that rests: close_position", () => {
    expect(ask("v-stop", "stop")).toEqual({
      verdict: "refuse",
      code: "oversell",
      observed: "1",
      limit: "0",
      message:
        "3 AAPL are held, and working or unresolved orders already take 3 of them (v-stop, stop): 0 are free.",
      nextStep:
        "To trade what an order protects, use close_position, which cancels it first; or cancel_order it yourself.",
      retryable: false,
    });
  });
  test("whatever close_position does not cancel: that order by its name", () => {
    for (const id of ["v-sale", "lost", "v-short", "somebody-elses"]) {
      expect(ask("v-stop", id).nextStep).toBe(
        `Look at order_status of ${id}: wait until it is done, or cancel_order it.`,
      );
    }
    expect(ask("v-sale", "lost").nextStep).toContain("order_status of v-sale, lost:");
  });
});

describe("market-hours tells", () => {
  tells(marketHours, "open", {}, { verdict: "pass", observed: "open", message: "open (test)" });
  tells(
    marketHours,
    "closed, an entry",
    { facts: { hours: CLOSED } },
    {
      verdict: "refuse",
      code: "market_closed",
      observed: "closed",
      limit: "open",
      message: "The market is closed: night (IBKR). It opens at 2026-06-11T13:30:00.000Z.",
      nextStep: "Wait for the session; see market_status.",
      retryable: true,
    },
  );
  tells(
    marketHours,
    "closed, no next opening known",
    { facts: { hours: { ...CLOSED, opens: null } } },
    {
      verdict: "refuse",
      code: "market_closed",
      observed: "closed",
      limit: "open",
      message: "The market is closed: night (IBKR).",
      nextStep: "Wait for the session; see market_status.",
      retryable: true,
    },
  );
  tells(
    marketHours,
    "closed, an exit at the market",
    { facts: { hours: CLOSED }, isExit: true },
    {
      verdict: "refuse",
      code: "market_closed",
      observed: "closed",
      limit: "open",
      message: "The market is closed: night (IBKR). It opens at 2026-06-11T13:30:00.000Z.",
      nextStep: "Wait for the session, or use a limit or stop order, which the venue holds until then.",
      retryable: true,
    },
  );
  tells(
    marketHours,
    "closed, an exit that rests",
    {
      intent: { orderType: "stop", stopPrice: decimal(90), timeInForce: "GTC" },
      facts: { hours: CLOSED },
      isExit: true,
    },
    { verdict: "skip", message: "the venue holds this exit until the market opens" },
  );
  tells(
    marketHours,
    "unknown, an entry",
    { facts: { hours: { kind: "unknown", reason: "no schedule" } } },
    {
      verdict: "refuse",
      code: "market_hours_unknown",
      message: "Whether the market is open is unknown: no schedule.",
      nextStep: "Look at market_status, then try again.",
      retryable: true,
    },
  );
  tells(
    marketHours,
    "unknown, an exit at the market",
    { facts: { hours: { kind: "unknown", reason: "no schedule" } }, isExit: true },
    { verdict: "skip", message: "the hours are unknown (no schedule); an exit is not stopped for that" },
  );
});

describe("risk-currency tells", () => {
  tells(
    riskCurrency,
    "the same currency",
    {},
    { verdict: "pass", observed: "1", message: "priced in the risk currency" },
  );
  tells(
    riskCurrency,
    "an exit",
    { facts: { rate: NO_RATE }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    riskCurrency,
    "another currency",
    { facts: { rate: { kind: "known", from: "EUR", to: "USD", rate: decimal("1.08"), asOf: NOW } } },
    { verdict: "pass", observed: "1.08", message: "one EUR counts 1.08 USD, as of 2026-06-10T15:00:00.000Z" },
  );
  tells(
    riskCurrency,
    "no rate",
    { facts: { rate: NO_RATE } },
    {
      verdict: "refuse",
      code: "rate_unavailable",
      observed: "unknown",
      limit: "60 s",
      message: "What one EUR is worth in USD is not known: no answer.",
      nextStep: "Try again in a few seconds; an entry needs a fresh rate into the currency of the limits.",
      retryable: true,
    },
  );
  tells(
    riskCurrency,
    "limits in another currency",
    { policy: { otherRiskCurrencies: ["EUR", "GBP"] } },
    {
      verdict: "refuse",
      code: "risk_currency_changed",
      observed: "EUR, GBP",
      limit: "USD",
      message:
        "RISK_CURRENCY is USD, and servers or open entries of 2026-06-10 count in EUR, GBP: the two cannot be added up.",
      nextStep:
        "Exits go through. Entries are possible again on the next trading day, once no entry decided in EUR, GBP still works; or the operator sets RISK_CURRENCY back.",
    },
  );
});

describe("order-value tells", () => {
  tells(
    orderValue,
    "within",
    { policy: { maxOrderValue: decimal(100) } },
    { verdict: "pass", observed: "100.00", limit: "100", message: "worst case 100.00 USD: b" },
  );
  tells(orderValue, "an exit", { isExit: true }, { verdict: "skip", message: "exits are exempt" });
  tells(
    orderValue,
    "beyond",
    { policy: { maxOrderValue: decimal("99.5") } },
    {
      verdict: "refuse",
      code: "order_value_exceeded",
      observed: "100.00",
      limit: "99.5",
      message: "The order may cost 100.00 USD (b), more than MAX_ORDER_VALUE 99.5.",
      nextStep: "Make the order smaller. Only the operator can raise MAX_ORDER_VALUE.",
    },
  );
  tells(
    orderValue,
    "unpriced",
    { facts: UNPRICED },
    {
      verdict: "refuse",
      code: "order_unpriced",
      observed: "unknown",
      limit: "100000",
      message: "What the order may cost is not known: no fresh quote.",
      nextStep: "Try again when get_quote shows a live price; a limit_price needs one as well.",
      retryable: true,
    },
  );
});

describe("daily-value tells", () => {
  tells(dailyValue, "unset", {}, { verdict: "skip", message: "MAX_DAILY_VALUE is not set" });
  tells(
    dailyValue,
    "an exit",
    { policy: { maxDailyValue: decimal(1) }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    dailyValue,
    "within",
    { policy: { maxDailyValue: decimal(120) } },
    {
      verdict: "pass",
      observed: "100.00",
      limit: "120",
      message: "0.00 committed on 2026-06-10, 100.00 with this order",
    },
  );
  tells(
    dailyValue,
    "beyond",
    { policy: { maxDailyValue: decimal(99) } },
    {
      verdict: "refuse",
      code: "daily_value_exceeded",
      observed: "100.00",
      limit: "99",
      message:
        "0.00 USD is committed on 2026-06-10; with this order it may be 100.00, more than MAX_DAILY_VALUE 99.",
      nextStep:
        "Make the order smaller, cancel an entry that still works, or wait for the next trading day. Only the operator can raise MAX_DAILY_VALUE.",
    },
  );
  tells(
    dailyValue,
    "unpriced",
    { policy: { maxDailyValue: decimal(99) }, facts: UNPRICED },
    {
      verdict: "refuse",
      code: "daily_value_unpriced",
      observed: "unknown",
      limit: "99",
      message: "What the order adds to the day is not known: no fresh quote.",
      nextStep: "Try again when get_quote shows a live price; a limit_price needs one as well.",
      retryable: true,
    },
  );
});

describe("position-value tells", () => {
  tells(positionValue, "unset", {}, { verdict: "skip", message: "MAX_POSITION_VALUE is not set" });
  tells(
    positionValue,
    "an exit",
    { policy: { maxPositionValue: decimal(1) }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    positionValue,
    "within",
    { policy: { maxPositionValue: decimal(400) }, facts: { holdings: held("2") } },
    {
      verdict: "pass",
      observed: "300.00",
      limit: "400",
      message: "2 held; with working entries and this order at most 300.00",
    },
  );
  tells(
    positionValue,
    "beyond",
    { policy: { maxPositionValue: decimal(250) }, facts: { holdings: held("2") } },
    {
      verdict: "refuse",
      code: "position_value_exceeded",
      observed: "300.00",
      limit: "250",
      message:
        "2 AAPL are held; with the entries that work and this order the position may be worth 300.00 USD, more than MAX_POSITION_VALUE 250.",
      nextStep:
        "Make the order smaller, cancel an entry that still works, or reduce the position first. Only the operator can raise MAX_POSITION_VALUE.",
    },
  );
  tells(
    positionValue,
    "unknown",
    {
      policy: { maxPositionValue: decimal(250) },
      facts: { holdings: { kind: "unknown", reason: "positions did not answer" } },
    },
    {
      verdict: "refuse",
      code: "position_value_unknown",
      observed: "unknown",
      limit: "250",
      message: "What the position may be worth with this order is not known: positions did not answer.",
      nextStep:
        "Try again when positions and get_quote answer; nothing is added to a position that cannot be valued.",
      retryable: true,
    },
  );
  tells(
    positionValue,
    "an order of unknown size",
    { policy: { maxPositionValue: decimal(250) }, facts: { othersWorking: [OTHER] } },
    {
      verdict: "refuse",
      code: "position_value_unknown",
      observed: "unknown",
      limit: "250",
      message:
        "What the position may be worth with this order is not known: an order of somebody else on it has no size that can be read.",
      nextStep:
        "Try again when positions and get_quote answer; nothing is added to a position that cannot be valued.",
      retryable: true,
    },
  );
  tells(
    positionValue,
    "no rate",
    { policy: { maxPositionValue: decimal(250) }, facts: { rate: NO_RATE } },
    {
      verdict: "refuse",
      code: "position_value_unknown",
      observed: "unknown",
      limit: "250",
      message: "What the position may be worth with this order is not known: no answer.",
      nextStep:
        "Try again when positions and get_quote answer; nothing is added to a position that cannot be valued.",
      retryable: true,
    },
  );
});

describe("daily-loss tells", () => {
  tells(dailyLoss, "unset", {}, { verdict: "skip", message: "MAX_DAILY_LOSS is not set" });
  tells(
    dailyLoss,
    "an exit",
    { facts: { lossStop: STOPPED }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    dailyLoss,
    "stopped before, with a limit of its own",
    { facts: { lossStop: STOPPED }, policy: { maxDailyLoss: decimal(50) } },
    {
      verdict: "refuse",
      code: "daily_loss_reached",
      limit: "50",
      message:
        "The loss of 60 has reached MAX_DAILY_LOSS 50; until 2026-06-11 only exits go through, also when the price recovers.",
      nextStep: "Positions can be reduced or closed. Entries are possible again on 2026-06-11.",
    },
  );
  tells(
    dailyLoss,
    "stopped before, without a limit",
    { facts: { lossStop: STOPPED } },
    {
      verdict: "refuse",
      code: "daily_loss_reached",
      message:
        "The loss of 60 has reached MAX_DAILY_LOSS 50; until 2026-06-11 only exits go through, also when the price recovers.",
      nextStep: "Positions can be reduced or closed. Entries are possible again on 2026-06-11.",
    },
  );
  tells(
    dailyLoss,
    "unknown",
    { policy: { maxDailyLoss: decimal(50) } },
    {
      verdict: "refuse",
      code: "daily_loss_unknown",
      observed: "unknown",
      limit: "50",
      message: "What the account lost today is not known: not asked.",
      nextStep: "Try again in a few seconds; while MAX_DAILY_LOSS is set, entries need the day's result.",
      retryable: true,
    },
  );
  tells(
    dailyLoss,
    "short of it",
    { facts: { dailyPnl: read(decimal("-49.994"), NOW) }, policy: { maxDailyLoss: decimal(50) } },
    { verdict: "pass", observed: "-49.99", limit: "50", message: "the day's result is -49.99 USD" },
  );
  tells(
    dailyLoss,
    "reached",
    { facts: { dailyPnl: read(decimal("-50.5"), NOW) }, policy: { maxDailyLoss: decimal(50) } },
    {
      verdict: "refuse",
      code: "daily_loss_reached",
      observed: "-50.50",
      limit: "50",
      message:
        "The day's result of -50.50 USD has reached MAX_DAILY_LOSS 50; until 2026-06-11 only exits go through, also when the price recovers.",
      nextStep: "Positions can be reduced or closed. Entries are possible again on 2026-06-11.",
    },
  );
});

describe("order-rate tells", () => {
  tells(
    orderRate,
    "within",
    { policy: { maxOrdersPerMinute: 3 } },
    { verdict: "pass", observed: "1", limit: "3", message: "0 sent within the last minute" },
  );
  tells(
    orderRate,
    "an exit",
    { policy: { maxOrdersPerMinute: 1 }, isExit: true },
    { verdict: "skip", message: "exits are exempt" },
  );
  tells(
    orderRate,
    "beyond",
    { policy: { maxOrdersPerMinute: 1 }, facts: { ledger: sentOnce() } },
    {
      verdict: "refuse",
      code: "too_many_orders",
      observed: "2",
      limit: "1",
      message:
        "1 orders were sent within the last 60 s; with this one it would be more than MAX_ORDERS_PER_MINUTE 1.",
      nextStep: "Wait up to a minute, and consider whether so many orders are meant. Exits still go through.",
      retryable: true,
    },
  );
});

describe("price-collar tells", () => {
  tells(priceCollar, "no price", {}, { verdict: "skip", message: "the order has no price" });
  tells(
    priceCollar,
    "within",
    { intent: limit("BUY", "101") },
    { verdict: "pass", observed: "101", limit: "105", message: "within 5 % of the ask 100" },
  );
  tells(
    priceCollar,
    "an entry's stop within",
    { intent: { orderType: "stop", stopPrice: decimal(102) } },
    { verdict: "pass", observed: "102", limit: "105", message: "within 5 % of the ask 100" },
  );
  tells(
    priceCollar,
    "a limit above, with the quote's own time",
    { intent: limit("BUY", "106"), facts: { quote: read(quoteOf(AAPL, NOW - 7_000), NOW) } },
    {
      verdict: "refuse",
      code: "price_outside_collar",
      observed: "106",
      limit: "105",
      message: "limit_price 106 is more than 5 % above the ask 100 (as of 2026-06-10T14:59:53.000Z).",
      nextStep:
        "Check the price; 105 is the furthest that is taken. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.",
    },
  );
  tells(
    priceCollar,
    "a limit below",
    { intent: limit("SELL", "90"), isExit: true },
    {
      verdict: "refuse",
      code: "price_outside_collar",
      observed: "90",
      limit: "94.905",
      message: "limit_price 90 is more than 5 % below the bid 99.9 (as of 2026-06-10T15:00:00.000Z).",
      nextStep:
        "Check the price; 94.905 is the furthest that is taken. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.",
    },
  );
  tells(
    priceCollar,
    "an entry's stop above",
    { intent: { orderType: "stop", stopPrice: decimal(106) } },
    {
      verdict: "refuse",
      code: "price_outside_collar",
      observed: "106",
      limit: "105",
      message: "stop_price 106 is more than 5 % above the ask 100 (as of 2026-06-10T15:00:00.000Z).",
      nextStep:
        "Check the price; 105 is the furthest that is taken. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.",
    },
  );
  tells(
    priceCollar,
    "a stop-limit beyond its own stop",
    { intent: { orderType: "stop_limit", stopPrice: decimal(104), limitPrice: decimal("109.21") } },
    {
      verdict: "refuse",
      code: "price_outside_collar",
      observed: "109.21",
      limit: "109.2",
      message: "limit_price 109.21 is more than 5 % above its stop 104.",
      nextStep:
        "Check the price; 109.2 is the furthest that is taken. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.",
    },
  );
  tells(
    priceCollar,
    "only a last price",
    { intent: limit("BUY", "106"), facts: { quote: read(quoteOf(AAPL, NOW - 9_000, { ask: null }), NOW) } },
    {
      verdict: "refuse",
      code: "price_outside_collar",
      observed: "106",
      limit: "105",
      message: "limit_price 106 is more than 5 % above the last price 100 (as of 2026-06-10T14:59:51.000Z).",
      nextStep:
        "Check the price; 105 is the furthest that is taken. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.",
    },
  );
  tells(
    priceCollar,
    "no quote, an entry",
    { intent: limit("BUY", "101"), facts: { quote: unread("r") } },
    {
      verdict: "refuse",
      code: "price_collar_no_quote",
      observed: "unknown",
      limit: "5 %",
      message: "There is no fresh quote to compare the order's price with.",
      nextStep: "Try again when get_quote shows a live price.",
      retryable: true,
    },
  );
  tells(
    priceCollar,
    "no quote, an exit",
    { intent: limit("SELL", "90"), facts: { quote: unread("r") }, isExit: true },
    { verdict: "skip", message: "no fresh quote; an exit is not held up for that" },
  );
  tells(
    priceCollar,
    "a protective trigger",
    { intent: { side: "SELL", orderType: "stop", stopPrice: decimal(1) }, isExit: true },
    { verdict: "skip", message: "a protective trigger is judged by stop-side alone" },
  );
});

describe("stop-side tells", () => {
  tells(stopSide, "no stop", {}, { verdict: "skip", message: "the order has no stop price" });
  tells(
    stopSide,
    "right",
    { intent: { side: "SELL", orderType: "stop", stopPrice: decimal(95) }, isExit: true },
    { verdict: "pass", observed: "95", limit: "100", message: "on the right side of 100" },
  );
  tells(
    stopSide,
    "a sell that fires at once",
    { intent: { side: "SELL", orderType: "stop", stopPrice: decimal(105) } },
    {
      verdict: "refuse",
      code: "stop_triggers_at_once",
      observed: "105",
      limit: "100",
      message: "A SELL stop at 105 would trigger at once: the market is at 100.",
      nextStep: "A SELL stop belongs below the market. To trade now, use sell.",
    },
  );
  tells(
    stopSide,
    "a buy that fires at once",
    { intent: { side: "BUY", orderType: "stop", stopPrice: decimal(95) } },
    {
      verdict: "refuse",
      code: "stop_triggers_at_once",
      observed: "95",
      limit: "100",
      message: "A BUY stop at 95 would trigger at once: the market is at 100.",
      nextStep: "A BUY stop belongs above the market. To trade now, use buy.",
    },
  );
  tells(
    stopSide,
    "no last trade, a sell at the bid",
    {
      intent: { side: "SELL", orderType: "stop", stopPrice: decimal("99.95") },
      facts: { quote: read(quoteOf(AAPL, NOW, { last: null }), NOW) },
    },
    {
      verdict: "refuse",
      code: "stop_triggers_at_once",
      observed: "99.95",
      limit: "99.9",
      message: "A SELL stop at 99.95 would trigger at once: the market is at 99.9.",
      nextStep: "A SELL stop belongs below the market. To trade now, use sell.",
    },
  );
  tells(
    stopSide,
    "no last trade, a buy between bid and ask",
    {
      intent: { side: "BUY", orderType: "stop", stopPrice: decimal("99.95") },
      facts: { quote: read(quoteOf(AAPL, NOW, { last: null }), NOW) },
    },
    {
      verdict: "refuse",
      code: "stop_triggers_at_once",
      observed: "99.95",
      limit: "100",
      message: "A BUY stop at 99.95 would trigger at once: the market is at 100.",
      nextStep: "A BUY stop belongs above the market. To trade now, use buy.",
    },
  );
  tells(
    stopSide,
    "no quote, an entry",
    { intent: { side: "BUY", orderType: "stop", stopPrice: decimal(95) }, facts: { quote: unread("r") } },
    {
      verdict: "refuse",
      code: "stop_side_unknown",
      observed: "95",
      limit: "unknown",
      message: "There is no fresh quote to compare the stop with.",
      nextStep: "Try again when get_quote shows a live price.",
      retryable: true,
    },
  );
  tells(
    stopSide,
    "no quote, an exit",
    {
      intent: { side: "SELL", orderType: "stop", stopPrice: decimal(95) },
      facts: { quote: unread("r") },
      isExit: true,
    },
    { verdict: "skip", message: "no fresh quote; a protective stop is not held up for that" },
  );
});

describe("bracket-sides tells", () => {
  tells(bracketSides, "no bracket", {}, { verdict: "skip", message: "the order is no bracket" });
  tells(
    bracketSides,
    "around the ask",
    { intent: bracket("110", "90") },
    { verdict: "pass", observed: "100", message: "take-profit 110 and stop-loss 90 around 100" },
  );
  tells(
    bracketSides,
    "both on the wrong side",
    { intent: bracket("90", "110") },
    {
      verdict: "refuse",
      code: "take_profit_wrong_side",
      observed: "90",
      limit: "100",
      message:
        "The entry (BUY) fills at about 100, the last trade being 100 then: take_profit 90 has to be above the fill, and stop_loss 110 has to be below both. It would be executed at once.",
      nextStep:
        "Correct the prices of the exits; take_profit is where the position gains, stop_loss where it loses.",
    },
  );
  tells(
    bracketSides,
    "a short's, both on the wrong side",
    { intent: { ...bracket("110", "90"), side: "SELL" }, facts: { reduction: { kind: "not_held" } } },
    {
      verdict: "refuse",
      code: "take_profit_wrong_side",
      observed: "110",
      limit: "99.9",
      message:
        "The entry (SELL) fills at about 99.9, the last trade being 100 then: take_profit 110 has to be below the fill, and stop_loss 90 has to be above both. It would be executed at once.",
      nextStep:
        "Correct the prices of the exits; take_profit is where the position gains, stop_loss where it loses.",
    },
  );
  tells(
    bracketSides,
    "a short's",
    { intent: { ...bracket("90", "110"), side: "SELL" }, facts: { reduction: { kind: "not_held" } } },
    { verdict: "pass", observed: "99.9", message: "take-profit 90 and stop-loss 110 around 99.9" },
  );
  tells(
    bracketSides,
    "the stop-loss on the wrong side",
    { intent: bracket("110", "100") },
    {
      verdict: "refuse",
      code: "stop_loss_wrong_side",
      observed: "100",
      limit: "100",
      message:
        "The entry (BUY) fills at about 100, the last trade being 100 then: stop_loss 100 has to be below both. It would be executed at once.",
      nextStep:
        "Correct the prices of the exits; take_profit is where the position gains, stop_loss where it loses.",
    },
  );
  tells(
    bracketSides,
    "a limit that waits",
    { intent: { ...bracket("95", "85"), orderType: "limit", limitPrice: decimal(90) } },
    { verdict: "pass", observed: "90", message: "take-profit 95 and stop-loss 85 around 90" },
  );
  tells(
    bracketSides,
    "no quote",
    { intent: bracket("110", "90"), facts: { quote: unread("r") } },
    {
      verdict: "refuse",
      code: "bracket_sides_unknown",
      observed: "unknown",
      message: "There is no fresh quote that says at what price the entry would be filled.",
      nextStep: "Try again when get_quote shows a live price.",
      retryable: true,
    },
  );
  tells(
    bracketSides,
    "a sell of what is held",
    {
      intent: { ...bracket("90", "110"), side: "SELL" },
      facts: { reduction: { kind: "exit", capacity: decimal(3) } },
    },
    {
      verdict: "refuse",
      code: "bracket_not_an_entry",
      message:
        "A bracket opens a position and protects it; the account holds AAPL on the other side, and the entry would close it.",
      nextStep:
        "Leave the position with close_position first; protect one that is held with stop_order or trailing_stop.",
    },
  );
  tells(
    bracketSides,
    "holdings unknown",
    {
      intent: bracket("110", "90"),
      facts: { reduction: { kind: "unknown", reason: "positions did not answer" } },
    },
    {
      verdict: "refuse",
      code: "bracket_not_an_entry",
      message:
        "A bracket opens a position and protects it; what is held of AAPL is not known (positions did not answer), so the entry may close a position.",
      nextStep:
        "Leave the position with close_position first; protect one that is held with stop_order or trailing_stop.",
      retryable: true,
    },
  );
  tells(
    bracketSides,
    "a buy that may cover a short",
    { intent: bracket("110", "90"), facts: { holdings: held("-1") } },
    {
      verdict: "refuse",
      code: "bracket_not_an_entry",
      message:
        "A bracket opens a position and protects it; the account holds AAPL on the other side, and the entry would close it.",
      nextStep:
        "Leave the position with close_position first; protect one that is held with stop_order or trailing_stop.",
    },
  );
});

describe("bracket-sides: at the edges", () => {
  const ask = (change: RuleChange) => {
    const { code, verdict, message } = bracketSides.check(ruleInput(change));
    return { told: code ?? verdict, message };
  };
  test("only the take-profit on the wrong side is named, and alone", () => {
    const { told, message } = ask({ intent: bracket("100", "90") });
    expect(told).toBe("take_profit_wrong_side");
    expect(message).toContain("then: take_profit 100 has to be above the fill. It would");
  });
  test("a short that grows opens, and a buy while holdings are unknown to the list does", () => {
    const grows = { reduction: { kind: "entry", reason: "r" }, holdings: held("-1") } as const;
    expect(ask({ intent: { ...bracket("90", "110"), side: "SELL" }, facts: grows }).told).toBe("pass");
    const unread = { holdings: { kind: "unknown", reason: "r" } } as const;
    expect(ask({ intent: bracket("110", "90"), facts: unread }).told).toBe("pass");
  });
  test("a quote without a price, or with a price of nothing, says nothing", () => {
    for (const ask0 of [{ ask: null, last: null }, { ask: decimal(0) }]) {
      const facts = { quote: read(quoteOf(AAPL, NOW, ask0), NOW) };
      expect(ask({ intent: bracket("110", "90"), facts }).told).toBe("bracket_sides_unknown");
    }
  });
  test("a limit that the market has reached fills at the market, one at the market as well", () => {
    const limitAt = (price: string) => ({ orderType: "limit", limitPrice: decimal(price) }) as const;
    const buy = (price: string) => ask({ intent: { ...bracket("101", "99"), ...limitAt(price) } }).message;
    expect(buy("100")).toContain("around 100");
    expect(buy("100.5")).toContain("around 100");
    const facts = { reduction: { kind: "not_held" } } as const;
    const sell = (price: string) =>
      ask({ intent: { ...bracket("99", "101"), ...limitAt(price), side: "SELL" }, facts }).message;
    expect(sell("99.8")).toContain("around 99.9");
    expect(sell("100.5")).toContain("around 100.5");
  });
});

describe("trail-bounds tells", () => {
  tells(trailBounds, "no trail", {}, { verdict: "skip", message: "the order does not trail" });
  tells(
    trailBounds,
    "within",
    { intent: trail("SELL", { trailAmount: decimal(3) }), isExit: true },
    { verdict: "pass", observed: "97", limit: "100", message: "starts at 97, 3 from 100" },
  );
  tells(
    trailBounds,
    "an amount off the tick",
    { intent: trail("SELL", { trailAmount: decimal("3.005") }), isExit: true },
    {
      verdict: "refuse",
      code: "wrong_trail_increment",
      observed: "3.005",
      limit: "0.01",
      message: "trail_amount 3.005 is not a multiple of 0.01.",
      nextStep: "Use a distance in steps of 0.01.",
    },
  );
  tells(
    trailBounds,
    "a percentage with too many digits",
    { intent: trail("SELL", { trailPercent: decimal("3.005") }), isExit: true },
    {
      verdict: "refuse",
      code: "wrong_trail_increment",
      observed: "3.005",
      limit: "0.01",
      message: "trail_percent 3.005 is not a multiple of 0.01.",
      nextStep: "Use a distance in steps of 0.01.",
    },
  );
  tells(
    trailBounds,
    "the whole price in percent",
    { intent: trail("SELL", { trailPercent: decimal(100) }), isExit: true },
    {
      verdict: "refuse",
      code: "trail_out_of_bounds",
      observed: "100",
      limit: "100",
      message: "trail_percent 100 leaves nothing of the price.",
      nextStep: "Use a percentage well below 100, such as 5.",
    },
  );
  tells(
    trailBounds,
    "more than the price",
    { intent: trail("SELL", { trailAmount: decimal(100) }), isExit: true },
    {
      verdict: "refuse",
      code: "trail_out_of_bounds",
      observed: "0",
      limit: "100",
      message: "A distance of 100 below 100 is no price: the stop could never trigger.",
      nextStep: "Use a distance smaller than the price.",
    },
  );
  tells(
    trailBounds,
    "within the spread",
    { intent: trail("SELL", { trailAmount: decimal("0.01") }), isExit: true },
    {
      verdict: "refuse",
      code: "trail_triggers_at_once",
      observed: "99.99",
      limit: "99.9",
      message:
        "The stop would start at 99.99, and a SELL would be filled at 99.9 now: it would trigger at once.",
      nextStep: "Use a greater distance. To trade now, use sell or close_position.",
    },
  );
  tells(
    trailBounds,
    "an entry's, too wide",
    { intent: trail("BUY", { trailAmount: decimal(6) }) },
    {
      verdict: "refuse",
      code: "trail_too_wide",
      observed: "6",
      limit: "5",
      message: "The stop would start 6 from 100, further than 5 %.",
      nextStep: "Use at most 5. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.",
    },
  );
  tells(
    trailBounds,
    "no quote, an entry",
    { intent: trail("BUY", { trailAmount: decimal(6) }), facts: { quote: unread("r") } },
    {
      verdict: "refuse",
      code: "trail_bounds_unknown",
      observed: "unknown",
      message: "There is no fresh quote to compare the distance with.",
      nextStep: "Try again when get_quote shows a live price.",
      retryable: true,
    },
  );
  tells(
    trailBounds,
    "no quote, an exit",
    { intent: trail("SELL", { trailAmount: decimal(6) }), facts: { quote: unread("r") }, isExit: true },
    { verdict: "skip", message: "no fresh quote; a protective stop is not held up for that" },
  );
});

describe("duplicate tells", () => {
  tells(duplicate, "off", {}, { verdict: "skip", message: "DUPLICATE_WINDOW_SECONDS is 0" });
  tells(
    duplicate,
    "none",
    { policy: { duplicateWindowMs: 5_000 } },
    { verdict: "pass", message: "no such order within 5 s" },
  );
  tells(
    duplicate,
    "the venue's id is known",
    { policy: { duplicateWindowMs: 60_000 }, facts: { ledger: sentOnce("acknowledged") } },
    {
      verdict: "refuse",
      code: "duplicate_order",
      observed: "2.5 s",
      limit: "60 s",
      message: "The same order was sent 2.5 s ago (v-a, submitted).",
      nextStep: "Look at order_status of v-a. If a second one is meant, wait 60 s.",
      retryable: true,
    },
  );
  tells(
    duplicate,
    "only our id is known",
    { policy: { duplicateWindowMs: 60_000 }, facts: { ledger: sentOnce("unknown") } },
    {
      verdict: "refuse",
      code: "duplicate_order",
      observed: "2.5 s",
      limit: "60 s",
      message: "The same order was sent 2.5 s ago (a, unknown).",
      nextStep: "Look at order_status of a. If a second one is meant, wait 60 s.",
      retryable: true,
    },
  );
});

describe("unresolved tells", () => {
  tells(
    unresolved,
    "none",
    {},
    { verdict: "pass", message: "nothing unresolved on this instrument and side" },
  );
  tells(
    unresolved,
    "one",
    { facts: { ledger: sentOnce("unknown") } },
    {
      verdict: "refuse",
      code: "unresolved_order",
      observed: "a",
      limit: "none unresolved",
      message:
        "The fate of a (BUY AAPL, sent 2026-06-10T14:59:57.500Z) is unknown: it may exist at the venue.",
      nextStep:
        "Call order_status with a: it looks for the order at the venue. Until it is found there, or the operator resolves it in a terminal, no second order like it is sent.",
      retryable: true,
    },
  );
  test("that an exit may also wait for its twin to be presumed absent", () => {
    const told = story();
    told.intent(0, "a", { side: "SELL", quantity: "1" }, { exit: true });
    told.outcome(1, "a", "unknown");
    const verdict = unresolved.check(
      ruleInput({ intent: SELL, facts: { ledger: told.ledger }, isExit: true }),
    );
    expect(verdict.nextStep).toBe(
      "Call order_status with a: it looks for the order at the venue. Until it is found there, is presumed absent, or the operator resolves it in a terminal, no second order like it is sent.",
    );
  });
});
