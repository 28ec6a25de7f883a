import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import { parseDecimal, ZERO } from "trading-core/domain/money";
import {
  BAR_LENGTHS,
  type Bar,
  HISTORY_PERIODS,
  type HistoryBar,
  type HistoryPeriod,
  inOrder,
  isPossible,
  type PriceHistory,
} from "trading-core/domain/price-history";
import type { Clock } from "trading-core/ports/clock";
import type { CcxtCandle } from "./ccxt.ts";
import type { Connection } from "./connection.ts";
import type { Markets } from "./markets.ts";

export interface History {
  /** See `MarketData.history`. */
  history: (instrument: Instrument, period: HistoryPeriod, bar: HistoryBar) => Promise<PriceHistory>;
}

/** CCXT's names, in which "1m" is a minute. */
const TIMEFRAMES: Readonly<Record<HistoryBar, string>> = {
  "1min": "1m",
  "5min": "5m",
  "15min": "15m",
  "30min": "30m",
  "1h": "1h",
  "4h": "4h",
  "1d": "1d",
  "1w": "1w",
};

/** More than any combination has: left out, Binance gives 500. */
const MOST_CANDLES = 1_000;

interface Options {
  connection: Pick<Connection, "ask" | "exchange">;
  markets: Pick<Markets, "ready">;
  clock: Clock;
  /** Venue time minus local time, milliseconds; null where it is not known. */
  clockSkew: () => number | null;
}

export function createHistory({ connection, markets, clock, clockSkew }: Options): History {
  const { profile } = connection.exchange;
  return {
    async history(instrument, period, bar) {
      await markets.ready();
      const began = clock.now() + (clockSkew() ?? 0);
      const since = began - HISTORY_PERIODS[period].milliseconds;
      const candles = await connection.ask(`the candles of ${instrument.symbol}`, (api) =>
        api.fetchOHLCV(instrument.symbol, TIMEFRAMES[bar], since, MOST_CANDLES),
      );
      const bars = readCandles(candles);
      if (!bars) {
        throw new TradingError(
          "exchange_error",
          `${profile.name}'s candles of ${instrument.symbol} cannot be read.`,
          "Try again; if it stays, look at the exchange's own site.",
          { retryable: true },
        );
      }
      const last = bars.at(-1);
      return {
        bars,
        // By the time of asking: what was over then is complete in the answer.
        lastBarFinal: last === undefined ? null : last.start + BAR_LENGTHS[bar] <= began,
        delayed: false,
        message: last === undefined ? `${profile.name} has no trades in this period.` : null,
      };
    },
  };
}

/** Oldest first; null when one of them cannot be read, because a hole in a series is not seen. */
export function readCandles(candles: readonly CcxtCandle[]): Bar[] | null {
  const bars: Bar[] = [];
  for (const [time, ...figures] of candles) {
    const start = Number(time);
    const [open, high, low, close, volume] = figures.map(parseDecimal);
    if (!Number.isSafeInteger(start) || start <= 0 || !open || !high || !low || !close) return null;
    if (!isPossible({ open, high, low, close })) return null;
    bars.push({ start, open, high, low, close, volume: volume?.gte(ZERO) ? volume : null });
  }
  return inOrder(bars);
}
