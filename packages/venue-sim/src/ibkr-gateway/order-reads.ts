import { instrumentByConid } from "../market/instruments.ts";
import type { Execution, Order } from "../market/order.ts";
import { isWorking } from "../market/order.ts";
import { orderAsOf } from "../market/venue-state.ts";
import { type Gateway, type GatewayRequest, param } from "./gateway.ts";
import { inactiveRow, orderRow, orderStatus } from "./order-rows.ts";
import { tradeTime } from "./order-words.ts";
import { empty, json, type Reply, webError } from "./reply.ts";

const MOST_ORDERS = 1_000;
const DAY = 24 * 60 * 60 * 1_000;
const MOST_DAYS = 7;
/** What the venue takes before it admits that it does not know an order. */
const UNKNOWN_ORDER_TIME = 5_010;

/** Working orders, and those done in this brokerage session. */
function isVisible(gateway: Gateway, order: Order): boolean {
  const { startedAt } = gateway.session.warmth();
  return isWorking(order) || (order.finishedAt !== null && order.finishedAt >= startedAt);
}

/** The first read of a session, and every read with `force`, answers an empty list and fills the cache. */
export function getOrders(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.conversations.interrupt();
  const warmth = gateway.session.warmth();
  const cold = !warmth.ordersRead;
  warmth.ordersRead = true;
  if (cold || gateway.overrides.emptyList || request.query.get("force") === "true") {
    return json({ orders: [], snapshot: false });
  }
  const account = request.query.get("accountId") ?? gateway.selectedAccount;
  const lag = gateway.overrides.ordersLag ?? gateway.timings.ordersLag;
  const newest = gateway.clock.now() - lag;
  const orders = [...gateway.engine.state.orders.values()]
    .filter((order) => order.account === account)
    .flatMap((order) => orderAsOf(gateway.engine.state, order, newest) ?? [])
    .filter((order) => isVisible(gateway, order))
    .map((order) => orderRow(gateway, order));
  const tickets = gateway.conversations
    .inactive()
    .filter(({ ticket }) => ticket.draft.account === account)
    .map(({ id, ticket, askedAt }) => inactiveRow(id, ticket.draft, askedAt));
  return json({ orders: filtered([...tickets, ...orders], request).slice(0, MOST_ORDERS), snapshot: false });
}

function filtered<T extends { status: string; lastExecutionTime_r: number }>(
  rows: T[],
  request: GatewayRequest,
): T[] {
  const filters = (request.query.get("filters") ?? "").split(",").filter((filter) => filter !== "");
  const byTime = filters.includes("sort_by_time");
  const words = filters.filter((filter) => filter !== "sort_by_time").map(plain);
  const kept = words.length === 0 ? rows : rows.filter((row) => words.includes(plain(row.status)));
  return byTime ? [...kept].sort((a, b) => b.lastExecutionTime_r - a.lastExecutionTime_r) : kept;
}

/** `pre_submitted` and `PreSubmitted` are one word. */
function plain(word: string): string {
  return word.replaceAll("_", "").toLowerCase();
}

export async function getOrderStatus(request: GatewayRequest, gateway: Gateway): Promise<Reply> {
  gateway.conversations.interrupt();
  const text = param(request, "orderId");
  const id = Number(text);
  if (!Number.isInteger(id) || id <= 0) return webError(400, `Bad Request: orderId is not valid: ${text}`);
  const order = gateway.engine.state.orders.get(id);
  if (order !== undefined && order.account === gateway.selectedAccount && isVisible(gateway, order)) {
    return json(orderStatus(gateway, order));
  }
  const ticket = gateway.conversations.inactiveTicket(id);
  // An unanswered ticket is first missing in one way, later in another.
  if (ticket !== null && gateway.clock.now() - ticket.askedAt < gateway.timings.ticketStatusDelay) {
    return empty(404);
  }
  if (gateway.timings.unknownOrderDelay > 0) {
    await new Promise((resolve) => setTimeout(resolve, gateway.timings.unknownOrderDelay));
  }
  return { ...webError(503, `Order ${id} is not found`), responseTime: UNKNOWN_ORDER_TIME };
}

export function getTrades(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.conversations.interrupt();
  const warmth = gateway.session.warmth();
  const asked = Number(request.query.get("days") ?? Number.NaN);
  if (asked >= 1) warmth.tradeDays = Math.min(MOST_DAYS, Math.floor(asked));
  const cold = !warmth.tradesRead;
  warmth.tradesRead = true;
  if (cold || gateway.overrides.emptyList) return json([]);
  const since = gateway.clock.now() - warmth.tradeDays * DAY;
  return json(
    gateway.engine.state.executions
      .filter((execution) => execution.at >= since && execution.account === gateway.selectedAccount)
      .map(tradeRow),
  );
}

function tradeRow(execution: Execution) {
  const instrument = instrumentByConid(execution.conid);
  const symbol = instrument?.symbol ?? "";
  const buy = execution.side === "BUY";
  const size = execution.quantity.toNumber();
  return {
    execution_id: execution.id,
    symbol,
    supports_tax_opt: "1",
    side: buy ? "B" : "S",
    order_description: `${buy ? "Bot" : "Sold"} ${size} @ ${execution.price.toFixed(2)} on ${execution.exchange}`,
    trade_time: tradeTime(execution.at),
    trade_time_r: execution.at,
    size,
    price: execution.price.toFixed(2),
    ...(execution.clientOrderId === null ? {} : { order_ref: execution.clientOrderId }),
    submitter: "simuser",
    exchange: execution.exchange,
    commission: execution.commission.toFixed(2),
    net_amount: execution.price.times(execution.quantity).toNumber(),
    account: execution.account,
    accountCode: execution.account,
    account_allocation_name: execution.account,
    company_name: instrument?.name ?? "",
    contract_description_1: symbol,
    sec_type: "STK",
    listing_exchange: instrument?.exchange ?? "",
    conid: execution.conid,
    conidEx: String(execution.conid),
    position: execution.positionAfter.toFixed(),
    clearing_id: "IB",
    clearing_name: "IB",
    liquidation_trade: "0",
    is_event_trading: "0",
    order_id: execution.orderId,
  };
}
