import type { Position } from "../domain/account.ts";
import { messageOf } from "../domain/errors.ts";
import type { ExchangeRate } from "../domain/exchange-rate.ts";
import type { Instrument } from "../domain/instrument.ts";
import type { VenueOrder } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import { type Reading, unread } from "../domain/reading.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import { completedAt } from "./absent-exits.ts";
import { dayOf, onDayOf } from "./day.ts";
import { readMarks } from "./day-result.ts";
import type { Desk } from "./desk.ts";
import { identityFact, journalFor } from "./desk.ts";
import type { IdentityFact, MarketHours } from "./facts.ts";
import { bracketOf } from "./groups.ts";
import { marketHoursAt } from "./hours.ts";
import { holdingPolicy } from "./limits.ts";
import { type DayResult, dayResult } from "./loss-stop.ts";
import { canBeAsked, lookAtOwn } from "./own-orders.ts";
import { readRiskRate } from "./risk-rate.ts";
import type { News } from "./sync.ts";

/** What was read from the venue for one decision, before the lock. */
export interface Gathered {
  identity: IdentityFact;
  quote: Reading<Quote>;
  /** From the currency that the instrument is priced in into the risk currency. */
  rate: Reading<ExchangeRate>;
  hours: MarketHours;
  result: DayResult;
  news: News;
  /** Place in the journal up to which it was known when the reading began (S2). */
  ledgerSeq: number;
  /** Readings of the positions before this one, where it is decided on the most cautious of them. */
  earlier?: Reading<Position[]>[];
  /** The order places again what a close had cancelled (S29). */
  restores?: boolean;
}

/** Reads all facts side by side. What cannot be read is unread in the result; nothing is thrown for it. */
export async function gather(desk: Desk, instrument: Instrument): Promise<Gathered> {
  // The account says which journal the facts are compared with: it has to be known before they are read.
  const first = desk.account === null ? await identityFact(desk) : null;
  const began = desk.clock.now();
  const ledgerSeq = knownUpTo(desk);
  const [identity, quote, rate, hours, positions, orders, early] = await Promise.all([
    first ?? identityFact(desk),
    quoteOf(desk, instrument),
    readRiskRate(desk, instrument.currency),
    marketHoursAt(began, instrument, desk.marketData, desk.policy),
    reading<Position[]>(() => desk.marketData.positions()),
    reading<VenueOrder[]>(() => desk.broker.orders()),
    dayResult(desk, desk.policy.maxDailyLoss !== null),
  ]);
  const { ledger } = caughtUp(desk, identity);
  const looks = await lookAtOwn(desk, ledger, wantedLooks(desk, ledger, instrument.id, orders), () =>
    Promise.resolve(orders),
  );
  const own = { ...looks, completeAt: completedAt(desk, { orders, positions, fills: looks.fills }) };
  const result = await resultFor(desk, ledger, early, positions);
  return { identity, quote, rate, hours, result, news: { orders, positions, ...own }, ledgerSeq };
}

/** Another server of today may limit the day's loss where this one does not (S25). */
async function resultFor(
  desk: Desk,
  ledger: Ledger,
  early: DayResult,
  positions: Reading<Position[]>,
): Promise<DayResult> {
  const now = desk.clock.now();
  const onDay = onDayOf(desk, now);
  const wanted = holdingPolicy(desk.policy, ledger, onDay).maxDailyLoss !== null;
  if (!wanted) return early;
  if (desk.marketData.dailyPnl === undefined) {
    return {
      ...early,
      marks: await readMarks(desk, ledger, positions, { day: dayOf(desk, now), onDay, now }),
    };
  }
  return desk.policy.maxDailyLoss === null ? dayResult(desk, true) : early;
}

/** The journal's last place, of the account that the venue named last. */
function knownUpTo(desk: Desk): number {
  const journal = desk.journals.of(desk.account);
  journal.catchUp();
  return journal.ledger.lastSeq;
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
function wantedLooks(
  desk: Desk,
  ledger: Ledger,
  instrumentId: string,
  orders: Reading<VenueOrder[]>,
): LedgerOrder[] {
  const open = ledger.openOrders();
  // An entry that is done is asked for the exits that nobody has seen yet.
  const askedForExits = open.flatMap((order) =>
    order.orderId === null ? bracketOf(ledger, order).slice(0, 1) : [],
  );
  const wanted = [...new Set([...open, ...askedForExits])].filter(
    (order) => canBeAsked(desk, order) && needsLook(order, instrumentId, orders),
  );
  const isSame = (order: LedgerOrder) => (order.order.instrumentId === instrumentId ? 0 : 1);
  return wanted.sort((a, b) => isSame(a) - isSame(b));
}

/**
 * Orders of the same instrument are always looked at singly: the venue's list may be seconds old. Others
 * only where the list does not hold them.
 */
function needsLook(order: LedgerOrder, instrumentId: string, listed: Reading<VenueOrder[]>): boolean {
  if (order.orderId === null || order.order.instrumentId === instrumentId) return true;
  return listed.kind === "unread" || !listed.value.some((each) => each.orderId === order.orderId);
}
