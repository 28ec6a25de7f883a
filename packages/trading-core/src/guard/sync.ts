import type { Position } from "../domain/account.ts";
import { type Decimal, plain, plainOrNull, ZERO } from "../domain/money.ts";
import { type Fill, isTerminal, type OrderStatus, type VenueOrder } from "../domain/order.ts";
import type { Reading } from "../domain/reading.ts";
import { needsFeeRate } from "../journal/commitments.ts";
import type { Append, Journal } from "../journal/journal.ts";
import type { Ledger } from "../journal/ledger.ts";
import { declaredFill, filledQuantity, isOfUnknownFate, type LedgerOrder } from "../journal/ledger-order.ts";
import { writerState } from "../journal/writer.ts";
import { recordAbsences } from "./absent-exits.ts";
import type { Desk } from "./desk.ts";
import { exitUnder } from "./groups.ts";
import { isSettled } from "./holdings.ts";

/** What the venue was just seen to say: lists, and single orders that were asked for by id. */
export interface News {
  orders: Reading<VenueOrder[]>;
  single: { order: VenueOrder; began: number }[];
  fills: Reading<Fill[]>;
  positions: Reading<Position[]>;
  /** Orders of ours that are over although the venue has forgotten them (see own-orders.ts). */
  gone?: { clientOrderId: string; status: OrderStatus }[];
  /** When all three lists had been read, see `completedAt`; null where one of them is not whole. */
  completeAt?: number | null;
}

/**
 * S3: facts about our own orders become records, under the lock and before the rules. An order leaves
 * the open set by a terminal status, a complete fill or history; never by its absence from a list.
 */
export function recordNews(journal: Journal, news: News, append: Append): void {
  const { ledger } = journal;
  settleDeadWriters(journal, append);
  if (news.orders.kind === "read") {
    for (const order of parentsFirst(news.orders.value))
      recordOrder(ledger, order, news.orders.began, append);
  }
  const single = new Map(news.single.map(({ order, began }) => [order, began]));
  for (const order of parentsFirst([...single.keys()]))
    recordOrder(ledger, order, single.get(order) ?? 0, append);
  if (news.fills.kind === "read") {
    for (const fill of news.fills.value) recordFill(ledger, fill, append);
  }
  for (const order of news.gone ?? []) recordGone(ledger, order, append);
  recordHoldings(ledger, news.positions, append);
  recordAbsences(ledger, news, append);
}

/** A bracket's exit is known by its parent, which has to be known by then. */
function parentsFirst(orders: VenueOrder[]): VenueOrder[] {
  return orders.toSorted((a, b) => Number(a.parentOrderId !== null) - Number(b.parentOrderId !== null));
}

/** S14: what a process that is gone left open. Without a dispatch on disk nothing was sent. */
function settleDeadWriters(journal: Journal, append: Append): void {
  for (const order of journal.ledger.openOrders()) {
    if (order.phase !== "intended" && order.phase !== "dispatched") continue;
    const state = writerState(journal.folder, order.writer);
    if (state === "alive") continue;
    // What waits in the reserve was sent, whatever the journal lacks of it (S23).
    const notSent = order.phase === "intended" && state === "dead" && !isReserved(journal, order);
    append({
      kind: "outcome",
      clientOrderId: order.clientOrderId,
      outcome: notSent ? "not_sent" : "unknown",
      orderId: null,
      status: notSent ? "rejected" : "unknown",
      filledQuantity: null,
      averagePrice: null,
      reason: notSent
        ? "the process ended between its intent and its dispatch"
        : "the process ended after its dispatch and before its outcome",
      exchanges: [],
    });
  }
}

function isReserved({ reserve }: Journal, { clientOrderId }: LedgerOrder): boolean {
  return reserve?.pending().some((exit) => exit.intent.clientOrderId === clientOrderId) ?? false;
}

/** Our order behind a venue's record: by the venue's id, else by the client order id, else by its parent. */
export function ownOrder(
  ledger: Ledger,
  order: Parameters<typeof exitUnder>[1] & { clientOrderId: string | null },
): LedgerOrder | null {
  return (
    (order.orderId === null ? null : ledger.byOrderId(order.orderId)) ??
    (order.clientOrderId === null ? undefined : ledger.orders.get(order.clientOrderId)) ??
    exitUnder(ledger, order)
  );
}

function recordOrder(ledger: Ledger, seen: VenueOrder, began: number, append: Append): void {
  const own = ownOrder(ledger, seen);
  if (!own || !isNews(own, seen, began)) return;
  append({
    kind: "resolution",
    clientOrderId: own.clientOrderId,
    orderId: seen.orderId,
    ...(seen.parentOrderId !== null && own.group !== null && { parentOrderId: seen.parentOrderId }),
    status: seen.status,
    filledQuantity: plainOrNull(seen.filledQuantity),
    averagePrice: plainOrNull(seen.averagePrice),
  });
}

/** Statuses that prove that an order exists which was thought never to have. */
const ALIVE: ReadonlySet<OrderStatus> = new Set(["pending", "submitted", "partially_filled", "filled"]);

function isNews(own: LedgerOrder, seen: VenueOrder, began: number): boolean {
  const moreFilled = seen.filledQuantity?.gt(filledQuantity(own)) ?? false;
  if (moreFilled) return true;
  if (own.phase === "done") {
    if (declaredFill(own) !== null) return true;
    return own.status === "rejected" && own.orderId === null && ALIVE.has(seen.status);
  }
  if (own.orderId === null) return true;
  // Where the venue keeps a bracket as one, its exits reserve once (S7).
  if (own.group !== null && own.parentOrderId === null && seen.parentOrderId !== null) return true;
  if (isTerminal(seen.status)) return true;
  // A list from before our last record cannot be news about what is not terminal.
  return seen.status !== own.status && seen.status !== "unknown" && began >= own.lastAt;
}

/** After its executions, so that what was filled is known when it ends. */
function recordGone(
  ledger: Ledger,
  { clientOrderId, status }: { clientOrderId: string; status: OrderStatus },
  append: Append,
): void {
  const own = ledger.orders.get(clientOrderId);
  if (!own || own.orderId === null || !(own.phase === "working" || isOfUnknownFate(own))) return;
  append({
    kind: "resolution",
    clientOrderId,
    orderId: own.orderId,
    status,
    filledQuantity: plain(filledQuantity(own)),
    averagePrice: plainOrNull(own.averagePrice),
  });
}

function recordFill(ledger: Ledger, fill: Fill, append: Append): void {
  const own = ownOrder(ledger, fill);
  if (!own) return;
  const known = own.fills.get(fill.executionId);
  const { fee, ...paid } = feeOf(own, fill);
  const fuller = known !== undefined && known.fee === null && fee !== null;
  if (known && !fuller) return;
  append({
    kind: "fill",
    clientOrderId: own.clientOrderId,
    orderId: fill.orderId,
    executionId: fill.executionId,
    instrumentId: fill.instrumentId,
    symbol: fill.symbol,
    side: fill.side,
    quantity: plain(fill.quantity),
    price: plain(fill.price),
    fee: plainOrNull(fee),
    ...paid,
    executedAt: new Date(fill.executedAt).toISOString(),
  });
}

/** A fee that nothing says the worth of is not known yet: it is read again with the order's executions. */
function feeOf(own: LedgerOrder, { fee, feeCurrency, feeRate }: Fill) {
  if (fee === null || feeCurrency == null) return { fee };
  if (!needsFeeRate(own, feeCurrency)) return { fee, feeCurrency };
  if (feeRate?.to !== own.riskCurrency) return { fee: null };
  return { fee, feeCurrency, feeRate: plain(feeRate.rate) };
}

/**
 * How often an unchanged reading is written again: the last one on disk is what later fills are added to
 * (S1), and what stands in when the positions cannot be read (S8).
 */
const REFRESH_MS = 15 * 60_000;

function recordHoldings(ledger: Ledger, reading: Reading<Position[]>, append: Append): void {
  if (reading.kind === "unread") return;
  const positions = withoutRepeats(reading.value);
  const last = ledger.holdings;
  if (last !== null && reading.began <= last.readAt) return;
  const unchanged =
    last !== null &&
    ledger.lastMovementSeq < last.seq &&
    positions.size === last.quantities.size &&
    [...positions].every(([id, each]) => last.quantities.get(id)?.eq(each.quantity));
  if (unchanged && reading.began - last.readAt < REFRESH_MS) return;
  const unsettled = ledger.movedInstruments().filter((id) => !isSettled(reading, ledger, id));
  append(
    {
      kind: "note",
      note: "holdings",
      readAt: new Date(reading.began).toISOString(),
      positions: [...positions].map(([instrumentId, each]) => ({
        instrumentId,
        symbol: each.symbol,
        quantity: plain(each.quantity),
      })),
      ...(unsettled.length > 0 && { unsettled }),
    },
    { sync: false },
  );
}

/** One instrument listed in two rows is held as much as both say. */
function withoutRepeats(positions: Position[]): Map<string, { symbol: string; quantity: Decimal }> {
  const found = new Map<string, { symbol: string; quantity: Decimal }>();
  for (const { instrumentId, symbol, quantity } of positions) {
    const before = found.get(instrumentId)?.quantity ?? ZERO;
    found.set(instrumentId, { symbol, quantity: before.plus(quantity) });
  }
  return found;
}

/**
 * The orders of others: what the venue lists and is not ours. A list that lacks an order of ours which it
 * should hold is not to be relied on: it is unread, not empty.
 */
export function foreignOrders(ledger: Ledger, orders: Reading<VenueOrder[]>): Reading<VenueOrder[]> {
  if (orders.kind === "unread") return orders;
  const listed = new Set(orders.value.map((order) => order.orderId));
  const missing = ledger
    .openOrders()
    .find(
      (own) =>
        own.phase === "working" &&
        own.orderId !== null &&
        own.lastAt < orders.began &&
        !listed.has(own.orderId),
    );
  if (missing) {
    return {
      kind: "unread",
      reason: `the venue's list lacks our working order ${missing.orderId}, so it is not complete`,
    };
  }
  return { kind: "read", value: strangersIn(ledger, orders.value), began: orders.began };
}

function strangersIn(ledger: Ledger, orders: VenueOrder[]): VenueOrder[] {
  return orders.filter(
    (order) =>
      !isTerminal(order.status) &&
      ownOrder(ledger, order) === null &&
      (order.parentOrderId === null || ledger.byOrderId(order.parentOrderId) === null),
  );
}

/**
 * The orders of others that reserve what is held. While the venue's list cannot be relied on, those that it
 * held when it last could still count, but for those that it now says are done: an exit goes on, and is
 * proven by what is known.
 */
export function reservingOrders(
  desk: Pick<Desk, "foreign">,
  ledger: Ledger,
  orders: Reading<VenueOrder[]>,
): VenueOrder[] {
  const complete = foreignOrders(ledger, orders);
  if (complete.kind === "read") return complete.value;
  const known = new Map(desk.foreign.map((order) => [order.orderId, order]));
  if (orders.kind === "read") {
    for (const order of orders.value) known.delete(order.orderId);
    for (const order of strangersIn(ledger, orders.value)) known.set(order.orderId, order);
  }
  return [...known.values()].filter((order) => ownOrder(ledger, order) === null);
}
