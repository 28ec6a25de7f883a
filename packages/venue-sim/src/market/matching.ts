import { type Big, minOf, roundDown, ZERO } from "./decimal.ts";
import type { PriceLevel, Quote } from "./market.ts";
import { type Order, remainingOf } from "./order.ts";

/** A quantity at a price that an order takes from the book. */
export interface Take {
  price: Big;
  quantity: Big;
}

/** Whether the last price has touched the stop of an order that waits for it. */
export function isTouched(order: Order, quote: Quote): boolean {
  if (order.stopPrice === null) return false;
  return order.side === "BUY" ? quote.last.gte(order.stopPrice) : quote.last.lte(order.stopPrice);
}

/** Where a trailing stop stands at this quote: it follows the market one way only. */
export function trailedStop(order: Order, quote: Quote): Big | null {
  if (order.type !== "TRAIL" || order.trailingAmount === null) return null;
  const distance =
    order.trailingUnit === "%" ? quote.last.times(order.trailingAmount).div(100) : order.trailingAmount;
  const stop = (order.side === "SELL" ? quote.last.minus(distance) : quote.last.plus(distance)).round(2);
  if (order.stopPrice === null) return stop;
  const better = order.side === "SELL" ? stop.gt(order.stopPrice) : stop.lt(order.stopPrice);
  return better ? stop : null;
}

/** The limit that binds an active order; null means it takes any price. */
export function activeLimit(order: Order): Big | null {
  return order.type === "LMT" || order.type === "STOP_LIMIT" ? order.limitPrice : null;
}

/** What an active order takes from the levels, best first, at most `most` (null for no ceiling). */
export function takesFrom(order: Order, levels: PriceLevel[], most: Big | null): Take[] {
  const limit = activeLimit(order);
  const takes: Take[] = [];
  let ceiling = most;
  let quantity = remainingOf(order);
  let cash = order.cashQuantity === null ? null : order.cashQuantity.minus(order.filledValue);
  for (const level of levels) {
    if (limit !== null && (order.side === "BUY" ? level.price.gt(limit) : level.price.lt(limit))) break;
    let size = level.size;
    if (quantity !== null) size = minOf(size, quantity);
    if (cash !== null) size = minOf(size, roundDown(cash.div(level.price), 4));
    if (ceiling !== null) size = minOf(size, ceiling);
    if (size.lte(0)) break;
    takes.push({ price: level.price, quantity: size });
    if (quantity !== null) quantity = quantity.minus(size);
    if (cash !== null) cash = cash.minus(size.times(level.price));
    if (ceiling !== null) ceiling = ceiling.minus(size);
  }
  return takes;
}

/** Whether an order by amount has less left than the smallest part of a share costs. */
export function isSpent(order: Order, price: Big): boolean {
  if (order.cashQuantity === null) return false;
  return roundDown(order.cashQuantity.minus(order.filledValue).div(price), 4).lte(ZERO);
}
