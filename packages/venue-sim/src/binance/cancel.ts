import { cancel, type Exchange } from "../exchange/exchange.ts";
import { isWorking, type Order } from "../market/order.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { refuse } from "./errors.ts";
import { findOrder, namesIn } from "./order-reads.ts";
import { cancelledRow } from "./order-rows.ts";
import { listNumberOf, statusOf } from "./order-words.ts";
import type { Parameters } from "./parameters.ts";
import { nameFor } from "./place-order.ts";
import { symbolIn } from "./symbols.ts";
import { clientIdIn } from "./tickets.ts";

/** Still working orders of one list, in the order in which they were placed. */
export function workingOrdersOfList(exchange: Exchange, list: number): Order[] {
  return [...exchange.engine.state.orders.values()].filter(
    (order) => listNumberOf(order) === list && isWorking(order),
  );
}

export function workingOrders(exchange: Exchange, pair: SpotPair): Order[] {
  return [...exchange.engine.state.orders.values()].filter(
    (order) => order.conid === pair.conid && isWorking(order),
  );
}

/** Refuses what does not work any more, or not in the state that the client insists on. */
function cancellable(exchange: Exchange, parameters: Parameters, order: Order | undefined): Order {
  if (order === undefined || !isWorking(order)) return refuse(-2011, "Unknown order sent.");
  const only = parameters.text("cancelRestrictions");
  if (only === undefined) return order;
  if (only !== "ONLY_NEW" && only !== "ONLY_PARTIALLY_FILLED") {
    refuse(-1145, "Invalid cancelRestrictions");
  }
  if (statusOf(exchange, order) !== only.slice("ONLY_".length)) {
    refuse(-2011, "Order was not canceled due to cancel restrictions.");
  }
  return order;
}

/** Cancels one order, and with it the whole list that it belongs to. */
export function cancelOne(
  exchange: Exchange,
  parameters: Parameters,
  order: Order | undefined,
  nameParameter = "newClientOrderId",
): object {
  const target = cancellable(exchange, parameters, order);
  const list = listNumberOf(target);
  cancel(exchange, list === -1 ? [target] : workingOrdersOfList(exchange, list));
  // A fill that came first leaves nothing to cancel.
  if (target.state !== "cancelled") return refuse(-2011, "Unknown order sent.");
  const name = clientIdIn(parameters, nameParameter) ?? nameFor(`cancel ${target.id}`);
  return cancelledRow(exchange, target, name);
}

export function cancelOrder(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  // By the truth, not by a lagging list: the engine knows its own orders.
  const orders = [...exchange.engine.state.orders.values()];
  const names = namesIn(parameters);
  const open = orders.filter(isWorking);
  return cancelOne(exchange, parameters, findOrder(open, pair, names) ?? findOrder(orders, pair, names));
}
