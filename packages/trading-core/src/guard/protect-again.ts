import { messageOf } from "../domain/errors.ts";
import { type Decimal, decimal, max, min, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderRequest } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import { filledQuantity, type LedgerOrder } from "../journal/ledger-order.ts";
import type { JournaledOrder } from "../journal/record.ts";
import type { OrderAnswer } from "./answers.ts";
import { findTarget, type Target } from "./close-target.ts";
import type { Desk } from "./desk.ts";
import { place } from "./place.ts";

/**
 * Places again what was cancelled of the protection, for what is held now and no other order takes: after
 * a sale that did not happen that is all of it, after a partial close the rest, after a full one nothing.
 */
export async function protectAgain(
  desk: Desk,
  journal: Journal,
  target: Target,
  planId: string,
  failed: boolean,
) {
  const restored: OrderAnswer[] = [];
  const gone = target.protections.filter((order) => cancelledRest(order).gt(ZERO));
  if (gone.length === 0) return { restored, unprotected: false };
  let free: Decimal;
  let held: Decimal;
  try {
    ({ free, held } = await leftNow(desk, journal, target));
  } catch (error) {
    // Serves the exit: without a figure nothing can be placed, and the caller is told.
    logUnrestored(desk, target, error);
    return { restored, unprotected: true };
  }
  let unprotected = false;
  for (const order of gone) {
    const quantity = min(free, cancelledRest(order));
    if (quantity.lte(ZERO)) {
      // A sale of unknown fate may take all of it, or nothing: until that is known it stands bare.
      if (failed && held.gt(ZERO)) unprotected = true;
      continue;
    }
    try {
      const answer = await place(desk, { ...requestOf(order.order), quantity }, { planId, replaces: [] });
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

/** What a cancelled order had still to fill; nothing of one that works or was filled. */
function cancelledRest(order: LedgerOrder): Decimal {
  if (!isTerminal(order.status) || order.status === "filled" || order.order.quantity === null) return ZERO;
  return max(ZERO, decimal(order.order.quantity).minus(filledQuantity(order)));
}

async function leftNow(
  desk: Desk,
  journal: Journal,
  target: Target,
): Promise<{ held: Decimal; free: Decimal }> {
  const now = await findTarget(desk, journal, target.instrument, null);
  if (now === null || now.side !== target.side) return { held: ZERO, free: ZERO };
  return { held: now.held, free: max(ZERO, now.held.minus(now.reserved.quantity)) };
}

function logUnrestored(desk: Desk, target: Target, error: unknown): void {
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
    timeInForce: order.timeInForce,
  };
}
