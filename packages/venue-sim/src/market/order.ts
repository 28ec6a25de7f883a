import type { Big } from "./decimal.ts";

export type Side = "BUY" | "SELL";
/** `MIT` and `LIT` wait for a better price, then trade at the market or at their limit; `STP` and the like for a worse one. */
export type OrderType = "MKT" | "LMT" | "STP" | "STOP_LIMIT" | "TRAIL" | "TRAIL_LIMIT" | "MIT" | "LIT";
export type TimeInForce = "DAY" | "GTC" | "IOC" | "FOK";

/** `working` until one of the others; what the venue calls a working order depends on the moment. */
export type OrderState = "working" | "filled" | "cancelled" | "expired" | "rejected";

/** What a customer asks for. Prices are null where the type has none. */
export interface OrderDraft {
  account: string;
  conid: number;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  /** Null for an order by amount. */
  quantity: Big | null;
  /** Money to spend; market buys only. */
  cashQuantity: Big | null;
  limitPrice: Big | null;
  stopPrice: Big | null;
  trailingAmount: Big | null;
  trailingUnit: "amt" | "%" | null;
  outsideRegularHours: boolean;
  clientOrderId: string | null;
  /** The bracket's first order. */
  parentId: number | null;
  /** Orders of one group reduce each other when one fills. */
  group: string | null;
  /** A scenario's ceiling on what may ever fill; null means none. */
  fillCeiling: Big | null;
  /** A trailing stop that follows the market only once the price has been here. */
  activationPrice?: Big | null;
  /** What one kind of venue keeps with an order and the engine does not look at. */
  venueFields?: Record<string, string>;
}

export interface Order extends OrderDraft {
  id: number;
  state: OrderState;
  acceptedAt: number;
  updatedAt: number;
  finishedAt: number | null;
  /** When DAY and GTC orders end by themselves. */
  expiresAt: number;
  /** A stop that has been touched, or the moment a parked order became active. */
  triggered: boolean;
  cancelRequested: boolean;
  filled: Big;
  /** Sum of price × quantity over the fills. */
  filledValue: Big;
  commission: Big;
  endReason: string | null;
}

/** One fill. */
export interface Execution {
  id: string;
  orderId: number;
  account: string;
  conid: number;
  side: Side;
  quantity: Big;
  price: Big;
  commission: Big;
  exchange: string;
  at: number;
  clientOrderId: string | null;
  /** The account's position in this contract afterwards; of a spot pair, its balance of the base asset. */
  positionAfter: Big;
  /** What the commission was taken in; absent where an account has one currency. */
  commissionAsset?: string;
  /** Whether the order had rested in the book. */
  maker?: boolean;
}

/** Whether an order of this type waits for a price before it trades. */
export function hasTrigger(type: OrderType): boolean {
  return type !== "MKT" && type !== "LMT";
}

export function isWorking(order: Order): boolean {
  return order.state === "working";
}

/** What is left to fill; for an order by amount, null (it depends on the price). */
export function remainingOf(order: Order): Big | null {
  return order.quantity === null ? null : order.quantity.minus(order.filled);
}

export function averagePriceOf(order: Order): Big | null {
  return order.filled.eq(0) ? null : order.filledValue.div(order.filled);
}
