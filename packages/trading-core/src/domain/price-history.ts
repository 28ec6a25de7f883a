import type { Decimal } from "./money.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** The lengths of a bar that every venue gives, in milliseconds. */
export const BAR_LENGTHS = {
  "1min": MINUTE,
  "5min": 5 * MINUTE,
  "15min": 15 * MINUTE,
  "30min": 30 * MINUTE,
  "1h": HOUR,
  "4h": 4 * HOUR,
  "1d": DAY,
  "1w": WEEK,
} as const;

export type HistoryBar = keyof typeof BAR_LENGTHS;

/**
 * How far back a history goes, and in which bars, the usual one first. One table for all venues: no
 * combination has more than 720 bars, which is as many as the least generous exchange gives of a market
 * that never closes, and each is one of those that IBKR answers. A month is written "mo", because venues
 * disagree on whether "1m" is a minute.
 */
export const HISTORY_PERIODS = {
  "1h": { milliseconds: HOUR, bars: ["1min", "5min", "15min", "30min"] },
  "4h": { milliseconds: 4 * HOUR, bars: ["5min", "1min", "15min", "30min", "1h"] },
  "1d": { milliseconds: DAY, bars: ["15min", "5min", "30min", "1h", "4h"] },
  "1w": { milliseconds: WEEK, bars: ["1h", "15min", "30min", "4h", "1d"] },
  "1mo": { milliseconds: 30 * DAY, bars: ["1d", "1h", "4h", "1w"] },
  "3mo": { milliseconds: 90 * DAY, bars: ["1d", "4h", "1w"] },
  "6mo": { milliseconds: 180 * DAY, bars: ["1d", "1w"] },
  "1y": { milliseconds: 365 * DAY, bars: ["1w", "1d"] },
  "2y": { milliseconds: 730 * DAY, bars: ["1w"] },
  "5y": { milliseconds: 1826 * DAY, bars: ["1w"] },
} as const satisfies Record<string, { milliseconds: number; bars: readonly HistoryBar[] }>;

export type HistoryPeriod = keyof typeof HISTORY_PERIODS;

/** The bars that go with a period, the usual one first. */
export function barsOf(period: HistoryPeriod): readonly HistoryBar[] {
  return HISTORY_PERIODS[period].bars;
}

/** The periods that a bar goes with, shortest first. */
export function periodsWith(bar: HistoryBar): HistoryPeriod[] {
  const periods = Object.keys(HISTORY_PERIODS) as HistoryPeriod[];
  return periods.filter((period) => barsOf(period).includes(bar));
}

/** What was traded between `start` and the next bar. Prices are in the instrument's currency. */
export interface Bar {
  /** Epoch milliseconds. */
  start: number;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  /** Shares or units of the base asset; null where the venue did not say. */
  volume: Decimal | null;
}

export interface PriceHistory {
  /** Oldest first, no two of the same start; empty where nothing was traded. */
  bars: Bar[];
  /** False: the newest bar's time is not over, and it may still change. Null without bars. */
  lastBarFinal: boolean | null;
  /** Late data; null where the venue does not say. */
  delayed: boolean | null;
  /** What a reader of the bars has to know, in words of ours; null for nothing. */
  message: string | null;
}

/** Bars as the domain wants them, whatever order they came in; of two with the same start the later one. */
export function inOrder(bars: readonly Bar[]): Bar[] {
  const byStart = new Map(bars.map((bar) => [bar.start, bar]));
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

/** Whether the four prices can be those of one bar: positive, and none outside of high and low. */
export function isPossible({
  open,
  high,
  low,
  close,
}: Pick<Bar, "open" | "high" | "low" | "close">): boolean {
  return low.gt(0) && [open, close].every((price) => price.gte(low) && price.lte(high));
}
