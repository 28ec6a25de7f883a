import type { Position } from "../domain/account.ts";
import { ZERO } from "../domain/money.ts";
import type { Reading } from "../domain/reading.ts";
import type { Ledger } from "../journal/ledger.ts";
import { holdingsOf } from "./holdings.ts";

/**
 * Positions as the venue lists them, with our own fills that its list lags behind. A quantity that was
 * corrected has no market value: the venue's figures belong to the old one.
 */
export function correctedPositions(
  reading: Reading<Position[]>,
  ledger: Ledger,
  now: number,
): Reading<Position[]> {
  if (reading.kind === "unread") return reading;
  const listed = new Map(reading.value.map((position) => [position.instrumentId, position]));
  for (const order of ledger.orders.values()) {
    const { instrumentId, symbol, currency } = order.order;
    if (listed.has(instrumentId) || (order.cumulative.eq(ZERO) && order.fills.size === 0)) continue;
    listed.set(instrumentId, {
      instrumentId,
      symbol,
      quantity: ZERO,
      averageCost: null,
      marketPrice: null,
      marketValue: null,
      unrealizedPnl: null,
      currency,
    });
  }
  const value = [...listed.values()].map((position) => {
    const holdings = holdingsOf(position.instrumentId, reading, ledger, now);
    if (holdings.kind === "unknown" || !holdings.low.eq(holdings.high)) return position;
    if (holdings.low.eq(position.quantity)) return position;
    return {
      ...position,
      quantity: holdings.low,
      marketValue: position.marketPrice === null ? null : position.marketPrice.times(holdings.low),
      unrealizedPnl: null,
    };
  });
  return { ...reading, value: value.filter((position) => !position.quantity.eq(ZERO)) };
}
