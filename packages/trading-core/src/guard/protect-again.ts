import { messageOf, TradingError } from "../domain/errors.ts";
import { type Decimal, decimal, max, min, roundDown, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderRequest } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import { openOn } from "../journal/ledger.ts";
import { remainingQuantity } from "../journal/ledger-order.ts";
import type { JournaledOrder } from "../journal/record.ts";
import type { OrderAnswer } from "./answers.ts";
import { cancelledRest, type Gone } from "./close-cancel.ts";
import { findTarget, type Target } from "./close-target.ts";
import type { Desk } from "./desk.ts";
import { place } from "./place.ts";

/** Whose protection it is, and which orders it was. */
type Protected = Pick<Target, "instrument" | "side" | "protections">;

/**
 * Places again what was cancelled of the protection, for what is held now and no other order takes: after
 * a sale that did not happen that is all of it, after a partial close the rest, after a full one nothing.
 *
 * @param gone what the plan saw end, where the journal may not know of it
 */
export async function protectAgain(
  desk: Desk,
  journal: Journal,
  target: Protected,
  planId: string,
  failed: boolean,
  gone: Gone[] = [],
) {
  const restored: OrderAnswer[] = [];
  const lost = target.protections
    .filter((order) => cancelledRest(order, gone).gt(ZERO))
    .sort((one, other) => urgency(one.order) - urgency(other.order));
  if (lost.length === 0) return { restored, unprotected: false };
  let free: Decimal;
  let held: Decimal;
  try {
    ({ free, held } = await leftNow(desk, journal, target, gone));
  } catch (error) {
    // Serves the exit: without a figure nothing can be placed, and the caller is told.
    logUnrestored(desk, target, error);
    return { restored, unprotected: true };
  }
  let unprotected = false;
  for (const order of lost) {
    const quantity = min(free, cancelledRest(order, gone));
    if (quantity.lte(ZERO)) {
      // A sale of unknown fate may take all of it, or nothing: until that is known it stands bare.
      if (failed && held.gt(resting(journal, target, gone))) unprotected = true;
      continue;
    }
    try {
      const answer = await placeAgain(desk, { ...requestOf(order.order), quantity }, planId, gone);
      restored.push(answer);
      if (isTerminal(answer.status)) unprotected = true;
    } catch (error) {
      // Serves the exit: what could not be protected again is said, loudly, in the answer.
      logUnrestored(desk, target, error);
      unprotected = true;
    }
    free = free.minus(quantity);
  }
  return { restored, unprotected };
}

/** Where there is not enough for all of them, what bounds the loss comes before what takes the profit. */
function urgency({ orderType }: JournaledOrder): number {
  return orderType === "limit" ? 1 : 0;
}

/** A switch that moves between the decision and the sending stops an order; this one is decided again (S30). */
async function placeAgain(
  desk: Desk,
  request: OrderRequest,
  planId: string,
  gone: Gone[],
): Promise<OrderAnswer> {
  const step = { planId, replaces: gone.map((each) => each.own), restores: true };
  try {
    return await place(desk, request, step);
  } catch (error) {
    // Serves the exit: anything else is told by the caller.
    if (!(error instanceof TradingError) || error.code !== "trading_state_changed") throw error;
    return place(desk, request, step);
  }
}

/** What orders of ours that rest at the venue will take off the position, when their price comes. */
function resting(journal: Journal, { instrument, side }: Protected, gone: Gone[]): Decimal {
  const orders = openOn(journal.ledger, instrument.id, side).filter(
    (own) =>
      own.phase === "working" && own.order.orderType !== "market" && !gone.some((each) => each.own === own),
  );
  return sum(orders.map((own) => remainingQuantity(own) ?? ZERO));
}

async function leftNow(
  desk: Desk,
  journal: Journal,
  target: Protected,
  gone: Gone[],
): Promise<{ held: Decimal; free: Decimal }> {
  const nothing = { held: ZERO, free: ZERO };
  let now: Target | null;
  try {
    now = await findTarget(desk, journal, target.instrument, null, gone);
  } catch (error) {
    // Serves the exit: what is too little to be sold is too little to be protected.
    if (error instanceof TradingError && error.code === "dust") return nothing;
    throw error;
  }
  if (now === null || now.side !== target.side) return nothing;
  const free = max(ZERO, now.held.minus(now.reserved.quantity));
  return { held: now.held, free: roundDown(free, target.instrument.quantityStep) };
}

function logUnrestored(desk: Desk, target: Protected, error: unknown): void {
  desk.log.error(
    { symbol: target.instrument.symbol, error: messageOf(error) },
    "a protective order could not be restored",
  );
}

function requestOf(order: JournaledOrder): OrderRequest {
  return {
    symbol: order.symbol,
    side: order.side,
    orderType: order.orderType,
    quantity: order.quantity === null ? null : decimal(order.quantity),
    cashAmount: null,
    limitPrice: order.limitPrice === null ? null : decimal(order.limitPrice),
    stopPrice: order.stopPrice === null ? null : decimal(order.stopPrice),
    ...(order.trailAmount !== undefined && { trailAmount: decimal(order.trailAmount) }),
    ...(order.trailPercent !== undefined && { trailPercent: decimal(order.trailPercent) }),
    timeInForce: order.timeInForce,
  };
}
