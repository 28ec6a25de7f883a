import { TradingError } from "../domain/errors.ts";
import { unread } from "../domain/reading.ts";
import type { Append, Journal } from "../journal/journal.ts";
import { filledQuantity, type LedgerOrder } from "../journal/ledger-order.ts";
import { writerState } from "../journal/writer.ts";
import type { GuardedBroker, OrderAnswer } from "./answers.ts";
import { refuseOnWrongAccount } from "./cancel-order.ts";
import { describeOwn } from "./describe.ts";
import type { Desk } from "./desk.ts";
import { readFills } from "./executions.ts";
import { reading } from "./gather.ts";
import { accountJournal } from "./orders.ts";
import { foreignOrders, type News, recordNews } from "./sync.ts";

/** What the operator says became of an order. */
export type ResolvedAs = "placed" | "not_placed";

export interface ResolveRequest {
  clientOrderId: string;
  as: ResolvedAs;
  /** The operator's user name on this machine. */
  user: string;
  /** Asks the person, who is told what the venue was just seen to say. Nothing is locked meanwhile. */
  confirm(saw: string, order: OrderAnswer): Promise<boolean>;
}

export type ResolveAnswer =
  /** The venue knew it after all: that was journaled, and the declaration was not needed. */
  | { kind: "found"; order: OrderAnswer }
  | { kind: "resolved"; as: ResolvedAs; order: OrderAnswer; saw: string }
  | { kind: "not_confirmed" };

/** The guard with what only the operator's commands may call; tools are given a GuardedBroker. */
export interface OperatorGuard extends GuardedBroker {
  resolve(request: ResolveRequest): Promise<ResolveAnswer>;
}

const LOCK_WAIT_MS = 10_000;
/** What the venue shows late is shown by then: sooner, absence says nothing yet. */
const VENUE_LAG_MS = 120_000;

/**
 * Ends the question what became of an order by the operator's word (S16), where the venue's answers cannot.
 * The venue is read before the person is asked and again after; an order that it knows is recorded instead.
 */
export async function resolveOrder(desk: Desk, request: ResolveRequest): Promise<ResolveAnswer> {
  const journal = await accountJournal(desk);
  await refuseOnWrongAccount(desk);
  const own = journal.ledger.orders.get(request.clientOrderId);
  if (!own) throw unknownOrder(request.clientOrderId, journal);
  const nothing = unread("not needed");
  const noNews: News = { orders: nothing, single: [], fills: nothing, positions: nothing };
  await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, noNews, append));
  refuseUnlessOpen(desk, journal, own);

  const saw = await look(desk, journal, own, () => {});
  if (saw === null) return { kind: "found", order: describeOwn(desk, own) };
  if (!(await request.confirm(saw, describeOwn(desk, own)))) return { kind: "not_confirmed" };
  const { as, user, clientOrderId } = request;
  const declare = (append: Append, said: string) => {
    refuseUnlessOpen(desk, journal, own);
    append({ kind: "operator", act: "resolve", clientOrderId, as, user, saw: said });
  };
  const last = await look(desk, journal, own, declare);
  const order = describeOwn(desk, own);
  return last === null ? { kind: "found", order } : { kind: "resolved", as, order, saw: last };
}

/**
 * Reads what the venue has, and journals it. Null when the order is there; otherwise, in the same locked
 * step, `whenAbsent`, and what was read in words. Throws where the venue could not be read in full.
 */
async function look(
  desk: Desk,
  journal: Journal,
  own: LedgerOrder,
  whenAbsent: (append: Append, saw: string) => void,
): Promise<string | null> {
  const [orders, fills] = await Promise.all([reading(() => desk.broker.orders()), readFills(desk, [own])]);
  return journal.locked(LOCK_WAIT_MS, (append) => {
    recordNews(journal, { orders, single: [], fills, positions: unread("not needed") }, append);
    if (isFound(own)) return null;
    const complete = foreignOrders(journal.ledger, orders);
    for (const each of [complete, fills]) {
      if (each.kind === "unread") throw venueUnread(each.reason);
    }
    const read = orders.kind === "read" ? orders.value.length : 0;
    const executions = fills.kind === "read" ? fills.value.length : 0;
    const saw = `${read} orders and ${executions} executions of the last days read, and none of them is this order`;
    whenAbsent(append, saw);
    return saw;
  });
}

function isFound(own: LedgerOrder): boolean {
  return own.orderId !== null || own.fills.size > 0;
}

/** Its fate is unknown; or the operator declared it placed, and the venue has not shown it since. */
function isOpenQuestion(own: LedgerOrder): boolean {
  return own.phase === "unresolved" || (own.phase === "working" && !isFound(own));
}

function refuseUnlessOpen(desk: Desk, journal: Journal, own: LedgerOrder): void {
  const id = own.clientOrderId;
  const inFlight = own.phase === "intended" || own.phase === "dispatched";
  if (!inFlight && !isOpenQuestion(own)) {
    throw new TradingError(
      "not_unresolved",
      `Order ${id} is not unresolved: it is ${own.status}.`,
      "There is nothing to resolve; `journal show` tells its life.",
    );
  }
  if (writerState(journal.folder, own.writer) === "alive") {
    throw new TradingError(
      "writer_alive",
      `The server that sent order ${id} still runs (process ${own.writer.pid}), and may still learn what became of it.`,
      "End that client session, then resolve the order.",
      { retryable: true },
    );
  }
  const age = desk.clock.now() - own.intentAt;
  if (age < VENUE_LAG_MS) {
    throw new TradingError(
      "too_early",
      `Order ${id} is ${Math.max(0, Math.round(age / 1000))} s old: the venue may show it yet.`,
      `Try again ${VENUE_LAG_MS / 1000} s after it was sent.`,
      { retryable: true },
    );
  }
}

function unknownOrder(id: string, journal: Journal): TradingError {
  return new TradingError(
    "order_not_found",
    `The journal ${journal.path} holds no order ${id}.`,
    "Take the client order id from session_status or `journal show`; the venue's order id does not do here.",
  );
}

function venueUnread(reason: string): TradingError {
  return new TradingError(
    "venue_unread",
    `The venue could not be read in full: ${reason}.`,
    "Nothing was declared. Try again once its orders and executions can be read.",
    { retryable: true },
  );
}

/** Orders that the operator declared not placed and that the venue showed afterwards: they count in full. */
export function foundAfterAll(orders: Iterable<LedgerOrder>): string[] {
  const found: string[] = [];
  for (const own of orders) {
    if (own.operatorSaid?.as !== "not_placed" || !isFound(own)) continue;
    found.push(
      `Order ${own.clientOrderId} (${own.order.side} ${own.order.symbol}) was declared not placed and exists: it is ${own.status}, ${filledQuantity(own).toFixed()} filled, and counts in full.`,
    );
  }
  return found;
}
