import { cancel, type Exchange, executionsOf, visibleOrders } from "../exchange/exchange.ts";
import { isWorking, type Order } from "../market/order.ts";
import { pairOf } from "../market/spot-pairs.ts";
import { workingOrdersOfList } from "./cancel.ts";
import { missing, refuse } from "./errors.ts";
import { cancelledRow, placedRow, type ResponseType } from "./order-rows.ts";
import { listNumberOf, numberOf } from "./order-words.ts";
import type { Parameters } from "./parameters.ts";
import { nameFor } from "./place-order.ts";
import { symbolIn } from "./symbols.ts";
import { clientIdIn } from "./tickets.ts";

/** A list of orders as queries tell it. */
export function listRow(orders: readonly Order[], at: number) {
  const [first] = orders;
  const executing = orders.some(isWorking);
  return {
    orderListId: first === undefined ? -1 : listNumberOf(first),
    contingencyType: first?.venueFields?.contingency ?? "OCO",
    listStatusType: executing ? "EXEC_STARTED" : "ALL_DONE",
    listOrderStatus: executing ? "EXECUTING" : "ALL_DONE",
    listClientOrderId: first?.venueFields?.listName ?? "",
    transactionTime: at,
    symbol: first === undefined ? "" : pairOf(first.conid).symbol,
    orders: orders.map((order) => ({
      symbol: pairOf(order.conid).symbol,
      orderId: numberOf(order),
      clientOrderId: order.clientOrderId ?? "",
    })),
  };
}

/** The answer to a new list. */
export function listReport(exchange: Exchange, orders: Order[], response: ResponseType): unknown {
  return {
    ...listRow(orders, exchange.clock.now()),
    orderReports: orders.map((order) => placedRow(exchange, order, response, executionsOf(exchange, order))),
  };
}

/** The answer to a list's cancel; orders that had ended before are told as they are. */
export function cancelledListReport(exchange: Exchange, orders: Order[], cancelId: string): unknown {
  return {
    ...listRow(orders, exchange.clock.now()),
    orderReports: orders.map((order) => cancelledRow(exchange, order, cancelId)),
  };
}

function listsOf(orders: readonly Order[]): Map<number, Order[]> {
  const lists = new Map<number, Order[]>();
  for (const order of orders) {
    const number = listNumberOf(order);
    if (number === -1) continue;
    lists.set(number, [...(lists.get(number) ?? []), order]);
  }
  return lists;
}

export function ordersOfList(orders: readonly Order[], number: number): Order[] {
  return orders.filter((order) => listNumberOf(order) === number);
}

const placedAt = (orders: readonly Order[]): number => orders[0]?.acceptedAt ?? 0;

export function openLists(exchange: Exchange): unknown {
  return [...listsOf(visibleOrders(exchange)).values()]
    .filter((orders) => orders.some(isWorking))
    .map((orders) => listRow(orders, placedAt(orders)));
}

export function allLists(exchange: Exchange, parameters: Parameters): unknown {
  const from = parameters.integer("fromId") ?? 0;
  const limit = Math.min(parameters.integer("limit") ?? 500, 1_000);
  return [...listsOf(visibleOrders(exchange))]
    .filter(([number]) => number >= from)
    .slice(0, limit)
    .map(([, orders]) => listRow(orders, placedAt(orders)));
}

/** The list that a request names; of several of one name the newest. */
function namedList(orders: readonly Order[], parameters: Parameters, nameParameter: string): Order[] {
  const number = parameters.integer("orderListId");
  const name = parameters.text(nameParameter);
  if (number === undefined && name === undefined) missing("orderListId");
  const lists = [...listsOf(orders)];
  const found = lists.findLast(([listNumber, [first]]) =>
    number === undefined ? first?.venueFields?.listName === name : listNumber === number,
  );
  return found?.[1] ?? [];
}

export function queryList(exchange: Exchange, parameters: Parameters): unknown {
  const orders = namedList(visibleOrders(exchange), parameters, "origClientOrderId");
  if (orders.length === 0) return refuse(-2018, "Order list does not exist.");
  return listRow(orders, placedAt(orders));
}

export function cancelList(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  const all = [...exchange.engine.state.orders.values()].filter((order) => order.conid === pair.conid);
  const orders = namedList(all, parameters, "listClientOrderId");
  if (!orders.some(isWorking)) return refuse(-2011, "Unknown order list sent.");
  const [first] = orders;
  const number = first === undefined ? -1 : listNumberOf(first);
  cancel(exchange, workingOrdersOfList(exchange, number));
  const name = clientIdIn(parameters, "newClientOrderId") ?? nameFor(`cancel list ${number}`);
  return cancelledListReport(exchange, orders, name);
}
