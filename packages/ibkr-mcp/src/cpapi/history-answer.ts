import { type Decimal, ZERO } from "trading-core/domain/money";
import {
  BAR_LENGTHS,
  type Bar,
  type HistoryBar,
  inOrder,
  isPossible,
} from "trading-core/domain/price-history";
import { asArray, asNumber, asRecord, asText, type Json, looseDecimal, loosePrice } from "./loose.ts";
import { isDelayed } from "./quote-row.ts";

/** One answer of `/iserver/marketdata/history`. */
export interface Chart {
  /** Oldest first; empty where nothing was traded in the window. */
  bars: Bar[];
  delayed: boolean | null;
  /** How long the newest bar takes, milliseconds. */
  barTakes: number;
}

const MINUTE = 60_000;
const DAY = BAR_LENGTHS["1d"];

/**
 * Null when the answer is not of that shape, when one of its bars cannot be read, and when its bars have
 * another length than was asked for: the venue answers a question that it cannot read with something else.
 *
 * `priceFactor` belongs to the texts `high` and `low` and to nothing else: the bars hold plain prices.
 */
export function readChart(body: unknown, bar: HistoryBar): Chart | null {
  const chart = asRecord(body);
  const rows = asArray(chart?.data);
  if (!chart || !rows) return null;
  const length = BAR_LENGTHS[bar];
  const told = asNumber(chart.barLength);
  // Of longer bars nobody has recorded what is told.
  if (length < DAY && told !== null && told * 1000 !== length) return null;
  const factor = loosePrice(chart.volumeFactor);
  const bars: Bar[] = [];
  for (const item of rows) {
    const row = asRecord(item);
    if (!row) return null;
    // A window in which nothing was traded holds one row without a time.
    if (row.t === undefined) continue;
    const read = readBar(row, factor);
    if (!read) return null;
    bars.push(read);
  }
  return { bars: inOrder(bars), delayed: isLate(chart), barTakes: bar === "1d" ? dayOf(chart) : length };
}

function readBar(row: Json, factor: Decimal | null): Bar | null {
  const start = asNumber(row.t);
  const [open, high, low, close] = [row.o, row.h, row.l, row.c].map(loosePrice);
  if (start === null || start <= 0 || !open || !high || !low || !close) return null;
  if (!isPossible({ open, high, low, close })) return null;
  return { start, open, high, low, close, volume: volumeOf(row.v, factor) };
}

/** Shares: the row counts them in units of `volumeFactor`. Without either figure they are not known. */
function volumeOf(value: unknown, factor: Decimal | null): Decimal | null {
  const volume = looseDecimal(value);
  return volume === null || factor === null || volume.lt(ZERO) ? null : volume.times(factor);
}

/** `mdAvailability` is "S" for live and late data alike; what shows a delay is the delay. */
function isLate(chart: Json): boolean | null {
  const delay = asNumber(chart.mktDataDelay);
  if (delay !== null && delay > 0) return true;
  return isDelayed(asText(chart.mdAvailability));
}

/** A daily bar begins at the opening and is over at the close, and not a day later. */
function dayOf(chart: Json): number {
  const minutes = asNumber(chart.tradingDayDuration);
  return minutes !== null && minutes > 0 && minutes * MINUTE <= DAY ? minutes * MINUTE : DAY;
}
