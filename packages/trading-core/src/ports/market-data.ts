import type { AccountSummary, Position } from "../domain/account.ts";
import type { ExchangeRate } from "../domain/exchange-rate.ts";
import type { SearchResult } from "../domain/found-instrument.ts";
import type { Instrument } from "../domain/instrument.ts";
import type { Decimal } from "../domain/money.ts";
import type { HistoryBar, HistoryPeriod, PriceHistory } from "../domain/price-history.ts";
import type { Quote } from "../domain/quote.ts";
import type { Reading } from "../domain/reading.ts";

/** The regular session of one trading day. */
export interface MarketSession {
  /** The civil date at the venue, YYYY-MM-DD. */
  date: string;
  /** Epoch milliseconds. */
  opens: number;
  closes: number;
}

/** What the venue itself says about its hours; `null` where it is silent, and the calendar decides. */
export interface MarketSchedule {
  /** Sessions around now, ascending; may be empty on a closed day. */
  sessions: MarketSession[];
  /** Always open: the schedule covers round-the-clock trading. */
  alwaysOpen: boolean;
}

/** The account's result of a day, in its base currency. */
export interface DayGain {
  amount: Decimal;
  currency: string;
}

export interface MarketData {
  /**
   * The one instrument that this symbol means here. Throws a TradingError: `unknown_symbol`, or
   * `ambiguous_symbol` with the candidates; never picks a foreign listing.
   */
  resolve(symbol: string): Promise<Instrument>;
  /** One quote for each instrument, in the same order. A quote that could not be had is unread. */
  quotes(instruments: Instrument[]): Promise<Reading<Quote>[]>;
  /**
   * The bars of the period up to now, as far as the venue has them; never for a decision. `bar` is one that goes
   * with `period`. Throws a TradingError: `no_history`, or what the venue's refusal means.
   */
  history(instrument: Instrument, period: HistoryPeriod, bar: HistoryBar): Promise<PriceHistory>;
  /**
   * What the venue lists under a symbol, a part of one or a name, tradable here or not. Throws a TradingError
   * where the venue cannot be asked; nothing found is an empty list.
   */
  search(query: string): Promise<SearchResult>;
  /** The venue's own schedule; null where it publishes none for this instrument. */
  schedule(instrument: Instrument | null): Promise<MarketSchedule | null>;
  accountSummary(): Promise<AccountSummary>;
  /** All positions of the account, zero rows dropped. Unread when any page or row could not be read. */
  positions(): Promise<Reading<Position[]>>;
  /**
   * What one unit of `from` is worth in `to` at the market now (S21); never asked for the same currency.
   * A venue that lists no such pair may go through one currency between the two, each leg at its market,
   * and says the older time. Unread where that is not possible: nothing is assumed, no peg either.
   */
  rate(from: string, to: string): Promise<Reading<ExchangeRate>>;
  /**
   * What the account gained (positive) or lost (negative) today, open positions and fees in it, with the
   * currency that it is counted in. Unread where the venue does not say; a venue without it never says.
   */
  dailyPnl?(): Promise<Reading<DayGain>>;
}
