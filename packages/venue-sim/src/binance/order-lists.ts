import { type Exchange, place } from "../exchange/exchange.ts";
import { isWorking, type Order, type OrderDraft, type Side } from "../market/order.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { missing, refuse, rejected } from "./errors.ts";
import type { BinanceOrderType } from "./exchange-info.ts";
import type { Limits } from "./limits.ts";
import {
  checkAccount,
  checkBalance,
  checkDuplicate,
  checkFilters,
  checkMaker,
  checkTrigger,
  largestNeed,
  needOf,
} from "./order-checks.ts";
import { listReport } from "./order-list-rows.ts";
import { listNumberOf } from "./order-words.ts";
import type { Parameters } from "./parameters.ts";
import { nameFor, nextOrderNumbers, responseTypeIn } from "./place-order.ts";
import { symbolIn } from "./symbols.ts";
import { clientIdIn, draftOf, type NameOf, sideIn, type Ticket, ticketFrom, typeIn } from "./tickets.ts";

const LISTS_PER_OPENING = 1_000_000;

/** `working` and `price` make `workingPrice`. */
function prefixed(prefix: string): NameOf {
  return (name) => `${prefix}${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

function legIn(
  parameters: Parameters,
  prefix: string,
  known: { pair: SpotPair; side: Side; quantityName: string },
): Ticket {
  const nameOf = prefixed(prefix);
  const quantity = parameters.decimal(known.quantityName) ?? missing(known.quantityName);
  const type = typeIn(parameters, nameOf("type"));
  return ticketFrom(parameters, { pair: known.pair, side: known.side, type, quantity }, nameOf);
}

/** The two orders of which one ends the other; the one that waits for a worse price comes first. */
function exclusiveLegs(
  parameters: Parameters,
  prefixes: { above: string; below: string },
  known: { pair: SpotPair; side: Side; quantityName: string },
): Ticket[] {
  const above = legIn(parameters, prefixes.above, known);
  const below = legIn(parameters, prefixes.below, known);
  checkSides(known.side, above.type, below.type);
  const higher = above.price ?? above.stopPrice;
  const lower = below.price ?? below.stopPrice;
  if (higher !== null && lower !== null && higher.lte(lower)) {
    rejected("The relationship of the prices for the orders is not correct.");
  }
  return known.side === "SELL" ? [below, above] : [above, below];
}

/** What may stand above and below the market, by side: a stop on the losing one, a target on the other. */
function checkSides(side: Side, above: BinanceOrderType, below: BinanceOrderType): void {
  for (const type of [above, below]) {
    if (type === "MARKET" || type === "LIMIT") refuse(-1158, "Order type not supported in OCO.");
  }
  if (above === "LIMIT_MAKER" && below === "LIMIT_MAKER") {
    refuse(-1168, "At least one OCO order must be contingent.");
  }
  const isStop = (type: string) => type.startsWith("STOP_LOSS");
  const isTarget = (type: string) => type.startsWith("TAKE_PROFIT");
  if (side === "BUY") {
    if (above === "LIMIT_MAKER") refuse(-1165, "A limit order in a buy OCO must be below.");
    if (isStop(below)) refuse(-1196, "A stop loss order in a buy OCO must be above.");
    if (isTarget(above)) refuse(-1198, "A take profit order in a buy OCO must be below.");
    return;
  }
  if (below === "LIMIT_MAKER") refuse(-1166, "A limit order in a sell OCO must be above.");
  if (isStop(above)) refuse(-1197, "A stop loss order in a sell OCO must be below.");
  if (isTarget(below)) refuse(-1199, "A take profit order in a sell OCO must be above.");
}

/** POST orderList/oco: two orders, one of which ends the other. */
export function newExclusiveList(exchange: Exchange, parameters: Parameters, limits: Limits): unknown {
  const pair = symbolIn(exchange, parameters);
  const known = { pair, side: sideIn(parameters), quantityName: "quantity" };
  const legs = exclusiveLegs(parameters, { above: "above", below: "below" }, known);
  return takeList(exchange, parameters, limits, { pair, working: legs, pending: [], contingency: "OCO" });
}

/** POST orderList/oto: an order that is placed once another has been filled. */
export function newTriggeringList(exchange: Exchange, parameters: Parameters, limits: Limits): unknown {
  const pair = symbolIn(exchange, parameters);
  const working = workingLeg(parameters, pair);
  const pendingSide = sideIn(parameters, "pendingSide");
  const known = { pair, side: pendingSide, quantityName: "pendingQuantity" };
  const pending = [legIn(parameters, "pending", known)];
  return takeList(exchange, parameters, limits, { pair, working: [working], pending, contingency: "OTO" });
}

/** POST orderList/otoco: a bracket, two exits that are placed once the entry has been filled. */
export function newBracketList(exchange: Exchange, parameters: Parameters, limits: Limits): unknown {
  const pair = symbolIn(exchange, parameters);
  const working = workingLeg(parameters, pair);
  const known = { pair, side: sideIn(parameters, "pendingSide"), quantityName: "pendingQuantity" };
  const prefixes = { above: "pendingAbove", below: "pendingBelow" };
  const pending = exclusiveLegs(parameters, prefixes, known);
  return takeList(exchange, parameters, limits, { pair, working: [working], pending, contingency: "OTO" });
}

function workingLeg(parameters: Parameters, pair: SpotPair): Ticket {
  const side = sideIn(parameters, "workingSide");
  const ticket = legIn(parameters, "working", { pair, side, quantityName: "workingQuantity" });
  if (ticket.type !== "LIMIT" && ticket.type !== "LIMIT_MAKER") {
    refuse(-1014, "Unsupported order combination.");
  }
  return ticket;
}

interface ListDraft {
  pair: SpotPair;
  working: Ticket[];
  pending: Ticket[];
  contingency: "OCO" | "OTO";
}

function takeList(exchange: Exchange, parameters: Parameters, limits: Limits, list: ListDraft): unknown {
  const tickets = [...list.working, ...list.pending];
  for (const ticket of tickets) checkFilters(exchange, ticket);
  const response = responseTypeIn(parameters, "STOP_LOSS");
  const asked = parameters.has("newOrderRespType") ? response : "RESULT";
  const listName = clientIdIn(parameters, "listClientOrderId");
  limits.countOrders(tickets.length);
  checkAccount(exchange, tickets);
  // What waits for another order is held against the market and the balance when its time comes.
  for (const ticket of list.working) {
    checkTrigger(exchange, ticket);
    checkMaker(exchange, ticket);
  }
  checkDuplicate(
    exchange,
    tickets.map(({ clientOrderId }) => clientOrderId),
  );
  checkListName(exchange, listName);
  checkBalance(exchange, largestNeed(list.working.map((ticket) => needOf(exchange, ticket))));
  return listReport(exchange, placeList(exchange, list, listName), asked);
}

/** The name of a list may be used again once no order of that list works any more. */
function checkListName(exchange: Exchange, name: string | null): void {
  if (name === null) return;
  for (const order of exchange.engine.state.orders.values()) {
    if (isWorking(order) && order.venueFields?.listName === name) rejected("Duplicate order sent.");
  }
}

function placeList(exchange: Exchange, list: ListDraft, name: string | null): Order[] {
  const { pair, working, pending, contingency } = list;
  const number = nextListNumber(exchange);
  const orderNumbers = nextOrderNumbers(exchange, pair, working.length + pending.length);
  const fields = {
    listId: String(number),
    listName: name ?? nameFor(`list ${number}`),
    contingency,
  };
  const entries: { id: number; draft: OrderDraft }[] = [];
  let parentId: number | undefined;
  for (const [i, ticket] of [...working, ...pending].entries()) {
    const id = exchange.engine.nextOrderId();
    const isPending = i >= working.length;
    // Legs that exclude each other are one group; a lone leg needs none.
    const legs = isPending ? pending : working;
    const draft = draftOf(exchange, ticket, {
      clientOrderId: ticket.clientOrderId ?? nameFor(`order ${id}`),
      orderId: orderNumbers[i] ?? 0,
      list: fields,
      ...(legs.length > 1 ? { group: `list ${number}` } : {}),
      ...(isPending && parentId !== undefined ? { parentId } : {}),
    });
    if (!isPending) parentId = id;
    entries.push({ id, draft });
  }
  return place(exchange, entries);
}

function nextListNumber(exchange: Exchange): number {
  const { state } = exchange.engine;
  const known = new Set<number>();
  for (const order of state.orders.values()) known.add(listNumberOf(order));
  known.delete(-1);
  return state.openings * LISTS_PER_OPENING + known.size + 1;
}
