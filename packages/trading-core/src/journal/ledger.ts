import { type Decimal, decimal, max, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderStatus, type Side, signed } from "../domain/order.ts";
import type { Entry, JournaledOrder, JournalRecord, Writer } from "./record.ts";

/** What the journal adds up to. A fold over its records: the same records always give the same ledger. */
export interface Ledger {
  /** Every order that was ever meant to be sent, by client order id. */
  readonly orders: ReadonlyMap<string, LedgerOrder>;
  /** Orders that are not proven done: in flight, working, or of unknown fate. */
  openOrders(): LedgerOrder[];
  byOrderId(orderId: string): LedgerOrder | null;
  /** The last complete reading of the account's positions, as it was noted. */
  readonly holdings: HoldingsNote | null;
  /** What was held of one instrument when its figure was last settled; null before the first time. */
  settled(instrumentId: string): SettledQuantity | null;
  /** Place of the last record by which one of our orders moved a position; 0 before the first. */
  readonly lastMovementSeq: number;
  ordersOf(instrumentId: string): readonly LedgerOrder[];
  /** Close plans that were opened and did not end. */
  readonly openPlans: ReadonlyMap<string, OpenPlan>;
  /** Why the ledger cannot be trusted to be complete; null when it can. Entries stop, exits go on. */
  readonly incomplete: string | null;
  readonly lastSeq: number;
  /** How many records of this kind there are. */
  count(kind: string): number;
  apply(record: JournalRecord): void;
  /** A line cannot be read; null when what followed proved that it was never a record. */
  suspect(reason: string | null): void;
  /** Records are missing or were changed: stays so. */
  quarantine(reason: string): void;
}

export type OrderPhase =
  /** Intent on disk, not dispatched as far as anybody knows. */
  | "intended"
  /** Its bytes may have left; no answer is on disk. */
  | "dispatched"
  | "working"
  /** Dispatched, and the venue's answer proved nothing. */
  | "unresolved"
  | "done";

export interface LedgerOrder {
  clientOrderId: string;
  orderId: string | null;
  order: JournaledOrder;
  exit: boolean;
  worstCase: Decimal | null;
  planId: string | null;
  phase: OrderPhase;
  status: OrderStatus;
  writer: Writer;
  /** Epoch milliseconds of the intent, and its place in the journal. */
  intentAt: number;
  intentSeq: number;
  /** Place and time (epoch milliseconds) of the last record about this order. */
  lastSeq: number;
  lastAt: number;
  fills: Map<string, LedgerFill>;
  /** The highest cumulative quantity that the venue was seen to report, and when it first was. */
  cumulative: Decimal;
  cumulativeAt: number;
  averagePrice: Decimal | null;
  /** The venue said how much was filled, be it nothing. */
  fillsReported: boolean;
  /** How the order moved the position, in the order in which it was learnt. */
  movements: Movement[];
  cancelRequested: boolean;
}

/** One growth of an order's filled quantity. Figures that explain an earlier one are no new movement. */
export interface Movement {
  /** Signed by the order's side. */
  quantity: Decimal;
  /** When it was executed by the venue's clock; null where only a cumulative figure is known. */
  executedAt: number | null;
  /** When it was learnt by the local clock, and in which record. */
  learntAt: number;
  seq: number;
  /** Place of the order's intent: what was noted before it cannot hold the movement. */
  intentSeq: number;
}

export interface LedgerFill {
  executionId: string;
  quantity: Decimal;
  price: Decimal;
  fee: Decimal | null;
  /** Epoch milliseconds, by the venue. */
  executedAt: number;
}

export interface HoldingsNote {
  /** When the reading began, epoch milliseconds. */
  readAt: number;
  /** Signed quantity by instrument id; an instrument that is not here was not held. */
  quantities: Map<string, Decimal>;
  /** When it was noted; the reading had ended by then. */
  notedAt: number;
  seq: number;
}

/** One instrument's figure in a reading that held all of our fills that were known then. */
export interface SettledQuantity {
  quantity: Decimal;
  readAt: number;
  notedAt: number;
  seq: number;
}

export interface OpenPlan {
  planId: string;
  symbol: string;
  instrumentId: string;
  protections: JournaledOrder[];
  /** Who runs it. */
  writer: Writer;
  /** It ended and left the position without its protection. */
  unprotected: boolean;
}

export function createLedger(): Ledger {
  const orders = new Map<string, LedgerOrder>();
  const open = new Set<LedgerOrder>();
  const byOrderId = new Map<string, LedgerOrder>();
  const byInstrument = new Map<string, LedgerOrder[]>();
  const openPlans = new Map<string, OpenPlan>();
  const counts = new Map<string, number>();
  let holdings: HoldingsNote | null = null;
  let settled = new Map<string, SettledQuantity | null>();
  let suspected: string | null = null;
  let quarantined: string | null = null;
  let lastSeq = 0;
  let lastMovementSeq = 0;

  function apply(record: JournalRecord): void {
    lastSeq = record.seq;
    counts.set(record.kind, (counts.get(record.kind) ?? 0) + 1);
    if (record.kind === "intent") {
      addIntent(record);
      return;
    }
    if (record.kind === "note" && record.note === "holdings") {
      applyHoldings(record);
      return;
    }
    if (record.kind === "plan") {
      const unprotected = record.unprotected === true;
      if (record.step === "opened" || unprotected) openPlans.set(record.planId, { ...record, unprotected });
      else openPlans.delete(record.planId);
      return;
    }
    if (!("clientOrderId" in record) || record.clientOrderId === null) return;
    const order = orders.get(record.clientOrderId);
    if (!order) return;
    order.lastSeq = record.seq;
    order.lastAt = Date.parse(record.at);
    const before = filledQuantity(order);
    applyToOrder(order, record, Date.parse(record.at));
    noteMovement(order, before, record);
    if (order.orderId !== null) byOrderId.set(order.orderId, order);
    if (order.phase === "done") open.delete(order);
    else open.add(order);
    if (order.phase === "working" && order.exit) endUnprotected(order.order.instrumentId);
  }

  function noteMovement(order: LedgerOrder, before: Decimal, record: JournalRecord): void {
    const moved = filledQuantity(order).minus(before);
    if (moved.eq(ZERO)) return;
    order.movements.push({
      quantity: signed(order.order.side, moved),
      executedAt: record.kind === "fill" ? Date.parse(record.executedAt) : null,
      learntAt: Date.parse(record.at),
      seq: record.seq,
      intentSeq: order.intentSeq,
    });
    lastMovementSeq = record.seq;
  }

  function applyHoldings(record: JournalRecord & { kind: "note"; note: "holdings" }): void {
    const quantities = new Map(record.positions.map((each) => [each.instrumentId, decimal(each.quantity)]));
    // An instrument that had just moved keeps the figure it had: this reading may lag behind the move.
    const kept = (record.unsettled ?? []).map((id) => [id, settledOf(id)] as const);
    const times = { readAt: Date.parse(record.readAt), notedAt: Date.parse(record.at), seq: record.seq };
    holdings = { quantities, ...times };
    settled = new Map<string, SettledQuantity | null>(kept);
    for (const [id, quantity] of quantities) {
      if (!settled.has(id)) settled.set(id, { quantity, ...times });
    }
    for (const plan of openPlans.values()) {
      if (!quantities.has(plan.instrumentId) && !settled.has(plan.instrumentId)) {
        endUnprotected(plan.instrumentId);
      }
    }
  }

  function settledOf(instrumentId: string): SettledQuantity | null {
    const known = settled.get(instrumentId);
    if (known !== undefined || holdings === null) return known ?? null;
    return { ...holdings, quantity: ZERO };
  }

  /** A position that is protected again, or gone, is no longer one that a plan left bare. */
  function endUnprotected(instrumentId: string): void {
    for (const plan of openPlans.values()) {
      if (plan.unprotected && plan.instrumentId === instrumentId) openPlans.delete(plan.planId);
    }
  }

  function addIntent(record: JournalRecord & { kind: "intent" }): void {
    // Before anything is kept: an order that cannot be read later would fail every decision about it.
    for (const number of [
      record.order.quantity,
      record.order.cashAmount,
      record.order.limitPrice,
      record.order.stopPrice,
    ]) {
      if (number !== null) decimal(number);
    }
    const order: LedgerOrder = {
      clientOrderId: record.clientOrderId,
      orderId: null,
      order: record.order,
      exit: record.exit,
      worstCase: record.worstCase === null ? null : decimal(record.worstCase),
      planId: record.planId,
      phase: "intended",
      status: "pending",
      writer: record.writer,
      intentAt: Date.parse(record.at),
      intentSeq: record.seq,
      lastSeq: record.seq,
      lastAt: Date.parse(record.at),
      fills: new Map(),
      cumulative: ZERO,
      cumulativeAt: 0,
      averagePrice: null,
      fillsReported: false,
      movements: [],
      cancelRequested: false,
    };
    orders.set(record.clientOrderId, order);
    open.add(order);
    const siblings = byInstrument.get(record.order.instrumentId);
    if (siblings) siblings.push(order);
    else byInstrument.set(record.order.instrumentId, [order]);
  }

  return {
    orders,
    openPlans,
    openOrders: () => [...open],
    byOrderId: (orderId) => byOrderId.get(orderId) ?? null,
    ordersOf: (instrumentId) => byInstrument.get(instrumentId) ?? [],
    settled: settledOf,
    get lastMovementSeq() {
      return lastMovementSeq;
    },
    get holdings() {
      return holdings;
    },
    get incomplete() {
      return quarantined ?? suspected;
    },
    get lastSeq() {
      return lastSeq;
    },
    count: (kind) => counts.get(kind) ?? 0,
    apply,
    suspect(reason) {
      suspected = reason;
    },
    quarantine(reason) {
      quarantined ??= reason;
    },
  };
}

function applyToOrder(order: LedgerOrder, record: Entry, at: number): void {
  switch (record.kind) {
    case "dispatch":
      if (order.phase === "intended") order.phase = "dispatched";
      return;
    case "outcome":
      seeOutcome(order, record, at);
      return;
    case "resolution":
      order.orderId = record.orderId;
      seeCumulative(order, record.filledQuantity, record.averagePrice, at);
      // A late figure of a list counts what was filled; it does not bring back an order that ended.
      if (hasEnded(order) && !isTerminal(record.status)) return;
      order.phase = "working";
      seeStatus(order, record.status, at);
      return;
    case "fill":
      order.orderId = record.orderId ?? order.orderId;
      // A later, fuller record of the same execution replaces the earlier one (S4).
      order.fills.set(record.executionId, {
        executionId: record.executionId,
        quantity: decimal(record.quantity),
        price: decimal(record.price),
        fee: record.fee === null ? null : decimal(record.fee),
        executedAt: Date.parse(record.executedAt),
      });
      // A fill proves that the order reached the venue, whatever its outcome was thought to be.
      if (!hasEnded(order)) order.phase = "working";
      if (order.phase === "working") order.status = "partially_filled";
      if (isComplete(order)) finish(order, "filled");
      return;
    case "cancel":
      if (record.phase === "intent") order.cancelRequested = true;
      return;
    default:
      return;
  }
}

function seeOutcome(order: LedgerOrder, record: Entry & { kind: "outcome" }, at: number): void {
  // Somebody else may have found the order, or its fills, while its answer was on the way: having been
  // seen is proof, and an answer that says less takes nothing of it back.
  const seen = order.orderId !== null || order.fills.size > 0;
  order.orderId = record.orderId ?? order.orderId;
  seeCumulative(order, record.filledQuantity, record.averagePrice, at);
  if (seen && record.outcome !== "acknowledged") return;
  if (record.outcome === "unknown") {
    order.phase = "unresolved";
    order.status = record.status;
    return;
  }
  if (hasEnded(order) && !isTerminal(record.status)) return;
  order.phase = record.outcome === "acknowledged" ? "working" : "done";
  seeStatus(order, record.status, at);
}

/** Over by the venue's word or by its fills. One that was only thought never to have existed may come back. */
function hasEnded(order: LedgerOrder): boolean {
  return order.phase === "done" && order.status !== "rejected";
}

function seeCumulative(order: LedgerOrder, filled: string | null, average: string | null, at: number): void {
  if (average !== null) order.averagePrice = decimal(average);
  if (filled === null) return;
  order.fillsReported = true;
  const quantity = decimal(filled);
  if (quantity.gt(order.cumulative)) {
    order.cumulative = quantity;
    order.cumulativeAt = at;
  }
}

function seeStatus(order: LedgerOrder, status: OrderStatus, at: number): void {
  order.status = status;
  // "Filled" says the quantity, even where the venue left the figure out.
  if (status === "filled") seeCumulative(order, order.order.quantity, null, at);
  if (isTerminal(status)) order.phase = "done";
  else if (isComplete(order)) finish(order, "filled");
}

function finish(order: LedgerOrder, status: OrderStatus): void {
  order.phase = "done";
  order.status = status;
}

function isComplete(order: LedgerOrder): boolean {
  return order.order.quantity !== null && filledQuantity(order).gte(decimal(order.order.quantity));
}

/** What was filled: the greater of the distinct executions and the highest cumulative figure seen (S4). */
export function filledQuantity(order: LedgerOrder): Decimal {
  return max(order.cumulative, executedQuantity(order));
}

function executedQuantity(order: LedgerOrder): Decimal {
  return sum([...order.fills.values()].map((fill) => fill.quantity));
}

/** What may still fill; null where the order is sized by an amount and has no quantity. */
export function remainingQuantity(order: LedgerOrder): Decimal | null {
  if (order.phase === "done") return ZERO;
  if (order.order.quantity === null) return null;
  return max(ZERO, decimal(order.order.quantity).minus(filledQuantity(order)));
}

/** The changes of a position by our own orders, in the order in which they happened as far as is known. */
export function movements(ledger: Ledger, instrumentId: string): Movement[] {
  return ledger
    .ordersOf(instrumentId)
    .flatMap((order) => order.movements)
    .sort((a, b) => happenedAt(a) - happenedAt(b) || a.seq - b.seq);
}

function happenedAt(move: Movement): number {
  return move.executedAt ?? move.learntAt;
}

/**
 * The value that entries committed on a trading day (S21), in the risk currency: what was executed on
 * that day at its price and fee, plus the remaining worst case of every entry that is open now,
 * whatever day it was placed on.
 *
 * @param onDay whether an instant (epoch milliseconds) belongs to the day
 */
export function committedValue(ledger: Ledger, onDay: (at: number) => boolean): Decimal {
  let total = ZERO;
  for (const order of ledger.orders.values()) {
    if (order.exit) continue;
    total = total.plus(executedValue(order, onDay)).plus(remainingWorstCase(order));
  }
  return total;
}

function executedValue(order: LedgerOrder, onDay: (at: number) => boolean): Decimal {
  let value = ZERO;
  for (const fill of order.fills.values()) {
    if (!onDay(fill.executedAt)) continue;
    value = value.plus(fill.quantity.times(fill.price)).plus(fill.fee ?? ZERO);
  }
  const unexplained = order.cumulative.minus(executedQuantity(order));
  if (unexplained.gt(ZERO) && onDay(order.cumulativeAt)) {
    const price = order.averagePrice ?? worstPrice(order);
    if (price !== null) return value.plus(unexplained.times(price));
  }
  // Sized by an amount, filled, and nothing says for how much: the amount is gone until executions tell.
  const unpriced = unexplained.gt(ZERO) || (order.status === "filled" && order.fills.size === 0);
  if (unpriced && order.averagePrice === null && order.order.quantity === null && onDay(order.lastAt)) {
    return max(value, order.worstCase ?? ZERO);
  }
  return value;
}

/** What an open entry may still cost at its worst: nothing for one that is done or an exit. */
export function remainingWorstCase(order: LedgerOrder): Decimal {
  if (order.phase === "done" || order.worstCase === null) return ZERO;
  const quantity = order.order.quantity;
  if (quantity !== null) {
    return order.worstCase.times(remainingQuantity(order) ?? ZERO).div(decimal(quantity));
  }
  const spent = executedValue(order, () => true);
  return max(ZERO, order.worstCase.minus(spent));
}

function worstPrice(order: LedgerOrder): Decimal | null {
  if (order.order.quantity === null) return null;
  if (order.worstCase === null) return ZERO;
  return order.worstCase.div(decimal(order.order.quantity));
}

/** Open orders of ours on one side of an instrument. */
export function openOn(ledger: Ledger, instrumentId: string, side: Side): LedgerOrder[] {
  return ledger
    .openOrders()
    .filter((each) => each.order.instrumentId === instrumentId && each.order.side === side);
}
