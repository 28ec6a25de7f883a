import type { GuardedBroker } from "trading-core/guard/answers";
import type { Clock } from "trading-core/ports/clock";
import type { MarketData } from "trading-core/ports/market-data";
import type { Session } from "trading-core/ports/session";

/** One trading venue, composed: reads through market data and session, orders through the guard alone. */
export interface Venue {
  guard: GuardedBroker;
  marketData: MarketData;
  session: Session;
}

export interface ServerFacts {
  /** "ibkr", "crypto". */
  name: string;
  version: string;
  /** Order tools are neither listed nor served. */
  readOnly: boolean;
  /** What is missing in the configuration and how to set it; empty when the venue can be used. */
  problems: string[];
  /** The configured label: "sim", "paper", "sandbox" or "live". */
  mode: string;
}

export interface ToolContext {
  /** The venue, made on first use. Throws a TradingError: `not_configured`, `venue_unavailable`. */
  venue(): Promise<Venue>;
  /** Of the request: it ends a wait, and is never passed to an order. */
  signal: AbortSignal;
  clock: Clock;
  server: ServerFacts;
}
