import { type Exchange, visibleExecutions, visibleOrders } from "../exchange/exchange.ts";
import { isWorking, type Order } from "../market/order.ts";
import { exists } from "./add-order.ts";
import { refuse } from "./errors.ts";
import { orderIdOf, orderRow, tradeIdOf, tradeRow } from "./order-rows.ts";
import type { Parameters } from "./parameters.ts";

const PAGE = 50;
const MOST_IDS = 50;

function shownOrders(exchange: Exchange): Order[] {
  return visibleOrders(exchange).filter((order) => exists(exchange, order));
}

function rowsOf(exchange: Exchange, parameters: Parameters, orders: readonly Order[]): object {
  const withTrades = parameters.text("trades") === "true" || parameters.text("trades") === "True";
  return Object.fromEntries(orders.map((order) => [orderIdOf(order), orderRow(exchange, order, withTrades)]));
}

function isWanted(parameters: Parameters, order: Order): boolean {
  const userReference = parameters.integer("userref");
  const clientOrderId = parameters.text("cl_ord_id");
  if (userReference !== undefined && order.venueFields?.userReference !== String(userReference)) return false;
  return clientOrderId === undefined || order.clientOrderId === clientOrderId;
}

export function openOrders(exchange: Exchange, parameters: Parameters): unknown {
  const open = shownOrders(exchange).filter((order) => isWorking(order) && isWanted(parameters, order));
  return { open: rowsOf(exchange, parameters, open) };
}

/** Newest first, a page at a time. */
export function closedOrders(exchange: Exchange, parameters: Parameters): unknown {
  const span = spanIn(parameters);
  const closed = shownOrders(exchange)
    .filter((order) => !isWorking(order) && isWanted(parameters, order))
    .filter(({ acceptedAt }) => acceptedAt > span.from && acceptedAt <= span.to)
    .reverse();
  return { closed: rowsOf(exchange, parameters, page(parameters, closed)), count: closed.length };
}

export function queryOrders(exchange: Exchange, parameters: Parameters): unknown {
  const ids = parameters.required("txid").split(",");
  if (ids.length > MOST_IDS) refuse("EGeneral:Invalid arguments:txid");
  const orders = shownOrders(exchange);
  const found = ids.map(
    (id) => orders.find((order) => orderIdOf(order) === id) ?? refuse("EOrder:Invalid order"),
  );
  return rowsOf(
    exchange,
    parameters,
    found.filter((order) => isWanted(parameters, order)),
  );
}

export function tradesHistory(exchange: Exchange, parameters: Parameters): unknown {
  const span = spanIn(parameters);
  const { orders } = exchange.engine.state;
  const found = visibleExecutions(exchange)
    .filter(({ at }) => at > span.from && at <= span.to)
    .reverse();
  const rows = page(parameters, found).map((execution) => [
    tradeIdOf(execution),
    tradeRow(execution, orders.get(execution.orderId)),
  ]);
  return { trades: Object.fromEntries(rows) as object, count: found.length };
}

/** In seconds; the start itself is left out. */
function spanIn(parameters: Parameters): { from: number; to: number } {
  const from = parameters.integer("start");
  const to = parameters.integer("end");
  return {
    from: from === undefined ? 0 : from * 1_000,
    to: to === undefined ? Number.POSITIVE_INFINITY : to * 1_000,
  };
}

function page<T>(parameters: Parameters, rows: readonly T[]): T[] {
  const offset = parameters.integer("ofs") ?? 0;
  return rows.slice(offset, offset + PAGE);
}
