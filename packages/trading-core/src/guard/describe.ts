import { type Decimal, decimal, sum, ZERO } from "../domain/money.ts";
import type { VenueOrder } from "../domain/order.ts";
import type { Exchange } from "../domain/outcome.ts";
import { remainingWorstCase } from "../journal/commitments.ts";
import type { Ledger } from "../journal/ledger.ts";
import { countedQuantity, declaredFill, type LedgerOrder } from "../journal/ledger-order.ts";
import type { OrderAnswer } from "./answers.ts";
import { describeGroup, missingExitsWarning } from "./bracket-answer.ts";
import type { Desk } from "./desk.ts";

/** The account's nature as the venue proved it in this session. */
export function accountTypeOf(desk: Desk): "PAPER" | "LIVE" | null {
  if (desk.bound === null) return null;
  return desk.bound.identity.isPaper ? "PAPER" : "LIVE";
}

interface Extra {
  message?: string | null;
  exchanges?: Exchange[];
  warnings?: string[];
  replayed?: boolean;
  /** Tells a bracket's order with all of its legs. */
  ledger?: Ledger;
}

/** One of our orders as the ledger knows it. */
export function describeOwn(desk: Desk, order: LedgerOrder, extra: Extra = {}): OrderAnswer {
  const { order: asked } = order;
  const filled = countedQuantity(order);
  return {
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    status: isUnknown(order) ? "unknown" : order.status,
    symbol: asked.symbol,
    side: asked.side,
    message: extra.message ?? null,
    orderType: asked.orderType,
    quantity: asked.quantity === null ? null : decimal(asked.quantity),
    cashAmount: asked.cashAmount === null ? null : decimal(asked.cashAmount),
    filledQuantity: isUnknown(order) && filled.eq(ZERO) ? null : filled,
    averagePrice: averagePrice(order),
    limitPrice: asked.limitPrice === null ? null : decimal(asked.limitPrice),
    stopPrice: asked.stopPrice === null ? null : decimal(asked.stopPrice),
    trailAmount: asked.trailAmount === undefined ? null : decimal(asked.trailAmount),
    trailPercent: asked.trailPercent === undefined ? null : decimal(asked.trailPercent),
    group: extra.ledger ? describeGroup(extra.ledger, order) : null,
    timeInForce: asked.timeInForce,
    notional: notionalOf(order),
    currency: asked.currency,
    mode: desk.policy.mode,
    accountType: accountTypeOf(desk),
    dryRun: false,
    replayed: extra.replayed ?? false,
    journalSeq: order.lastSeq,
    exchanges: extra.exchanges ?? [],
    warnings: [...(extra.warnings ?? []), ...(extra.ledger ? missingExitsWarning(extra.ledger, order) : [])],
    request: null,
    preview: null,
  };
}

function isUnknown(order: LedgerOrder): boolean {
  return order.phase === "unresolved" || order.phase === "dispatched";
}

/** Executions say the price exactly; before they are known the venue's own average stands. */
function averagePrice(order: LedgerOrder): Decimal | null {
  const fills = [...order.fills.values()];
  const quantity = sum(fills.map((fill) => fill.quantity));
  if (quantity.gt(ZERO) && quantity.gte(order.cumulative)) {
    return sum(fills.map((fill) => fill.quantity.times(fill.price))).div(quantity);
  }
  return order.averagePrice ?? declaredFill(order)?.price ?? null;
}

/** What its fills are worth, and its remaining worst case besides, in the order's currency; null where neither is known. */
function notionalOf(order: LedgerOrder): Decimal | null {
  const price = averagePrice(order);
  const filled = countedQuantity(order);
  if (filled.gt(ZERO) && price === null) return null;
  const done = price === null ? ZERO : filled.times(price);
  const remaining = remainingWorstCase(order).div(order.rate);
  return done.plus(remaining).eq(ZERO) ? null : done.plus(remaining);
}

/** An order of somebody else on the account, as the venue lists it. */
export function describeForeign(desk: Desk, order: VenueOrder): OrderAnswer {
  const filled = order.filledQuantity;
  return {
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    status: order.status,
    symbol: order.symbol,
    side: order.side,
    message: order.message,
    orderType: order.orderType,
    quantity: order.quantity,
    cashAmount: order.cashAmount,
    filledQuantity: filled,
    averagePrice: order.averagePrice,
    limitPrice: order.limitPrice,
    stopPrice: order.stopPrice,
    trailAmount: order.trailAmount ?? null,
    trailPercent: order.trailPercent ?? null,
    timeInForce: order.timeInForce,
    notional: filled !== null && order.averagePrice !== null ? filled.times(order.averagePrice) : null,
    currency: null,
    mode: desk.policy.mode,
    accountType: accountTypeOf(desk),
    dryRun: false,
    replayed: false,
    journalSeq: null,
    exchanges: [],
    warnings: ["this order was not placed by this journal's servers"],
    request: null,
    preview: null,
  };
}
