import type { AccountTruth, OrderTruth, VenueTruth } from "./control.ts";
import type { Gateway } from "./ibkr-gateway/gateway.ts";
import { statusOf } from "./ibkr-gateway/order-words.ts";
import type { Pacing } from "./ibkr-gateway/pacing.ts";
import type { AccountState } from "./market/account-state.ts";
import { instrumentByConid } from "./market/instruments.ts";
import { averagePriceOf, type Order } from "./market/order.ts";

const symbolOf = (conid: number) => instrumentByConid(conid)?.symbol ?? String(conid);

export function truthOf(gateway: Gateway, pacing: Pacing): VenueTruth {
  const { state } = gateway.engine;
  return {
    time: gateway.clock.now(),
    session: gateway.session.state(),
    boxedUntil: pacing.boxedUntil(),
    accounts: [...state.accounts.values()].map(accountTruth),
    orders: [...state.orders.values()].map((order) => orderTruth(gateway, order)),
    executions: state.executions.map((execution) => ({
      executionId: execution.id,
      orderId: execution.orderId,
      symbol: symbolOf(execution.conid),
      side: execution.side,
      quantity: execution.quantity.toFixed(),
      price: execution.price.toFixed(),
      commission: execution.commission.toFixed(),
      at: execution.at,
    })),
    unansweredTickets: gateway.conversations.inactive().map(({ id }) => id),
  };
}

function accountTruth(account: AccountState): AccountTruth {
  return {
    id: account.id,
    cash: account.cash.toFixed(),
    positions: [...account.positions.values()]
      .filter((position) => !position.quantity.eq(0))
      .map((position) => ({
        symbol: symbolOf(position.conid),
        conid: position.conid,
        quantity: position.quantity.toFixed(),
        averageCost: position.averageCost.toFixed(),
      })),
  };
}

function orderTruth(gateway: Gateway, order: Order): OrderTruth {
  return {
    orderId: order.id,
    account: order.account,
    conid: order.conid,
    symbol: symbolOf(order.conid),
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    quantity: order.quantity?.toFixed() ?? null,
    cashQuantity: order.cashQuantity?.toFixed() ?? null,
    limitPrice: order.limitPrice?.toFixed() ?? null,
    stopPrice: order.stopPrice?.toFixed() ?? null,
    clientOrderId: order.clientOrderId,
    parentId: order.parentId,
    status: statusOf(gateway, order),
    filled: order.filled.toFixed(),
    averagePrice: averagePriceOf(order)?.toFixed() ?? null,
    commission: order.commission.toFixed(),
  };
}
