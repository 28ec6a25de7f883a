import { messageOf, TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import type { Quote } from "trading-core/domain/quote";
import { type Reading, unread } from "trading-core/domain/reading";
import type { MarketHours } from "trading-core/guard/facts";
import { marketHoursAt } from "trading-core/guard/hours";
import type { Policy } from "trading-core/guard/policy";
import type { Clock } from "trading-core/ports/clock";
import type { MarketData } from "trading-core/ports/market-data";
import { failedBy, type HealthCheck, skipped } from "trading-mcp/healthcheck/check";
import { quoteCheck } from "trading-mcp/healthcheck/quote-check";
import type { TimeBound } from "trading-mcp/healthcheck/time-bound";
import { DATA_STEP, hoursCheck } from "./market-checks.ts";

interface Asked {
  marketData: MarketData;
  policy: Policy;
  clock: Clock;
  bound: TimeBound;
  symbol: string;
  /** What is missing for a quote; null when it can be asked for. */
  needs: string | null;
}

/** The quote, and the hours of what is quoted. What cannot be asked for a quote is not asked for hours: the calendar knows them. */
export async function askMarket(asked: Asked): Promise<HealthCheck[]> {
  if (asked.needs !== null) {
    const silent = { ...asked.marketData, schedule: () => Promise.resolve(null) };
    return [skipped("quote", asked.needs), hoursCheck(await hoursOf(null, { ...asked, marketData: silent }))];
  }
  let instrument: Instrument;
  try {
    instrument = await asked.bound.within(asked.marketData.resolve(asked.symbol));
  } catch (error) {
    return [unresolved(error), hoursCheck(await hoursOf(null, asked))];
  }
  const [hours, quote] = await Promise.all([hoursOf(instrument, asked), quoteOf(instrument, asked)]);
  const terms = {
    maxQuoteAgeMs: asked.policy.maxQuoteAgeMs,
    closed: hours.kind === "closed",
    dataStep: DATA_STEP,
    now: asked.clock.now(),
  };
  return [quoteCheck(quote, terms), hoursCheck(hours)];
}

function unresolved(error: unknown): HealthCheck {
  const failed = failedBy("quote", error);
  const isName = error instanceof TradingError && NAMES.has(error.code);
  return isName
    ? { ...failed, nextStep: "Give the exact ticker of a US-listed stock with --symbol." }
    : failed;
}

const NAMES = new Set(["unknown_symbol", "ambiguous_symbol"]);

async function hoursOf(
  instrument: Instrument | null,
  { marketData, policy, clock, bound }: Asked,
): Promise<MarketHours> {
  try {
    return await bound.within(marketHoursAt(clock.now(), instrument, marketData, policy));
  } catch (error) {
    return { kind: "unknown", reason: messageOf(error) };
  }
}

async function quoteOf(instrument: Instrument, { marketData, bound }: Asked): Promise<Reading<Quote>> {
  try {
    const [quote] = await bound.within(marketData.quotes([instrument]));
    return quote ?? unread("IBKR sent none");
  } catch (error) {
    return unread(messageOf(error));
  }
}
