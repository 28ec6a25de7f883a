import { messageOf, TradingError } from "../domain/errors.ts";
import { ZERO } from "../domain/money.ts";
import { isTerminal, type VenueOrder } from "../domain/order.ts";
import type { CancelOutcome } from "../domain/outcome.ts";
import { unread } from "../domain/reading.ts";
import type { Append, Journal } from "../journal/journal.ts";
import { openOn } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { DispatchGate } from "../ports/broker.ts";
import type { CancelAnswer, OrderAnswer } from "./answers.ts";
import { describeForeign, describeOwn } from "./describe.ts";
import { type Desk, identityFact } from "./desk.ts";
import { reading } from "./gather.ts";
import { holdingsOf } from "./holdings.ts";
import { noteSent } from "./nothing-sent.ts";
import { accountJournal, checkOrderId, findOwn, refresh } from "./orders.ts";
import { accountIdentity } from "./rules/account-identity.ts";
import { recordNews } from "./sync.ts";

/** How long a record of a cancel waits for the account's lock. */
const RECORD_WAIT_MS = 3_000;

/** Cancels one order (S31): intent and outcome are journaled, and it is done only at a terminal status. */
export async function cancelOrder(desk: Desk, id: string): Promise<CancelAnswer> {
  checkOrderId(desk, id);
  const journal = await accountJournal(desk);
  const own = findOwn(journal, id);
  if (!own) desk.broker.checkOrderId(id);
  const orderId = own ? await venueId(desk, journal, own) : id;
  await refuseOnWrongAccount(desk);
  if (own && own.phase === "done") {
    return answer(
      orderId,
      own.clientOrderId,
      "rejected",
      describeOwn(desk, own),
      `The order is already ${own.status}.`,
    );
  }
  await refuseWhenHalted(desk, journal, orderId, own);
  if (desk.policy.dryRun) {
    const order = own ? describeOwn(desk, own) : null;
    return answer(
      orderId,
      own?.clientOrderId ?? null,
      "not_sent",
      order,
      `Dry run: the cancel was not sent. The operator turns dry run off with ${desk.policy.settings.dryRun}=false.`,
    );
  }
  const { outcome, order, journaled } = await cancelJournaled(desk, journal, orderId, own);
  return answer(orderId, own?.clientOrderId ?? null, outcome.kind, order, messageFor(outcome, orderId), [
    ...(own && outcome.kind === "done" ? leftUnprotected(journal, own) : []),
    ...(journaled ? [] : ["the cancel could not be written to the journal"]),
  ]);
}

/** The write itself, with its two records. Used by `cancel_order` and by close plans. */
export async function cancelJournaled(
  desk: Desk,
  journal: Journal,
  orderId: string,
  own: LedgerOrder | null,
): Promise<{ outcome: CancelOutcome; order: OrderAnswer | null; journaled: boolean }> {
  const about = { kind: "cancel" as const, clientOrderId: own?.clientOrderId ?? null, orderId };
  const intended = await tryToRecord(desk, journal, (append) => {
    append({ ...about, phase: "intent", outcome: null, reason: null });
  });
  const outcome = await sendCancel(desk, orderId);
  const seen = "order" in outcome ? outcome.order : null;
  if (outcome.kind === "done") desk.foreign = desk.foreign.filter((each) => each.orderId !== orderId);
  const concluded = await tryToRecord(desk, journal, (append) => {
    if (seen !== null) recordNews(journal, newsOf(desk, seen), append);
    const reason = "reason" in outcome ? outcome.reason : null;
    append({ ...about, phase: "outcome", outcome: outcome.kind, reason });
  });
  return {
    outcome,
    order: own ? describeOwn(desk, own) : seen === null ? null : describeForeign(desk, seen),
    journaled: intended && concluded,
  };
}

/**
 * A cancel takes risk off and adds none, so a full disk or a stuck lock does not stop it, and does not hide
 * what became of it.
 */
async function tryToRecord(desk: Desk, journal: Journal, step: (append: Append) => void): Promise<boolean> {
  try {
    await journal.locked(RECORD_WAIT_MS, step);
    return true;
  } catch (error) {
    desk.log.error({ error: messageOf(error) }, "a cancel could not be written to the journal");
    return false;
  }
}

async function sendCancel(desk: Desk, orderId: string): Promise<CancelOutcome> {
  // A cancel frees exposure and protects nobody's budget: it is served with the exits, and needs no last look.
  const gate: DispatchGate = {
    isExit: true,
    hurry: desk.ending.hurry.signal,
    begin() {
      noteSent();
      return Promise.resolve({ kind: "go" });
    },
  };
  try {
    return await desk.broker.cancel(orderId, gate);
  } catch (error) {
    // Serves both: whether the cancel arrived is unknown, so the order counts as working until it is read.
    return { kind: "unknown", reason: messageOf(error) };
  }
}

function newsOf(desk: Desk, order: VenueOrder) {
  const none = unread("not needed");
  return { single: [{ order, began: desk.clock.now() }], orders: none, fills: none, positions: none };
}

async function venueId(desk: Desk, journal: Journal, own: LedgerOrder): Promise<string> {
  if (own.orderId === null && own.phase !== "done") await refresh(desk, journal, own);
  if (own.orderId !== null) return own.orderId;
  if (own.phase === "done") return own.clientOrderId;
  throw new TradingError(
    "order_not_found",
    `The venue has not been seen to hold ${own.clientOrderId}, so there is nothing to cancel there yet.`,
    `Call order_status with ${own.clientOrderId} in a moment; it is looked for each time.`,
    { retryable: true },
  );
}

export async function refuseOnWrongAccount(desk: Desk): Promise<void> {
  const identity = await identityFact(desk);
  const facts = { identity, boundAccount: desk.bound?.identity.accountId ?? null };
  // The rule looks at these facts only; a cancel is served like an exit.
  const verdict = accountIdentity.check({ facts, policy: desk.policy, isExit: true } as Parameters<
    typeof accountIdentity.check
  >[0]);
  if (verdict.verdict !== "refuse") return;
  throw new TradingError(verdict.code ?? "refused", verdict.message, verdict.nextStep ?? "", {
    checks: [{ rule: accountIdentity.name, ...verdict }],
    details: { outcome: "not_sent" },
  });
}

/**
 * HALTED freezes what protects: a stop that is cancelled then could not be placed again, since exits are
 * refused as well. What opens exposure may always be cancelled (S30).
 */
async function refuseWhenHalted(
  desk: Desk,
  journal: Journal,
  orderId: string,
  own: LedgerOrder | null,
): Promise<void> {
  const { state, reason } = desk.tradingState.read();
  if (state !== "HALTED") return;
  const opens = own ? !own.exit : await opensExposure(desk, journal, orderId);
  if (opens) return;
  throw new TradingError(
    "trading_halted",
    `Trading is halted (${reason}), and order ${orderId} ${own ? "is an exit" : "may be one"}: cancelled now, it could not be placed again.`,
    "Entries can be cancelled. Only the operator can resume trading, in a terminal; whoever wants this order gone before that cancels it at the venue.",
    { details: { outcome: "not_sent" } },
  );
}

/** Whether an order of somebody else provably grows a position: only that may be cancelled while halted. */
async function opensExposure(desk: Desk, journal: Journal, orderId: string): Promise<boolean> {
  const [order, positions] = await Promise.all([
    desk.broker.order(orderId),
    reading(() => desk.marketData.positions()),
  ]);
  // The child of another order is what takes its position off again.
  if (order === null || order.parentOrderId !== null) return false;
  const held = holdingsOf(order.instrumentId, positions, journal.ledger, desk.clock.now());
  if (held.kind === "unknown") return false;
  return order.side === "BUY" ? held.low.gte(ZERO) : held.high.lte(ZERO);
}

function answer(
  orderId: string,
  clientOrderId: string | null,
  outcome: CancelAnswer["outcome"],
  order: OrderAnswer | null,
  message: string,
  warnings: string[] = [],
): CancelAnswer {
  return { orderId, clientOrderId, outcome, order, message, warnings };
}

function messageFor(outcome: CancelOutcome, orderId: string): string {
  switch (outcome.kind) {
    case "done":
      return isTerminal(outcome.order.status) && outcome.order.status !== "filled"
        ? `Order ${orderId} is ${outcome.order.status}.`
        : `Order ${orderId} was filled before the cancel reached it.`;
    case "requested":
      return `The cancel was taken and is not confirmed yet: ${outcome.reason}. The order counts as working; look at order_status.`;
    case "rejected":
      return `The venue did not cancel order ${orderId}: ${outcome.reason}`;
    case "not_sent":
      return `The cancel was not sent: ${outcome.reason}.`;
    case "unknown":
      return `Whether the cancel arrived is unknown: ${outcome.reason}. The order counts as working; look at order_status.`;
  }
}

/** A stop that protected a position is gone: say so, unless another one stands. */
export function leftUnprotected(journal: Journal, own: LedgerOrder): string[] {
  const { order } = own;
  if (!own.exit || !isStop(own)) return [];
  const another = openOn(journal.ledger, order.instrumentId, order.side).some(
    (each) => isStop(each) && each !== own,
  );
  return another
    ? []
    : [`${order.symbol} has no stop order of this journal any more; its position is unprotected.`];
}

function isStop({ order }: LedgerOrder): boolean {
  return order.stopPrice !== null || order.orderType === "trailing_stop";
}
