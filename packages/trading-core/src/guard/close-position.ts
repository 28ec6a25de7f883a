import { randomUUID } from "node:crypto";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, max, min, plain, ZERO } from "../domain/money.ts";
import { isTerminal } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import { journaledOrder } from "../journal/record.ts";
import type { CloseAnswer, OrderAnswer } from "./answers.ts";
import { cancelJournaled } from "./cancel-order.ts";
import { findTarget, marketOrder, type Target } from "./close-target.ts";
import { judgeNow } from "./decide.ts";
import type { Desk } from "./desk.ts";
import { intentOf } from "./intent.ts";
import { accountJournal, refresh } from "./orders.ts";
import { place, refusal } from "./place.ts";
import { protectAgain } from "./protect-again.ts";

const LOCK_WAIT_MS = 10_000;
/** How long the cancelled orders have to reach a terminal status before the plan is given up. */
const CANCEL_WAIT_MS = 10_000;
const POLL_MS = 500;

/**
 * Closes a position as one journaled plan (S29): every rule is asked first, as if the orders that must be
 * cancelled were gone; then they are cancelled, their terminal status awaited, and what is held and free
 * is sold. When the sale does not happen, the protection is placed again.
 */
export async function closePosition(
  desk: Desk,
  symbol: string,
  quantity: Decimal | null,
): Promise<CloseAnswer> {
  const journal = await accountJournal(desk);
  const instrument = await desk.marketData.resolve(symbol);
  const target = await findTarget(desk, journal, instrument, quantity);
  if (target === null) {
    return closed([], null, [], false, `No ${instrument.symbol} is held; there is nothing to close.`);
  }
  const free = max(ZERO, target.held.minus(target.reserved.quantity));
  if (target.quantity.lte(free)) {
    const order = await place(desk, marketOrder(target));
    return closed([], order, [], false, soldMessage(order));
  }
  await refuseBeforeCancelling(desk, journal, target);
  if (desk.policy.dryRun) return dryRun(desk, target);
  return runPlan(desk, journal, target);
}

/** Refused here, nothing is cancelled: no position loses its protection for a sale that cannot be. */
async function refuseBeforeCancelling(desk: Desk, journal: Journal, target: Target): Promise<void> {
  const stuck = target.protections.find((order) => order.orderId === null || order.phase !== "working");
  if (stuck) {
    throw new TradingError(
      "unresolved_order",
      `${stuck.clientOrderId} may exist at the venue and cannot be cancelled before it is found there.`,
      `Call order_status with ${stuck.clientOrderId}, then try again.`,
      { retryable: true, details: { outcome: "not_sent" } },
    );
  }
  const { instrument, gathered, protections } = target;
  const intent = intentOf(
    marketOrder(target),
    instrument,
    gathered.quote,
    desk.policy,
    desk.newClientOrderId(),
    desk.clock.now(),
  );
  const decision = judgeNow(desk, journal, gathered, intent, protections);
  if (decision.refusals.length === 0) return;
  const { seq } = await journal.locked(LOCK_WAIT_MS, (append) =>
    append({ kind: "refusal", order: journaledOrder(intent), checks: decision.checks }),
  );
  throw refusal(desk, journal, intent, decision, seq);
}

async function dryRun(desk: Desk, target: Target): Promise<CloseAnswer> {
  const order = await place(desk, marketOrder(target), { planId: null, replaces: target.protections });
  const ids = target.protections.map((each) => each.orderId ?? each.clientOrderId);
  return closed(
    [],
    order,
    [],
    false,
    `Dry run: ${ids.join(", ")} would be cancelled first. Nothing was sent.`,
  );
}

async function runPlan(desk: Desk, journal: Journal, target: Target): Promise<CloseAnswer> {
  const plan = await openPlan(desk, journal, target);
  const cancelled: string[] = [];
  let order: OrderAnswer | null = null;
  let failure: { error: unknown } | null = null;
  try {
    await cancelAll(desk, journal, target.protections, cancelled);
    order = await sellWhatIsLeft(desk, journal, target, plan.planId);
  } catch (error) {
    // Serves the exit: whatever failed, what is still held is protected again before anybody is told.
    failure = { error };
  }
  const { restored, unprotected } = await protectAgain(desk, journal, target, plan.planId, failure !== null);
  await plan.end(failure === null ? null : messageOf(failure.error), unprotected);
  if (failure === null) {
    return closed(cancelled, order, restored, unprotected, endMessage(target.instrument, order, unprotected));
  }
  const { error } = failure;
  throw error instanceof TradingError ? withPlan(error, cancelled, restored, unprotected) : error;
}

async function openPlan(desk: Desk, journal: Journal, target: Target) {
  const planId = randomUUID();
  const { instrument, protections } = target;
  const about = {
    kind: "plan" as const,
    planId,
    symbol: instrument.symbol,
    instrumentId: instrument.id,
    quantity: plain(target.quantity),
    protections: protections.map((order) => order.order),
  };
  await journal.locked(LOCK_WAIT_MS, (append) => append({ ...about, step: "opened", reason: null }));
  async function end(reason: string | null, unprotected: boolean): Promise<void> {
    const last = {
      ...about,
      step: reason === null ? ("closed" as const) : ("failed" as const),
      reason,
      ...(unprotected && { unprotected }),
    };
    try {
      await journal.locked(LOCK_WAIT_MS, (append) => append(last));
    } catch (error) {
      // Serves the exit: what was sent was sent, and the caller is told that; the plan counts as open.
      desk.log.error({ planId, error: messageOf(error) }, "the end of a close plan could not be journaled");
      journal.owe(() => last);
    }
  }
  return { planId, end };
}

async function cancelAll(desk: Desk, journal: Journal, orders: LedgerOrder[], done: string[]): Promise<void> {
  const deadline = desk.clock.monotonic() + CANCEL_WAIT_MS;
  for (const order of orders) {
    const orderId = order.orderId;
    if (orderId === null) continue;
    const { outcome } = await cancelJournaled(desk, journal, orderId, order);
    while (order.phase !== "done" && desk.clock.monotonic() < deadline) {
      await desk.clock.sleep(POLL_MS);
      await refresh(desk, journal, order);
    }
    if (order.phase !== "done") {
      const why = "reason" in outcome ? outcome.reason : "the venue did not confirm it";
      throw new TradingError(
        "cancel_not_confirmed",
        `Order ${orderId} could not be cancelled within ${CANCEL_WAIT_MS / 1000} s: ${why}.`,
        `Nothing was sold. Look at order_status of ${orderId}, then try again.`,
        { retryable: true },
      );
    }
    done.push(orderId);
  }
}

/** Sizes the sale anew: a protection may have been filled while it was being cancelled. */
async function sellWhatIsLeft(
  desk: Desk,
  journal: Journal,
  target: Target,
  planId: string,
): Promise<OrderAnswer | null> {
  const left = await findTarget(desk, journal, target.instrument, null);
  if (left === null || left.side !== target.side) return null;
  const alreadyGone = target.held.minus(left.held);
  const quantity = min(left.held, max(ZERO, target.quantity.minus(max(ZERO, alreadyGone))));
  if (quantity.eq(ZERO)) return null;
  return place(desk, marketOrder(left, quantity), { planId, replaces: [] });
}

function withPlan(
  error: TradingError,
  cancelled: string[],
  restored: OrderAnswer[],
  unprotected: boolean,
): TradingError {
  const words = [
    cancelled.length === 0 ? "" : `Cancelled before: ${cancelled.join(", ")}.`,
    restored.length === 0
      ? ""
      : `Placed again: ${restored.map((each) => each.orderId ?? each.clientOrderId).join(", ")}.`,
    unprotected
      ? "THE POSITION HAS NO PROTECTIVE ORDER NOW: place a stop_order once its state is clear."
      : "",
  ];
  return new TradingError(error.code, [error.message, ...words].filter(Boolean).join(" "), error.nextStep, {
    retryable: error.retryable,
    checks: error.checks ?? undefined,
    details: {
      ...error.details,
      cancelled,
      restored: restored.map((each) => each.orderId ?? each.clientOrderId),
      unprotected,
    },
    cause: error,
  });
}

function closed(
  cancelled: string[],
  order: OrderAnswer | null,
  restored: OrderAnswer[],
  unprotected: boolean,
  message: string,
): CloseAnswer {
  return { cancelled, order, restored, unprotected, message };
}

function soldMessage(order: OrderAnswer): string {
  if (order.dryRun) return order.message ?? "Dry run: nothing was sent.";
  return `Sent ${order.side} ${order.quantity === null ? "" : plain(order.quantity)} ${order.symbol} to close; confirm it with wait_for_fill.`;
}

function endMessage(instrument: Instrument, order: OrderAnswer | null, unprotected: boolean): string {
  const bare = unprotected ? " A PROTECTIVE ORDER COULD NOT BE PLACED AGAIN: look at open_orders." : "";
  if (order === null) {
    return `Nothing of ${instrument.symbol} is left to close: a protective order was filled while it was being cancelled.${bare}`;
  }
  if (isTerminal(order.status) && order.status !== "filled") {
    return `The order to close ${instrument.symbol} ended ${order.status}; what is still held is protected as before.${bare}`;
  }
  return `${soldMessage(order)}${bare}`;
}
