import { TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, plain, ZERO } from "../domain/money.ts";
import type { OrderRequest, Side } from "../domain/order.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import { openOn } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import { type Gathered, gather } from "./gather.ts";
import { describeHeld, holdingsOf, type Reserved, reservedOn } from "./holdings.ts";
import { recordNews, reservingOrders } from "./sync.ts";


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

/** What is held now and to be closed; null when nothing is. Throws when it is not known well enough. */
export async function findTarget(
  desk: Desk,
  journal: Journal,
  instrument: Instrument,
  asked: Decimal | null,
): Promise<Target | null> {
  const gathered = await gather(desk, instrument);
  await journal.locked(LOCK_WAIT_MS, (append) => recordNews(journal, gathered.news, append));
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
  const held = long ? holdings.low : holdings.high.neg();
  const quantity = asked ?? held;
  if (quantity.gt(held)) {
    throw new TradingError(
      "crosses_flat",
      `${plain(quantity)} is more than the ${plain(held)} ${instrument.symbol} held (${holdings.note}).`,
      "Leave quantity out to close all of it.",
    );
  }
  const side: Side = long ? "SELL" : "BUY";
  return {
    instrument,
    gathered,
    side,
    held,
    quantity,
    // A market order protects nothing: it closes already, and is left to do so.
    protections: openOn(journal.ledger, instrument.id, side).filter(
      (order) => order.exit && order.order.orderType !== "market",
    ),
    reserved: reservedOn(
      instrument.id,
      side,
      journal.ledger,
      reservingOrders(desk, journal.ledger, gathered.news.orders),
    ),
  };
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
