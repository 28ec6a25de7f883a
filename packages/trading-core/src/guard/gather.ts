import type { Position } from "../domain/account.ts";
import { messageOf } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import type { VenueOrder } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import { type Reading, unread } from "../domain/reading.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import { identityFact, journalFor } from "./desk.ts";
import type { IdentityFact, MarketHours } from "./facts.ts";
import { marketHoursAt } from "./hours.ts";
import { lookAtOwn } from "./own-orders.ts";
import type { News } from "./sync.ts";

/** What was read from the venue for one decision, before the lock. */
export interface Gathered {
  identity: IdentityFact;
  quote: Reading<Quote>;
  hours: MarketHours;
  news: News;
}

/** Reads all facts side by side. What cannot be read is unread in the result; nothing is thrown for it. */
export async function gather(desk: Desk, instrument: Instrument): Promise<Gathered> {
  const began = desk.clock.now();
  const [identity, quote, hours, positions, orders] = await Promise.all([
    identityFact(desk),
    quoteOf(desk, instrument),
    marketHoursAt(began, instrument, desk.marketData, desk.policy),
    reading<Position[]>(() => desk.marketData.positions()),
    reading<VenueOrder[]>(() => desk.broker.orders()),
  ]);
  const { ledger } = caughtUp(desk, identity);
  const own = await lookAtOwn(desk, ledger, wantedLooks(ledger, instrument.id, orders), () =>
    Promise.resolve(orders),
  );
  return { identity, quote, hours, news: { orders, positions, ...own } };
}

function caughtUp(desk: Desk, identity: IdentityFact) {
  const journal = journalFor(desk, identity);
  journal.catchUp();
  return journal;
}

async function quoteOf(desk: Desk, instrument: Instrument): Promise<Reading<Quote>> {
  try {
    const [quote] = await desk.marketData.quotes([instrument]);
    return quote ?? unread("the venue gave no quote");
  } catch (error) {
    // Serves both: exits need no quote, and entries that need one are refused by their rules.
    return unread(messageOf(error));
  }
}

export async function reading<T>(get: () => Promise<Reading<T>>): Promise<Reading<T>> {
  try {
    return await get();
  } catch (error) {
    // Serves both: what is unread is judged by the rules, which know entries from exits.
    return unread(messageOf(error));
  }
}

/** Those that this decision stands on come first, should there be more than are looked at. */
function wantedLooks(ledger: Ledger, instrumentId: string, orders: Reading<VenueOrder[]>): LedgerOrder[] {
  const wanted = ledger.openOrders().filter((order) => needsLook(order, instrumentId, orders));
  const isSame = (order: LedgerOrder) => (order.order.instrumentId === instrumentId ? 0 : 1);
  return wanted.sort((a, b) => isSame(a) - isSame(b));
}

/**
 * Orders of the same instrument are always looked at singly: the venue's list may be seconds old. Others
 * only where the list does not hold them.
 */
function needsLook(order: LedgerOrder, instrumentId: string, listed: Reading<VenueOrder[]>): boolean {
  if (order.orderId === null) return false;
  if (order.order.instrumentId === instrumentId) return true;
  return listed.kind === "unread" || !listed.value.some((each) => each.orderId === order.orderId);
}
