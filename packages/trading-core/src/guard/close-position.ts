import { randomUUID } from "node:crypto";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, decimal, max, min, plain, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderRequest, type Side } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import { type LedgerOrder, openOn } from "../journal/ledger.ts";
import type { JournaledOrder } from "../journal/record.ts";
import type { CloseAnswer, OrderAnswer } from "./answers.ts";
import { cancelJournaled } from "./cancel-order.ts";
import { judgeNow } from "./decide.ts";
import type { Desk } from "./desk.ts";
import { type Gathered, gather } from "./gather.ts";
import { describeHeld, holdingsOf, type Reserved, reservedOn } from "./holdings.ts";
import { intentOf } from "./intent.ts";
import { accountJournal, refresh } from "./orders.ts";
import { place } from "./place.ts";
import { foreignOrders, recordNews } from "./sync.ts";

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
  refuseBeforeCancelling(desk, journal, target);
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
  const foreign = foreignOrders(journal.ledger, gathered.news.orders);
  return {
    instrument,
    gathered,
    side,
    held,
    quantity,
    protections: openOn(journal.ledger, instrument.id, side).filter((order) => order.exit),
    reserved: reservedOn(instrument.id, side, journal.ledger, foreign.kind === "read" ? foreign.value : []),
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
function refuseBeforeCancelling(desk: Desk, journal: Journal, target: Target): void {
  const stuck = target.protections.find((order) => order.orderId === null || order.phase !== "working");
  if (stuck) {
    throw new TradingError(
      "unresolved_order",
      `${stuck.clientOrderId} may exist at the venue and cannot be cancelled before it is found there.`,
      `Call order_status with ${stuck.clientOrderId}, then try again.`,
      { retryable: true },
    );
  }
  const intent = intentOf(
    marketOrder(target),
    target.instrument,
    target.gathered.quote,
    desk.policy,
    desk.newClientOrderId(),
    desk.clock.now(),
  );
  const { refusals } = judgeNow(desk, journal, target.gathered, intent, target.protections);
  const [first] = refusals;
  if (!first) return;
  throw new TradingError(
    first.code ?? "refused",
    `Refused by ${first.rule}: ${first.message}`,
    first.nextStep ?? "",
    {
      retryable: refusals.every((each) => each.retryable),
      checks: refusals,
      details: { outcome: "not_sent" },
    },
  );
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
  const end = (step: "closed" | "failed", reason: string | null) =>
    journal.locked(LOCK_WAIT_MS, (append) => append({ ...about, step, reason }));

  const cancelled: string[] = [];
  try {
    await cancelAll(desk, journal, protections, cancelled);
  } catch (error) {
    // Serves the exit: nothing is sold while a cancel is open; what was cancelled is put back.
    const { restored, unprotected } = await restore(desk, target, protections.filter(wasCancelled), planId);
    await end("failed", messageOf(error));
    if (!(error instanceof TradingError)) throw error;
    throw withPlan(error, cancelled, restored, unprotected);
  }

  try {
    const order = await sellWhatIsLeft(desk, journal, target, planId);
    const { restored, unprotected } = await protectTheRest(desk, target, planId);
    await end("closed", null);
    return closed(
      cancelled,
      order,
      restored,
      unprotected,
      order ? soldMessage(order) : filledMessage(instrument),
    );
  } catch (error) {
    // Serves the exit: a sale that provably did not happen leaves the position to be protected again; one
    // of unknown fate may have happened, and a stop on top of it could sell twice.
    const unknown = error instanceof TradingError && error.code === "outcome_unknown";
    const { restored, unprotected } = unknown
      ? { restored: [], unprotected: true }
      : await restore(desk, target, protections, planId);
    await end("failed", messageOf(error));
    if (!(error instanceof TradingError)) throw error;
    throw withPlan(error, cancelled, restored, unprotected);
  }
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

function wasCancelled(order: LedgerOrder): boolean {
  return isTerminal(order.status) && order.status !== "filled";
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

/** After a partial close, the stops stand again for what remains. */
async function protectTheRest(desk: Desk, target: Target, planId: string) {
  const rest = target.held.minus(target.quantity);
  if (rest.lte(ZERO)) return { restored: [], unprotected: false };
  return placeAgain(
    desk,
    target,
    target.protections.map((each) => each.order),
    rest,
    planId,
  );
}

async function restore(desk: Desk, target: Target, orders: LedgerOrder[], planId: string) {
  return placeAgain(
    desk,
    target,
    orders.map((each) => each.order),
    target.held,
    planId,
  );
}

/** Places protective orders again, together no larger than what is held. */
async function placeAgain(
  desk: Desk,
  target: Target,
  orders: JournaledOrder[],
  held: Decimal,
  planId: string,
) {
  const restored: OrderAnswer[] = [];
  let free = held;
  for (const order of orders) {
    const quantity = min(free, order.quantity === null ? free : decimal(order.quantity));
    if (quantity.lte(ZERO)) continue;
    try {
      restored.push(await place(desk, { ...requestOf(order), quantity }, { planId, replaces: [] }));
      free = free.minus(quantity);
    } catch (error) {
      // Serves the exit: what could not be protected again is said, loudly, in the answer.
      desk.log.error(
        { symbol: target.instrument.symbol, error: messageOf(error) },
        "a protective order could not be restored",
      );
    }
  }
  return { restored, unprotected: orders.length > 0 && restored.length === 0 };
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

function filledMessage(instrument: Instrument): string {
  return `Nothing of ${instrument.symbol} is left: a protective order was filled while it was being cancelled.`;
}
