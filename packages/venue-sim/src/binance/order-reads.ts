import { type Exchange, visibleExecutions, visibleOrders } from "../exchange/exchange.ts";
import { isWorking, type Order } from "../market/order.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { refuse } from "./errors.ts";
import { orderRow, tradeRow } from "./order-rows.ts";
import { numberOf } from "./order-words.ts";
import type { Parameters } from "./parameters.ts";
import { symbolIn } from "./symbols.ts";

const MOST_ROWS = 1_000;
const DAY = 24 * 60 * 60_000;

/** The order that a request names by number or by client order id; of several of one name the newest. */
export function findOrder(
  orders: readonly Order[],
  pair: SpotPair,
  names: { orderId: number | undefined; clientOrderId: string | undefined },
): Order | undefined {
  const { orderId, clientOrderId } = names;
  return orders.findLast(
    (order) =>
      order.conid === pair.conid &&
      (orderId === undefined || numberOf(order) === orderId) &&
      (clientOrderId === undefined || order.clientOrderId === clientOrderId),
  );
}

export function namesIn(parameters: Parameters): {
  orderId: number | undefined;
  clientOrderId: string | undefined;
} {
  const orderId = parameters.integer("orderId");
  const clientOrderId = parameters.text("origClientOrderId");
  if (orderId === undefined && clientOrderId === undefined) {
    refuse(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  }
  return { orderId, clientOrderId };
}

export function queryOrder(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  const order = findOrder(visibleOrders(exchange), pair, namesIn(parameters));
  return order === undefined ? refuse(-2013, "Order does not exist.") : orderRow(exchange, order);
}

export function openOrders(exchange: Exchange, parameters: Parameters): unknown {
  const pair = parameters.has("symbol") ? symbolIn(exchange, parameters) : null;
  return visibleOrders(exchange)
    .filter((order) => isWorking(order) && (pair === null || order.conid === pair.conid))
    .map((order) => orderRow(exchange, order));
}

/** Orders of one symbol in any state: from a number on, of a span of at most a day, or the newest. */
export function allOrders(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  const from = parameters.integer("orderId");
  const span = spanIn(parameters);
  const found = visibleOrders(exchange)
    .filter((order) => order.conid === pair.conid)
    .filter((order) => from === undefined || numberOf(order) >= from)
    .filter(({ acceptedAt }) => acceptedAt >= span.from && acceptedAt <= span.to);
  return limited(found, parameters, from !== undefined).map((order) => orderRow(exchange, order));
}

export function myTrades(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  const orderId = parameters.integer("orderId");
  const from = parameters.integer("fromId");
  const span = spanIn(parameters);
  const { orders } = exchange.engine.state;
  const rows = visibleExecutions(exchange)
    .filter(({ conid, at }) => conid === pair.conid && at >= span.from && at <= span.to)
    .map((execution) => tradeRow(execution, orders.get(execution.orderId)))
    .filter(
      (row) => (orderId === undefined || row.orderId === orderId) && (from === undefined || row.id >= from),
    );
  return limited(rows, parameters, from !== undefined);
}

function spanIn(parameters: Parameters): { from: number; to: number } {
  const from = parameters.integer("startTime");
  const to = parameters.integer("endTime");
  if (from !== undefined && to !== undefined && to - from > DAY) {
    refuse(-1127, "More than 24 hours between startTime and endTime.");
  }
  return { from: from ?? (to === undefined ? 0 : to - DAY), to: to ?? Number.POSITIVE_INFINITY };
}

/** The oldest rows when the client pages upwards or names a start, else the newest. */
function limited<T>(rows: T[], parameters: Parameters, upwards: boolean): T[] {
  const limit = Math.min(parameters.integer("limit") ?? 500, MOST_ROWS);
  return upwards || parameters.has("startTime") ? rows.slice(0, limit) : rows.slice(-limit);
}
