import { baseOf } from "../domain/instrument.ts";
import { type Decimal, decimal, sum, ZERO } from "../domain/money.ts";
import type { Side } from "../domain/order.ts";
import type { Commitments } from "./commitments.ts";
import { createHorizon, departed } from "./horizon.ts";
import { createKeyIndex, type KeyUse, type SavedKeys } from "./idempotency-keys.ts";
import {
  applyToOrder,
  isPresumedAbsent,
  type LedgerOrder,
  type Movement,
  movedQuantities,
  newLedgerOrder,
} from "./ledger-order.ts";
import { createMovements } from "./movements.ts";
import { createOpenPlans, type OpenPlan } from "./open-plans.ts";
import { createOrderIndex } from "./order-index.ts";
import type { JournaledLimits, JournaledOrder, JournalRecord } from "./record.ts";
import {
  createSettledHoldings,
  type HoldingsNote,
  type SavedHoldings,
  type SettledQuantity,
} from "./settled-holdings.ts";

/** What the journal adds up to. A fold over its records: the same records always give the same ledger. */
export interface Ledger {
  /** Orders by client order id: all that are not done, and those done that anything still looks back to. */
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
  /** Orders on one instrument, oldest first; those whose intent is from `since` (epoch milliseconds) on. */
  ordersOf(instrumentId: string, since?: number): readonly LedgerOrder[];
  /** Orders that are over and of which nothing says with how much. */
  readonly untold: ReadonlySet<LedgerOrder>;
  /** Orders whose executions are not all known. */
  readonly lacking: ReadonlySet<LedgerOrder>;
  readonly commitments: Commitments;
  /** How our own orders moved the position, as far back as holdings look. */
  movementsOf(instrumentId: string): Movement[];
  /** When a position was last moved by our own orders, or that was learnt, epoch milliseconds; 0 for never. */
  lastMovedAt(instrumentId: string): number;
  /** Instruments that our own orders moved lately. */
  movedInstruments(): string[];
  /** What an idempotency key was used for within the last 7 days, and still stands for (S18). */
  boundTo(key: string, now: number): KeyUse | null;
  /**
   * Place of the last record by which another process sent, ended or cancelled an order on this instrument,
   * or learnt of a fill (S2); 0 before the first. What was known when this process started counts as such.
   */
  lastNewsSeq(instrumentId: string): number;
  /** Close plans that were opened and did not end. */
  readonly openPlans: ReadonlyMap<string, OpenPlan>;
  /** What the latest day began with (S24), where it was noted; null before the first. */
  readonly dayStart: DayStart | null;
  /** The journaled stop of entries that lasts longest; null when there never was one. */
  readonly reducing: ReducingUntil | null;
  /** Every set of limits that a server worked under, each with when it was last journaled. */
  readonly policies: readonly JournaledPolicy[];
  /** How many orders were dispatched after this instant (epoch milliseconds), by all processes. */
  dispatchedSince(at: number): number;
  /** Why the ledger cannot be trusted to be complete; null when it can. Entries stop, exits go on. */
  readonly incomplete: string | null;
  readonly lastSeq: number;
  /** How many records of this kind there are. */
  count(kind: string): number;
  /** @param own this process has just written it */
  apply(record: JournalRecord, own?: boolean): void;
  /** The state that a checkpoint holds; it shares its parts with the ledger, and is written down at once. */
  save(): SavedLedger;
  /** A line cannot be read; null when what followed proved that it was never a record. */
  suspect(reason: string | null): void;
  /** Records are missing or were changed: stays so. */
  quarantine(reason: string): void;
}

/** What was held when a trading day was first looked at, by instrument id. */
export interface DayStart {
  /** YYYY-MM-DD at the venue. */
  day: string;
  riskCurrency: string;
  /** When the positions began to be read, epoch milliseconds, and the note's place. */
  readAt: number;
  seq: number;
  /** The price is the bid of one unit then, in the risk currency. */
  quantities: Map<string, { quantity: Decimal; price: Decimal }>;
}

/** Only exits go through before this trading day (YYYY-MM-DD at the venue). */
export interface ReducingUntil {
  until: string;
  reason: string;
  /** When it was journaled, epoch milliseconds. */
  at: number;
}

export interface JournaledPolicy {
  limits: JournaledLimits;
  /** When a server last said that it works under them, epoch milliseconds. */
  at: number;
}

/** More dispatches than any limit on a minute allows: older ones are never asked for. */
const KEPT_DISPATCHES = 2_000;

/** Raise it with every change of what records add up to: checkpoints of another version are not read. */
const FOLD_VERSION = 5;

/** What a checkpoint holds. What other processes wrote is news to a running process only, and is not kept. */
export interface SavedLedger extends SavedHoldings {
  orders: LedgerOrder[];
  openPlans: ReadonlyMap<string, OpenPlan>;
  counts: Map<string, number>;
  keys: SavedKeys;
  policies: Map<string, JournaledPolicy>;
  dispatches: number[];
  reducing: ReducingUntil | null;
  dayStart: DayStart | null;
  suspected: string | null;
  quarantined: string | null;
  lastSeq: number;
  lastMovementSeq: number;
  latestAt: number;
  moves: [string, Movement[]][];
  earliest: number | null;
}

/** @param saved where the fold goes on from (see checkpoint.ts); the ledger keeps its parts */
export function createLedger(saved: SavedLedger | null = null): Ledger {
  const orders = new Map<string, LedgerOrder>();
  const index = createOrderIndex();
  const moves = createMovements();
  const horizon = createHorizon();
  const plans = createOpenPlans();
  const holdings = createSettledHoldings();
  const counts = new Map<string, number>();
  const keys = createKeyIndex();
  const newsSeqs = new Map<string, number>();
  const policies = new Map<string, JournaledPolicy>();
  let dispatches: number[] = [];
  let reducing: ReducingUntil | null = null;
  let dayStart: DayStart | null = null;
  let suspected: string | null = null;
  let quarantined: string | null = null;
  let lastSeq = 0;
  let lastMovementSeq = 0;
  // The ledger's own time never goes back: what a clock that was set back wrote belongs to no earlier day.
  let latestAt = 0;

  if (saved) restore(saved);

  function save(): SavedLedger {
    return {
      orders: [...orders.values()],
      openPlans: new Map(plans.byId),
      counts,
      keys: keys.save(),
      policies,
      dispatches,
      reducing,
      dayStart,
      ...holdings.save(),
      suspected,
      quarantined,
      lastSeq,
      lastMovementSeq,
      latestAt,
      moves: moves.save(),
      earliest: horizon.save(),
    };
  }

  function restore(state: SavedLedger): void {
    for (const order of state.orders) {
      orders.set(order.clientOrderId, order);
      index.add(order);
    }
    plans.restore(state.openPlans);
    holdings.restore(state);
    for (const [kind, count] of state.counts) counts.set(kind, count);
    for (const [text, policy] of state.policies) policies.set(text, policy);
    keys.restore(state.keys, orders);
    moves.restore(state.moves);
    horizon.restore(state.earliest);
    ({ dispatches, reducing, dayStart, suspected, quarantined, lastSeq, lastMovementSeq, latestAt } = state);
  }

  function apply(record: JournalRecord, own = false): void {
    take(record, own);
    const before = horizon.pass(record.seq, Date.parse(record.at));
    if (before !== null) forget(before);
  }

  function take(record: JournalRecord, own: boolean): void {
    lastSeq = record.seq;
    latestAt = Math.max(latestAt, Date.parse(record.at));
    counts.set(record.kind, (counts.get(record.kind) ?? 0) + 1);
    if (record.kind === "intent") {
      addIntent(record);
      if (!own) noteNews(record.order, record.seq);
      return;
    }
    if (record.kind === "note" && record.note === "accepted") {
      suspected = null;
      quarantined = null;
      return;
    }
    if (record.kind === "note" && record.note === "holdings") {
      applyHoldings(record);
      return;
    }
    if (record.kind === "note" && record.note === "day_start") {
      const { day, riskCurrency } = record;
      if (dayStart !== null && dayStart.day > day) return;
      const rows = record.positions.map(
        (each) =>
          [each.instrumentId, { quantity: decimal(each.quantity), price: decimal(each.price) }] as const,
      );
      const readAt = Date.parse(record.readAt);
      dayStart = { day, riskCurrency, readAt, seq: record.seq, quantities: new Map(rows) };
      return;
    }
    if (record.kind === "plan") {
      keys.applyPlan(record);
      plans.apply(record);
      return;
    }
    if (record.kind === "state" && "until" in record) {
      const { until, reason } = record;
      if (reducing === null || until > reducing.until) {
        reducing = { until, reason, at: Date.parse(record.at) };
      }
      return;
    }
    if (record.kind === "policy") {
      const { limits } = record;
      // As with orders: what cannot be read later would fail every decision.
      const needed = [limits.maxOrderValue, limits.maxPriceDeviationPercent];
      const optional = [limits.maxDailyValue, limits.maxPositionValue, limits.maxDailyLoss];
      for (const number of [...needed, ...optional.filter((each) => each !== null)]) decimal(number);
      policies.set(JSON.stringify(limits), { limits, at: Date.parse(record.at) });
      return;
    }
    if (record.kind === "dispatch") noteDispatch(Date.parse(record.at));
    if (!("clientOrderId" in record) || record.clientOrderId === null) return;
    const order = orders.get(record.clientOrderId);
    if (!order) return;
    order.lastSeq = record.seq;
    order.lastAt = Date.parse(record.at);
    const before = movedQuantities(order);
    order.countedAt = latestAt;
    applyToOrder(order, record, latestAt);
    noteMovement(order, before, record);
    if (!own && isNews(record)) noteNews(order.order, record.seq);
    index.update(order);
    if (order.phase === "working" && order.exit) {
      plans.endUnprotected((id) => id === order.order.instrumentId);
    }
  }

  /** A pair's order is news of both sides of the pair. */
  function noteNews({ instrumentId, symbol, currency }: JournaledOrder, seq: number): void {
    newsSeqs.set(instrumentId, seq);
    if (baseOf(symbol) !== null) newsSeqs.set(currency, seq);
  }

  function noteDispatch(at: number): void {
    dispatches.push(at);
    if (dispatches.length > 2 * KEPT_DISPATCHES) dispatches = dispatches.slice(-KEPT_DISPATCHES);
  }

  /** An execution that only explains a fill known before changes nothing that is decided on. */
  function isNews(record: JournalRecord): boolean {
    return record.kind === "outcome" || record.kind === "cancel" || lastMovementSeq === record.seq;
  }

  function noteMovement(order: LedgerOrder, before: Map<string, Decimal>, record: JournalRecord): void {
    for (const [id, quantity] of movedQuantities(order)) {
      const moved = quantity.minus(before.get(id) ?? ZERO);
      if (!moved.eq(ZERO)) addMovement(order, id, moved, record);
    }
  }

  function addMovement(order: LedgerOrder, id: string, quantity: Decimal, record: JournalRecord): void {
    const move = {
      quantity,
      executedAt: record.kind === "fill" ? Date.parse(record.executedAt) : null,
      learntAt: Date.parse(record.at),
      seq: record.seq,
      intentSeq: order.intentSeq,
    };
    moves.add(id, move, holdings.of(id)?.seq ?? null);
    for (const other of index.open) {
      if (other === order || other.order.instrumentId !== id) continue;
      other.heldWithout = other.heldWithout?.plus(move.quantity) ?? null;
    }
    lastMovementSeq = record.seq;
  }

  function applyHoldings(record: JournalRecord & { kind: "note"; note: "holdings" }): void {
    holdings.apply(record);
    const held = new Set([...record.positions.map((each) => each.instrumentId), ...(record.unsettled ?? [])]);
    plans.endUnprotected((id) => !held.has(id));
  }

  function addIntent(record: JournalRecord & { kind: "intent" }): void {
    // Before anything is kept: an order that cannot be read later would fail every decision about it.
    for (const number of [
      record.order.quantity,
      record.order.cashAmount,
      record.order.limitPrice,
      record.order.stopPrice,
      record.order.trailAmount ?? null,
      record.order.trailPercent ?? null,
      record.order.takeProfit ?? null,
      record.order.stopLoss ?? null,
    ]) {
      if (number !== null) decimal(number);
    }
    const order = newLedgerOrder(record);
    if (order.exit) order.heldWithout = heldNow(order.order.instrumentId);
    orders.set(record.clientOrderId, order);
    index.add(order);
    keys.addOrder(order);
  }

  /** The settled figure with our own fills since; null before the first. */
  function heldNow(instrumentId: string): Decimal | null {
    const settled = holdings.of(instrumentId);
    const since = moves.of(instrumentId).filter((move) => move.seq > (settled?.seq ?? 0));
    return settled === null ? null : sum([settled.quantity, ...since.map((move) => move.quantity)]);
  }

  /** What is over and older than anything looks back to leaves the memory; the file keeps it. */
  function forget(before: number): void {
    const gone = departed(orders, before);
    for (const order of gone) orders.delete(order.clientOrderId);
    index.drop(gone);
    keys.drop(gone, before);
    moves.dropBefore(before);
  }

  return {
    orders,
    openPlans: plans.byId,
    // One that was thought over and came back stands in its old place, as after a start.
    openOrders: () => [...index.open].sort((a, b) => a.intentSeq - b.intentSeq),
    byOrderId: (orderId) => index.byOrderId(orderId),
    ordersOf: (instrumentId, since = Number.NEGATIVE_INFINITY) =>
      index.ofInstrument(instrumentId)?.since(since) ?? [],
    untold: index.untold,
    lacking: index.lacking,
    commitments: index.commitments,
    movementsOf: (instrumentId) => moves.of(instrumentId),
    movedInstruments: () => moves.instruments(),
    lastMovedAt: (instrumentId) => moves.latestOf(instrumentId),
    settled: (instrumentId) => holdings.of(instrumentId),
    boundTo: (key, now) => keys.boundTo(key, now),
    lastNewsSeq: (instrumentId) => newsSeqs.get(instrumentId) ?? 0,
    get lastMovementSeq() {
      return lastMovementSeq;
    },
    get holdings() {
      return holdings.latest;
    },
    get incomplete() {
      return quarantined ?? suspected;
    },
    get lastSeq() {
      return lastSeq;
    },
    get dayStart() {
      return dayStart;
    },
    get reducing() {
      return reducing;
    },
    get policies() {
      return [...policies.values()];
    },
    dispatchedSince: (at) => dispatches.filter((each) => each > at).length,
    count: (kind) => counts.get(kind) ?? 0,
    apply,
    save,
    suspect(reason) {
      suspected = reason;
    },
    quarantine(reason) {
      quarantined ??= reason;
    },
  };
}

/** The changes of a position by our own orders, in the order in which they happened as far as is known. */
export function movements(ledger: Ledger, instrumentId: string): Movement[] {
  return ledger.movementsOf(instrumentId);
}

/** Open orders of ours on one side of an instrument, without those that are presumed absent (S15). */
export function openOn(ledger: Ledger, instrumentId: string, side: Side): LedgerOrder[] {
  return ledger
    .openOrders()
    .filter((each) => each.order.instrumentId === instrumentId && each.order.side === side)
    .filter((each) => !isPresumedAbsent(each));
}

/** The version of the fold and the shape of its state: one that lacks a field was saved by another program. */
export const FOLD = [FOLD_VERSION, Object.keys(createLedger().save()), shapeOfOrder()].flat().join();

function shapeOfOrder(): string[] {
  const order = { quantity: null, cashAmount: null } as JournaledOrder;
  const record = { kind: "intent", at: "", order, worstCase: null } as JournalRecord & { kind: "intent" };
  return Object.keys(newLedgerOrder(record));
}
