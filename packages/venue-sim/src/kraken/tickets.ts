import type { Exchange } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import type { OrderType, Side } from "../market/order.ts";
import { placesOf, type SpotPair } from "../market/spot-pairs.ts";
import { pairAltName, pairNamed } from "./assets.ts";
import { invalidArgument, refuse } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

export const ORDER_TYPES = {
  market: "MKT",
  limit: "LMT",
  "stop-loss": "STP",
  "stop-loss-limit": "STOP_LIMIT",
  "take-profit": "MIT",
  "take-profit-limit": "LIT",
  "trailing-stop": "TRAIL",
} as const satisfies Record<string, OrderType>;

export type KrakenOrderType = keyof typeof ORDER_TYPES;

/** What an order call asks for, read, with prices relative to the market worked out. */
export interface Ticket {
  pair: SpotPair;
  side: Side;
  type: KrakenOrderType;
  timeInForce: "GTC" | "IOC";
  /** Null when `cashQuantity` says how much of the quote asset to spend. */
  quantity: Big | null;
  cashQuantity: Big | null;
  limitPrice: Big | null;
  stopPrice: Big | null;
  trail: { amount: Big; unit: "amt" | "%" } | null;
  postOnly: boolean;
  clientOrderId: string | null;
  userReference: number | null;
  /** Flags as they were sent. */
  flags: string[];
  /** Prices as they were sent, for the description. */
  sent: { price: string; price2: string };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX = /^[0-9a-f]{32}$/;
const FREE_TEXT = /^[\x21-\x7e]{1,18}$/;

export function typeIn(word: string): KrakenOrderType {
  const known = Object.keys(ORDER_TYPES) as KrakenOrderType[];
  return known.find((type) => type === word) ?? invalidArgument("ordertype");
}

export function ticketFrom(exchange: Exchange, parameters: Parameters): Ticket {
  const pair = pairNamed(exchange, parameters.required("pair"));
  const direction = parameters.required("type");
  if (direction !== "buy" && direction !== "sell") invalidArgument("type");
  const side = direction === "buy" ? "BUY" : "SELL";
  const type = typeIn(parameters.required("ordertype"));
  const flags = (parameters.text("oflags") ?? "").split(",").filter((flag) => flag !== "");
  // Its fees are in the quote asset; the other way is not simulated and not silently taken for this one.
  if (flags.includes("fcib")) invalidArgument("oflags");
  if (parameters.has("leverage") && parameters.text("leverage") !== "none")
    refuse("EOrder:Margin not allowed");
  const inQuote = flags.includes("viqc");
  if (inQuote && type !== "market") invalidArgument("viqc");
  const volume = parameters.decimal("volume") ?? invalidArgument("volume");
  return {
    pair,
    side,
    type,
    timeInForce: timeInForceIn(parameters),
    quantity: inQuote ? null : volume,
    cashQuantity: inQuote ? volume : null,
    ...pricesIn(exchange, parameters, { pair, side, type }),
    postOnly: flags.includes("post"),
    clientOrderId: clientIdIn(parameters),
    userReference: parameters.integer("userref") ?? null,
    flags,
    sent: { price: parameters.text("price") ?? "0", price2: parameters.text("price2") ?? "0" },
  };
}

function timeInForceIn(parameters: Parameters): "GTC" | "IOC" {
  const word = (parameters.text("timeinforce") ?? "GTC").toUpperCase();
  return word === "GTC" || word === "IOC" ? word : invalidArgument("timeinforce");
}

export function clientIdIn(parameters: Parameters): string | null {
  const id = parameters.text("cl_ord_id");
  if (id === undefined) return null;
  return UUID.test(id) || HEX.test(id) || FREE_TEXT.test(id) ? id : invalidArgument("cl_ord_id");
}

interface KnownTicket {
  pair: SpotPair;
  side: Side;
  type: KrakenOrderType;
}

/** `price` is the limit, or the trigger, or the distance of a trail; `price2` the limit behind a trigger. */
export function pricesIn(
  exchange: Exchange,
  parameters: Parameters,
  known: KnownTicket,
  names = { price: "price", price2: "price2" },
): Pick<Ticket, "limitPrice" | "stopPrice" | "trail"> {
  const nothing = { limitPrice: null, stopPrice: null, trail: null };
  const price = () => priceFrom(exchange, known, parameters.text(names.price) ?? invalidArgument("price"));
  const behind = () => priceFrom(exchange, known, parameters.text(names.price2) ?? invalidArgument("price2"));
  switch (known.type) {
    case "market":
      return nothing;
    case "limit":
      return { ...nothing, limitPrice: price() };
    case "stop-loss":
    case "take-profit":
      return { ...nothing, stopPrice: price() };
    case "stop-loss-limit":
    case "take-profit-limit":
      return { ...nothing, stopPrice: price(), limitPrice: behind() };
    case "trailing-stop":
      return { ...nothing, trail: trailFrom(parameters.text(names.price) ?? invalidArgument("price")) };
  }
}

/** `+5%` or `+100`: how far behind the market the stop follows. */
function trailFrom(text: string): { amount: Big; unit: "amt" | "%" } {
  const match = /^\+(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null) return refuse("EGeneral:Invalid arguments:price");
  return { amount: new Big(match[1] ?? "0"), unit: match[2] === "%" ? "%" : "amt" };
}

/** A price, or one relative to the last: `+10`, `-5%`, and `#5%` on whichever side the order is on. */
function priceFrom(exchange: Exchange, known: KnownTicket, text: string): Big {
  const match = /^([+\-#]?)(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null) return refuse("EGeneral:Invalid arguments:price");
  const [, sign = "", number = "0", percent] = match;
  const { pair } = known;
  if (sign === "") {
    if (percent === "%") return refuse("EGeneral:Invalid arguments:price");
    return onTick(pair, new Big(number));
  }
  const last = exchange.market.quote(pair.conid)?.last ?? new Big(pair.basePrice);
  const distance = percent === "%" ? last.times(number).div(100) : new Big(number);
  const isAbove = sign === "+" || (sign === "#" && known.side === "SELL");
  const price = isAbove ? last.plus(distance) : last.minus(distance);
  return price.div(pair.tick).round().times(pair.tick);
}

function onTick(pair: SpotPair, price: Big): Big {
  if (price.lte(0)) return refuse("EGeneral:Invalid arguments:price");
  if (!price.mod(pair.tick).eq(0)) {
    return refuse(
      `EOrder:Invalid price:${pairAltName(pair)} price can only be specified up to ${placesOf(pair.tick)} decimals.`,
    );
  }
  return price;
}
