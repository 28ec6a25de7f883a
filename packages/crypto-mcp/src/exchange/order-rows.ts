import { type Decimal, parseDecimal } from "trading-core/domain/money";
import type { Fill, OrderStatus, Side, VenueOrder } from "trading-core/domain/order";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { CcxtMarket, CcxtOrder, CcxtTrade } from "./ccxt.ts";
import type { Exchange } from "./load-exchange.ts";

/** One order as CCXT reads it; null where it cannot be relied on: no id, no side, no market of ours. */
export function toVenueOrder(exchange: Exchange, order: CcxtOrder, market: CcxtMarket): VenueOrder | null {
  const { forms } = exchange.profile;
  const side = readSide(order.side);
  if (order.id === undefined || order.id === "" || side === null) return null;
  const quantity = readFigure(order.amount);
  const filled = readFigure(order.filled);
  const orderType = forms.typeOf(order.info);
  return {
    orderId: forms.orderId(market, order.id),
    clientOrderId: order.clientOrderId === undefined ? null : untrustedText(order.clientOrderId, 64),
    parentOrderId: null,
    instrumentId: market.base,
    symbol: market.symbol,
    side,
    orderType,
    // An order by amount has a quantity only once it is filled.
    quantity: quantity?.gt(0) ? quantity : null,
    cashAmount: null,
    filledQuantity: filled,
    averagePrice: averageOf(order, filled),
    limitPrice: orderType !== "limit" && orderType !== "stop_limit" ? null : positive(order.price),
    stopPrice: positive(order.stopLossPrice) ?? positive(order.triggerPrice),
    ...forms.trailOf(order.info),
    timeInForce: order.timeInForce === undefined ? null : untrustedText(order.timeInForce, 10),
    status: readStatus(order.status, filled, quantity),
    message: null,
  };
}

/**
 * The status in our words. A word of the exchange's own that CCXT passes on is unknown, never taken for an
 * end; how much was filled is said beside it and does not depend on it.
 */
export function readStatus(
  status: string | undefined,
  filled: Decimal | null,
  quantity: Decimal | null,
): OrderStatus {
  const some = filled?.gt(0) ?? false;
  switch (status) {
    case "open":
      return some ? "partially_filled" : "submitted";
    case "closed":
      // Some exchanges call every end "closed": only a whole fill is one.
      if (filled === null || quantity === null || filled.gte(quantity)) return "filled";
      return "cancelled";
    case "canceled":
      return "cancelled";
    case "expired":
      return "expired";
    case "rejected":
      return "rejected";
    case "canceling":
      return some ? "partially_filled" : "submitted";
    default:
      return "unknown";
  }
}

/** One execution; null where it cannot be relied on. */
export function toFill(exchange: Exchange, trade: CcxtTrade, market: CcxtMarket): Fill | null {
  const side = readSide(trade.side);
  const quantity = positive(trade.amount);
  const price = positive(trade.price);
  const executedAt = Number(trade.timestamp);
  if (!trade.id || side === null || quantity === null || price === null) return null;
  if (!Number.isFinite(executedAt) || executedAt <= 0) return null;
  return {
    // Binance counts trades market by market, so that the number alone is not unique.
    executionId: untrustedText(`${market.id}-${trade.id}`, 80),
    orderId: trade.order ? exchange.profile.forms.orderId(market, trade.order) : null,
    clientOrderId: null,
    instrumentId: market.base,
    symbol: market.symbol,
    side,
    quantity,
    price,
    fee: readFigure(trade.fee?.cost),
    feeCurrency: trade.fee?.currency ?? null,
    executedAt,
  };
}

/** An average is one only of something that was filled: elsewhere the library repeats the limit (M17). */
function averageOf(order: CcxtOrder, filled: Decimal | null): Decimal | null {
  if (!filled?.gt(0)) return null;
  const cost = positive(order.cost);
  return positive(order.average) ?? (cost === null ? null : cost.div(filled));
}

export function readSide(value: string | undefined): Side | null {
  return value === "buy" ? "BUY" : value === "sell" ? "SELL" : null;
}

export function readFigure(value: string | number | undefined): Decimal | null {
  return parseDecimal(value);
}

function positive(value: string | undefined): Decimal | null {
  const figure = parseDecimal(value);
  return figure?.gt(0) ? figure : null;
}
