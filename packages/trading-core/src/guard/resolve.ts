import { TradingError } from "../domain/errors.ts";
import { type Decimal, decimal, plain, ZERO } from "../domain/money.ts";
import { unread } from "../domain/reading.ts";
import { type Append, type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
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
  /** With `placed`: how much was filled in all (shares or units), after which the order was over; else null. */
  filled: Decimal | null;
  /** The average price of that, per share or unit in the order's currency; null where it is not known. */
  price: Decimal | null;
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

/**
 * From its intent on. A server is done with an order long before: 5 s until it leaves, 10 s of conversation,
 * then the outcome. And what the venue shows late is shown by then: sooner, absence says nothing yet.
 */
const DEADLINE_MS = 120_000;

/**
 * Ends the question what became of an order by the operator's word (S16), where the venue's answers cannot.
 * The venue is read before the person is asked and again after; an order that it knows is recorded instead.
 * The server that sent it may run on: only while it has the order in flight is this refused.
 */
export async function resolveOrder(desk: Desk, request: ResolveRequest): Promise<ResolveAnswer> {
  const journal = await accountJournal(desk);
  await refuseOnWrongAccount(desk);
  const own = journal.ledger.orders.get(request.clientOrderId);
  if (!own) throw unknownOrder(request.clientOrderId, journal);
  checkFill(request, own);
  const nothing = unread("not needed");
  const noNews: News = { orders: nothing, single: [], fills: nothing, positions: nothing };
  await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, noNews, append));
  refuseUnlessOpen(desk, journal, own);

  const saw = await look(desk, journal, own, () => {});
  if (saw === null) return { kind: "found", order: describeOwn(desk, own) };
  if (!(await request.confirm(saw, describeOwn(desk, own)))) return { kind: "not_confirmed" };
  const { as, filled, price, user, clientOrderId } = request;
  const declare = (append: Append, said: string) => {
    refuseUnlessOpen(desk, journal, own);
    append({
      kind: "operator",
      act: "resolve",
      clientOrderId,
      as,
      ...(filled !== null && { filled: plain(filled) }),
      ...(price !== null && { price: plain(price) }),
      user,
      saw: said,
    });
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

/** Its fate is unknown; or what the operator declared is all that is known: then it may be declared anew. */
function isOpenQuestion(own: LedgerOrder): boolean {
  return own.phase === "unresolved" || own.operatorSaid?.stands === true;
}

/** Refuses a declared fill that cannot have been. */
function checkFill({ as, filled, price }: ResolveRequest, own: LedgerOrder): void {
  const { quantity } = own.order;
  const problem =
    filled === null
      ? price !== null && "a price belongs to a filled quantity"
      : as !== "placed"
        ? "an order that was not placed was not filled either"
        : filled.lte(ZERO) || price?.lte(ZERO)
          ? "a filled quantity and its price are greater than 0"
          : quantity !== null && filled.gt(decimal(quantity)) && `the order was for ${quantity} only`;
  if (!problem) return;
  throw new TradingError(
    "invalid_argument",
    `Order ${own.clientOrderId} cannot be declared so: ${problem}.`,
    "Nothing was declared. Take the filled quantity and its average price from the venue's own client.",
  );
}

function refuseUnlessOpen(desk: Desk, journal: Journal, own: LedgerOrder): void {
  const id = own.clientOrderId;
  const inFlight = own.phase === "intended" || own.phase === "dispatched";
  if (inFlight && writerState(journal.folder, own.writer) === "alive") {
    throw new TradingError(
      "writer_alive",
      `The server that sends order ${id} still runs (process ${own.writer.pid}) and has written no outcome yet.`,
      "Wait for its outcome; a server that hangs is ended with its client session. Then resolve the order.",
      { retryable: true },
    );
  }
  if (!inFlight && !isOpenQuestion(own)) {
    throw new TradingError(
      "not_unresolved",
      `Order ${id} is not unresolved: it is ${own.status}.`,
      "There is nothing to resolve; `journal show` tells its life.",
    );
  }
  const age = desk.clock.now() - own.intentAt;
  if (age < DEADLINE_MS) {
    throw new TradingError(
      "too_early",
      `Order ${id} is ${Math.max(0, Math.round(age / 1000))} s old: the venue may show it yet.`,
      `Try again ${DEADLINE_MS / 1000} s after it was sent.`,
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

/** Orders that the venue showed after the operator had declared something else: they count in full. */
export function foundAfterAll(orders: Iterable<LedgerOrder>): string[] {
  const found: string[] = [];
  for (const own of orders) {
    const said = own.operatorSaid;
    if (said === null || !isFound(own)) continue;
    const filled = filledQuantity(own);
    if (said.filled?.eq(filled) && own.phase === "done") continue;
    const declared =
      said.as === "not_placed"
        ? "not placed and exists"
        : said.filled === null
          ? "placed and was found"
          : `filled with ${plain(said.filled)} and is not as declared`;
    found.push(
      `Order ${own.clientOrderId} (${own.order.side} ${own.order.symbol}) was declared ${declared}: it is ${own.status}, ${plain(filled)} filled, and counts in full.`,
    );
  }
  return found;
}
