import { type Decimal, decimal, max, min, sum, ZERO } from "../domain/money.ts";
import type { VenueOrder } from "../domain/order.ts";
import type { Ledger } from "../journal/ledger.ts";
import {
  filledQuantity,
  isChild,
  isOfUnknownFate,
  type LedgerOrder,
  remainingQuantity,
} from "../journal/ledger-order.ts";

/** A buy by amount has no quantity: it may take the whole of what is there. */
export const UNBOUNDED: Decimal = ZERO.plus("1e18");

/**
 * What open orders of ours on one side may still trade together (S7). A bracket's exits trade no more than
 * its entry has opened; they count once, at the larger, where the venue was seen to keep them as a group,
 * and each for itself until then.
 */
export function stillTrading(orders: readonly LedgerOrder[], ledger: Ledger): Decimal {
  const alone = orders.filter((order) => !isChild(order));
  const brackets = new Map<string, LedgerOrder[]>();
  for (const order of orders) {
    if (!isChild(order) || order.group === null) continue;
    brackets.set(order.group.id, [...(brackets.get(order.group.id) ?? []), order]);
  }
  return sum([
    ...alone.map((order) => remainingQuantity(order) ?? UNBOUNDED),
    ...[...brackets.values()].map((exits) => exitsStillTrading(exits, ledger)),
  ]);
}

function exitsStillTrading(exits: LedgerOrder[], ledger: Ledger): Decimal {
  const open = leftOpen(exits, ledger);
  const each = exits.map((exit) => min(remainingQuantity(exit) ?? UNBOUNDED, open ?? UNBOUNDED));
  return areKeptTogether(exits, ledger) ? max(ZERO, ...each) : sum(each);
}

/**
 * What the entry opened and the exits have not closed yet. Null while nobody knows whether the entry exists:
 * then its exits may trade in full. An entry that is over and has left the memory had opened all of it.
 */
function leftOpen(exits: LedgerOrder[], ledger: Ledger): Decimal | null {
  const [first] = exits;
  if (!first?.group) return null;
  const entry = ledger.orders.get(first.group.id);
  if (entry && isOfUnknownFate(entry)) return null;
  const opened = entry ? filledQuantity(entry) : decimal(first.order.quantity ?? "0");
  const closed = sum(exitsOf(ledger, first).map(filledQuantity));
  return max(ZERO, opened.minus(closed));
}

/** The venue has named the entry as the parent of each of them. */
function areKeptTogether(exits: LedgerOrder[], ledger: Ledger): boolean {
  return exits.every((exit) => {
    if (exit.parentOrderId === null || exit.group === null) return false;
    const entry = ledger.orders.get(exit.group.id);
    return entry === undefined || entry.orderId === exit.parentOrderId;
  });
}

/** All exits of an order's bracket, those that are done included. */
function exitsOf(ledger: Ledger, { group, order }: LedgerOrder): LedgerOrder[] {
  return ledger.ordersOf(order.instrumentId).filter((each) => each.group?.id === group?.id && isChild(each));
}

/** An order's bracket, entry first; empty for one that stands alone. */
export function bracketOf(ledger: Ledger, own: LedgerOrder): LedgerOrder[] {
  if (own.group === null) return [];
  const entry = ledger.orders.get(own.group.id);
  return [...(entry ? [entry] : []), ...exitsOf(ledger, own)];
}

/**
 * The exit of ours that a venue's order is where it bears no id of ours and names its parent (S3): IBKR's
 * brackets give an id to their entry alone. The two exits differ by their type.
 */
export function exitUnder(
  ledger: Ledger,
  seen: Partial<Pick<VenueOrder, "parentOrderId" | "side" | "orderType">> & { orderId: string | null },
): LedgerOrder | null {
  const entry = seen.parentOrderId == null ? null : ledger.byOrderId(seen.parentOrderId);
  if (entry?.group?.role !== "entry") return null;
  const found = exitsOf(ledger, entry).filter(
    (exit) =>
      (exit.orderId === null || exit.orderId === seen.orderId) &&
      exit.order.side === seen.side &&
      exit.order.orderType === seen.orderType,
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** The same for orders of others, as the venue lists them: what a parent's children may still trade. */
export function othersStillTrading(orders: readonly VenueOrder[], listed: readonly VenueOrder[]): Decimal {
  const byParent = new Map<string, VenueOrder[]>();
  let total = ZERO;
  for (const order of orders) {
    const parentId = order.parentOrderId;
    if (parentId === null) total = total.plus(remainingOf(order));
    else byParent.set(parentId, [...(byParent.get(parentId) ?? []), order]);
  }
  for (const [parentId, children] of byParent) {
    const parent = listed.find((each) => each.orderId === parentId);
    const largest = max(ZERO, ...children.map(remainingOf));
    // A parent that is not listed any more was filled; one that does not say how far may have been.
    total = total.plus(parent?.filledQuantity == null ? largest : min(largest, parent.filledQuantity));
  }
  return total;
}

function remainingOf(order: VenueOrder): Decimal {
  if (order.quantity === null) return UNBOUNDED;
  return max(ZERO, order.quantity.minus(order.filledQuantity ?? ZERO));
}
