import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { decimal } from "../domain/money.ts";
import type { OrderRequest } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import type { GuardedBroker } from "../guard/answers.ts";
import { createGuardedBroker } from "../guard/guarded-broker.ts";
import type { Policy } from "../guard/policy.ts";
import type { JournalRecord } from "../journal/record.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { type ScriptedVenue, scriptedVenue } from "./scripted-venue.ts";

/** A Wednesday, an hour and a half into New York's session. */
export const MORNING = "2026-06-10T15:00:00.000Z";

export function stock(symbol: string, change: Partial<Instrument> = {}): Instrument {
  return {
    id: `id-${symbol}`,
    symbol,
    name: null,
    kind: "stock",
    currency: "USD",
    exchange: "NASDAQ",
    usListed: true,
    tradable: true,
    priceSteps: [{ from: decimal(0), increment: decimal("0.01") }],
    quantityStep: decimal("0.0001"),
    minimumQuantity: null,
    minimumNotional: null,
    takesCashAmount: true,
    ...change,
  };
}

export function quoteOf(instrument: Instrument, at: number, change: Partial<Quote> = {}): Quote {
  return {
    instrumentId: instrument.id,
    symbol: instrument.symbol,
    last: decimal(100),
    bid: decimal("99.9"),
    ask: decimal(100),
    asOf: at,
    delayed: false,
    halted: false,
    lastIsPreviousClose: false,
    ...change,
  };
}

export function policyOf(change: Partial<Policy> = {}): Policy {
  return {
    venue: "ibkr",
    mode: "paper",
    allowLive: false,
    dryRun: false,
    accountId: null,
    allowShort: false,
    maxOrderValue: decimal(100_000),
    maxDailyValue: null,
    maxPositionValue: null,
    maxDailyLoss: null,
    maxOrdersPerMinute: 1_000,
    riskCurrency: "USD",
    cashCurrencies: ["USD", "USDT", "USDC", "EUR"],
    duplicateWindowMs: 0,
    allowlist: [],
    denylist: [],
    maxPriceDeviationPercent: decimal(5),
    maxQuoteAgeMs: 60_000,
    calendar: "nyse",
    settings: {
      mode: "IBKR_TRADING_MODE",
      allowLive: "IBKR_ALLOW_LIVE",
      dryRun: "IBKR_DRY_RUN",
      accountId: "IBKR_ACCOUNT_ID",
      allowShort: "ALLOW_SHORT",
    },
    ...change,
  };
}

type Size = { quantity?: string; cashAmount?: string };
type Prices = {
  limitPrice?: string;
  stopPrice?: string;
  trailAmount?: string;
  /** Take-profit and stop-loss of a bracket. */
  bracket?: [takeProfit: string, stopLoss: string];
  timeInForce?: OrderRequest["timeInForce"];
};

/** A request in few words; its type follows from its prices. */
export function order(
  side: "BUY" | "SELL",
  size: string | Size,
  prices: Prices = {},
  symbol = "AAPL",
): OrderRequest {
  const { quantity, cashAmount } =
    typeof size === "string" ? { quantity: size, cashAmount: undefined } : size;
  const { limitPrice, stopPrice } = prices;
  const number = (text: string | undefined) => (text === undefined ? null : decimal(text));
  return {
    symbol,
    side,
    orderType:
      stopPrice === undefined
        ? limitPrice === undefined
          ? "market"
          : "limit"
        : limitPrice === undefined
          ? "stop"
          : "stop_limit",
    quantity: number(quantity),
    cashAmount: number(cashAmount),
    limitPrice: number(limitPrice),
    stopPrice: number(stopPrice),
    timeInForce: prices.timeInForce ?? (stopPrice === undefined ? "DAY" : "GTC"),
    ...(prices.trailAmount !== undefined && {
      orderType: "trailing_stop",
      trailAmount: decimal(prices.trailAmount),
      timeInForce: prices.timeInForce ?? "GTC",
    }),
    ...(prices.bracket && {
      bracket: { takeProfit: decimal(prices.bracket[0]), stopLoss: decimal(prices.bracket[1]) },
    }),
  };
}

export interface Bench {
  clock: ManualClock;
  venue: ScriptedVenue;
  guard: GuardedBroker;
  stateDir: string;
  /** What the operator's log was told. */
  logged: string[];
  /** Another server on the same state folder and venue. */
  another(change?: Partial<Policy>): GuardedBroker;
  /** The account's journal as it is on disk. */
  records(): JournalRecord[];
  kinds(): string[];
  /** Quotes are from now again. */
  freshQuotes(): void;
  end(): void;
}

/** A whole guard over a scripted venue, with its journal in a folder of its own. */
export function bench(change: Partial<Policy> = {}, instruments = [stock("AAPL"), stock("MSFT")]): Bench {
  const stateDir = mkdtempSync(join(tmpdir(), "guard-"));
  const clock = manualClock(MORNING);
  const venue = scriptedVenue(clock, instruments);
  const logged: string[] = [];
  const say = (_: unknown, message: string) => void logged.push(message);
  const guards: GuardedBroker[] = [];
  const another = (more: Partial<Policy> = {}) => {
    const policy = policyOf({ ...change, ...more });
    const { broker, marketData, session } = venue;
    const log = { info: say, warn: say, error: say };
    const guard = createGuardedBroker({
      broker,
      marketData,
      session,
      policy,
      clock,
      log,
      stateDir,
      journalPath: null,
    });
    guards.push(guard);
    return guard;
  };
  const freshQuotes = () => {
    for (const each of instruments) venue.quotes.set(each.id, quoteOf(each, clock.now()));
  };
  freshQuotes();
  const records = () => {
    const folder = join(stateDir, "journals");
    const file = readdirSync(folder).find((name) => name.endsWith(".jsonl") && !name.includes("unbound"));
    const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalRecord);
  };
  return {
    clock,
    venue,
    guard: another(),
    stateDir,
    logged,
    another,
    records,
    kinds: () =>
      records()
        .filter((each) => each.kind !== "note" && each.kind !== "policy")
        .map((each) => each.kind),
    freshQuotes,
    end() {
      for (const guard of guards) guard.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** The failure that a call ends with; fails the test when it ends well. */
export async function failure(call: Promise<unknown>): Promise<TradingError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TradingError) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

/** Which rules refused. */
export function refusedBy(error: TradingError): string[] {
  return (error.checks ?? []).map((check) => check.rule);
}
