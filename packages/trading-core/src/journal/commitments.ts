import { baseOf } from "../domain/instrument.ts";
import { type Decimal, decimal, max, ZERO } from "../domain/money.ts";
import type { Ledger } from "./ledger.ts";
import {
  declaredFill,
  executedQuantity,
  type LedgerFill,
  type LedgerOrder,
  remainingQuantity,
} from "./ledger-order.ts";

/**
 * The value that entries committed on a trading day (S21), in the risk currency that they were decided in:
 * what was executed on that day at its price and fee, plus the remaining worst case of every entry that is
 * open now, whatever day it was placed on. Each at the rate of its own decision, so that no later rate
 * makes room, or takes it away. Costs the same however many orders the journal holds.
 *
 * @param onDay whether an instant (epoch milliseconds) belongs to the day
 */
export function committedValue(
  ledger: Ledger,
  onDay: (at: number) => boolean,
  riskCurrency: string,
): Decimal {
  return ledger.commitments.on(onDay, riskCurrency);
}

/** Other risk currencies that something is committed in on this day, and that no sum can be made with. */
export function otherRiskCurrencies(
  ledger: Ledger,
  onDay: (at: number) => boolean,
  riskCurrency: string,
): string[] {
  const { commitments } = ledger;
  return commitments
    .currencies()
    .filter((each) => each !== riskCurrency && commitments.on(onDay, each).gt(ZERO));
}

/** What entries committed, summed up by risk currency as records arrive. */
export interface Commitments {
  on(onDay: (at: number) => boolean, riskCurrency: string): Decimal;
  /** Every risk currency that an entry in memory was decided in. */
  currencies(): string[];
  /** The order is new, or something about it changed. */
  update(order: LedgerOrder): void;
  drop(order: LedgerOrder): void;
}

/** A value that was committed at an instant. */
interface Part {
  at: number;
  value: Decimal;
}

interface Hour {
  total: Decimal;
  /** The earliest and latest instant that anything in it ever had. */
  first: number;
  last: number;
  orders: Map<LedgerOrder, Part[]>;
}

const HOUR_MS = 60 * 60_000;

export function createCommitments(): Commitments {
  const sums = new Map<string, Sums>();
  return {
    on: (onDay, riskCurrency) => sums.get(riskCurrency)?.on(onDay) ?? ZERO,
    currencies: () => [...sums.keys()],
    update(order) {
      if (order.exit) return;
      let own = sums.get(order.riskCurrency);
      if (!own) {
        own = createSums();
        sums.set(order.riskCurrency, own);
      }
      own.update(order);
    },
    drop: (order) => sums.get(order.riskCurrency)?.drop(order),
  };
}

type Sums = ReturnType<typeof createSums>;

/** Days begin and end on whole hours wherever a venue stands, so sums by the hour add up to any day. */
function createSums() {
  const hours = new Map<number, Hour>();
  const hoursOf = new Map<LedgerOrder, Set<number>>();
  // Entries that may still cost something, and those whose value no instant can be given to.
  const open = new Set<LedgerOrder>();
  const unpriced = new Set<LedgerOrder>();

  let inOrder: Hour[] | null = null;
  function newestFirst(): Hour[] {
    inOrder ??= [...hours].sort(([a], [b]) => b - a).map(([, hour]) => hour);
    return inOrder;
  }

  function drop(order: LedgerOrder): void {
    open.delete(order);
    unpriced.delete(order);
    for (const key of hoursOf.get(order) ?? []) {
      const hour = hours.get(key);
      for (const part of hour?.orders.get(order) ?? []) {
        if (hour) hour.total = hour.total.minus(part.value);
      }
      hour?.orders.delete(order);
      if (hour?.orders.size === 0) {
        hours.delete(key);
        inOrder = null;
      }
    }
    hoursOf.delete(order);
  }

  function add(order: LedgerOrder, part: Part): void {
    const key = Math.floor(part.at / HOUR_MS);
    let hour = hours.get(key);
    if (!hour) {
      hour = { total: ZERO, first: part.at, last: part.at, orders: new Map() };
      hours.set(key, hour);
      inOrder = null;
    }
    hour.total = hour.total.plus(part.value);
    hour.first = Math.min(hour.first, part.at);
    hour.last = Math.max(hour.last, part.at);
    const parts = hour.orders.get(order);
    if (parts) parts.push(part);
    else hour.orders.set(order, [part]);
    const keys = hoursOf.get(order);
    if (keys) keys.add(key);
    else hoursOf.set(order, new Set([key]));
  }

  return {
    drop,
    update(order: LedgerOrder): void {
      drop(order);
      if (order.phase !== "done") open.add(order);
      if (isUnpriced(order)) unpriced.add(order);
      else for (const part of partsOf(order)) add(order, part);
    },
    on(onDay: (at: number) => boolean): Decimal {
      let total = ZERO;
      let found = false;
      // A day is one piece: from the newest hour back, the first one that is not on it any more ends it.
      for (const hour of newestFirst()) {
        const isOn = onDay(hour.first) || onDay(hour.last);
        if (found && !isOn) break;
        found ||= isOn;
        if (isOn) total = total.plus(hourOn(hour, onDay));
      }
      for (const order of unpriced) total = total.plus(executedValue(order, onDay));
      for (const order of open) total = total.plus(remainingCommitment(order));
      return total;
    },
  };
}

function hourOn(hour: Hour, onDay: (at: number) => boolean): Decimal {
  if (onDay(hour.first) === onDay(hour.last)) return onDay(hour.first) ? hour.total : ZERO;
  let total = ZERO;
  for (const parts of hour.orders.values()) {
    for (const part of parts) if (onDay(part.at)) total = total.plus(part.value);
  }
  return total;
}

/** What was executed, and what is known to be filled besides, each at its own time. */
function partsOf(order: LedgerOrder): Part[] {
  const parts = [...order.fills.values()].map((fill) => ({
    at: fill.executedAt,
    value: fill.quantity.times(fill.price).times(order.rate).plus(feeValue(order, fill)),
  }));
  const unexplained = order.cumulative.minus(executedQuantity(order));
  const price = order.averagePrice?.times(order.rate) ?? worstPrice(order);
  if (unexplained.gt(ZERO) && price !== null) {
    const value = unexplained.times(price);
    parts.push({ at: order.cumulativeAt, value: value.plus(feeShare(order, unexplained, value)) });
  }
  const declared = declaredFill(order);
  if (declared !== null) {
    const each = declared.price?.times(order.rate) ?? worstPrice(order);
    // Sized by an amount and without a price, it cost the amount.
    parts.push({ at: declared.at, value: each?.times(declared.quantity) ?? order.worstCase ?? ZERO });
  }
  return parts;
}

/** The part of the expected fee that falls on a part of the order: by quantity, or by value where it has none. */
function feeShare(
  { expectedFee, order, worstCase }: LedgerOrder,
  quantity: Decimal,
  value: Decimal,
): Decimal {
  if (expectedFee.eq(ZERO)) return ZERO;
  if (order.quantity !== null) return expectedFee.times(quantity).div(decimal(order.quantity));
  return worstCase === null || worstCase.eq(ZERO) ? expectedFee : expectedFee.times(value).div(worstCase);
}

/** A fee in the risk currency: at the order's rate, the fill's price, or the rate that was read for it. */
function feeValue(own: LedgerOrder, { fee, feeCurrency, feeRate, price, quantity }: LedgerFill): Decimal {
  // Until it is told, what was expected of it stands.
  if (fee === null) return feeShare(own, quantity, quantity.times(price).times(own.rate));
  if (feeCurrency === own.riskCurrency) return fee;
  if (feeRate !== null) return fee.times(feeRate);
  const isBase = feeCurrency !== null && feeCurrency === baseOf(own.order.symbol);
  return fee.times(isBase ? price.times(own.rate) : own.rate);
}

/** Whether a fee is in neither of the pair's currencies nor the risk currency: its rate has to be read. */
export function needsFeeRate(own: LedgerOrder, feeCurrency: string | null | undefined): boolean {
  if (own.exit || feeCurrency == null) return false;
  return ![own.order.currency, own.riskCurrency, baseOf(own.order.symbol)].includes(feeCurrency);
}

/** Sized by an amount, filled, and nothing says for how much: the amount is gone until executions tell. */
function isUnpriced(order: LedgerOrder): boolean {
  if (order.averagePrice !== null || order.order.quantity !== null || declaredFill(order)) return false;
  const unexplained = order.cumulative.minus(executedQuantity(order)).gt(ZERO);
  return unexplained || (order.status === "filled" && order.fills.size === 0);
}

/** What one entry's fills cost on a day. */
export function executedValue(order: LedgerOrder, onDay: (at: number) => boolean): Decimal {
  let value = ZERO;
  for (const part of partsOf(order)) {
    if (onDay(part.at)) value = value.plus(part.value);
  }
  return isUnpriced(order) && onDay(order.countedAt) ? max(value, order.worstCase ?? ZERO) : value;
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

/** The same with the fees that are expected on it: what budgets count of an open entry (S22). */
export function remainingCommitment(order: LedgerOrder): Decimal {
  const worst = remainingWorstCase(order);
  if (worst.eq(ZERO)) return ZERO;
  return worst.plus(feeShare(order, remainingQuantity(order) ?? ZERO, worst));
}

/** What one unit may cost at its worst, in the risk currency. */
function worstPrice(order: LedgerOrder): Decimal | null {
  if (order.order.quantity === null) return null;
  if (order.worstCase === null) return ZERO;
  return order.worstCase.div(decimal(order.order.quantity));
}
