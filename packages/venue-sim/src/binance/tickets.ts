import type { Exchange } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import type { OrderDraft, OrderType, Side, TimeInForce } from "../market/order.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { missing, notRequired, refuse } from "./errors.ts";
import { type BinanceOrderType, ORDER_TYPES, TRAILING } from "./exchange-info.ts";
import { amount } from "./market-data.ts";
import type { Parameters } from "./parameters.ts";

/** What an order call asks for, read and complete, not yet held against filters, market and balance. */
export interface Ticket {
  pair: SpotPair;
  side: Side;
  type: BinanceOrderType;
  timeInForce: Exclude<TimeInForce, "DAY">;
  quantity: Big | null;
  cashQuantity: Big | null;
  price: Big | null;
  stopPrice: Big | null;
  /** Hundredths of a percent. */
  trailingDelta: number | null;
  clientOrderId: string | null;
}

/** Names under which one leg's parameters are sent, such as `abovePrice` for `price`. */
export type NameOf = (name: string) => string;

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
export const plainName: NameOf = (name) => name;

export function sideIn(parameters: Parameters, name = "side"): Side {
  const side = parameters.required(name);
  return side === "BUY" || side === "SELL" ? side : refuse(-1117, "Invalid side.");
}

export function typeIn(parameters: Parameters, name = "type"): BinanceOrderType {
  const type = parameters.required(name);
  return ORDER_TYPES.find((known) => known === type) ?? refuse(-1116, "Invalid orderType.");
}

export function clientIdIn(parameters: Parameters, name: string): string | null {
  const id = parameters.text(name);
  if (id === undefined) return null;
  if (!CLIENT_ID.test(id)) {
    refuse(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.`);
  }
  return id;
}

export const isTriggered = (type: BinanceOrderType): boolean =>
  type.startsWith("STOP_LOSS") || type.startsWith("TAKE_PROFIT");
const hasLimit = (type: BinanceOrderType): boolean => type.includes("LIMIT");

/** Reads one order's parameters; what its type wants and does not want is refused as Binance does. */
export function ticketFrom(
  parameters: Parameters,
  known: { pair: SpotPair; side: Side; type: BinanceOrderType; quantity?: Big },
  nameOf: NameOf = plainName,
): Ticket {
  const { type } = known;
  const price = parameters.decimal(nameOf("price")) ?? null;
  const stopPrice = parameters.decimal(nameOf("stopPrice")) ?? null;
  const trailingDelta = trailingIn(parameters, nameOf("trailingDelta"));
  const cashQuantity = known.quantity === undefined ? (parameters.decimal("quoteOrderQty") ?? null) : null;
  const quantity = known.quantity ?? parameters.decimal(nameOf("quantity")) ?? null;
  if (hasLimit(type) && price === null) missing(nameOf("price"));
  if (!hasLimit(type) && price !== null) notRequired(nameOf("price"));
  if (isTriggered(type) && stopPrice === null && trailingDelta === null) {
    const names = `'${nameOf("stopPrice")}' or '${nameOf("trailingDelta")}'`;
    refuse(-1102, `Param ${names} must be sent, but both were empty/null!`);
  }
  if (!isTriggered(type) && stopPrice !== null) notRequired(nameOf("stopPrice"));
  if (!isTriggered(type) && trailingDelta !== null) notRequired(nameOf("trailingDelta"));
  if (cashQuantity !== null && type !== "MARKET") notRequired("quoteOrderQty");
  if (cashQuantity !== null && quantity !== null) notRequired("quoteOrderQty");
  if (cashQuantity === null && quantity === null) sizeMissing(type, nameOf("quantity"));
  return {
    ...known,
    timeInForce: timeInForceIn(parameters, type, nameOf("timeInForce")),
    quantity,
    cashQuantity,
    price,
    stopPrice,
    trailingDelta,
    clientOrderId: clientIdIn(
      parameters,
      nameOf === plainName ? "newClientOrderId" : nameOf("clientOrderId"),
    ),
  };
}

function sizeMissing(type: BinanceOrderType, name: string): never {
  return type === "MARKET"
    ? refuse(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")
    : missing(name);
}

function trailingIn(parameters: Parameters, name: string): number | null {
  const delta = parameters.integer(name) ?? null;
  if (delta === null) return null;
  if (delta < TRAILING.least || delta > TRAILING.most) refuse(-1013, "Filter failure: TRAILING_DELTA");
  return delta;
}

function timeInForceIn(
  parameters: Parameters,
  type: BinanceOrderType,
  name: string,
): Exclude<TimeInForce, "DAY"> {
  const word = parameters.text(name);
  if (type === "LIMIT_MAKER" || !hasLimit(type)) {
    if (word !== undefined) notRequired(name);
    return "GTC";
  }
  if (word === undefined) return missing(name);
  return word === "GTC" || word === "IOC" || word === "FOK" ? word : refuse(-1115, "Invalid timeInForce.");
}

const ENGINE_TYPES: Record<BinanceOrderType, OrderType> = {
  LIMIT: "LMT",
  LIMIT_MAKER: "LMT",
  MARKET: "MKT",
  STOP_LOSS: "STP",
  STOP_LOSS_LIMIT: "STOP_LIMIT",
  TAKE_PROFIT: "MIT",
  TAKE_PROFIT_LIMIT: "LIT",
};

/** The matching engine's order. */
export function draftOf(
  exchange: Exchange,
  ticket: Ticket,
  links: {
    clientOrderId: string;
    orderId: number;
    list?: Record<string, string>;
    parentId?: number;
    group?: string;
  },
): OrderDraft {
  const { trailingDelta, stopPrice, type } = ticket;
  const trails = trailingDelta !== null;
  const { fillCeiling } = exchange.overrides;
  return {
    account: exchange.account(),
    conid: ticket.pair.conid,
    side: ticket.side,
    type: trails ? (hasLimit(type) ? "TRAIL_LIMIT" : "TRAIL") : ENGINE_TYPES[type],
    // What trades at the market takes what is there, and the rest expires.
    timeInForce: hasLimit(type) ? ticket.timeInForce : "IOC",
    quantity: ticket.quantity,
    cashQuantity: ticket.cashQuantity,
    limitPrice: ticket.price,
    stopPrice: trails ? null : stopPrice,
    activationPrice: trails ? stopPrice : null,
    trailingAmount: trails ? new Big(trailingDelta).div(100) : null,
    trailingUnit: trails ? "%" : null,
    outsideRegularHours: true,
    clientOrderId: links.clientOrderId,
    parentId: links.parentId ?? null,
    group: links.group ?? null,
    fillCeiling: fillCeiling === undefined ? null : new Big(fillCeiling),
    venueFields: {
      orderId: String(links.orderId),
      type,
      lives: ticket.timeInForce,
      ...(stopPrice === null ? {} : { trigger: amount(stopPrice) }),
      ...(trailingDelta === null ? {} : { delta: String(trailingDelta) }),
      ...links.list,
    },
  };
}
