import { Big } from "../market/decimal.ts";
import { isWorking, type Order, type OrderDraft, remainingOf } from "../market/order.ts";
import type { Gateway } from "./gateway.ts";

/** The venue's word for an order's state at this moment. */
export function statusOf(gateway: Gateway, order: Order): string {
  switch (order.state) {
    case "filled":
      return "Filled";
    case "cancelled":
    case "expired":
      return "Cancelled";
    case "rejected":
      return "Inactive";
    default:
  }
  if (order.cancelRequested) return "PendingCancel";
  // In the instant of its acceptance an order is still on its way to the exchange.
  const underWay = order.acceptedAt === gateway.clock.now() && order.filled.eq(0);
  if (underWay || gateway.engine.isHeld(order)) return "PreSubmitted";
  return "Submitted";
}

const COLOURS: Record<string, { fgColor: string; bgColor: string }> = {
  PendingSubmit: { fgColor: "#3399CC", bgColor: "#000000" },
  PreSubmitted: { fgColor: "#FFFFFF", bgColor: "#997EE5" },
  Submitted: { fgColor: "#000000", bgColor: "#00F000" },
  PendingCancel: { fgColor: "#FF64FF", bgColor: "#000000" },
  Cancelled: { fgColor: "#FFFFFF", bgColor: "#AA0000" },
  Filled: { fgColor: "#000000", bgColor: "#FFFFFF" },
  Inactive: { fgColor: "#FFFFFF", bgColor: "#AA0000" },
};

export function coloursOf(status: string): { fgColor: string; bgColor: string } {
  return COLOURS[status] ?? { fgColor: "#000000", bgColor: "#FFFFFF" };
}

/** `Limit`, `Market` … as lists spell the type; `LIMIT` … as the original type and the status do. */
export const TYPE_WORDS: Record<OrderDraft["type"], { list: string; original: string }> = {
  MKT: { list: "Market", original: "MARKET" },
  LMT: { list: "Limit", original: "LIMIT" },
  STP: { list: "Stop", original: "STOP" },
  STOP_LIMIT: { list: "Stop Limit", original: "STOP_LIMIT" },
  TRAIL: { list: "Trailing Stop", original: "TRAILING_STOP" },
  TRAIL_LIMIT: { list: "Trailing Stop Limit", original: "TRAILING_STOP_LIMIT" },
  MIT: { list: "Market if Touched", original: "MIT" },
  LIT: { list: "Limit if Touched", original: "LIT" },
};

export function sizeText(draft: OrderDraft): string {
  return (draft.quantity ?? draft.cashQuantity ?? new Big(0)).toFixed();
}

/** `Limit 457.00, GTC`. */
export function termsText(draft: OrderDraft): string {
  const prices = [draft.limitPrice, draft.type === "LMT" ? null : draft.stopPrice].filter(
    (price) => price !== null,
  );
  const tif = draft.timeInForce === "DAY" ? "Day" : draft.timeInForce;
  const priceText = prices.map((price) => price.toFixed(2)).join(" ");
  return `${TYPE_WORDS[draft.type].list}${priceText === "" ? "" : ` ${priceText}`}, ${tif}`;
}

/** `Buy 1 Limit 457.00, GTC`, `Sold 5 AAPL Market, Day`. */
export function describe(order: Order, symbol: string | null): string {
  const done = order.state === "filled";
  const verb = order.side === "BUY" ? (done ? "Bought" : "Buy") : done ? "Sold" : "Sell";
  const size = done ? order.filled.toFixed() : sizeText(order);
  return [verb, size, symbol, termsText(order)].filter((part) => part !== null).join(" ");
}

/** `0/1` (filled/remaining) while working, `5` when done. */
export function sizeAndFills(order: Order): string {
  const remaining = remainingOf(order);
  if (!isWorking(order) && order.filled.gt(0)) return order.filled.toFixed();
  return `${order.filled.toFixed()}/${(remaining ?? new Big(0)).toFixed()}`;
}

/** `YYMMDDHHmmss` in UTC. */
export function compactTime(instant: number): string {
  return new Date(instant).toISOString().slice(2, 19).replace(/[-T:]/g, "");
}

/** `YYYYMMDD-HH:mm:ss` in UTC. */
export function tradeTime(instant: number): string {
  const iso = new Date(instant).toISOString();
  return `${iso.slice(0, 10).replaceAll("-", "")}-${iso.slice(11, 19)}`;
}
