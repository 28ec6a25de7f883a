import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import type { Quote } from "trading-core/domain/quote";
import { type Reading, unread } from "trading-core/domain/reading";
import type { Posture } from "trading-core/guard/answers";
import type { TimeBound } from "trading-mcp/healthcheck/time-bound";
import type { Withdrawals } from "../exchange/reads/reads.ts";
import type { OpenVenue } from "../venue.ts";

/** What most checks are made from. */
export interface Seen {
  posture: Posture;
  /** Where requests go, without a path: "https://api.kraken.com". */
  base: string;
  /** Null when the exchange did not answer with them, with the reason beside it. */
  markets: { count: number; readAt: number } | null;
  marketsTrouble: TradingError | null;
  quote: Reading<Quote> | TradingError;
  /** Null without a session in which to ask. */
  withdrawals: Withdrawals | null;
  /** Venue time minus local time in milliseconds; null when nothing has answered. */
  clockSkew: number | null;
}

/** Looks at markets and a price, which need no key, then at the account. Changes nothing. */
export async function look(venue: OpenVenue, symbol: string, bound: TimeBound): Promise<Seen> {
  const { guard, session, exchange } = venue;
  const { markets } = exchange;
  const marketsTrouble = await troubleOf(bound.within(markets.ready()));
  const [posture, quote] = await Promise.all([
    bound.within(guard.posture()),
    marketsTrouble ?? quoteOf(venue, symbol, bound),
  ]);
  const withdrawals = posture.session.ready ? await bound.within(exchange.session.withdrawals()) : null;
  const readAt = markets.readAt();
  return {
    posture,
    base: exchange.base,
    markets: readAt === null ? null : { count: markets.all().length, readAt },
    marketsTrouble,
    quote,
    withdrawals,
    clockSkew: session.clockSkew(),
  };
}

async function quoteOf(
  { marketData }: OpenVenue,
  symbol: string,
  bound: TimeBound,
): Promise<Reading<Quote> | TradingError> {
  let instrument: Instrument;
  try {
    instrument = await bound.within(marketData.resolve(symbol));
    const [quote] = await bound.within(marketData.quotes([instrument]));
    return quote ?? unread("the exchange sent none");
  } catch (error) {
    // Serves neither: it becomes the check's finding.
    if (error instanceof TradingError) return error;
    throw error;
  }
}

async function troubleOf(work: Promise<void>): Promise<TradingError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof TradingError) return error;
    throw error;
  }
}
