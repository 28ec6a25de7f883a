import { bookValue, type Exchange, freeOf } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import type { Quote } from "../market/market.ts";
import { isTouched } from "../market/matching.ts";
import { hasTrigger, isWorking, type Order } from "../market/order.ts";
import { filterFailure, refuse, rejected } from "./errors.ts";
import {
  LARGEST_MARKET_QUANTITY,
  LARGEST_PRICE,
  LARGEST_QUANTITY,
  MOST_ORDERS,
  MOST_TRIGGERED_ORDERS,
  PRICE_RANGE,
} from "./exchange-info.ts";
import { isTriggered, type Ticket } from "./tickets.ts";

/** The asset and the amount that an order needs. */
export interface Need {
  asset: string;
  amount: Big;
}

/** What the exchange checks of an order before its matching engine sees it. */
export function checkFilters(exchange: Exchange, ticket: Ticket): void {
  if (exchange.settings.status === "maintenance" || exchange.market.isHalted(ticket.pair.conid)) {
    refuse(-1013, "Market is closed.");
  }
  const { pair, quantity, cashQuantity } = ticket;
  for (const price of [ticket.price, ticket.stopPrice]) {
    if (price === null) continue;
    if (!isStep(price, pair.tick) || price.lt(pair.tick) || price.gt(LARGEST_PRICE)) {
      filterFailure("PRICE_FILTER");
    }
  }
  if (quantity !== null) checkSize(ticket, quantity);
  if (ticket.price !== null) checkPriceRange(quoteOf(exchange, ticket), ticket.price);
  const value = cashQuantity ?? quantity?.times(valuePrice(exchange, ticket)) ?? new Big(0);
  if (value.lt(pair.minimumValue)) filterFailure("NOTIONAL");
}

function checkSize(ticket: Ticket, quantity: Big): void {
  const { lot, minimumQuantity } = ticket.pair;
  if (quantity.lt(minimumQuantity) || quantity.gt(LARGEST_QUANTITY) || !isStep(quantity, lot)) {
    filterFailure("LOT_SIZE");
  }
  if (ticket.type === "MARKET" && quantity.gt(LARGEST_MARKET_QUANTITY)) filterFailure("MARKET_LOT_SIZE");
}

/** A price so far from the market that it must be a slip of the hand. */
function checkPriceRange(quote: Quote, price: Big): void {
  const { up, down } = PRICE_RANGE;
  if (price.gt(quote.last.times(up)) || price.lt(quote.last.times(down))) {
    filterFailure("PERCENT_PRICE_BY_SIDE");
  }
}

/** The price at which the smallest value is judged. */
function valuePrice(exchange: Exchange, ticket: Ticket): Big {
  return ticket.price ?? ticket.stopPrice ?? quoteOf(exchange, ticket).last;
}

/** A stop or a target on the wrong side of the last price. */
export function checkTrigger(exchange: Exchange, ticket: Ticket): void {
  if (!isTriggered(ticket.type)) return;
  if (ticket.trailingDelta !== null) {
    // The simulator follows a price for a stop only, not for a target.
    if (ticket.type.startsWith("TAKE_PROFIT")) {
      rejected("Trailing stop orders are not supported for this symbol.");
    }
    return;
  }
  const type = ticket.type.startsWith("STOP_LOSS") ? "STP" : "MIT";
  const quote = quoteOf(exchange, ticket);
  if (isTouched({ side: ticket.side, type, stopPrice: ticket.stopPrice }, quote)) {
    rejected("Order would trigger immediately.");
  }
}

/** An order that is to rest must not meet the book. */
export function checkMaker(exchange: Exchange, ticket: Ticket): void {
  if (ticket.type !== "LIMIT_MAKER" || ticket.price === null) return;
  const { ask, bid } = quoteOf(exchange, ticket);
  if (ticket.side === "BUY" ? ticket.price.gte(ask) : ticket.price.lte(bid)) {
    rejected("Order would immediately match and take.");
  }
}

function quoteOf(exchange: Exchange, ticket: Ticket): Quote {
  return exchange.market.quote(ticket.pair.conid) ?? refuse(-1112, "No orders on book for symbol.");
}

function isStep(value: Big, step: Big): boolean {
  return value.mod(step).eq(0);
}

/** What the order locks or spends when it is taken. */
export function needOf(exchange: Exchange, ticket: Ticket): Need {
  const { pair, side, quantity, cashQuantity } = ticket;
  if (side === "SELL") {
    const size = quantity ?? cashQuantity?.div(quoteOf(exchange, ticket).bid) ?? new Big(0);
    return { asset: pair.base, amount: size };
  }
  if (cashQuantity !== null) return { asset: pair.quote, amount: cashQuantity };
  const size = quantity ?? new Big(0);
  const price = ticket.price ?? ticket.stopPrice;
  return {
    asset: pair.quote,
    amount: price === null ? bookValue(exchange, pair, "BUY", size) : size.times(price),
  };
}

/** Orders of one group need the largest of what each of them needs. */
export function largestNeed(needs: Need[]): Need {
  const [largest] = [...needs].sort((a, b) => b.amount.cmp(a.amount));
  if (largest === undefined) throw new Error("an order list without orders");
  return largest;
}

export function checkBalance(exchange: Exchange, need: Need): void {
  if (need.amount.gt(freeOf(exchange, need.asset))) {
    rejected("Account has insufficient balance for requested action.");
  }
}

/** The key's right to trade, and the numbers of orders that may rest. */
export function checkAccount(exchange: Exchange, tickets: Ticket[]): void {
  if (!exchange.settings.canTrade) refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
  const [{ pair } = { pair: null }] = tickets;
  const resting = [...exchange.engine.state.orders.values()].filter(
    (order) => isWorking(order) && order.conid === pair?.conid,
  );
  const triggered = (order: Order) => hasTrigger(order.type);
  if (resting.length + tickets.length > MOST_ORDERS) filterFailure("MAX_NUM_ORDERS");
  const more = tickets.filter(({ type }) => isTriggered(type)).length;
  if (more > 0 && resting.filter(triggered).length + more > MOST_TRIGGERED_ORDERS) {
    filterFailure("MAX_NUM_ALGO_ORDERS");
  }
}

/** A client order id may be used again once no open order has it. */
export function checkDuplicate(exchange: Exchange, ids: (string | null)[]): void {
  const taken = new Set<string>();
  for (const order of exchange.engine.state.orders.values()) {
    if (isWorking(order) && order.clientOrderId !== null) taken.add(order.clientOrderId);
  }
  for (const id of ids) {
    if (id === null) continue;
    if (taken.has(id)) rejected("Duplicate order sent.");
    taken.add(id);
  }
}
