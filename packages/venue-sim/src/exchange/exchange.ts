import type { Clock } from "../market/clock.ts";
import { Big } from "../market/decimal.ts";
import type { Engine } from "../market/engine.ts";
import type { Market } from "../market/market.ts";
import type { Execution, Order, OrderDraft } from "../market/order.ts";
import { freeBalance, type SpotBalance, spotBalances } from "../market/spot-balances.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { feeInQuote, type SpotFees } from "../market/spot-rules.ts";
import { orderAsOf } from "../market/venue-state.ts";
import type { ExchangeSettings } from "./options.ts";
import type { Reply } from "./reply.ts";

/** How a fault bends the request in hand. */
export interface RequestOverrides {
  emptyList?: boolean;
  ordersLag?: number;
  /** Most that the order placed by this request may ever fill. */
  fillCeiling?: string;
}

/** Everything an endpoint may look at. */
export interface Exchange {
  clock: Clock;
  market: Market;
  engine: Engine;
  pairs: readonly SpotPair[];
  settings: ExchangeSettings;
  keys: { apiKey: string; apiSecret: string };
  fees: () => SpotFees;
  /** The one account's number. */
  account: () => string;
  overrides: RequestOverrides;
}

/** A request as it came in. */
export interface RawRequest {
  method: string;
  /** Path without query. */
  path: string;
  /** As sent, without the question mark. */
  query: string;
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

/** How one kind of exchange speaks. */
export interface Dialect {
  /** Answers a request; throws nothing. */
  answer(request: RawRequest): Reply;
  /** Headers of every answer, faults included. */
  headers(): Record<string, string>;
  /** What this exchange sends with a status of its own or of the network in front of it. */
  statusReply(status: number): Reply;
  errorReply(error: { message: string; code?: number; status?: number }): Reply;
  /** The exchange's number or name of an order, and its word for the order's state. */
  orderIdOf(order: Order): string;
  statusOf(order: Order): string;
  /** Forgets counted requests and the like. */
  reset(): void;
}

/** The exchange's own idea of the time, epoch milliseconds. */
export function venueTime(exchange: Exchange): number {
  return exchange.clock.now() + exchange.settings.clockSkew;
}

/** Takes orders and lets the market react before anybody is answered; on return all of it is on disk. */
export function place(exchange: Exchange, entries: { id: number; draft: OrderDraft }[]): Order[] {
  const orders = exchange.engine.submit(entries);
  exchange.engine.tick();
  return orders;
}

/** Cancels what still works; a fill that comes at the same moment wins. */
export function cancel(exchange: Exchange, orders: Order[]): void {
  for (const order of orders) exchange.engine.requestCancel(order.id);
  exchange.engine.tick();
}

/** How far back queries about orders and trades look. */
function lagOf(exchange: Exchange): number {
  return exchange.overrides.ordersLag ?? exchange.settings.ordersLag;
}

/** Orders as queries show them, oldest first: behind the truth where the exchange lags. */
export function visibleOrders(exchange: Exchange): Order[] {
  if (exchange.overrides.emptyList === true) return [];
  const { state } = exchange.engine;
  const lag = lagOf(exchange);
  const orders = [...state.orders.values()];
  if (lag === 0) return orders;
  return orders.flatMap((order) => orderAsOf(state, order, exchange.clock.now() - lag) ?? []);
}

/** Fills as queries show them, oldest first. */
export function visibleExecutions(exchange: Exchange): Execution[] {
  if (exchange.overrides.emptyList === true) return [];
  const latest = exchange.clock.now() - lagOf(exchange);
  return exchange.engine.state.executions.filter(({ at }) => at <= latest);
}

/** All fills of one order, oldest first. */
export function executionsOf(exchange: Exchange, order: Order): Execution[] {
  return exchange.engine.state.executions.filter(({ orderId }) => orderId === order.id);
}

/** Numbers of one length, so that who sorts them as text gets the same order. */
const FIRST_TRADE = 4_000_000;

/** The number of a fill, rising over the whole exchange. */
export function tradeNumberOf(execution: Execution): number {
  return FIRST_TRADE + Number.parseInt(execution.id.split(".")[1] ?? "0", 16);
}

export function balancesOf(exchange: Exchange): SpotBalance[] {
  return spotBalances(exchange.engine.state, exchange.account(), feeInQuote(exchange.fees()));
}

export function freeOf(exchange: Exchange, asset: string): Big {
  return freeBalance(exchange.engine.state, exchange.account(), asset, feeInQuote(exchange.fees()));
}

/** What `quantity` costs or brings on today's book, level by level; what exceeds the book at its last price. */
export function bookValue(exchange: Exchange, pair: SpotPair, side: "BUY" | "SELL", quantity: Big): Big {
  let left = quantity;
  let value = new Big(0);
  let price = exchange.market.quote(pair.conid)?.[side === "BUY" ? "ask" : "bid"] ?? new Big(pair.basePrice);
  for (const level of exchange.market.levelsAgainst(side, pair.conid)) {
    price = level.price;
    const taken = level.size.lt(left) ? level.size : left;
    value = value.plus(taken.times(price));
    left = left.minus(taken);
    if (left.lte(0)) break;
  }
  return value.plus(left.times(price));
}
