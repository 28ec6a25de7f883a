import { cashAsOf, positionsAsOf } from "../market/account-state.ts";
import { type Big, maxOf, ZERO } from "../market/decimal.ts";
import { fromNewYork, toNewYork } from "../market/new-york.ts";
import { isWorking, remainingOf } from "../market/order.ts";
import type { Gateway } from "./gateway.ts";

/** What an account is worth now, in its currency. */
export interface Valuation {
  currency: string;
  cash: Big;
  positionsValue: Big;
  grossPositions: Big;
  netLiquidation: Big;
  equity: Big;
  initialMargin: Big;
  maintenanceMargin: Big;
  availableFunds: Big;
  buyingPower: Big;
  unrealizedPnl: Big;
  realizedPnl: Big;
  dailyPnl: Big;
}

const INITIAL_RATE = "0.25";
const LEVERAGE = 4;

export function lastPrice(gateway: Gateway, conid: number): Big {
  return gateway.market.quote(conid)?.last ?? ZERO;
}

export function valuationOf(gateway: Gateway, id: string): Valuation {
  const account = gateway.engine.state.accounts.get(id);
  if (account === undefined) throw new Error(`no account ${id}`);
  let positionsValue = ZERO;
  let grossPositions = ZERO;
  let unrealizedPnl = ZERO;
  let realizedPnl = ZERO;
  for (const position of account.positions.values()) {
    const price = lastPrice(gateway, position.conid);
    const value = position.quantity.times(price);
    positionsValue = positionsValue.plus(value);
    grossPositions = grossPositions.plus(value.abs());
    unrealizedPnl = unrealizedPnl.plus(position.quantity.times(price.minus(position.averageCost)));
    realizedPnl = realizedPnl.plus(position.realizedPnl);
  }
  const netLiquidation = account.cash.plus(positionsValue);
  const initialMargin = account.margin ? grossPositions.times(INITIAL_RATE) : ZERO;
  const availableFunds = account.margin ? netLiquidation.minus(initialMargin) : account.cash;
  return {
    currency: account.currency,
    cash: account.cash.round(2),
    positionsValue: positionsValue.round(2),
    grossPositions: grossPositions.round(2),
    netLiquidation: netLiquidation.round(2),
    equity: netLiquidation.round(2),
    initialMargin: initialMargin.round(2),
    maintenanceMargin: initialMargin.round(2),
    availableFunds: availableFunds.round(2),
    buyingPower: account.margin ? availableFunds.times(LEVERAGE).round(2) : availableFunds.round(2),
    unrealizedPnl: unrealizedPnl.round(2),
    realizedPnl: realizedPnl.round(2),
    dailyPnl: netLiquidation.minus(equityAtDayStart(gateway, id)).round(2),
  };
}

/** Net liquidation at the last New York midnight, positions at the close before it. */
function equityAtDayStart(gateway: Gateway, id: string): Big {
  const account = gateway.engine.state.accounts.get(id);
  if (account === undefined) return ZERO;
  const midnight = fromNewYork(toNewYork(gateway.clock.now()).date, 0);
  let equity = cashAsOf(account, midnight);
  for (const position of positionsAsOf(account, midnight)) {
    const close = gateway.market.quote(position.conid)?.close ?? ZERO;
    equity = equity.plus(position.quantity.times(close));
  }
  return equity;
}

/** Money that the account's working buys may still take, at their limit or the market. */
export function reservedCash(gateway: Gateway, id: string): Big {
  let reserved = ZERO;
  for (const order of gateway.engine.state.orders.values()) {
    if (!isWorking(order) || order.account !== id || order.side !== "BUY") continue;
    const price = order.limitPrice ?? maxOf(order.stopPrice ?? ZERO, lastPrice(gateway, order.conid));
    const left =
      order.cashQuantity !== null
        ? order.cashQuantity.minus(order.filledValue)
        : (remainingOf(order) ?? ZERO).times(price);
    reserved = reserved.plus(left);
  }
  return reserved;
}
