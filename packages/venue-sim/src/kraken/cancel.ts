import { cancel, type Exchange, freeOf } from "../exchange/exchange.ts";
import type { OrderChanges } from "../market/events.ts";
import { isWorking, type Order } from "../market/order.ts";
import { lockOf } from "../market/spot-balances.ts";
import { feeInQuote } from "../market/spot-rules.ts";
import { exists } from "./add-order.ts";
import { invalidArgument, refuse } from "./errors.ts";
import { orderIdOf } from "./order-rows.ts";
import type { Parameters } from "./parameters.ts";

/** Open orders that a request names by id, client order id or user reference. */
function namedOrders(exchange: Exchange, parameters: Parameters): Order[] {
  const id = parameters.text("txid");
  const clientOrderId = parameters.text("cl_ord_id");
  if (id === undefined && clientOrderId === undefined) return invalidArgument("txid");
  return openOrdersOf(exchange).filter(
    (order) =>
      (clientOrderId !== undefined && order.clientOrderId === clientOrderId) ||
      (id !== undefined && (orderIdOf(order) === id || order.venueFields?.userReference === id)),
  );
}

function openOrdersOf(exchange: Exchange): Order[] {
  return [...exchange.engine.state.orders.values()].filter(
    (order) => isWorking(order) && exists(exchange, order),
  );
}

export function cancelOrder(exchange: Exchange, parameters: Parameters): unknown {
  const orders = namedOrders(exchange, parameters);
  cancel(exchange, orders);
  const count = orders.filter(({ state }) => state === "cancelled").length;
  return count === 0 ? refuse("EOrder:Unknown order") : { count };
}

export function cancelAll(exchange: Exchange): unknown {
  const orders = openOrdersOf(exchange);
  cancel(exchange, orders);
  return { count: orders.filter(({ state }) => state === "cancelled").length };
}

/** Changes an order in place; it keeps its id. A size below what has been filled ends it. */
export function amendOrder(exchange: Exchange, parameters: Parameters): unknown {
  const [order] = namedOrders(exchange, parameters);
  if (order === undefined) return refuse("EOrder:Unknown order");
  const changes = changesIn(parameters, order);
  const extra = feeInQuote(exchange.fees());
  const before = lockOf(order, extra);
  const after = lockOf({ ...order, ...changes } as Order, extra);
  if (after.amount.minus(before.amount).gt(freeOf(exchange, before.asset)))
    refuse("EOrder:Insufficient funds");
  exchange.engine.modify(order.id, changes);
  if (changes.quantity?.lte(order.filled)) cancel(exchange, [order]);
  else exchange.engine.tick();
  return { amend_id: orderIdOf(order).replace(/^O/, "T") };
}

function changesIn(parameters: Parameters, order: Order): OrderChanges {
  const quantity = parameters.decimal("order_qty");
  const limitPrice = parameters.decimal("limit_price");
  const stopPrice = parameters.decimal("trigger_price");
  if (limitPrice !== undefined && order.limitPrice === null) invalidArgument("limit_price");
  if (stopPrice !== undefined && order.stopPrice === null) invalidArgument("trigger_price");
  return {
    ...(quantity === undefined ? {} : { quantity }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
  };
}
