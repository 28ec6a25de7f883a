import { TradingError } from "../domain/errors.ts";
import { ZERO } from "../domain/money.ts";
import type { KeyedPlan } from "../journal/idempotency-keys.ts";
import type { Journal } from "../journal/journal.ts";
import { filledQuantity, type LedgerOrder } from "../journal/ledger-order.ts";
import type { CloseRequest } from "../journal/record.ts";
import { writerState } from "../journal/writer.ts";
import type { CloseAnswer } from "./answers.ts";
import { closed, endMessage, withPlan } from "./close-answer.ts";
import { describeOwn } from "./describe.ts";
import type { Desk } from "./desk.ts";
import { asReplay, failureNow, lookAgain, refuseOtherUse, replayOrder, waitWhile } from "./idempotency.ts";

/**
 * What the close_position that a key stands for came to, as it is now. Does nothing again. Null when the
 * key is free; throws as the first call did where it failed.
 */
export async function replayClose(
  desk: Desk,
  journal: Journal,
  key: string,
  asked: { instrumentId: string; closes: CloseRequest },
): Promise<CloseAnswer | null> {
  journal.catchUp();
  const use = journal.ledger.boundTo(key, desk.clock.now());
  if (use === null) return null;
  refuseOtherUse(use, { order: { instrumentId: asked.instrumentId }, closes: asked.closes });
  if (use.kind === "plan") return replayPlan(desk, journal, use.plan);
  const order = await replayOrder(desk, journal, use.order);
  return order === null ? null : closed([], order, [], false, order.message ?? "", true);
}

async function replayPlan(desk: Desk, journal: Journal, plan: KeyedPlan): Promise<CloseAnswer> {
  await waitWhile(desk, journal, plan.writer, () => plan.step === "opened");
  if (plan.step === "opened" && writerState(journal.folder, plan.writer) === "alive")
    throw stillRunning(plan);
  const orders = journal.ledger.ordersOf(plan.instrumentId).filter((each) => each.planId === plan.planId);
  for (const order of orders) {
    if (order.phase !== "done") await lookAgain(desk, journal, order);
  }
  // A plan sells at the market; what it places again is what it had cancelled, and rests.
  const sale = orders.findLast((each) => each.order.orderType === "market") ?? null;
  const cancelled = cancelledBy(plan, journal);
  const restored = orders
    .filter((each) => each !== sale && each.status !== "rejected")
    .map((each) => describeOwn(desk, each));
  const unprotected = plan.unprotected || isLeftBare(plan, sale, cancelled.length, restored.length);
  const failure = plan.step === "closed" ? null : failureOf(plan, sale);
  if (failure) throw asReplay(withPlan(failure, cancelled, restored, unprotected));
  const order = sale && describeOwn(desk, sale, { replayed: true });
  const message = `An earlier call with this idempotency_key did this, and this one nothing. ${endMessage(plan, order, unprotected)}`;
  return closed(cancelled, order, restored, unprotected, message, true);
}

function cancelledBy(plan: KeyedPlan, journal: Journal): string[] {
  return plan.cancels.flatMap((id) => {
    const own = journal.ledger.orders.get(id);
    return own?.cancelRequested && own.phase === "done" ? [own.orderId ?? id] : [];
  });
}

/** Its process died between cancelling and selling or protecting again. */
function isLeftBare(plan: KeyedPlan, sale: LedgerOrder | null, cancelled: number, restored: number): boolean {
  return (
    plan.step === "opened" &&
    cancelled > 0 &&
    restored === 0 &&
    (sale === null || filledQuantity(sale).eq(ZERO))
  );
}

function stillRunning(plan: KeyedPlan): TradingError {
  return asReplay(
    new TradingError(
      "close_running",
      `An earlier call with this idempotency_key is still closing ${plan.symbol}. This call did nothing.`,
      "Make the same call again in a few seconds to see what became of it.",
      { retryable: true },
    ),
  );
}

/** Why the close did not come to an order; null when its sale exists after all. */
function failureOf(plan: KeyedPlan, sale: LedgerOrder | null): TradingError | null {
  if (sale !== null && (sale.orderId !== null || sale.fills.size > 0 || sale.phase !== "done")) {
    return failureNow(sale);
  }
  const reason = plan.reason ?? "the server that ran it ended before it did";
  return new TradingError(
    sale?.outcome?.kind === "rejected" ? "order_rejected" : "close_failed",
    `An earlier call with this idempotency_key failed to close ${plan.symbol}: ${reason}`,
    "Look at positions and open_orders. A new attempt needs a new idempotency_key.",
    sale === null ? {} : { details: { client_order_id: sale.clientOrderId, outcome: sale.outcome?.kind } },
  );
}
