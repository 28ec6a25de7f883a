import { randomUUID } from "node:crypto";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, max, min, plain, plainOrNull, ZERO } from "../domain/money.ts";
import type { OrderIntent } from "../domain/order.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import { type CloseRequest, type Entry, journaledOrder } from "../journal/record.ts";
import type { CloseAnswer, OrderAnswer } from "./answers.ts";
import { closed, endMessage, soldMessage, withPlan } from "./close-answer.ts";
import { cancelAll, type Gone } from "./close-cancel.ts";
import { findTarget, marketOrder, type Target } from "./close-target.ts";
import { judgeNow } from "./decide.ts";
import type { Desk } from "./desk.ts";
import { isJournalTrouble, refuseUnjournaled } from "./exit-past-journal.ts";
import { checkKey } from "./idempotency.ts";
import { intentOf } from "./intent.ts";
import { isOvertaken, MOST_REREADS } from "./newer-news.ts";
import { accountJournal } from "./orders.ts";
import { place, placeOrFind, refusal } from "./place.ts";
import { protectAgain } from "./protect-again.ts";
import { replayClose } from "./replay-close.ts";
import type { Check } from "./verdict.ts";

/** One call of close_position. */
interface Close {
  desk: Desk;
  journal: Journal;
  instrument: Instrument;
  /** Null closes all that is held. */
  quantity: Decimal | null;
  key: string | null;
}

/**
 * Closes a position as one journaled plan (S29): every rule is asked first, as if the orders that must be
 * cancelled were gone; then they are cancelled, their terminal status awaited, and what is held and free
 * is sold. When the sale does not happen, the protection is placed again. A key that was used for this
 * close already answers with what became of it, and nothing is done again (S18).
 */
export async function closePosition(
  desk: Desk,
  symbol: string,
  quantity: Decimal | null,
  idempotencyKey: string | null = null,
): Promise<CloseAnswer> {
  checkKey(idempotencyKey);
  const journal = await accountJournal(desk);
  const instrument = await desk.marketData.resolve(symbol);
  const close: Close = { desk, journal, instrument, quantity, key: idempotencyKey };
  return (await findFirst(close)) ?? (await closeNow(close, 0));
}

/** What an earlier call with this key did; null when there was none. */
function findFirst({ desk, journal, instrument, quantity, key }: Close): Promise<CloseAnswer | null> {
  if (key === null) return Promise.resolve(null);
  return replayClose(desk, journal, key, { instrumentId: instrument.id, closes: requestOf(quantity) });
}

function requestOf(quantity: Decimal | null): CloseRequest {
  return { quantity: plainOrNull(quantity) };
}

async function closeNow(close: Close, rereads: number): Promise<CloseAnswer> {
  const { desk, instrument } = close;
  let target: Target | null;
  try {
    target = await prepareClose(close);
  } catch (error) {
    // Serves both: what stands in the way may be the work of a call with the same key, which is the answer.
    const first = await findFirst(close);
    if (first === null) throw error;
    return first;
  }
  if (target === null) {
    const nothing = `No ${instrument.symbol} is held; there is nothing to close.`;
    return (await findFirst(close)) ?? closed([], null, [], false, nothing);
  }
  if (isFree(target)) return sellFree(close, target);
  if (desk.policy.dryRun) return dryRun(desk, target);
  return runPlan(close, target, rereads);
}

/** What there is to close, and proof that nothing will refuse it once its protection is cancelled. */
async function prepareClose({ desk, journal, instrument, quantity }: Close): Promise<Target | null> {
  const target = await findTarget(desk, journal, instrument, quantity);
  if (target !== null && !isFree(target)) {
    refuseUnjournaled(journal, instrument, "the journal could not be written.");
    refuseUnknownOrders(journal, target);
    await refuseBeforeCancelling(desk, journal, target);
  }
  return target;
}

/** Which of the orders that take the position are ours to cancel is in the journal, and nowhere else. */
function refuseUnknownOrders({ path, unopened }: Journal, { instrument, reserved }: Target): void {
  if (unopened === null) return;
  const ids = reserved.orderIds.join(", ");
  throw new TradingError(
    "oversell",
    `Working orders take the ${instrument.symbol} that is held (${ids}), and the journal ${path} that would say whose they are cannot be opened: ${unopened}.`,
    `Nothing was cancelled. cancel_order ${ids} first where it protects this position, then call close_position again.`,
    { details: { outcome: "not_sent" } },
  );
}

function isFree(target: Target): boolean {
  return target.quantity.lte(max(ZERO, target.held.minus(target.reserved.quantity)));
}

/** Nothing has to be cancelled: an order like any other, under the key of the close. */
async function sellFree(close: Close, target: Target): Promise<CloseAnswer> {
  const { desk, key, quantity } = close;
  const placed = await placeOrFind(
    desk,
    { ...marketOrder(target), idempotencyKey: key },
    { planId: null, replaces: [], ...(key !== null && { closes: requestOf(quantity) }) },
  );
  if (placed.kind === "plan") return firstOf(close);
  const order = placed.answer;
  const message = order.replayed ? (order.message ?? "") : soldMessage(order);
  return closed([], order, [], false, message, order.replayed);
}

/** What the call did that bound the key in the moment before this one would have. */
async function firstOf(close: Close): Promise<CloseAnswer> {
  return (await findFirst(close)) ?? closeNow(close, 0);
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
  const seq = await journalRefusal(desk, journal, intent, decision.checks);
  throw refusal(desk, journal, intent, decision, seq);
}

/** Its place in the journal; null while that cannot be written, which does not change what is refused. */
async function journalRefusal(
  desk: Desk,
  journal: Journal,
  intent: OrderIntent,
  checks: Check[],
): Promise<number | null> {
  const record = { kind: "refusal" as const, order: journaledOrder(intent), checks };
  try {
    return (await journal.locked(LOCK_WAIT_MS, (append) => append(record))).seq;
  } catch (error) {
    // Serves both: nothing is sent either way, and the caller is told why.
    desk.log.error({ error: messageOf(error) }, "a refused close could not be journaled");
    journal.owe(() => record);
    return null;
  }
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

async function runPlan(close: Close, target: Target, rereads: number): Promise<CloseAnswer> {
  const { desk, journal } = close;
  const plan = await openPlan(close, target, rereads);
  if (plan === "bound") return firstOf(close);
  if (plan === "overtaken") return closeNow(close, rereads + 1);
  const gone: Gone[] = [];
  let order: OrderAnswer | null = null;
  let failure: { error: unknown } | null = null;
  try {
    await cancelAll(desk, journal, target.protections, gone);
    order = await sellWhatIsLeft(desk, journal, target, plan.planId, gone);
  } catch (error) {
    // Serves the exit: whatever failed, what is still held is protected again before anybody is told.
    failure = { error };
  }
  const { restored, unprotected } = await protectAgain(
    desk,
    journal,
    target,
    plan.planId,
    failure !== null,
    gone,
  );
  const cancelled = gone.map(({ own }) => own.orderId ?? own.clientOrderId);
  await plan.end(failure === null ? null : messageOf(failure.error), unprotected);
  if (failure === null) {
    return closed(cancelled, order, restored, unprotected, endMessage(target.instrument, order, unprotected));
  }
  const { error } = failure;
  throw error instanceof TradingError ? withPlan(error, cancelled, restored, unprotected) : error;
}

interface Plan {
  planId: string;
  end(reason: string | null, unprotected: boolean): Promise<void>;
}

/**
 * Puts the plan on disk, which binds its key; or says that the key is bound, or that another process
 * traded the instrument since the target was found (S2).
 */
async function openPlan(
  { desk, journal, quantity, key }: Close,
  target: Target,
  rereads: number,
): Promise<Plan | "bound" | "overtaken"> {
  const { instrument, gathered, protections } = target;
  const about = {
    kind: "plan" as const,
    planId: randomUUID(),
    symbol: instrument.symbol,
    instrumentId: instrument.id,
    quantity: plain(target.quantity),
    protections: protections.map((order) => order.order),
    ...(key !== null && { idempotencyKey: key, closes: requestOf(quantity) }),
    cancels: protections.map((order) => order.clientOrderId),
  };
  const first = { ...about, step: "opened" as const, reason: null };
  const isBound = () => key !== null && journal.ledger.boundTo(key, desk.clock.now()) !== null;
  try {
    const opened = await journal.locked(LOCK_WAIT_MS, (append) => {
      if (isBound()) return "bound";
      // Read too often, it goes on: the sale itself is decided anew, on what is held then.
      if (rereads < MOST_REREADS && isOvertaken(gathered, journal.ledger, [instrument.id]))
        return "overtaken";
      append(first);
      return null;
    });
    if (opened !== null) return opened;
  } catch (error) {
    // Serves the exit (S23): the plan goes on without its record, which is written as soon as it can be.
    if (!isJournalTrouble(error) || isBound()) throw error;
    desk.log.error(
      { planId: about.planId, error: messageOf(error) },
      "a position is closed although the journal does not take the plan",
    );
    journal.owe(() => first);
  }
  return {
    planId: about.planId,
    end: (reason, unprotected) => endPlan(desk, journal, about, reason, unprotected),
  };
}

async function endPlan(
  desk: Desk,
  journal: Journal,
  about: Omit<Entry & { kind: "plan" }, "step" | "reason" | "unprotected">,
  reason: string | null,
  unprotected: boolean,
): Promise<void> {
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
    desk.log.error(
      { planId: about.planId, error: messageOf(error) },
      "the end of a close plan could not be journaled",
    );
    journal.owe(() => last);
  }
}

/** Sizes the sale anew: a protection may have been filled while it was being cancelled. */
async function sellWhatIsLeft(
  desk: Desk,
  journal: Journal,
  target: Target,
  planId: string,
  gone: Gone[],
): Promise<OrderAnswer | null> {
  const left = await findTarget(desk, journal, target.instrument, null, gone);
  if (left === null || left.side !== target.side) return null;
  const alreadyGone = target.held.minus(left.held);
  const quantity = min(left.held, max(ZERO, target.quantity.minus(max(ZERO, alreadyGone))));
  if (quantity.eq(ZERO)) return null;
  return place(desk, marketOrder(left, quantity), { planId, replaces: gone.map((each) => each.own) });
}
