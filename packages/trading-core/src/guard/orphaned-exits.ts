import type { Position } from "../domain/account.ts";
import { type Decimal, plain, ZERO } from "../domain/money.ts";
import type { Side } from "../domain/order.ts";
import type { Reading } from "../domain/reading.ts";
import type { Ledger } from "../journal/ledger.ts";
import { isPresumedAbsent, type LedgerOrder } from "../journal/ledger-order.ts";
import { stillTrading } from "./groups.ts";
import { holdingsOf } from "./holdings.ts";

/** Resting exits that stand on more than is held: filled, they would open the other side (S9). */
export interface OrphanedExit {
  symbol: string;
  side: Side;
  /** What the exits may still trade, and the most that may be held for them. */
  working: Decimal;
  held: Decimal;
  /** The venue's ids where known, else ours. */
  orderIds: string[];
}

/**
 * Compares what our working exits may still trade with what is held, instrument by instrument. Where the
 * position is not known exactly, the figure with which the exits are still covered counts; where it is not
 * known at all, nothing is said.
 */
export function orphanedExits(ledger: Ledger, positions: Reading<Position[]>, now: number): OrphanedExit[] {
  const groups = new Map<string, LedgerOrder[]>();
  for (const order of ledger.openOrders()) {
    // What was not sent yet is being decided on; what was cancelled is on its way out, if it is there at all.
    if (!order.exit || order.phase === "intended" || order.cancelRequested || isPresumedAbsent(order))
      continue;
    const key = `${order.order.side} ${order.order.instrumentId}`;
    groups.set(key, [...(groups.get(key) ?? []), order]);
  }
  return [...groups.values()].flatMap((orders) => {
    const found = orphanedAmong(orders, ledger, positions, now);
    return found === null ? [] : [found];
  });
}

function orphanedAmong(
  orders: LedgerOrder[],
  ledger: Ledger,
  positions: Reading<Position[]>,
  now: number,
): OrphanedExit | null {
  const [first] = orders;
  if (first === undefined) return null;
  const { instrumentId, symbol, side } = first.order;
  const holdings = holdingsOf(instrumentId, positions, ledger, now);
  if (holdings.kind === "unknown") return null;
  const most = side === "SELL" ? holdings.high : holdings.low.neg();
  const held = most.gt(ZERO) ? most : ZERO;
  const working = stillTrading(orders, ledger);
  if (working.lte(held)) return null;
  return {
    symbol,
    side,
    working,
    held,
    orderIds: orders.map((order) => order.orderId ?? order.clientOrderId),
  };
}

/** In one sentence, with the next step. */
export function describeOrphaned({ symbol, side, working, held, orderIds }: OrphanedExit): string {
  return (
    `orphaned_exit: ${side} orders for ${plain(working)} ${symbol} work (${orderIds.join(", ")}), and only ` +
    `${plain(held)} is held: filled, they would open the other side. Use cancel_order on what is too much.`
  );
}
