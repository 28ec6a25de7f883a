import { Big, minOf, roundDown, ZERO } from "./decimal.ts";
import type { PriceLevel, Quote } from "./market.ts";
import { type Order, type OrderType, remainingOf } from "./order.ts";

/** A quantity at a price that an order takes from the book. */
export interface Take {
  price: Big;
  quantity: Big;
}

const CENT = new Big("0.01");
/** Places of the smallest part of a share that an order by amount buys. */
const SHARE_PLACES = 4;

/** Whether an order of this side and type is triggered by a price that rises. */
export function triggersUpwards(order: { side: Order["side"]; type: OrderType }): boolean {
  const waitsForBetter = order.type === "MIT" || order.type === "LIT";
  return (order.side === "BUY") !== waitsForBetter;
}

/** Whether the last price has touched the stop of an order that waits for it. */
export function isTouched(
  order: Pick<Order, "side" | "type" | "stopPrice">,
  quote: Pick<Quote, "last">,
): boolean {
  if (order.stopPrice === null) return false;
  return triggersUpwards(order) ? quote.last.gte(order.stopPrice) : quote.last.lte(order.stopPrice);
}

/** Where a trailing stop stands at this quote: it follows the market one way only. */
export function trailedStop(order: Order, quote: Quote, tick = CENT): Big | null {
  if ((order.type !== "TRAIL" && order.type !== "TRAIL_LIMIT") || order.trailingAmount === null) return null;
  if (order.stopPrice === null && isBeforeActivation(order, quote)) return null;
  const distance =
    order.trailingUnit === "%" ? quote.last.times(order.trailingAmount).div(100) : order.trailingAmount;
  const stop = (order.side === "SELL" ? quote.last.minus(distance) : quote.last.plus(distance))
    .div(tick)
    .round()
    .times(tick);
  if (order.stopPrice === null) return stop;
  const better = order.side === "SELL" ? stop.gt(order.stopPrice) : stop.lt(order.stopPrice);
  return better ? stop : null;
}

/** Whether a trailing stop has yet to see the price from which on it follows the market. */
function isBeforeActivation(order: Order, quote: Quote): boolean {
  const from = order.activationPrice ?? null;
  if (from === null) return false;
  // A protection for what is held begins to follow once the price has risen, and the other way round.
  return order.side === "SELL" ? quote.last.lt(from) : quote.last.gt(from);
}

/** The limit that binds an active order; null means it takes any price. */
export function activeLimit(order: Order): Big | null {
  return order.type === "STP" || order.type === "TRAIL" || order.type === "MIT" || order.type === "MKT"
    ? null
    : order.limitPrice;
}

/** What an active order takes from the levels, best first, at most `most` (null for no ceiling). */
export function takesFrom(
  order: Order,
  levels: PriceLevel[],
  most: Big | null,
  places = SHARE_PLACES,
): Take[] {
  const limit = activeLimit(order);
  const takes: Take[] = [];
  let ceiling = most;
  let quantity = remainingOf(order);
  let cash = order.cashQuantity === null ? null : order.cashQuantity.minus(order.filledValue);
  for (const level of levels) {
    if (limit !== null && (order.side === "BUY" ? level.price.gt(limit) : level.price.lt(limit))) break;
    let size = level.size;
    if (quantity !== null) size = minOf(size, quantity);
    if (cash !== null) size = minOf(size, roundDown(cash.div(level.price), places));
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
export function isSpent(order: Order, price: Big, places = SHARE_PLACES): boolean {
  if (order.cashQuantity === null) return false;
  return roundDown(order.cashQuantity.minus(order.filledValue).div(price), places).lte(ZERO);
}
