import { unread } from "../domain/reading.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import { isOfUnknownFate, isPresumedAbsent, type LedgerOrder } from "../journal/ledger-order.ts";
import { completedAt, isLostExit } from "./absent-exits.ts";
import type { ReconcileAnswer } from "./answers.ts";
import { describeOwn } from "./describe.ts";
import type { Desk } from "./desk.ts";
import { readFills } from "./executions.ts";
import { reading } from "./gather.ts";
import { accountJournal, unresolvedMessage } from "./orders.ts";
import { lookAtOwn } from "./own-orders.ts";
import { foreignOrders, recordNews } from "./sync.ts";

/** So many are asked for one by one at a time. */
const AT_ONCE = 8;

/**
 * Looks for every order of unknown fate over working orders, executions and what the venue tells of single
 * orders, and journals what it finds. It sends nothing and clears nothing: what is not found stays open (S15,
 * S16). Throws a TradingError where the account cannot be verified.
 */
export async function reconcilePending(desk: Desk): Promise<ReconcileAnswer> {
  const journal = await accountJournal(desk);
  const pending = journal.ledger.openOrders().filter(isPending);
  if (pending.length === 0) return { orders: [], complete: true, unread: [] };
  const needsPositions = pending.some((own) => isLostExit(own) && !isPresumedAbsent(own));
  const [orders, fills, positions] = await Promise.all([
    reading(() => desk.broker.orders()),
    readFills(desk, pending),
    needsPositions ? reading(() => desk.marketData.positions()) : unread("not needed"),
  ]);
  for (let from = 0; from < pending.length; from += AT_ONCE) {
    const part = pending.slice(from, from + AT_ONCE);
    const looks = await lookAtOwn(desk, journal.ledger, part, () => Promise.resolve(orders));
    const news = { ...looks, orders: unread("not needed"), positions: unread("not needed") };
    await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, news, append));
  }
  const completeAt = completedAt(desk, { orders, fills, positions });
  await journal.locked(LOCK_WAIT_MS, (append) =>
    recordNews(journal, { orders, single: [], fills, positions, completeAt }, append),
  );
  const missed = [
    ["working orders", foreignOrders(journal.ledger, orders)] as const,
    ["executions", fills] as const,
    ...(needsPositions ? [["positions", positions] as const] : []),
  ].flatMap(([what, part]) => (part.kind === "unread" ? [`${what}: ${part.reason}`] : []));
  return {
    orders: pending.map((own) => tell(desk, journal, own)),
    complete: missed.length === 0,
    unread: missed,
  };
}

function isPending(own: LedgerOrder): boolean {
  return own.phase === "intended" || isOfUnknownFate(own) || own.orderId === null;
}

function tell(desk: Desk, journal: Journal, own: LedgerOrder): ReconcileAnswer["orders"][number] {
  const settled = own.phase === "done" || (own.phase === "working" && own.orderId !== null);
  const message = unresolvedMessage(own);
  return {
    order: describeOwn(desk, own, { message, ledger: journal.ledger }),
    settled,
    nextStep: settled ? null : nextStep(own),
  };
}

function nextStep(own: LedgerOrder): string {
  const id = own.clientOrderId;
  if (own.phase === "intended" || own.phase === "dispatched") {
    return `Another call is sending ${id} now: look at order_status with it in a few seconds.`;
  }
  if (own.status === "inactive") {
    return "Look again in a few minutes: the venue drops what it holds back, or works it.";
  }
  if (isPresumedAbsent(own))
    return "Nothing: it blocks no other exit, and counts in full should it be found.";
  if (own.exit) {
    return "Call reconcile_pending again in a minute: three complete looks over two minutes settle an exit.";
  }
  return (
    "Call reconcile_pending again in a minute. If the venue never shows it, a person who has looked in the " +
    `venue's own client ends the question in a terminal, with resolve ${id}.`
  );
}
