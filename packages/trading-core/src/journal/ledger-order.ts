import { baseOf } from "../domain/instrument.ts";
import { type Decimal, decimal, max, ONE, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderStatus, opposite, signed } from "../domain/order.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { CloseRequest, Entry, JournaledGroup, JournaledOrder, JournalRecord, Writer } from "./record.ts";

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
  /** What its execution may cost in fees, in the risk currency: what was told of them counts instead (S22). */
  expectedFee: Decimal;
  /** What the worst case is in, and the rate from the order's currency into it: the order's for life (S21). */
  riskCurrency: string;
  rate: Decimal;
  planId: string | null;
  /** The caller's name for it (S18), and the close_position that it is all of, where it is one. */
  idempotencyKey: string | null;
  closes: CloseRequest | null;
  /** Its place in a bracket, and the parent that the venue named for it; null where there is none. */
  group: JournaledGroup | null;
  parentOrderId: string | null;
  phase: OrderPhase;
  /** How its dispatch ended, by the last record that told it; null before the first. */
  outcome: { kind: Outcome["kind"]; reason: string | null } | null;
  status: OrderStatus;
  writer: Writer;
  /** Epoch milliseconds of the intent, and its place in the journal. */
  intentAt: number;
  intentSeq: number;
  /** Place and time (epoch milliseconds) of the last record about this order. */
  lastSeq: number;
  lastAt: number;
  /** The same time as budgets count it: never before an earlier record's, whatever clock wrote this one (S26). */
  countedAt: number;
  fills: Map<string, LedgerFill>;
  /** The highest cumulative quantity that the venue was seen to report, and when it first was. */
  cumulative: Decimal;
  cumulativeAt: number;
  averagePrice: Decimal | null;
  /** The venue said how much was filled, be it nothing. */
  fillsReported: boolean;
  cancelRequested: boolean;
  /** What the operator declared it to be while its fate was unknown (S16). */
  operatorSaid: OperatorWord | null;
  /**
   * Of an exit: what is held of its instrument, signed, if the exit did nothing. It begins with what was held
   * at the intent and goes on with our own fills; null while no position was ever settled.
   */
  heldWithout: Decimal | null;
  /** Complete readings in a row that lacked an exit of unknown fate (S15); null before the first. */
  absence: Absence | null;
}

export interface Absence {
  readings: number;
  /** When the first and the last were made, epoch milliseconds by the venue's clock. */
  firstAt: number;
  lastAt: number;
  /** The least number of orders and executions that one of them listed. */
  listed: number;
  presumed: boolean;
}

/** The operator's word on an order of which the venue's answers say nothing. */
export interface OperatorWord {
  as: "placed" | "not_placed";
  /** When it was declared, epoch milliseconds. */
  at: number;
  /** How much of it was filled in all, and at which average price, where that was declared. */
  filled: Decimal | null;
  price: Decimal | null;
  /** The venue has shown nothing of the order since. Once it does, its word counts and this one does not. */
  stands: boolean;
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
  /** In `feeCurrency`, which is the order's where it is null. */
  fee: Decimal | null;
  feeCurrency: string | null;
  /** Into the risk currency, where it had to be asked for. */
  feeRate: Decimal | null;
  /** Epoch milliseconds, by the venue. */
  executedAt: number;
  /** Place of the record that first told it. */
  seq: number;
}

/** An order at its intent: nothing sent, nothing filled. */
export function newLedgerOrder(record: JournalRecord & { kind: "intent" }): LedgerOrder {
  return {
    clientOrderId: record.clientOrderId,
    orderId: null,
    order: record.order,
    exit: record.exit,
    worstCase: record.worstCase === null ? null : decimal(record.worstCase),
    expectedFee: decimal(record.expectedFee ?? 0),
    riskCurrency: record.riskCurrency,
    rate: record.rate === undefined ? ONE : decimal(record.rate.rate),
    planId: record.planId,
    idempotencyKey: record.idempotencyKey ?? null,
    closes: record.closes ?? null,
    group: record.group ?? null,
    parentOrderId: null,
    phase: "intended",
    outcome: null,
    status: "pending",
    writer: record.writer,
    intentAt: Date.parse(record.at),
    intentSeq: record.seq,
    lastSeq: record.seq,
    lastAt: Date.parse(record.at),
    countedAt: Date.parse(record.at),
    fills: new Map(),
    cumulative: ZERO,
    cumulativeAt: 0,
    averagePrice: null,
    fillsReported: false,
    cancelRequested: false,
    operatorSaid: null,
    heldWithout: null,
    absence: null,
  };
}

/** What one record says about its order. `at` is the record's time, epoch milliseconds. */
export function applyToOrder(order: LedgerOrder, record: Entry, at: number): void {
  switch (record.kind) {
    case "dispatch":
      if (order.phase === "intended") order.phase = "dispatched";
      return;
    case "outcome":
      seeOutcome(order, record, at);
      return;
    case "resolution":
      overruleOperator(order);
      order.absence = null;
      order.orderId = record.orderId;
      order.parentOrderId = record.parentOrderId ?? order.parentOrderId;
      seeCumulative(order, record.filledQuantity, record.averagePrice, at);
      // A late figure of a list counts what was filled; it does not bring back an order that ended.
      if (hasEnded(order) && !isTerminal(record.status)) return;
      if (record.status === "inactive" && isOfUnknownFate(order) && filledQuantity(order).eq(ZERO)) {
        // Listed, and not at work: a question about it may be unanswered. That is not to have been found.
        order.status = "inactive";
        return;
      }
      order.phase = "working";
      seeStatus(order, record.status, at);
      return;
    case "fill":
      overruleOperator(order);
      order.orderId = record.orderId ?? order.orderId;
      // A later, fuller record of the same execution replaces the earlier one (S4).
      order.fills.set(record.executionId, {
        executionId: record.executionId,
        quantity: decimal(record.quantity),
        price: decimal(record.price),
        fee: record.fee === null ? null : decimal(record.fee),
        feeCurrency: record.feeCurrency ?? null,
        feeRate: record.feeRate === undefined ? null : decimal(record.feeRate),
        executedAt: Date.parse(record.executedAt),
        seq: order.fills.get(record.executionId)?.seq ?? order.lastSeq,
      });
      // A fill proves that the order reached the venue, whatever its outcome was thought to be.
      if (!hasEnded(order)) order.phase = "working";
      if (order.phase === "working") order.status = "partially_filled";
      if (isComplete(order)) finish(order, "filled");
      return;
    case "cancel":
      if (record.phase === "intent") order.cancelRequested = true;
      return;
    case "operator":
      seeOperator(order, record, at);
      return;
    case "absence":
      seeAbsence(order, record);
      return;
    default:
      return;
  }
}

function seeOutcome(order: LedgerOrder, record: Entry & { kind: "outcome" }, at: number): void {
  order.outcome = { kind: record.outcome, reason: record.reason };
  // Somebody else may have found the order, or its fills, while its answer was on the way: having been
  // seen at work is proof, and an answer that says less takes nothing of it back.
  const seen = order.fills.size > 0 || (order.orderId !== null && order.phase !== "dispatched");
  order.orderId = record.orderId ?? order.orderId;
  order.parentOrderId = record.parentOrderId ?? order.parentOrderId;
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

/** Its bytes may have left, and it was not seen at work, or done, since. */
export function isOfUnknownFate(order: LedgerOrder): boolean {
  return order.phase === "unresolved" || order.phase === "dispatched";
}

/** Sent, never found, and long enough looked for: it reserves nothing, and stays until it is found (S15). */
export function isPresumedAbsent(order: LedgerOrder): boolean {
  return order.phase === "unresolved" && order.absence?.presumed === true;
}

function seeAbsence(order: LedgerOrder, record: Entry & { kind: "absence" }): void {
  const readAt = Date.parse(record.readAt);
  const before = record.reading === 1 ? null : order.absence;
  order.heldWithout = decimal(record.held);
  order.absence = {
    readings: record.reading,
    firstAt: before?.firstAt ?? readAt,
    lastAt: readAt,
    listed: Math.min(before?.listed ?? record.listed, record.listed),
    presumed: record.presumed,
  };
}

/**
 * What a person declares ends the question, not the order: one that was placed keeps its place in the
 * limits, one that was filled is over with that much, and each comes back in full should the venue ever
 * show it or a fill of it. What was declared filled moves no holdings: the venue's list says what is held.
 */
function seeOperator(order: LedgerOrder, record: Entry & { kind: "operator" }, at: number): void {
  const filled = record.filled == null ? null : decimal(record.filled);
  const price = record.price == null ? null : decimal(record.price);
  const isOpen = order.operatorSaid?.stands === true || !hasEnded(order);
  const seen = order.fills.size > 0 || (order.orderId !== null && !isOfUnknownFate(order));
  order.operatorSaid = { as: record.as, at, filled, price, stands: isOpen && !seen };
  if (!order.operatorSaid.stands) return;
  if (record.as === "not_placed") {
    finish(order, "rejected");
  } else if (filled !== null) {
    finish(order, isWhole(order, filled) ? "filled" : "cancelled");
  } else {
    order.phase = "working";
    order.status = "unknown";
  }
}

/** The venue shows the order after all: what was over by the operator's word alone is open again. */
function overruleOperator(order: LedgerOrder): void {
  if (!order.operatorSaid?.stands) return;
  order.operatorSaid.stands = false;
  order.phase = "working";
  order.status = "unknown";
}

/** A buy by amount ends with its first fill: the venue spends the amount at once. */
function isWhole(order: LedgerOrder, filled: Decimal): boolean {
  return order.order.quantity === null || filled.gte(decimal(order.order.quantity));
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
  // Of a bracket's exits it does not: the venue makes one smaller by what the other has filled.
  if (status === "filled" && !isChild(order)) seeCumulative(order, order.order.quantity, null, at);
  if (isTerminal(status)) order.phase = "done";
  else if (isComplete(order)) finish(order, "filled");
}

/** It closes what the entry of its bracket opens. */
export function isChild(order: LedgerOrder): boolean {
  return order.group !== null && order.group.role !== "entry";
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

/**
 * What the order moved, signed, by the id of what is held: its instrument, and of a pair also what it is
 * priced in and what its fees were taken in (S1), for on a spot exchange each of them is held. Until the
 * executions are told, the fees are not known and nothing is taken off.
 *
 * @param counts whether what was executed then, and told in that record, is asked for; left out, all of it
 */
export function movedQuantities(
  order: LedgerOrder,
  counts: (fill: Pick<LedgerFill, "executedAt" | "seq">) => boolean = () => true,
): Map<string, Decimal> {
  const { instrumentId, symbol, side, currency } = order.order;
  const fills = [...order.fills.values()].filter(counts);
  const rest = max(ZERO, order.cumulative.minus(executedQuantity(order)));
  const unexplained = counts({ executedAt: order.cumulativeAt, seq: order.lastSeq }) ? rest : ZERO;
  const filled = sum(fills.map((fill) => fill.quantity)).plus(unexplained);
  const moved = new Map([[instrumentId, signed(side, filled)]]);
  const base = baseOf(symbol);
  if (base === null) return moved;
  const add = (asset: string, quantity: Decimal) => {
    const id = asset === base ? instrumentId : asset;
    moved.set(id, quantity.plus(moved.get(id) ?? ZERO));
  };
  add(currency, signed(opposite(side), paidInQuote(order, fills, unexplained)));
  for (const { fee, feeCurrency } of fills) {
    if (fee !== null) add(feeCurrency ?? currency, fee.neg());
  }
  return moved;
}

/**
 * What a pair's order has exchanged in its quote currency, without fees. What no price is known of yet counts
 * at the worst: all that a buy may have paid, nothing that a sale may have brought.
 */
function paidInQuote(order: LedgerOrder, fills: LedgerFill[], unexplained: Decimal): Decimal {
  const executed = sum(fills.map((fill) => fill.quantity.times(fill.price)));
  if (unexplained.eq(ZERO)) return executed;
  if (order.averagePrice !== null) return executed.plus(unexplained.times(order.averagePrice));
  if (order.order.side === "SELL") return executed;
  if (order.order.cashAmount !== null) return max(executed, decimal(order.order.cashAmount));
  return executed.plus(unexplained.times(worstPaid(order) ?? ZERO));
}

/** The most that one unit of a buy may cost in its quote currency; null where nothing says it. */
export function worstPaid({ order, worstCase, rate }: LedgerOrder): Decimal | null {
  if (order.limitPrice !== null) return decimal(order.limitPrice);
  if (worstCase === null || order.quantity === null || rate.eq(ZERO)) return null;
  return worstCase.div(rate).div(decimal(order.quantity));
}

/** The same with what the operator declared filled, as long as the venue says nothing of the order (S16). */
export function countedQuantity(order: LedgerOrder): Decimal {
  return max(filledQuantity(order), declaredFill(order)?.quantity ?? ZERO);
}

/** What the operator declared filled, and when; null where nothing was, or the venue has spoken since. */
export function declaredFill(
  order: LedgerOrder,
): { quantity: Decimal; price: Decimal | null; at: number } | null {
  const said = order.operatorSaid;
  if (!said?.stands || said.filled === null) return null;
  return { quantity: said.filled, price: said.price, at: said.at };
}

export function executedQuantity(order: LedgerOrder): Decimal {
  return sum([...order.fills.values()].map((fill) => fill.quantity));
}

/** What may still fill; null where the order is sized by an amount and has no quantity. */
export function remainingQuantity(order: LedgerOrder): Decimal | null {
  if (order.phase === "done") return ZERO;
  if (order.order.quantity === null) return null;
  return max(ZERO, decimal(order.order.quantity).minus(filledQuantity(order)));
}

/**
 * It ended, and the venue did not say with how much: part of it may have been filled (S4). So may one that
 * the operator declared not to exist (S16).
 */
export function endedUntold(order: LedgerOrder): boolean {
  const proven = order.status === "rejected" && order.operatorSaid?.as !== "not_placed";
  return order.phase === "done" && !proven && !order.fillsReported && order.fills.size === 0;
}

/** Its executions do not explain all of it: ids, prices or fees are still to be read. */
export function lacksExecutions(order: LedgerOrder): boolean {
  if (isOfUnknownFate(order) || order.operatorSaid?.stands === true || endedUntold(order)) return true;
  let executed = ZERO;
  for (const fill of order.fills.values()) {
    if (fill.fee === null) return true;
    executed = executed.plus(fill.quantity);
  }
  return filledQuantity(order).gt(executed);
}
