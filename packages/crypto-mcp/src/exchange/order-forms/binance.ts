import { isMultipleOf, ONE, parseDecimal, plain } from "trading-core/domain/money";
import type { OrderType } from "trading-core/domain/order";
import type { CcxtMarket } from "../ccxt.ts";
import {
  notSupported,
  type OrderForms,
  type OrderOnWire,
  paramsOf,
  type Terms,
  termsOf,
  UNREADABLE,
} from "./order-forms.ts";

/** Type tokens; a take-profit fires the other way round, and is none of ours. */
const TYPES: Partial<Record<OrderType, string>> = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP_LOSS",
  stop_limit: "STOP_LOSS_LIMIT",
  trailing_stop: "STOP_LOSS",
};

/** By the token alone; a stop that also has a distance is a trailing one. */
const OURS = new Map<string, OrderType>([
  ["MARKET", "market"],
  ["LIMIT", "limit"],
  ["STOP_LOSS", "stop"],
  ["STOP_LOSS_LIMIT", "stop_limit"],
]);

/** Names that a signed order request may hold; every other one is an order of another kind. */
const KNOWN = new Set([
  "symbol",
  "side",
  "type",
  "quantity",
  "quoteOrderQty",
  "price",
  "stopPrice",
  "trailingDelta",
  "timeInForce",
  "newClientOrderId",
  "newOrderRespType",
  "timestamp",
  "recvWindow",
  "signature",
]);

/** "BTCUSDT-28457": numbers are unique within a market only. */
const SPLIT = /^([^\s-]{2,40})-(\d{1,20})$/u;

/** Binance spot: `POST /api/v3/order`. Conditional orders stand in the same list as all others. */
export const binance: OrderForms = {
  endpoint: "POST /api/v3/order",
  takesCashAmount: (market) => market.info.quoteOrderQtyMarketAllowed !== false,
  build(intent, market) {
    const terms = termsOf(intent);
    const params: Record<string, string> = {
      symbol: market.id,
      side: intent.side,
      type: listedType(market, terms),
      newClientOrderId: intent.clientOrderId,
      // The whole order with its fills comes back in the answer.
      newOrderRespType: "FULL",
    };
    if (terms.quantity !== null) params.quantity = terms.quantity;
    if (terms.cashAmount !== null) params.quoteOrderQty = terms.cashAmount;
    if (terms.limitPrice !== null) params.price = terms.limitPrice;
    if (terms.stopPrice !== null) params.stopPrice = terms.stopPrice;
    if (terms.trail !== null) params.trailingDelta = basisPoints(market, terms.trail);
    // A stop without a limit lasts until it is cancelled, and takes no word about it.
    if (terms.limitPrice !== null && terms.timeInForce !== null) params.timeInForce = terms.timeInForce;
    return { path: "order", api: "private", method: "POST", params };
  },
  validation: (order) => ({ ...order, path: "order/test" }),
  cancel: (market, orderId) => ({
    path: "order",
    api: "private",
    method: "DELETE",
    params: { symbol: market.id, orderId: SPLIT.exec(orderId)?.[2] ?? "" },
  }),
  acknowledged(raw) {
    const { orderId, clientOrderId, status } = (raw ?? {}) as Record<string, unknown>;
    const id = typeof orderId === "number" ? String(orderId) : orderId;
    if (typeof id !== "string" || !/^\d{1,20}$/.test(id)) return null;
    return {
      id,
      clientOrderId: typeof clientOrderId === "string" ? clientOrderId : null,
      complete: typeof status === "string",
    };
  },
  orderId: (market, id) => `${market.id}-${id}`,
  splitOrderId(orderId) {
    const [, marketId, id] = SPLIT.exec(orderId) ?? [];
    return marketId === undefined || id === undefined ? null : { id, marketId };
  },
  read(request): OrderOnWire {
    const params = paramsOf(request);
    if (params === null) return UNREADABLE;
    const get = (name: string) => params.get(name) ?? null;
    const token = get("type") ?? "";
    const delta = get("trailingDelta");
    const type = typeIn(token, delta !== null);
    const side = sideOf(get("side"));
    const path = new URL(request.url).pathname;
    const isConditional = type === "stop" || type === "stop_limit" || type === "trailing_stop";
    return {
      endpoint: `${request.method} ${path.replace(/\/test$/, "")}`,
      market: get("symbol"),
      side,
      type,
      quantity: get("quantity"),
      cashAmount: get("quoteOrderQty"),
      limitPrice: get("price"),
      stopPrice: get("stopPrice"),
      trail: percentIn(delta),
      fires: isConditional && side !== null ? (side === "SELL" ? "falling" : "rising") : null,
      clientOrderId: get("newClientOrderId"),
      timeInForce: get("timeInForce") ?? (type === "stop" || type === "trailing_stop" ? "GTC" : null),
      validateOnly: path.endsWith("/test"),
      unknown: [...params.keys()].filter((name) => !KNOWN.has(name)),
    };
  },
  typeOf(info) {
    if (info.type === "LIMIT_MAKER") return "limit";
    return typeof info.type === "string" ? typeIn(info.type, deltaIn(info) !== null) : null;
  },
  trailOf(info) {
    const percent = percentIn(deltaIn(info));
    return percent === null ? {} : { trailPercent: parseDecimal(percent.slice(0, -1)) };
  },
};

/** Many pairs take stop-limit orders and no plain stops; the exchange says so for each pair. */
function listedType(market: CcxtMarket, terms: Terms): string {
  const token = TYPES[terms.type];
  const listed = Array.isArray(market.info.orderTypes) ? market.info.orderTypes : [];
  if (token !== undefined && listed.includes(token)) return token;
  throw notSupported(
    `Binance lists no ${terms.type} orders for ${market.symbol}`,
    terms.type === "stop" && listed.includes(TYPES.stop_limit)
      ? "Add a limit_price: a stop with a limit is listed. It may stay unfilled in a fast market."
      : "Use another type of order.",
  );
}

function typeIn(token: string, trails: boolean): OrderType | null {
  const type = OURS.get(token) ?? null;
  if (!trails) return type;
  // A stop-limit that trails is none of ours.
  return type === "stop" ? "trailing_stop" : null;
}

/** Hundredths of a percent, of orders that trail. */
function deltaIn(info: Record<string, unknown>): string | null {
  const { trailingDelta } = info;
  const text = typeof trailingDelta === "number" ? String(trailingDelta) : trailingDelta;
  return typeof text === "string" && /^[1-9]\d*$/.test(text) ? text : null;
}

function percentIn(delta: string | null): string | null {
  const points = parseDecimal(delta);
  return points === null ? null : `${plain(points.div(100))}%`;
}

/** It takes a share of the price only, in steps of a hundredth of a percent. */
function basisPoints(market: CcxtMarket, trail: string): string {
  if (market.info.allowTrailingStop !== true) {
    throw notSupported(`Binance lists no trailing stops for ${market.symbol}`, "Use stop_order.");
  }
  const points = trail.endsWith("%") ? parseDecimal(trail.slice(0, -1))?.times(100) : null;
  if (points == null) {
    throw notSupported("Binance takes no distance in price for a trailing stop", "Use trail_percent.");
  }
  if (isMultipleOf(points, ONE)) return plain(points);
  throw notSupported("Binance takes trail_percent in steps of 0.01", "Use fewer digits.");
}

function sideOf(value: string | null): "BUY" | "SELL" | null {
  return value === "BUY" || value === "SELL" ? value : null;
}
