import { TradingError } from "trading-core/domain/errors";
import { plain } from "trading-core/domain/money";
import type { OrderIntent, OrderType, VenueOrder } from "trading-core/domain/order";
import type { CcxtMarket, SignedRequest } from "../ccxt.ts";

/** A request in the exchange's own words, for CCXT to sign: the one place where an order gets its form. */
export interface NativeRequest {
  path: string;
  api: string;
  method: "POST" | "DELETE";
  params: Record<string, string>;
}

/** An order as it can be read back from a signed request. Null: the request does not say. */
export interface OrderOnWire {
  /** Path and method that this exchange takes orders at, such as "POST /api/v3/order". */
  endpoint: string;
  market: string | null;
  side: "BUY" | "SELL" | null;
  /** Null for a type that is none of ours. */
  type: OrderType | null;
  quantity: string | null;
  cashAmount: string | null;
  limitPrice: string | null;
  stopPrice: string | null;
  /** How far a trailing stop stays behind the market: a price distance, or a percentage with its sign "%". */
  trail: string | null;
  /** Which way the price has to move for the trigger. */
  fires: "falling" | "rising" | null;
  clientOrderId: string | null;
  /** GTC where the exchange keeps such an order until it is cancelled without being told so. */
  timeInForce: string | null;
  /** Whether the exchange is asked to look at the order only. */
  validateOnly: boolean;
  /** Names in the request that belong to no form of ours: margin, leverage, or a word that got lost. */
  unknown: string[];
}

export interface Acknowledged {
  id: string;
  /** Null where the answer does not repeat it. */
  clientOrderId: string | null;
  /** Whether the answer is the whole order with its status and fills. */
  complete: boolean;
}

/** The verified order forms of one exchange. */
export interface OrderForms {
  /** Where orders go, as method and path. */
  endpoint: string;
  /** Whether this market takes buys by an amount of money. */
  takesCashAmount(market: CcxtMarket): boolean;
  /** The order in native words. Throws `not_supported`, with what to use instead. */
  build(intent: OrderIntent, market: CcxtMarket): NativeRequest;
  /** The same, asking for the exchange's opinion only. */
  validation(order: NativeRequest): NativeRequest;
  /** @param orderId as `orderId` makes it */
  cancel(market: CcxtMarket, orderId: string): NativeRequest;
  /** What the raw answer to an order says; null where it names no order. */
  acknowledged(raw: unknown): Acknowledged | null;
  /** An order's id that is unique on the exchange, from the one that may be unique in its market only (M16). */
  orderId(market: CcxtMarket, id: string): string;
  /** The way back: null for a text that cannot be an order id; the market where the id names it. */
  splitOrderId(orderId: string): { id: string; marketId: string | null } | null;
  read(request: SignedRequest): OrderOnWire;
  /** How far a trailing stop follows, from the exchange's own record; nothing for any other order. */
  trailOf(info: Record<string, unknown>): Pick<VenueOrder, "trailAmount" | "trailPercent">;
  /** Our type of an order from the exchange's own record; null for one that is not ours. */
  typeOf(info: Record<string, unknown>): OrderType | null;
}

/** The terms of an order once it is said how a market order goes out. */
export interface Terms {
  type: OrderType;
  timeInForce: "GTC" | "IOC" | null;
  limitPrice: string | null;
  stopPrice: string | null;
  /** As on the wire. */
  trail: string | null;
  quantity: string | null;
  cashAmount: string | null;
}

/**
 * What any spot exchange is asked for, from the intent alone. A market buy by quantity goes out as a limit
 * order at the price that the caps were checked at, filled at once or not at all (S22). Throws `invalid_order`
 * or `not_supported`.
 */
export function termsOf(intent: OrderIntent): Terms {
  const { orderType, quantity, cashAmount, limitPrice, stopPrice, priceBound } = intent;
  if (intent.exits) {
    throw notSupported(
      "An entry with its exits in one order is not verified for this exchange",
      "Buy first, wait for the fill, then protect it with stop_order.",
    );
  }
  if ((quantity === null) === (cashAmount === null)) throw invalid("it needs a quantity or an amount");
  const { trailAmount = null, trailPercent = null } = intent;
  const figures = { quantity, cashAmount, limitPrice, stopPrice, priceBound, trailAmount, trailPercent };
  for (const [name, value] of Object.entries(figures)) {
    if (value?.lte(0)) throw invalid(`its ${name} is not a positive number`);
  }
  const size = {
    quantity: quantity === null ? null : plain(quantity),
    cashAmount: cashAmount === null ? null : plain(cashAmount),
  };
  const isMarket = orderType === "market";
  if (cashAmount !== null && !(isMarket && intent.side === "BUY")) {
    throw invalid("an amount of money sizes market buys only");
  }
  const hasLimit = orderType === "limit" || orderType === "stop_limit";
  const hasStop = orderType === "stop" || orderType === "stop_limit";
  if ((limitPrice !== null) !== hasLimit || (stopPrice !== null) !== hasStop) {
    throw invalid("its prices do not fit its type");
  }
  const distances = [trailAmount, trailPercent].filter((each) => each !== null).length;
  if (distances !== (orderType === "trailing_stop" ? 1 : 0))
    throw invalid("its distance does not fit its type");
  const trail = trailPercent === null ? trailAmount && plain(trailAmount) : `${plain(trailPercent)}%`;
  if (isMarket && quantity !== null && priceBound !== null) {
    return {
      ...size,
      type: "limit",
      timeInForce: "IOC",
      limitPrice: plain(priceBound),
      stopPrice: null,
      trail,
    };
  }
  return {
    ...size,
    type: orderType,
    timeInForce: isMarket ? null : lasting(intent),
    limitPrice: limitPrice === null ? null : plain(limitPrice),
    stopPrice: stopPrice === null ? null : plain(stopPrice),
    trail,
  };
}

/** There is no day that ends on an exchange which never closes. */
function lasting(intent: OrderIntent): "GTC" | "IOC" {
  const { timeInForce, orderType } = intent;
  if (timeInForce === "DAY") {
    throw notSupported(
      "A day order is none of this exchange's",
      "Use time_in_force GTC, and cancel it yourself.",
    );
  }
  if (timeInForce === "IOC" && orderType !== "limit") {
    throw notSupported(`A ${orderType} order that is filled at once or not at all`, "Use time_in_force GTC.");
  }
  return timeInForce;
}

export function notSupported(what: string, instead: string): TradingError {
  return new TradingError(
    "not_supported",
    `${what}; it is refused and not turned into another one.`,
    instead,
  );
}

export function invalid(why: string): TradingError {
  return new TradingError("invalid_order", `The order cannot be built: ${why}.`, "Correct the order.");
}

/** The parameters of a request, from its address and its body, form or JSON; null when they cannot be read. */
export function paramsOf(request: SignedRequest): Map<string, string> | null {
  const found = new Map<string, string>();
  const add = (name: string, value: string): boolean => {
    if (found.has(name)) return false;
    found.set(name, value);
    return true;
  };
  for (const [name, value] of new URL(request.url).searchParams) if (!add(name, value)) return null;
  const body = request.body ?? "";
  if (body.startsWith("{")) {
    const parsed: unknown = JSON.parse(body);
    for (const [name, value] of Object.entries(parsed as Record<string, unknown>)) {
      if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
      if (!add(name, String(value))) return null;
    }
    return found;
  }
  for (const [name, value] of new URLSearchParams(body)) if (!add(name, value)) return null;
  return found;
}

/** Reads a request that cannot be read: nothing in it agrees with any order. */
export const UNREADABLE: OrderOnWire = {
  endpoint: "unreadable",
  market: null,
  side: null,
  type: null,
  quantity: null,
  cashAmount: null,
  limitPrice: null,
  stopPrice: null,
  trail: null,
  fires: null,
  clientOrderId: null,
  timeInForce: null,
  validateOnly: false,
  unknown: [],
};
