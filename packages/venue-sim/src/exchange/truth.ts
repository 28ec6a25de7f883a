import { averagePriceOf, type Order } from "../market/order.ts";
import { pairOf } from "../market/spot-pairs.ts";
import type { ExchangeOrderTruth, ExchangeTruth } from "./control.ts";
import { balancesOf, type Dialect, type Exchange, tradeNumberOf } from "./exchange.ts";

export function exchangeTruth(exchange: Exchange, dialect: Dialect): ExchangeTruth {
  const { state } = exchange.engine;
  return {
    time: exchange.clock.now(),
    account: exchange.account(),
    balances: balancesOf(exchange).map(({ asset, free, locked }) => ({
      asset,
      free: free.toFixed(),
      locked: locked.toFixed(),
    })),
    orders: [...state.orders.values()].map((order) => orderTruth(order, dialect)),
    trades: state.executions.map((execution) => {
      const order = state.orders.get(execution.orderId);
      return {
        tradeId: tradeNumberOf(execution),
        orderId: order === undefined ? "" : dialect.orderIdOf(order),
        symbol: symbolOf(execution.conid),
        side: execution.side,
        quantity: execution.quantity.toFixed(),
        price: execution.price.toFixed(),
        commission: execution.commission.toFixed(),
        commissionAsset: execution.commissionAsset ?? "",
        at: execution.at,
      };
    }),
  };
}

function symbolOf(conid: number): string {
  const { base, quote } = pairOf(conid);
  return `${base}/${quote}`;
}

function orderTruth(order: Order, dialect: Dialect): ExchangeOrderTruth {
  return {
    orderId: dialect.orderIdOf(order),
    symbol: symbolOf(order.conid),
    side: order.side,
    type: order.venueFields?.type ?? order.type,
    timeInForce: order.timeInForce,
    quantity: order.quantity?.toFixed() ?? null,
    cashQuantity: order.cashQuantity?.toFixed() ?? null,
    limitPrice: order.limitPrice?.toFixed() ?? null,
    stopPrice: order.stopPrice?.toFixed() ?? null,
    clientOrderId: order.clientOrderId,
    listId: order.venueFields?.listId ?? null,
    status: dialect.statusOf(order),
    filled: order.filled.toFixed(),
    averagePrice: averagePriceOf(order)?.toFixed() ?? null,
    commission: order.commission.toFixed(),
  };
}
