import { bookValue, type Exchange, freeOf, place } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import { isWorking, type Order, type OrderDraft } from "../market/order.ts";
import { feeInQuote } from "../market/spot-rules.ts";
import { pairAltName } from "./assets.ts";
import { invalidArgument, refuse } from "./errors.ts";
import { describe, orderIdOf } from "./order-rows.ts";
import type { Parameters } from "./parameters.ts";
import { ORDER_TYPES, pricesIn, type Ticket, ticketFrom, typeIn } from "./tickets.ts";

/** Answers a description and the order's id, and nothing of what became of the order. */
export function addOrder(exchange: Exchange, parameters: Parameters): unknown {
  const ticket = ticketFrom(exchange, parameters);
  const closing = closingIn(exchange, parameters, ticket);
  checkTicket(exchange, ticket);
  const draft = draftOf(exchange, ticket);
  const size = (ticket.quantity ?? ticket.cashQuantity ?? new Big(0)).toFixed(8);
  const descr = {
    order: describe(draft, size),
    ...(closing === null ? {} : { close: closingText(ticket, closing) }),
  };
  if (parameters.text("validate") === "true" || parameters.text("validate") === "1") return { descr };
  checkFunds(exchange, ticket);
  const id = exchange.engine.nextOrderId();
  const entries = [
    { id, draft: closing === null ? draft : withClosing(draft, closingText(ticket, closing)) },
  ];
  if (closing !== null) {
    entries.push({
      id: exchange.engine.nextOrderId(),
      draft: { ...draftOf(exchange, closing), parentId: id },
    });
  }
  const [order] = place(exchange, entries);
  if (order === undefined) throw new Error("the engine took no order");
  return { descr, txid: [orderIdOf(order)] };
}

/** The order of the other side that is placed once this one has been filled. */
function closingIn(exchange: Exchange, parameters: Parameters, ticket: Ticket): Ticket | null {
  const word = parameters.text("close[ordertype]");
  if (word === undefined) return null;
  // How much it would have to close is known only after the fact.
  if (ticket.quantity === null) return invalidArgument("volume");
  const type = typeIn(word);
  if (type === "market") return invalidArgument("close");
  const side = ticket.side === "BUY" ? "SELL" : "BUY";
  const names = { price: "close[price]", price2: "close[price2]" };
  return {
    ...ticket,
    type,
    side,
    timeInForce: "GTC",
    ...pricesIn(exchange, parameters, { pair: ticket.pair, side, type }, names),
    postOnly: false,
    clientOrderId: null,
    flags: [],
    sent: { price: parameters.text(names.price) ?? "0", price2: parameters.text(names.price2) ?? "0" },
  };
}

function closingText(ticket: Ticket, closing: Ticket): string {
  const words = closing.type.replace("-limit", "").replaceAll("-", " ");
  const limit = closing.type.endsWith("-limit") ? ` -> limit ${closing.sent.price2}` : "";
  return `close position @ ${words} ${closing.sent.price}${limit} ${pairAltName(ticket.pair)}`;
}

function withClosing(draft: OrderDraft, closes: string): OrderDraft {
  return { ...draft, venueFields: { ...draft.venueFields, closes } };
}

function checkTicket(exchange: Exchange, ticket: Ticket): void {
  const { pair, quantity, cashQuantity, limitPrice, stopPrice } = ticket;
  if (!exchange.settings.canTrade) refuse("EGeneral:Permission denied");
  if (exchange.settings.status === "maintenance" || exchange.market.isHalted(pair.conid)) {
    refuse("EService:Market in cancel_only mode");
  }
  const quote = exchange.market.quote(pair.conid);
  if (quantity?.lt(pair.minimumQuantity)) {
    refuse("EGeneral:Invalid arguments:volume minimum not met");
  }
  if (quantity !== null && !quantity.mod(pair.lot).eq(0)) invalidArgument("volume");
  const price = limitPrice ?? stopPrice ?? quote?.last ?? new Big(0);
  const value = cashQuantity ?? quantity?.times(price) ?? new Big(0);
  if (value.lt(pair.minimumValue)) refuse("EOrder:Order minimum not met");
  if (ticket.postOnly && limitPrice !== null && quote !== null) {
    const crosses = ticket.side === "BUY" ? limitPrice.gte(quote.ask) : limitPrice.lte(quote.bid);
    if (crosses) refuse("EOrder:Post only order");
  }
  checkDuplicate(exchange, ticket.clientOrderId);
}

/** A client order id may be used again once no open order has it. The wording is the simulator's own. */
function checkDuplicate(exchange: Exchange, id: string | null): void {
  if (id === null) return;
  for (const order of exchange.engine.state.orders.values()) {
    if (isWorking(order) && order.clientOrderId === id) refuse("EOrder:cl_ord_id is in use by an open order");
  }
}

function checkFunds(exchange: Exchange, ticket: Ticket): void {
  const { pair, quantity, cashQuantity, side } = ticket;
  const quote = exchange.market.quote(pair.conid);
  const size = quantity ?? cashQuantity?.div(quote?.bid ?? 1) ?? new Big(0);
  if (side === "SELL") {
    if (size.gt(freeOf(exchange, pair.base))) refuse("EOrder:Insufficient funds");
    return;
  }
  const price = ticket.limitPrice ?? ticket.stopPrice;
  const value = cashQuantity ?? (price === null ? bookValue(exchange, pair, "BUY", size) : size.times(price));
  // What is spent by amount has its fee taken out of the same money.
  const fee = feeInQuote(exchange.fees());
  if (value.times(fee.plus(1)).gt(freeOf(exchange, pair.quote))) refuse("EOrder:Insufficient funds");
}

function draftOf(exchange: Exchange, ticket: Ticket): OrderDraft {
  const { fillCeiling } = exchange.overrides;
  const atMarket = ticket.limitPrice === null;
  return {
    account: exchange.account(),
    conid: ticket.pair.conid,
    side: ticket.side,
    type: ORDER_TYPES[ticket.type],
    timeInForce: atMarket ? "IOC" : ticket.timeInForce,
    quantity: ticket.quantity,
    cashQuantity: ticket.cashQuantity,
    limitPrice: ticket.limitPrice,
    stopPrice: ticket.stopPrice,
    trailingAmount: ticket.trail?.amount ?? null,
    trailingUnit: ticket.trail?.unit ?? null,
    outsideRegularHours: true,
    clientOrderId: ticket.clientOrderId,
    parentId: null,
    group: null,
    fillCeiling: fillCeiling === undefined ? null : new Big(fillCeiling),
    venueFields: {
      type: ticket.type,
      flags: ticket.flags.join(","),
      sentPrice: ticket.sent.price,
      sentPrice2: ticket.sent.price2,
      ...(ticket.userReference === null ? {} : { userReference: String(ticket.userReference) }),
    },
  };
}

/** Orders that the exchange shows: a closing order exists from the fill of its opening order on. */
export function exists(exchange: Exchange, order: Order): boolean {
  if (order.parentId === null) return true;
  return exchange.engine.state.orders.get(order.parentId)?.state === "filled";
}
