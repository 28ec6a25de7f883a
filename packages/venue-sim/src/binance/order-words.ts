import type { Exchange } from "../exchange/exchange.ts";
import { isWorking, type Order } from "../market/order.ts";
import { isPending } from "../market/spot-balances.ts";

/** The exchange's number of an order: counted for each symbol on its own. */
export const numberOf = (order: Order): number => Number(order.venueFields?.orderId ?? "0");

export const typeOf = (order: Order): string => order.venueFields?.type ?? "LIMIT";

/** -1 for an order of no list. */
export const listNumberOf = (order: Order): number => Number(order.venueFields?.listId ?? "-1");

/** Time in force as the exchange tells it: market orders count as GTC. */
export const timeInForceOf = (order: Order): string => order.venueFields?.lives ?? "GTC";

/** The exchange's word for an order's state. */
export function statusOf(exchange: Exchange, order: Order): string {
  switch (order.state) {
    case "filled":
      return "FILLED";
    case "rejected":
      return "REJECTED";
    case "expired":
      return "EXPIRED";
    case "cancelled":
      // What ends by its own rules expires; only what somebody cancelled is cancelled.
      return order.endReason === "immediate or cancel" ? "EXPIRED" : "CANCELED";
    default:
  }
  if (isPending(exchange.engine.state, order)) return "PENDING_NEW";
  return order.filled.gt(0) ? "PARTIALLY_FILLED" : "NEW";
}

/** Whether the order is in the book, and not waiting for its price or its parent. */
export function isInBook(exchange: Exchange, order: Order): boolean {
  return isWorking(order) && !exchange.engine.isHeld(order);
}
