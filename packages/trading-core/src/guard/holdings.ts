import type { Position } from "../domain/account.ts";
import { baseOf, quoteOf } from "../domain/instrument.ts";
import { type Decimal, max, min, plain, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type Side, type VenueOrder } from "../domain/order.ts";
import type { Reading, Unread } from "../domain/reading.ts";
import { remainingWorstCase } from "../journal/commitments.ts";
import { type Ledger, movements, openOn } from "../journal/ledger.ts";
import { type LedgerOrder, type Movement, remainingQuantity, worstPaid } from "../journal/ledger-order.ts";
import type { SettledQuantity } from "../journal/settled-holdings.ts";
import { othersStillTrading, stillTrading, UNBOUNDED } from "./groups.ts";

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
/**
 * How old a settled figure may be for a list to be explained by it: within this time somebody else's
 * trade of just the size of one of ours is unlikely enough to be taken for lag.
 */
const GROUND_MS = 2 * 60 * 60_000;
/** By how much the venue's clock may differ from ours when the two are compared. */
const SKEW_MS = 60_000;

/** S1: a venue reading plus what the ledger knows that the reading may lack. */
export function holdingsOf(
  instrumentId: string,
  reading: Reading<Position[]>,
  ledger: Ledger,
  now: number,
): Holdings {
  const own = movements(ledger, instrumentId);
  const settled = ledger.settled(instrumentId);
  if (reading.kind === "unread") return lastKnown(reading, settled, own, now);

  const seen = sum(
    reading.value.filter((each) => each.instrumentId === instrumentId).map((each) => each.quantity),
  );
  const recent = own.filter((move) => isRecent(move, reading.began));
  if (recent.length === 0) return span([seen], "as the venue lists it");

  const parts = recent.map((move) => move.quantity);
  const any: [Decimal, ...Decimal[]] = [seen, seen.plus(sumOf(parts, -1)), seen.plus(sumOf(parts, 1))];
  const fits =
    settled !== null && reading.began - settled.readAt <= GROUND_MS && settled.readAt <= reading.began;
  // No settled figure to compare with: the list may hold any part of the recent fills.
  if (!fits) return span(any, "the venue's list, which may lag behind our own fills");

  const grounds = groundsOf(settled, own);
  const totals = grounds
    .filter((ground) => prefixes(ground.quantity, ground.since, recent).some((each) => each.eq(seen)))
    .map(totalOf);
  const [first, ...more] = totals;
  if (first) return span([first, ...more], "the venue's list with our own fills, which it may lag behind");
  return span(
    [...any, ...grounds.map(totalOf)],
    "the venue's list does not fit our own fills: something else traded this instrument",
  );
}

/** S8: the last settled figure with our own fills since, where the venue's list could not be read. */
function lastKnown(reading: Unread, settled: SettledQuantity | null, own: Movement[], now: number): Holdings {
  if (settled === null || now - settled.readAt > LAST_KNOWN_MS) {
    return { kind: "unknown", reason: `positions could not be read: ${reading.reason}` };
  }
  const [first, ...more] = groundsOf(settled, own);
  return span(
    [totalOf(first), ...more.map(totalOf)],
    `positions could not be read (${reading.reason}); this is the reading of ` +
      `${new Date(settled.readAt).toISOString()} with our own fills since`,
  );
}

/** The fill may be missing from a reading that began then, by either clock. */
function isRecent(move: Movement, began: number): boolean {
  return Math.max(move.learntAt, move.executedAt ?? 0) >= began - LAG_MS;
}

/** What a position stood on, and the fills that are not in it. */
interface Ground {
  quantity: Decimal;
  since: Movement[];
}

/**
 * The settled figure and the fills learnt since. A fill of an order that worked already when the figure was
 * noted may have been in it without our knowing: each number of such fills makes a ground of its own.
 */
function groundsOf(settled: SettledQuantity, own: Movement[]): [Ground, ...Ground[]] {
  const since = own.filter((move) => move.seq > settled.seq);
  const doubtful = since.filter(
    (move) =>
      move.intentSeq < settled.seq &&
      (move.executedAt === null || move.executedAt <= settled.notedAt + SKEW_MS),
  );
  const more = doubtful.map((_, index) => {
    const within = new Set(doubtful.slice(0, index + 1));
    return { quantity: settled.quantity, since: since.filter((move) => !within.has(move)) };
  });
  return [{ quantity: settled.quantity, since }, ...more];
}

/** What the venue would list after each of the recent fills, the earlier ones being in it. */
function prefixes(from: Decimal, since: Movement[], recent: Movement[]): Decimal[] {
  const late = since.filter((move) => recent.includes(move));
  const early = since.filter((move) => !recent.includes(move));
  let listed = from.plus(sum(early.map((move) => move.quantity)));
  const found = [listed];
  for (const move of late) {
    listed = listed.plus(move.quantity);
    found.push(listed);
  }
  return found;
}

function totalOf(ground: Ground): Decimal {
  return ground.quantity.plus(sum(ground.since.map((move) => move.quantity)));
}

/** Whether a reading holds all of our fills of this instrument that are known. */
export function isSettled(reading: { began: number }, ledger: Ledger, instrumentId: string): boolean {
  return ledger.lastMovedAt(instrumentId) < reading.began - LAG_MS;
}

function sumOf(quantities: Decimal[], sign: 1 | -1): Decimal {
  return sum(quantities.filter((quantity) => quantity.s === sign));
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
  const own = openOn(ledger, instrumentId, side).filter(
    (order) => !replaces.includes(order) && stillTrading([order], ledger).gt(ZERO),
  );
  const others = foreign.filter(
    (order) => order.instrumentId === instrumentId && order.side === side && !isTerminal(order.status),
  );
  const paying = side === "SELL" ? stillPaying(instrumentId, ledger, foreign, replaces) : [];
  return {
    quantity: sum([
      stillTrading(own, ledger),
      othersStillTrading(others, foreign),
      ...paying.map((each) => each.quantity),
    ]),
    orderIds: [
      ...own.map((order) => order.orderId ?? order.clientOrderId),
      ...others.map((order) => order.orderId),
      ...paying.map((each) => each.orderId),
    ],
  };
}

/** What buys of pairs that are priced in this asset, ours and foreign, may still pay of it. */
function stillPaying(
  asset: string,
  ledger: Ledger,
  foreign: VenueOrder[],
  replaces: readonly LedgerOrder[],
): { orderId: string; quantity: Decimal }[] {
  const own = ledger
    .openOrders()
    .filter(({ order }) => order.side === "BUY" && order.currency === asset && baseOf(order.symbol) !== null)
    .filter((order) => !replaces.includes(order));
  const others = foreign.filter(
    (order) => order.side === "BUY" && quoteOf(order.symbol) === asset && !isTerminal(order.status),
  );
  return [
    ...own.map((order) => ({
      orderId: order.orderId ?? order.clientOrderId,
      quantity: stillPaid(order),
    })),
    ...others.map((order) => ({ orderId: order.orderId, quantity: othersStillPaid(order) })),
  ].filter((each) => each.quantity.gt(ZERO));
}

/** At the worst-case price, which the limit of a market buy was set at. */
function stillPaid(order: LedgerOrder): Decimal {
  if (order.order.quantity === null) return remainingWorstCase(order).div(order.rate);
  const price = worstPaid(order);
  return price === null ? UNBOUNDED : (remainingQuantity(order) ?? ZERO).times(price);
}

function othersStillPaid({ quantity, cashAmount, filledQuantity, limitPrice }: VenueOrder): Decimal {
  if (quantity === null) return cashAmount ?? UNBOUNDED;
  const left = max(ZERO, quantity.minus(filledQuantity ?? ZERO));
  return limitPrice === null && left.gt(ZERO) ? UNBOUNDED : left.times(limitPrice ?? ZERO);
}

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
  if (order.quantity === null) return byAmount(order.side, holdings);
  if (holdings.kind === "unknown") return { kind: "unknown", reason: holdings.reason };
  // Of a position that is not known exactly, the figure nearer to nothing is what may be given away.
  const held = order.side === "SELL" ? max(ZERO, holdings.low) : max(ZERO, holdings.high.neg());
  const possiblyHeld = order.side === "SELL" ? max(ZERO, holdings.high) : max(ZERO, holdings.low.neg());
  const free = max(ZERO, held.minus(reserved.quantity));
  if (order.quantity.lte(free)) return { kind: "exit", capacity: free };
  if (order.side === "SELL" && possiblyHeld.eq(ZERO)) return { kind: "not_held" };
  // A buy that no short is proven for spends money, and is bounded by what entries may spend.
  if (order.side === "BUY" && held.eq(ZERO)) return { kind: "entry", reason: "a buy with no short to cover" };
  if (order.quantity.gt(held)) return { kind: "crosses_flat", held };
  return { kind: "reserved", held, reserved, free };
}

/** An order by amount is never an exit: nobody knows before how much it trades, so over a short it may cross zero. */
function byAmount(side: Side, holdings: Holdings): Reduction {
  if (side === "BUY" && holdings.kind === "known" && holdings.high.lt(ZERO)) {
    return { kind: "crosses_flat", held: holdings.high.neg() };
  }
  return { kind: "entry", reason: "an order by amount is never an exit" };
}

export function describeHeld(holdings: Holdings): string {
  if (holdings.kind === "unknown") return "unknown";
  return holdings.low.eq(holdings.high)
    ? plain(holdings.low)
    : `${plain(holdings.low)}…${plain(holdings.high)}`;
}
