import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, max, plain, roundDown, sum, ZERO } from "../domain/money.ts";
import type { OrderRequest, Side } from "../domain/order.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import { type Ledger, openOn } from "../journal/ledger.ts";
import { filledQuantity, isChild, type LedgerOrder } from "../journal/ledger-order.ts";
import type { Gone } from "./close-cancel.ts";
import type { Desk } from "./desk.ts";
import { isJournalTrouble, withUnwritten } from "./exit-past-journal.ts";
import { type Gathered, gather } from "./gather.ts";
import { bracketOf, stillTrading } from "./groups.ts";
import { describeHeld, holdingsOf, type Reserved, reservedOn } from "./holdings.ts";
import { type News, recordNews, reservingOrders } from "./sync.ts";

/** What is there to close, and what stands in the way of it. */
export interface Target {
  instrument: Instrument;
  gathered: Gathered;
  side: Side;
  held: Decimal;
  quantity: Decimal;
  /** Our own reducing orders, which are cancelled when the position is not free without that. */
  protections: LedgerOrder[];
  reserved: Reserved;
}

/**
 * What is held now and to be closed; null when nothing is. Throws when it is not known well enough.
 *
 * @param gone what the plan has cancelled already, and the journal may not know of
 */
export async function findTarget(
  desk: Desk,
  journal: Journal,
  instrument: Instrument,
  asked: Decimal | null,
  gone: Gone[] = [],
): Promise<Target | null> {
  const read = await gather(desk, instrument);
  await tryToRecord(desk, journal, read.news);
  const gathered = withUnwritten(read, journal.unwritten(), desk.foreign);
  const holdings = holdingsOf(instrument.id, gathered.news.positions, journal.ledger, desk.clock.now());
  if (holdings.kind === "unknown") {
    throw new TradingError(
      "holdings_unknown",
      `What is held of ${instrument.symbol} is not known: ${holdings.reason}.`,
      "Nothing was sent. Look at positions, then try again.",
      { retryable: true },
    );
  }
  if (holdings.low.lte(ZERO) && holdings.high.gte(ZERO)) {
    if (holdings.low.eq(ZERO) && holdings.high.eq(ZERO)) return null;
    throw new TradingError(
      "holdings_unknown",
      `Between ${describeHeld(holdings)} ${instrument.symbol} may be held: ${holdings.note}.`,
      "Nothing was sent. Try again in a minute, when the venue's list has settled.",
      { retryable: true },
    );
  }
  const long = holdings.low.gt(ZERO);
  const side: Side = long ? "SELL" : "BUY";
  const held = max(ZERO, (long ? holdings.low : holdings.high.neg()).minus(untoldFills(gone)));
  if (held.eq(ZERO)) return null;
  const quantity = asked ?? inSteps(held, instrument);
  if (quantity.gt(held)) {
    throw new TradingError(
      "crosses_flat",
      `${plain(quantity)} is more than the ${plain(held)} ${instrument.symbol} held (${holdings.note}).`,
      "Leave quantity out to close all of it.",
    );
  }
  const { ledger } = journal;
  // A market order protects nothing: it closes already, and is left to do so. Nor do the exits of a bracket
  // whose entry waits: taken away now, they would be missing when it fills.
  const protections = openOn(ledger, instrument.id, side).filter(
    (order) =>
      order.exit &&
      order.order.orderType !== "market" &&
      stillTrading([order], ledger).gt(ZERO) &&
      !gone.some((each) => each.own === order),
  );
  const reserved = reservedOn(
    instrument.id,
    side,
    ledger,
    reservingOrders(desk, ledger, gathered.news.orders),
    gone.map((each) => each.own),
  );
  const fillsOn = protections.flatMap((order) => (isChild(order) ? openEntryOf(ledger, order) : []))[0];
  if (fillsOn && quantity.gt(held.minus(reserved.quantity))) throw entryFillsOn(instrument, fillsOn);
  return { instrument, gathered, side, held, quantity, protections, reserved };
}

function openEntryOf(ledger: Ledger, exit: LedgerOrder): LedgerOrder[] {
  return bracketOf(ledger, exit).filter((each) => !isChild(each) && each.phase !== "done");
}

/** Without its exits, what a bracket's entry fills after the close would stand bare. */
function entryFillsOn({ symbol }: Instrument, entry: LedgerOrder): TradingError {
  const id = entry.orderId ?? entry.clientOrderId;
  return new TradingError(
    "bracket_entry_working",
    `The ${symbol} to be closed are protected by a bracket whose entry ${id} may fill further (${entry.status}).`,
    `Nothing was sent. Use cancel_order on ${id} first, then close_position: its exits protect what it has filled until then.`,
    { retryable: true, details: { outcome: "not_sent", order_id: entry.orderId } },
  );
}

/** Serves exits: what the journal does not take (S23) is used all the same, and written with the next decision. */
async function tryToRecord(desk: Desk, journal: Journal, news: News): Promise<void> {
  try {
    await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, news, append));
  } catch (error) {
    if (!isJournalTrouble(error)) throw error;
    desk.log.error({ error: messageOf(error) }, "what was read for a close could not be journaled");
  }
}

/**
 * What the cancelled orders took off the position and the journal could not be told of. The venue's list of
 * positions may lag behind it, so that it is taken off here; where the list holds it already less is sold.
 */
function untoldFills(gone: Gone[]): Decimal {
  return sum(gone.map(({ own, filled }) => max(ZERO, filled.minus(filledQuantity(own)))));
}

/** All of it, in the steps that the venue takes: a fee in the coin itself leaves what is less than one. */
function inSteps(held: Decimal, { symbol, quantityStep }: Instrument): Decimal {
  const whole = roundDown(held, quantityStep);
  if (whole.gt(ZERO)) return whole;
  throw new TradingError(
    "dust",
    `${plain(held)} ${symbol} is less than the least step of ${plain(quantityStep)} that the venue takes.`,
    "Nothing can be sold of it. It stays, or goes with what is bought later.",
  );
}

export function marketOrder(target: Target, quantity: Decimal = target.quantity): OrderRequest {
  return {
    symbol: target.instrument.symbol,
    side: target.side,
    orderType: "market",
    quantity,
    cashAmount: null,
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
  };
}
