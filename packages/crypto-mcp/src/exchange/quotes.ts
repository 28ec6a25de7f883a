import type { ExchangeRate } from "trading-core/domain/exchange-rate";
import type { Instrument } from "trading-core/domain/instrument";
import { type Decimal, ONE, parseDecimal } from "trading-core/domain/money";
import type { Quote } from "trading-core/domain/quote";
import { type Reading, read, unread } from "trading-core/domain/reading";
import type { Clock } from "trading-core/ports/clock";
import type { CcxtMarket, CcxtTicker } from "./ccxt.ts";
import type { Connection } from "./connection.ts";
import type { Markets } from "./markets.ts";

export interface Quotes {
  quotes: (instruments: Instrument[]) => Promise<Reading<Quote>[]>;
  /** Tickers of these pairs in one request; those that the exchange did not give are left out. */
  tickers(symbols: string[]): Promise<Map<string, Quote>>;
  rate: (from: string, to: string) => Promise<Reading<ExchangeRate>>;
}

/** Currencies that a rate may go through, where the exchange lists no market between the two. */
const BETWEEN = ["USDT", "USD", "USDC", "EUR", "BTC"];

export function createQuotes(connection: Connection, markets: Markets, clock: Clock): Quotes {
  const { profile } = connection.exchange;

  async function tickers(symbols: string[]): Promise<Map<string, Quote>> {
    await markets.ready();
    const known = [...new Set(symbols)].filter((symbol) => markets.bySymbol(symbol) !== null);
    if (known.length === 0) return new Map();
    const began = clock.now();
    const found = await connection.ask("quotes", (api) => api.fetchTickers(known));
    const quotes = new Map<string, Quote>();
    for (const symbol of known) {
      const ticker = found[symbol];
      const market = markets.bySymbol(symbol);
      if (ticker && market) quotes.set(symbol, readTicker(ticker, market, began));
    }
    return quotes;
  }

  /** The market between two currencies, and whether it is the other way round. */
  function between(from: string, to: string): { market: CcxtMarket; inverse: boolean } | null {
    const direct = markets.bySymbol(`${from}/${to}`);
    if (direct !== null && direct.active !== false) return { market: direct, inverse: false };
    const inverse = markets.bySymbol(`${to}/${from}`);
    return inverse !== null && inverse.active !== false ? { market: inverse, inverse: true } : null;
  }

  function pathOf(from: string, to: string): { market: CcxtMarket; inverse: boolean }[] | null {
    const direct = between(from, to);
    if (direct !== null) return [direct];
    for (const middle of BETWEEN) {
      const first = between(from, middle);
      const second = between(middle, to);
      if (first !== null && second !== null) return [first, second];
    }
    return null;
  }

  return {
    tickers,
    async quotes(instruments) {
      const found = await tickers(instruments.map((instrument) => instrument.symbol));
      const now = clock.now();
      return instruments.map(({ symbol }) => {
        const quote = found.get(symbol);
        return quote ? read(quote, now) : unread(`${profile.name} gave no quote of ${symbol}`);
      });
    },
    async rate(from, to) {
      await markets.ready();
      const path = pathOf(from, to);
      if (path === null) return unread(`${profile.name} lists no market between ${from} and ${to}`);
      const began = clock.now();
      const found = await tickers(path.map((leg) => leg.market.symbol));
      let rate = ONE;
      let asOf = began;
      for (const { market, inverse } of path) {
        const quote = found.get(market.symbol);
        const leg = quote ? legRate(quote, inverse) : null;
        if (leg === null || !quote) return unread(`${profile.name} gave no price of ${market.symbol}`);
        rate = rate.times(leg);
        asOf = Math.min(asOf, quote.asOf ?? began);
      }
      return read({ from, to, rate, asOf }, began);
    },
  };
}

/** At the side of the market that makes more of it: a rate bounds what is spent, and is never too small. */
function legRate(quote: Quote, inverse: boolean): Decimal | null {
  if (!inverse) return quote.ask;
  return quote.bid === null ? null : ONE.div(quote.bid);
}

/**
 * @param began when the request was made: a ticker without a time is the exchange's book at the moment of
 *   asking, and no older than that
 */
export function readTicker(ticker: CcxtTicker, market: CcxtMarket, began: number): Quote {
  const stamp = Number(ticker.timestamp);
  return {
    instrumentId: market.base,
    symbol: market.symbol,
    last: price(ticker.last),
    bid: price(ticker.bid),
    ask: price(ticker.ask),
    asOf: ticker.timestamp !== undefined && Number.isFinite(stamp) && stamp > 0 ? stamp : began,
    delayed: false,
    halted: market.active === undefined ? null : !market.active,
    lastIsPreviousClose: false,
  };
}

/** A price of zero, as empty books have it, is no price (L34). */
function price(value: string | undefined): Decimal | null {
  const figure = parseDecimal(value);
  return figure?.gt(0) ? figure : null;
}
