import type { Decimal } from "../domain/money.ts";
import type { OrderIntent } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";

/** What a trailing stop follows: the last trade, or the side of the book that it would trade against. */
export function trailedPrice(side: OrderIntent["side"], quote: Quote): Decimal | null {
  const price = quote.last ?? (side === "SELL" ? quote.bid : quote.ask);
  return price?.gt(0) ? price : null;
}

/** How far a trailing stop stays behind this price; null for an order that does not trail. */
export function trailDistance(intent: OrderIntent, price: Decimal): Decimal | null {
  return intent.trailAmount ?? intent.trailPercent?.times(price).div(100) ?? null;
}

/** Where a trailing stop first stands: from there it follows the market in its owner's favour only. */
export function firstTrigger(intent: OrderIntent, quote: Quote): Decimal | null {
  const price = trailedPrice(intent.side, quote);
  const distance = price === null ? null : trailDistance(intent, price);
  if (price === null || distance === null) return null;
  return intent.side === "SELL" ? price.minus(distance) : price.plus(distance);
}
