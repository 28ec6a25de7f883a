import { childLegs } from "trading-core/domain/bracket";
import { TradingError } from "trading-core/domain/errors";
import { type Decimal, plain } from "trading-core/domain/money";
import type { OrderIntent } from "trading-core/domain/order";
import type { PreparedOrder } from "trading-core/ports/broker";
import { route } from "./path.ts";

/** An order ticket as `/iserver/account/{account}/orders` takes it. */
export interface Ticket {
  acctId: string;
  conid: number;
  /** Our client order id; it comes back as `order_ref`. The children of a bracket have none of their own. */
  cOID?: string;
  /** On a bracket's child: the `cOID` of its entry. */
  parentId?: string;
  orderType: "MKT" | "LMT" | "STP" | "STOP_LIMIT" | "TRAIL";
  side: "BUY" | "SELL";
  tif: "DAY" | "GTC" | "IOC";
  quantity?: number;
  cashQty?: number;
  price?: number;
  auxPrice?: number;
  trailingType?: "amt" | "%";
  trailingAmt?: number;
}

/** The whole request for one order, or for a bracket's three. Throws `invalid_order` or `not_supported`; sends nothing. */
export function prepareOrder(intent: OrderIntent, accountId: string): PreparedOrder {
  const children = childLegs(intent).map((leg) => {
    const { cOID: _, ...ticket } = makeTicket(leg.intent, accountId);
    return { ...ticket, parentId: intent.clientOrderId };
  });
  return {
    intent,
    accountId,
    request: {
      method: "POST",
      path: route`/iserver/account/${accountId}/orders`,
      body: { orders: [makeTicket(intent, accountId), ...children] },
    },
  };
}

export function makeTicket(intent: OrderIntent, accountId: string): Ticket {
  if (!/^[1-9]\d{0,14}$/.test(intent.instrument.id)) throw invalid("the instrument is not one of IBKR's");
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(intent.clientOrderId)) throw invalid("the client order id is malformed");
  return {
    acctId: accountId,
    conid: Number(intent.instrument.id),
    cOID: intent.clientOrderId,
    side: intent.side,
    ...size(intent),
    ...terms(intent),
  };
}

function size(intent: OrderIntent): Pick<Ticket, "quantity" | "cashQty"> {
  const { quantity, cashAmount } = intent;
  if ((quantity === null) === (cashAmount === null)) throw invalid("it needs a quantity or an amount");
  if (quantity !== null) return { quantity: positive(quantity, "quantity") };
  if (intent.side !== "BUY" || intent.orderType !== "market") {
    throw invalid("an amount of money sizes market buys only");
  }
  return { cashQty: positive(cashAmount as Decimal, "cash amount") };
}

/** Type, time in force and prices. A stop's trigger goes in `price`; only a stop-limit has both fields. */
function terms(
  intent: OrderIntent,
): Pick<Ticket, "orderType" | "tif" | "price" | "auxPrice" | "trailingType" | "trailingAmt"> {
  const tif = intent.timeInForce;
  switch (intent.orderType) {
    case "market": {
      if (intent.priceBound === null || intent.quantity === null) return { orderType: "MKT", tif };
      // What the caps were checked at goes out as the limit, and never rests beyond the day.
      const price = positive(intent.priceBound, "price bound");
      return { orderType: "LMT", tif: tif === "IOC" ? "IOC" : "DAY", price };
    }
    case "limit":
      return { orderType: "LMT", tif, price: positive(intent.limitPrice, "limit price") };
    case "stop":
      return { orderType: "STP", tif, price: positive(intent.stopPrice, "stop price") };
    case "stop_limit":
      return {
        orderType: "STOP_LIMIT",
        tif,
        price: positive(intent.limitPrice, "limit price"),
        auxPrice: positive(intent.stopPrice, "stop price"),
      };
    case "trailing_stop":
      return { orderType: "TRAIL", tif, ...trail(intent) };
  }
}

/** Without a `price` of its own: the venue takes the first trigger from the market at that moment. */
function trail({ trailAmount = null, trailPercent = null }: OrderIntent) {
  if ((trailAmount === null) === (trailPercent === null)) {
    throw invalid("a trailing stop has one distance, in price or in percent");
  }
  return trailAmount === null
    ? { trailingType: "%" as const, trailingAmt: positive(trailPercent, "trail percent") }
    : { trailingType: "amt" as const, trailingAmt: positive(trailAmount, "trail amount") };
}

function positive(value: Decimal | null, what: string): number {
  if (!value?.gt(0)) throw invalid(`its ${what} is not a positive number`);
  return wireNumber(value, what);
}

/**
 * A decimal as the JSON number that IBKR wants. The number's shortest text, which is what goes on the
 * wire, has to be the decimal to the last digit; otherwise the order would not be the one that was asked for.
 */
export function wireNumber(value: Decimal, what = "number"): number {
  const number = Number(plain(value));
  if (JSON.stringify(number) === plain(value)) return number;
  throw new TradingError(
    "not_supported",
    `The ${what} ${plain(value)} cannot be sent exactly: it has too many digits for a JSON number.`,
    "Use fewer digits.",
  );
}

function invalid(why: string): TradingError {
  return new TradingError("invalid_order", `The order cannot be built: ${why}.`, "Correct the order.");
}
