import { TradingError } from "../domain/errors.ts";
import { isTerminal } from "../domain/order.ts";
import { unread } from "../domain/reading.ts";
import { archivedOrder } from "../journal/archived-order.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import { isOfUnknownFate, isPresumedAbsent, type LedgerOrder } from "../journal/ledger-order.ts";
import { completedAt, describeAbsence, isLostExit } from "./absent-exits.ts";
import type { OrderAnswer } from "./answers.ts";
import { describeForeign, describeOwn } from "./describe.ts";
import { type Desk, identityFact, journalFor } from "./desk.ts";
import { collectExecutions } from "./executions.ts";
import { reading } from "./gather.ts";
import { bracketOf } from "./groups.ts";
import { lookAtOwn } from "./own-orders.ts";
import { foreignOrders, type News, recordNews } from "./sync.ts";

/** Between two looks at an order that is waited for; the venue's budget of requests sets the pace. */
const POLL_MS = 1_000;

/** The account's journal, for reads that write what they learn. Throws when no account was ever verified. */
export async function accountJournal(desk: Desk): Promise<Journal> {
  await desk.session.ensureReady();
  const fact = await identityFact(desk);
  if (fact.kind === "unread") {
    throw new TradingError(
      "account_unverified",
      `The account could not be verified: ${fact.reason}.`,
      "Look at session_status, then try again.",
      { retryable: true },
    );
  }
  const journal = journalFor(desk, fact);
  journal.catchUp();
  return journal;
}

/** The account's journal for what needs no venue: while it is down, the account that is known stands. */
export async function historyJournal(desk: Desk): Promise<Journal> {
  try {
    return await accountJournal(desk);
  } catch (error) {
    // Serves neither: the history is on this disk. Without any known account the failure is the answer.
    const account = desk.bound?.identity.accountId ?? desk.policy.accountId;
    if (account === null) throw error;
    const journal = desk.journals.of(account);
    journal.catchUp();
    return journal;
  }
}

/** The form of our client order ids. */
const CLIENT_ORDER_ID = /^[a-z0-9]{18}$/;

/** Refuses an id that neither the journal nor the venue can know, before the venue is asked anything. */
export function checkOrderId(desk: Desk, id: string): void {
  if (!CLIENT_ORDER_ID.test(id)) desk.broker.checkOrderId(id);
}

/** One order, read from the venue now, by the venue's id or by our client order id. */
export async function readOrder(desk: Desk, id: string): Promise<OrderAnswer> {
  checkOrderId(desk, id);
  const journal = await accountJournal(desk);
  const own = findOwn(journal, id);
  if (!own) return (await readOld(desk, journal, id)) ?? readForeign(desk, id);
  await refresh(desk, journal, own);
  return describeOwn(desk, own, { message: unresolvedMessage(own), ledger: journal.ledger });
}

export function findOwn(journal: Journal, id: string): LedgerOrder | null {
  return journal.ledger.orders.get(id) ?? journal.ledger.byOrderId(id);
}

/**
 * An order of ours that is long done and has left the memory: the journal's file still tells it. The venue
 * is asked first for an id of its own, since most of those that the memory does not hold are others' orders.
 */
async function readOld(desk: Desk, journal: Journal, id: string): Promise<OrderAnswer | null> {
  const isOurForm = CLIENT_ORDER_ID.test(id) && id.startsWith(desk.idPrefix);
  if (!isOurForm && !(await isPerhapsOurs(desk, id))) return null;
  const old = await archivedOrder(journal.path, id);
  if (old !== null) {
    const heard = new Date(old.lastAt).toISOString();
    return describeOwn(desk, old, {
      message: `As the journal tells it: it is done, and nothing was heard of it since ${heard}.`,
    });
  }
  if (isOurForm) throw notFound(id);
  return null;
}

async function isPerhapsOurs(desk: Desk, id: string): Promise<boolean> {
  desk.broker.checkOrderId(id);
  try {
    const order = await desk.broker.order(id);
    return order === null || order.clientOrderId?.startsWith(desk.idPrefix) === true;
  } catch {
    // Serves neither: what the venue does not say the journal may, and else the venue's failure is the answer.
    return true;
  }
}

function notFound(id: string): TradingError {
  return new TradingError(
    "order_not_found",
    `Neither the journal nor the venue knows an order ${id}.`,
    "Take the id from open_orders or trade_history.",
  );
}

async function readForeign(desk: Desk, id: string): Promise<OrderAnswer> {
  desk.broker.checkOrderId(id);
  const order = await desk.broker.order(id);
  if (order === null) throw notFound(id);
  return describeForeign(desk, order);
}

/** Asks the venue about one of our orders and journals what it says. An unreadable venue changes nothing. */
export async function refresh(desk: Desk, journal: Journal, own: LedgerOrder): Promise<void> {
  await refreshExits(desk, journal, own);
  const unresolved = own.orderId === null && own.phase !== "done";
  const list = () => reading(() => desk.broker.orders());
  // What is told of a bracket's order is told of all of its legs.
  const legs = bracketOf(journal.ledger, own).filter((leg) => leg !== own && leg.orderId !== null);
  const wanted = [own, ...legs].filter((order) => order.phase !== "done");
  // Whether a lost exit is there at all is judged by all that can be read (S15).
  const isLost = isLostExit(own) && !isPresumedAbsent(own);
  const [looks, orders, positions] = await Promise.all([
    lookAtOwn(desk, journal.ledger, wanted, list),
    unresolved ? list() : unread("not needed"),
    isLost ? reading(() => desk.marketData.positions()) : unread("not needed"),
  ]);
  const completeAt = completedAt(desk, { orders, positions, fills: looks.fills });
  await record(journal, { ...looks, orders, positions, completeAt });
  void collectExecutions(desk, journal);
}

/** A bracket's exits bear no id of ours: until they are known, its entry is asked for them. */
async function refreshExits(desk: Desk, journal: Journal, own: LedgerOrder): Promise<void> {
  const [entry, ...exits] = bracketOf(journal.ledger, own);
  if (entry?.orderId == null || exits.every((exit) => exit.orderId !== null || exit.phase === "done")) return;
  const looks = await lookAtOwn(desk, journal.ledger, [entry], async () => unread("not needed"));
  await record(journal, { ...looks, orders: unread("not needed"), positions: unread("not needed") });
}

async function record(journal: Journal, news: News): Promise<void> {
  await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, news, append));
}

/** What a caller has to know of an order whose fate is unknown; null for any other. */
export function unresolvedMessage(order: LedgerOrder): string | null {
  if (!isOfUnknownFate(order)) return null;
  if (order.status === "inactive") {
    return (
      `The venue lists this order (${order.orderId}) as inactive: a question about it may be unanswered, or it is ` +
      "held back. It does not work, and keeps its place in the limits until the venue has dropped it, which takes " +
      "a few minutes. Do not send it again; look at it again."
    );
  }
  if (isPresumedAbsent(order)) return describeAbsence(order);
  const more = describeAbsence(order);
  return (
    "The venue has not been seen to hold this order, and has not been proven not to. It keeps its place in the " +
    `limits, and is looked for at every decision. Do not send it again.${more === null ? "" : ` ${more}`}`
  );
}

export async function waitForFill(
  desk: Desk,
  id: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<{ order: OrderAnswer; timedOut: boolean }> {
  const deadline = desk.clock.monotonic() + timeoutMs;
  for (;;) {
    const order = await readOrder(desk, id);
    if (isTerminal(order.status)) return { order, timedOut: false };
    const left = deadline - desk.clock.monotonic();
    if (left <= 0 || signal?.aborted) return { order, timedOut: true };
    await desk.clock.sleep(Math.min(POLL_MS, left), signal);
  }
}

/** Everything that works on the account: ours as the ledger knows it, and what others placed. */
export async function openOrders(
  desk: Desk,
): Promise<{ orders: OrderAnswer[]; complete: boolean; message: string | null }> {
  const journal = await accountJournal(desk);
  const orders = await reading(() => desk.broker.orders());
  const open = journal.ledger.openOrders().filter((own) => own.orderId !== null);
  const looks = await lookAtOwn(desk, journal.ledger, open, () => Promise.resolve(orders));
  await record(journal, { ...looks, orders, positions: unread("not needed") });
  const ours = journal.ledger
    .openOrders()
    .map((own) => describeOwn(desk, own, { message: unresolvedMessage(own), ledger: journal.ledger }));
  const foreign = foreignOrders(journal.ledger, orders);
  if (foreign.kind === "read") {
    return {
      orders: [...ours, ...foreign.value.map((order) => describeForeign(desk, order))],
      complete: true,
      message: null,
    };
  }
  return {
    orders: ours,
    complete: false,
    message: `The venue's list could not be relied on (${foreign.reason}): these are the orders of this journal; others may exist.`,
  };
}
