import type { Position } from "../domain/account.ts";
import { type Decimal, plain, sum } from "../domain/money.ts";
import type { Fill, Side, VenueOrder } from "../domain/order.ts";
import type { Read, Reading } from "../domain/reading.ts";
import type { Append } from "../journal/journal.ts";
import type { Ledger } from "../journal/ledger.ts";
import { isPresumedAbsent, type LedgerOrder } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import { isSettled } from "./holdings.ts";
import { foreignOrders, type News } from "./sync.ts";

/** So many complete readings in a row have to lack an exit of unknown fate before it is presumed absent (S15). */
const READINGS = 3;
/** From the first of them to the last. */
const OVER_MS = 120_000;
/** Where one of them was empty: an account without a single order and execution looks like one not read yet. */
const OVER_EMPTY_MS = 600_000;
/** Two that are closer together are one: the venue serves the same list again. */
const APART_MS = 30_000;
/** A part that is older than this when the last part was read makes the whole no reading of one moment. */
const OLDEST_PART_MS = 30_000;
/** Executions are told for seven days; an order that is older than this may have some that are not. */
const TOLD_MS = 6 * 24 * 60 * 60_000;

/** What one complete reading needs. */
type Parts = { orders: Reading<VenueOrder[]>; fills: Reading<Fill[]>; positions: Reading<Position[]> };

/**
 * When orders, executions and positions had all been read, in epoch milliseconds by the venue's clock, which
 * nobody sets; null where one of them could not be read, is old, or the venue's time is not known.
 */
export function completedAt(desk: Pick<Desk, "clock" | "session">, parts: Parts): number | null {
  const now = desk.clock.now();
  const skew = desk.session.clockSkew();
  const isFresh = (part: Reading<unknown>) =>
    part.kind === "read" && part.began <= now && now - part.began <= OLDEST_PART_MS;
  return skew !== null && Object.values(parts).every(isFresh) ? now + skew : null;
}

/** Everything that was read at one moment. */
interface Whole {
  at: number;
  /** When the first part of it began to be read, by the local clock. */
  began: number;
  orders: Read<VenueOrder[]>;
  fills: Read<Fill[]>;
  positions: Read<Position[]>;
}

/**
 * S15: what this reading says of exits that were sent and never found. After what it shows was recorded, so
 * that one that is in it is not missed. Each reading that counts is a record: another process, or the next
 * start, goes on where this one stopped.
 */
export function recordAbsences(ledger: Ledger, news: News, append: Append): void {
  const whole = wholeOf(ledger, news);
  if (whole === null) return;
  for (const order of ledger.openOrders()) {
    if (isLostExit(order) && !isPresumedAbsent(order)) recordAbsence(ledger, order, whole, append);
  }
}

/** Sent by a process that got no answer, and never seen at the venue since. */
export function isLostExit(order: LedgerOrder): boolean {
  return order.exit && order.phase === "unresolved" && order.orderId === null;
}

function wholeOf(ledger: Ledger, news: News): Whole | null {
  const { orders, fills, positions, completeAt: at } = news;
  if (at == null || orders.kind === "unread" || fills.kind === "unread" || positions.kind === "unread") {
    return null;
  }
  // A list that lacks an order of ours which it should hold may lack this one as well (S3).
  if (foreignOrders(ledger, orders).kind === "unread") return null;
  return { at, began: Math.min(orders.began, fills.began, positions.began), orders, fills, positions };
}

function recordAbsence(ledger: Ledger, order: LedgerOrder, whole: Whole, append: Append): void {
  const { instrumentId, side } = order.order;
  const { positions, orders, fills } = whole;
  if (whole.began <= order.lastAt || whole.began - order.intentAt > TOLD_MS) return;
  if (!isSettled(positions, ledger, instrumentId)) return;
  const held = sum(
    positions.value.filter((each) => each.instrumentId === instrumentId).map((each) => each.quantity),
  );
  // Less is held than without it: it may have been filled.
  if (order.heldWithout !== null && isReduced(side, held, order.heldWithout)) return;
  const listed = orders.value.length + fills.value.length;
  const before = order.heldWithout?.eq(held) ? order.absence : null;
  const reading = before === null ? 1 : before.readings + 1;
  if (before !== null) {
    const over = Math.min(listed, before.listed) === 0 ? OVER_EMPTY_MS : OVER_MS;
    const isEarly = whole.at - before.lastAt < APART_MS;
    if (isEarly || (reading >= READINGS && whole.at - before.firstAt < over)) return;
  }
  append({
    kind: "absence",
    clientOrderId: order.clientOrderId,
    reading,
    readAt: new Date(whole.at).toISOString(),
    held: plain(held),
    listed,
    presumed: reading >= READINGS,
  });
}

function isReduced(side: Side, held: Decimal, without: Decimal): boolean {
  return side === "SELL" ? held.lt(without) : held.gt(without);
}

/** How far a lost exit is from being presumed absent, or that it is; null for any other order. */
export function describeAbsence(order: LedgerOrder): string | null {
  if (!isLostExit(order)) return null;
  const { absence } = order;
  if (absence === null) {
    return (
      `Until it is found it reserves what it sells. It is presumed absent once ${READINGS} complete readings over at ` +
      `least ${OVER_MS / 60_000} minutes lack it while the position stays the same; each order_status reads once.`
    );
  }
  const since = new Date(absence.firstAt).toISOString();
  if (!absence.presumed) {
    return (
      `${absence.readings} of ${READINGS} complete readings since ${since} lack it. After the last, at least ` +
      `${(absence.listed === 0 ? OVER_EMPTY_MS : OVER_MS) / 60_000} minutes after the first, it is presumed absent ` +
      "and reserves nothing any more."
    );
  }
  return (
    `Presumed absent: ${absence.readings} complete readings since ${since} lack it and the position did not change, so ` +
    "it reserves nothing any more, and an exit like it may be placed again under a new idempotency_key. " +
    "Should it be found after all, it counts in full again."
  );
}

/** The lost exits that are presumed absent, in one sentence each. */
export function describePresumed(ledger: Ledger): string[] {
  return ledger
    .openOrders()
    .filter(isPresumedAbsent)
    .map(({ clientOrderId, order }) => {
      const size = order.quantity ?? order.cashAmount;
      return (
        `presumed_absent: ${order.side} ${size} ${order.symbol} (${clientOrderId}) was sent without an answer and is ` +
        "not at the venue, as far as can be read: it protects nothing and reserves nothing. " +
        "If it was protection, place it again."
      );
    });
}
