import type { ExchangeRate } from "./exchange-rate.ts";
import type { Instrument } from "./instrument.ts";
import type { Decimal } from "./money.ts";

export type Side = "BUY" | "SELL";
export type OrderType = "market" | "limit" | "stop" | "stop_limit" | "trailing_stop";
export type TimeInForce = "DAY" | "GTC" | "IOC";

/** What a tool asks for, before anything was looked up. Sizes and prices are exact. */
export interface OrderRequest {
  symbol: string;
  side: Side;
  orderType: OrderType;
  /** Exactly one of quantity and cashAmount; the amount goes with market buys only. */
  quantity: Decimal | null;
  cashAmount: Decimal | null;
  limitPrice: Decimal | null;
  stopPrice: Decimal | null;
  /**
   * How far a trailing stop stays behind the market: exactly one of a distance in price and a share of the
   * price in percent (5 is 5 %). Absent and null on every other type.
   */
  trailAmount?: Decimal | null;
  trailPercent?: Decimal | null;
  /** The two orders that close what this one opens; absent and null on an order that stands alone. */
  bracket?: BracketPrices | null;
  timeInForce: TimeInForce;
  /** Nobody asked for it: where no day ends, an order that would last for the day lasts until it is cancelled. */
  isDefaultTimeInForce?: boolean;
  /**
   * The caller's own name for this order, 1–64 characters of [A-Za-z0-9._:-]: the same request under the
   * same key never becomes a second order (S18).
   */
  idempotencyKey?: string | null;
}

/** An order that the agent asked for, validated, on a known instrument, with its client order id. */
export interface OrderIntent
  extends Omit<OrderRequest, "symbol" | "idempotencyKey" | "bracket" | "isDefaultTimeInForce"> {
  /** Made before dispatch, at most 18 characters of [a-z0-9]; it reaches the venue. */
  clientOrderId: string;
  instrument: Instrument;
  /**
   * For a market buy by quantity: the price that the caps were checked at, which goes out as its
   * limit, so that the venue itself keeps the order below what was allowed. Null otherwise.
   */
  priceBound: Decimal | null;
  /** Set on the entry of a bracket: the legs that close what it opens (see bracket.ts). */
  exits?: BracketExits | null;
}

/** Where a bracket takes its profit (a limit) and its loss (a stop), per share or unit. */
export interface BracketPrices {
  takeProfit: Decimal;
  stopLoss: Decimal;
}

/** The same with the client order ids of the two legs. */
export interface BracketExits extends BracketPrices {
  takeProfitId: string;
  stopLossId: string;
}

/** Where an order stands, the same words on every venue. */
export type OrderStatus =
  | "pending"
  | "submitted"
  | "partially_filled"
  | "filled"
  | "cancelled"
  | "rejected"
  | "expired"
  | "inactive"
  | "unknown";

/** Statuses after which nothing more can happen to an order. `inactive` is not one: a parked order may still run. */
const TERMINAL: ReadonlySet<OrderStatus> = new Set(["filled", "cancelled", "rejected", "expired"]);

export function isTerminal(status: OrderStatus): boolean {
  return TERMINAL.has(status);
}

/** One order as the venue reports it. Numbers that the venue did not give are null. */
export interface VenueOrder {
  orderId: string;
  clientOrderId: string | null;
  parentOrderId: string | null;
  instrumentId: string;
  symbol: string;
  side: Side;
  /** Null for a type that this project does not know. */
  orderType: OrderType | null;
  quantity: Decimal | null;
  cashAmount: Decimal | null;
  filledQuantity: Decimal | null;
  averagePrice: Decimal | null;
  limitPrice: Decimal | null;
  stopPrice: Decimal | null;
  /** Of a trailing stop, where the venue says it. */
  trailAmount?: Decimal | null;
  trailPercent?: Decimal | null;
  /** Ids of the orders that wait for this one, where the venue lists them. */
  childOrderIds?: string[];
  timeInForce: string | null;
  status: OrderStatus;
  /** The venue's own words, bounded and stripped of control characters. */
  message: string | null;
}

/** One execution. */
export interface Fill {
  /** The venue's execution id; a later, fuller record with the same id replaces the earlier one. */
  executionId: string;
  orderId: string | null;
  clientOrderId: string | null;
  instrumentId: string;
  symbol: string;
  side: Side;
  quantity: Decimal;
  price: Decimal;
  /** In `feeCurrency`; null while the venue has not said. */
  fee: Decimal | null;
  /** What the fee was taken in: "USD", "BNB", the bought asset. Left out, it is the instrument's currency. */
  feeCurrency?: string | null;
  /** What the fee's currency counts, where the fill's own pair does not say it: added by the guard. */
  feeRate?: ExchangeRate;
  /** When it was executed, by the venue's clock: epoch milliseconds. */
  executedAt: number;
}

export function opposite(side: Side): Side {
  return side === "BUY" ? "SELL" : "BUY";
}

/** Signed by side: what a fill of this quantity adds to a position. */
export function signed(side: Side, quantity: Decimal): Decimal {
  return side === "BUY" ? quantity : quantity.neg();
}
