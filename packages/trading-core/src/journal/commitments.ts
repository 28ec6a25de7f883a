import { type Decimal, decimal, max, ZERO } from "../domain/money.ts";
import type { Ledger } from "./ledger.ts";
import { executedQuantity, type LedgerOrder, remainingQuantity } from "./ledger-order.ts";

/**
 * The value that entries committed on a trading day (S21), in the risk currency: what was executed on
 * that day at its price and fee, plus the remaining worst case of every entry that is open now,
 * whatever day it was placed on.
 *
 * @param onDay whether an instant (epoch milliseconds) belongs to the day
 */
export function committedValue(ledger: Ledger, onDay: (at: number) => boolean): Decimal {
  let total = ZERO;
  for (const order of ledger.orders.values()) {
    if (order.exit) continue;
    total = total.plus(executedValue(order, onDay)).plus(remainingWorstCase(order));
  }
  return total;
}

function executedValue(order: LedgerOrder, onDay: (at: number) => boolean): Decimal {
  let value = ZERO;
  for (const fill of order.fills.values()) {
    if (!onDay(fill.executedAt)) continue;
    value = value.plus(fill.quantity.times(fill.price)).plus(fill.fee ?? ZERO);
  }
  const unexplained = order.cumulative.minus(executedQuantity(order));
  if (unexplained.gt(ZERO) && onDay(order.cumulativeAt)) {
    const price = order.averagePrice ?? worstPrice(order);
    if (price !== null) return value.plus(unexplained.times(price));
  }
  // Sized by an amount, filled, and nothing says for how much: the amount is gone until executions tell.
  const unpriced = unexplained.gt(ZERO) || (order.status === "filled" && order.fills.size === 0);
  if (unpriced && order.averagePrice === null && order.order.quantity === null && onDay(order.lastAt)) {
    return max(value, order.worstCase ?? ZERO);
  }
  return value;
}

/** What an open entry may still cost at its worst: nothing for one that is done or an exit. */
export function remainingWorstCase(order: LedgerOrder): Decimal {
  if (order.phase === "done" || order.worstCase === null) return ZERO;
  const quantity = order.order.quantity;
  if (quantity !== null) {
    return order.worstCase.times(remainingQuantity(order) ?? ZERO).div(decimal(quantity));
  }
  const spent = executedValue(order, () => true);
  return max(ZERO, order.worstCase.minus(spent));
}

function worstPrice(order: LedgerOrder): Decimal | null {
  if (order.order.quantity === null) return null;
  if (order.worstCase === null) return ZERO;
  return order.worstCase.div(decimal(order.order.quantity));
}
