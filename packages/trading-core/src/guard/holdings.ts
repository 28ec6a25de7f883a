import type { Position } from "../domain/account.ts";
import { type Decimal, max, min, plain, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type Side, type VenueOrder } from "../domain/order.ts";
import type { Reading } from "../domain/reading.ts";
import { type Ledger, type LedgerOrder, movements, openOn, remainingQuantity } from "../journal/ledger.ts";

/**
 * What is held of one instrument, signed. Where something outside traded, `low` and `high` differ: the
 * cautious one of the two bounds whatever is decided.
 */
export type Holdings =
  | { kind: "known"; low: Decimal; high: Decimal; note: string }
  | { kind: "unknown"; reason: string };

/** Our fills of the last minute may or may not be in the venue's list of positions yet. */
const LAG_MS = 60_000;
/** How old the last complete reading may be when the positions cannot be read (S8). */
const LAST_KNOWN_MS = 24 * 60 * 60_000;

/** S1: a venue reading plus what the ledger knows that the reading may lack. */
export function holdingsOf(
  instrumentId: string,
  reading: Reading<Position[]>,
  ledger: Ledger,
  now: number,
): Holdings {
  const own = movements(ledger, instrumentId);
  const settledNote = ledger.holdings;
  if (reading.kind === "unread") {
    if (settledNote === null || now - settledNote.readAt > LAST_KNOWN_MS) {
      return { kind: "unknown", reason: `positions could not be read: ${reading.reason}` };
    }
    const since = own.filter((move) => move.at >= settledNote.readAt - LAG_MS);
    const base = settledNote.quantities.get(instrumentId) ?? ZERO;
    return span(
      [base, base.plus(sum(since.map((each) => each.quantity)))],
      `positions could not be read (${reading.reason}); this is the reading of ` +
        `${new Date(settledNote.readAt).toISOString()} with our own fills since`,
    );
  }
  const seen = sum(
    reading.value.filter((each) => each.instrumentId === instrumentId).map((each) => each.quantity),
  );
  const recent = own.filter((move) => move.at >= reading.began - LAG_MS);
  if (recent.length === 0) return span([seen], "as the venue lists it");

  const recentSum = sum(recent.map((each) => each.quantity));
  if (settledNote !== null) {
    const settled = settledAt(
      settledNote.quantities.get(instrumentId) ?? ZERO,
      own,
      settledNote.readAt,
      reading.began - LAG_MS,
    );
    let prefix = settled;
    const prefixes = [prefix, ...recent.map((move) => (prefix = prefix.plus(move.quantity)))];
    if (prefixes.some((each) => each.eq(seen))) {
      return span([settled.plus(recentSum)], "the venue's list with our own fills, which it may lag behind");
    }
    return span(
      [seen, settled.plus(recentSum), seen.plus(sumOf(recent, -1)), seen.plus(sumOf(recent, 1))],
      "the venue's list does not fit our own fills: something else traded this instrument",
    );
  }
  // No settled reading to compare with: the list may hold any part of the recent fills.
  return span(
    [seen, seen.plus(sumOf(recent, -1)), seen.plus(sumOf(recent, 1))],
    "the venue's list, which may lag behind our own fills",
  );
}

/** A reading is settled when no fill of ours is so recent that it may be missing from it. */
export function isSettled(reading: { began: number }, ledger: Ledger): boolean {
  return ledger.lastMovementAt < reading.began - LAG_MS;
}

function settledAt(
  base: Decimal,
  own: { at: number; quantity: Decimal }[],
  from: number,
  to: number,
): Decimal {
  // A settled reading holds everything before it; what came after, and is old enough, belongs to it too.
  return base.plus(sum(own.filter((move) => move.at >= from && move.at < to).map((each) => each.quantity)));
}

function sumOf(moves: { quantity: Decimal }[], sign: 1 | -1): Decimal {
  return sum(moves.map((each) => each.quantity).filter((quantity) => quantity.s === sign));
}

function span(figures: [Decimal, ...Decimal[]], note: string): Holdings {
  return { kind: "known", low: min(...figures), high: max(...figures), note };
}

/** What orders already do with a position: the quantity that others on the same side may still take. */
export interface Reserved {
  /** Known to be reserved by working and unresolved orders, ours and foreign. */
  quantity: Decimal;
  /** Ids of the orders that reserve it: the venue's where known, else ours. */
  orderIds: string[];
}

export function reservedOn(
  instrumentId: string,
  side: Side,
  ledger: Ledger,
  foreign: VenueOrder[],
  replaces: readonly LedgerOrder[] = [],
): Reserved {
  let quantity = ZERO;
  const orderIds: string[] = [];
  for (const order of openOn(ledger, instrumentId, side)) {
    if (replaces.includes(order)) continue;
    const remaining = remainingQuantity(order);
    // A buy by amount has no quantity; it can only reserve the covering of a short, and takes all of it.
    quantity = quantity.plus(remaining ?? UNBOUNDED);
    orderIds.push(order.orderId ?? order.clientOrderId);
  }
  for (const order of foreign) {
    if (order.instrumentId !== instrumentId || order.side !== side || isTerminal(order.status)) continue;
    const remaining =
      order.quantity === null ? UNBOUNDED : order.quantity.minus(order.filledQuantity ?? ZERO);
    quantity = quantity.plus(max(ZERO, remaining));
    orderIds.push(order.orderId);
  }
  return { quantity, orderIds };
}

const UNBOUNDED: Decimal = ZERO.plus("1e18");

/** Whether an order provably reduces the position (S5), and if not, what is in its way. */
export type Reduction =
  | { kind: "exit"; capacity: Decimal }
  | { kind: "entry"; reason: string }
  | { kind: "crosses_flat"; held: Decimal }
  | { kind: "reserved"; held: Decimal; reserved: Reserved; free: Decimal }
  | { kind: "not_held" }
  | { kind: "unknown"; reason: string };

export function reductionOf(
  order: { side: Side; quantity: Decimal | null },
  holdings: Holdings,
  reserved: Reserved,
): Reduction {
  if (order.quantity === null) return { kind: "entry", reason: "an order by amount is never an exit" };
  if (holdings.kind === "unknown") return { kind: "unknown", reason: holdings.reason };
  // Of a position that is not known exactly, the figure nearer to nothing is what may be given away.
  const held = order.side === "SELL" ? max(ZERO, holdings.low) : max(ZERO, holdings.high.neg());
  const possiblyHeld = order.side === "SELL" ? max(ZERO, holdings.high) : max(ZERO, holdings.low.neg());
  const free = max(ZERO, held.minus(reserved.quantity));
  if (order.quantity.lte(free)) return { kind: "exit", capacity: free };
  if (possiblyHeld.eq(ZERO)) {
    return order.side === "SELL"
      ? { kind: "not_held" }
      : { kind: "entry", reason: "a buy with no short to cover" };
  }
  if (order.quantity.gt(held)) return { kind: "crosses_flat", held };
  return { kind: "reserved", held, reserved, free };
}

export function describeHeld(holdings: Holdings): string {
  if (holdings.kind === "unknown") return "unknown";
  return holdings.low.eq(holdings.high)
    ? plain(holdings.low)
    : `${plain(holdings.low)}…${plain(holdings.high)}`;
}
