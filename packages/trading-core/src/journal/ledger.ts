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
  /** The last complete reading of the account's positions. */
  readonly holdings: HoldingsNote | null;
  /** When one of our orders last moved a position, epoch milliseconds; 0 before the first time. */
  readonly lastMovementAt: number;
  ordersOf(instrumentId: string): readonly LedgerOrder[];
  /** Close plans that were opened and did not end. */
  readonly openPlans: ReadonlyMap<string, OpenPlan>;
  /** Why the ledger cannot be trusted to be complete; null when it can. Entries stop, exits go on. */
  readonly incomplete: string | null;
  readonly lastSeq: number;
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
  cancelRequested: boolean;
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
  seq: number;
}

export interface OpenPlan {
  planId: string;
  symbol: string;
  instrumentId: string;
  protections: JournaledOrder[];
}

export function createLedger(): Ledger {
  const orders = new Map<string, LedgerOrder>();
  const open = new Set<LedgerOrder>();
  const byOrderId = new Map<string, LedgerOrder>();
  const byInstrument = new Map<string, LedgerOrder[]>();
  const openPlans = new Map<string, OpenPlan>();
  let holdings: HoldingsNote | null = null;
  let suspected: string | null = null;
  let quarantined: string | null = null;
  let lastSeq = 0;
  let lastMovementAt = 0;

  function apply(record: JournalRecord): void {
    lastSeq = record.seq;
    if (record.kind === "intent") {
      addIntent(record);
      return;
    }
    if (record.kind === "note" && record.note === "holdings") {
      holdings = {
        readAt: Date.parse(record.readAt),
        quantities: new Map(record.positions.map((each) => [each.instrumentId, decimal(each.quantity)])),
        seq: record.seq,
      };
      return;
    }
    if (record.kind === "plan") {
      if (record.step === "opened") openPlans.set(record.planId, { ...record });
      else openPlans.delete(record.planId);
      return;
    }
    if (!("clientOrderId" in record) || record.clientOrderId === null) return;
    const order = orders.get(record.clientOrderId);
    if (!order) return;
    order.lastSeq = record.seq;
    order.lastAt = Date.parse(record.at);
    applyToOrder(order, record, Date.parse(record.at));
    lastMovementAt = Math.max(lastMovementAt, order.cumulativeAt);
    if (record.kind === "fill") lastMovementAt = Math.max(lastMovementAt, Date.parse(record.executedAt));
    if (order.orderId !== null) byOrderId.set(order.orderId, order);
    if (order.phase === "done") open.delete(order);
    else open.add(order);
  }

  function addIntent(record: JournalRecord & { kind: "intent" }): void {
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
    get lastMovementAt() {
      return lastMovementAt;
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
      order.orderId = record.orderId ?? order.orderId;
      seeCumulative(order, record.filledQuantity, record.averagePrice, at);
      if (record.outcome === "unknown") order.phase = "unresolved";
      else if (record.outcome === "acknowledged") order.phase = "working";
      else order.phase = "done";
      seeStatus(order, record.status);
      return;
    case "resolution":
      order.orderId = record.orderId;
      seeCumulative(order, record.filledQuantity, record.averagePrice, at);
      order.phase = "working";
      seeStatus(order, record.status);
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
      if (order.phase !== "done") order.phase = "working";
      if (isComplete(order)) finish(order, "filled");
      return;
    case "cancel":
      if (record.phase === "intent") order.cancelRequested = true;
      return;
    default:
      return;
  }
}

function seeCumulative(order: LedgerOrder, filled: string | null, average: string | null, at: number): void {
  if (average !== null) order.averagePrice = decimal(average);
  if (filled === null) return;
  const quantity = decimal(filled);
  if (quantity.gt(order.cumulative)) {
    order.cumulative = quantity;
    order.cumulativeAt = at;
  }
}

function seeStatus(order: LedgerOrder, status: OrderStatus): void {
  order.status = status;
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

/**
 * The changes of a position by our own orders, each with its time: executions, and what a cumulative
 * figure says beyond them, at the time when it was first seen.
 */
export function movements(ledger: Ledger, instrumentId: string): { at: number; quantity: Decimal }[] {
  const found: { at: number; quantity: Decimal }[] = [];
  for (const order of ledger.ordersOf(instrumentId)) {
    for (const fill of order.fills.values()) {
      found.push({ at: fill.executedAt, quantity: signed(order.order.side, fill.quantity) });
    }
    const unexplained = order.cumulative.minus(executedQuantity(order));
    if (unexplained.gt(ZERO)) {
      found.push({ at: order.cumulativeAt, quantity: signed(order.order.side, unexplained) });
    }
  }
  return found.sort((a, b) => a.at - b.at);
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
    value = value.plus(unexplained.times(order.averagePrice ?? worstPrice(order)));
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

function worstPrice(order: LedgerOrder): Decimal {
  if (order.worstCase === null || order.order.quantity === null) return ZERO;
  return order.worstCase.div(decimal(order.order.quantity));
}

/** Open orders of ours on one side of an instrument. */
export function openOn(ledger: Ledger, instrumentId: string, side: Side): LedgerOrder[] {
  return ledger
    .openOrders()
    .filter((each) => each.order.instrumentId === instrumentId && each.order.side === side);
}
