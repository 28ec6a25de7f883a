import { randomUUID } from "node:crypto";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, decimal, max, min, plain, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderRequest, type Side } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import { openOn } from "../journal/ledger.ts";
import { filledQuantity, type LedgerOrder } from "../journal/ledger-order.ts";
import { type JournaledOrder, journaledOrder } from "../journal/record.ts";
import type { CloseAnswer, OrderAnswer } from "./answers.ts";
import { cancelJournaled } from "./cancel-order.ts";
import { judgeNow } from "./decide.ts";
import type { Desk } from "./desk.ts";
import { type Gathered, gather } from "./gather.ts";
import { describeHeld, holdingsOf, type Reserved, reservedOn } from "./holdings.ts";
import { intentOf } from "./intent.ts";
import { accountJournal, refresh } from "./orders.ts";
import { place, refusal } from "./place.ts";
import { recordNews, reservingOrders } from "./sync.ts";

const LOCK_WAIT_MS = 10_000;
/** How long the cancelled orders have to reach a terminal status before the plan is given up. */
const CANCEL_WAIT_MS = 10_000;
const POLL_MS = 500;

/** What is there to close, and what stands in the way of it. */
interface Target {
  instrument: Instrument;
  gathered: Gathered;
  side: Side;
  held: Decimal;
  quantity: Decimal;
  /** Our own reducing orders, which are cancelled when the position is not free without that. */
  protections: LedgerOrder[];
  reserved: Reserved;
}

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

async function findTarget(
  desk: Desk,
  journal: Journal,
  instrument: Instrument,
  asked: Decimal | null,
): Promise<Target | null> {
  const gathered = await gather(desk, instrument);
  await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, gathered.news, append));
  const holdings = holdingsOf(instrument.id, gathered.news.positions, journal.ledger, desk.clock.now());
  if (holdings.kind === "unknown") {
    throw new TradingError(
      "holdings_unknown",
      `What is held of ${instrument.symbol} is not known: ${holdings.reason}.`,
      "Nothing was sent. Look at positions, then try again.",
      { retryable: true },
    );
  }
  if (holdings.low.lte(ZERO) && holdings.high.gte(ZERO)) {
    if (holdings.low.eq(ZERO) && holdings.high.eq(ZERO)) return null;
    throw new TradingError(
      "holdings_unknown",
      `Between ${describeHeld(holdings)} ${instrument.symbol} may be held: ${holdings.note}.`,
      "Nothing was sent. Try again in a minute, when the venue's list has settled.",
      { retryable: true },
    );
  }
  const long = holdings.low.gt(ZERO);
  const held = long ? holdings.low : holdings.high.neg();
  const quantity = asked ?? held;
  if (quantity.gt(held)) {
    throw new TradingError(
      "crosses_flat",
      `${plain(quantity)} is more than the ${plain(held)} ${instrument.symbol} held (${holdings.note}).`,
      "Leave quantity out to close all of it.",
    );
  }
  const side: Side = long ? "SELL" : "BUY";
  return {
    instrument,
    gathered,
    side,
    held,
    quantity,
    // A market order protects nothing: it closes already, and is left to do so.
    protections: openOn(journal.ledger, instrument.id, side).filter(
      (order) => order.exit && order.order.orderType !== "market",
    ),
    reserved: reservedOn(
      instrument.id,
      side,
      journal.ledger,
      reservingOrders(desk, journal.ledger, gathered.news.orders),
    ),
  };
}

function marketOrder(target: Target, quantity: Decimal = target.quantity): OrderRequest {
  return {
    symbol: target.instrument.symbol,
    side: target.side,
    orderType: "market",
    quantity,
    cashAmount: null,
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
  };
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

/**
 * Places again what was cancelled of the protection, for what is held now and no other order takes: after
 * a sale that did not happen that is all of it, after a partial close the rest, after a full one nothing.
 */
async function protectAgain(desk: Desk, journal: Journal, target: Target, planId: string, failed: boolean) {
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
