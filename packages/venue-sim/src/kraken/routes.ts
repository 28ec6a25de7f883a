import type { Exchange } from "../exchange/exchange.ts";
import { balance, extendedBalance, tradeVolume } from "./account.ts";
import { addOrder } from "./add-order.ts";
import { assetPairs, assets } from "./assets.ts";
import { amendOrder, cancelAll, cancelOrder } from "./cancel.ts";
import { depth, ohlc, systemStatus, ticker, time, trades } from "./market-data.ts";
import { closedOrders, openOrders, queryOrders, tradesHistory } from "./order-reads.ts";
import type { Parameters } from "./parameters.ts";

/** Answers the result; throws the refusal of anything else. */
export type Handler = (exchange: Exchange, parameters: Parameters) => unknown;

/** By the last part of /0/public/…, which takes GET and POST. */
export const PUBLIC: Record<string, Handler> = {
  Time: time,
  SystemStatus: systemStatus,
  Assets: assets,
  AssetPairs: assetPairs,
  Ticker: ticker,
  Depth: depth,
  OHLC: ohlc,
  Trades: trades,
};

/** By the last part of /0/private/…, which takes POST; with what a call adds to the counter. */
export const PRIVATE: Record<string, { cost: number; handler: Handler }> = {
  Balance: { cost: 1, handler: balance },
  BalanceEx: { cost: 1, handler: extendedBalance },
  TradeVolume: { cost: 1, handler: tradeVolume },
  OpenOrders: { cost: 1, handler: openOrders },
  ClosedOrders: { cost: 1, handler: closedOrders },
  QueryOrders: { cost: 1, handler: queryOrders },
  TradesHistory: { cost: 2, handler: tradesHistory },
  AddOrder: { cost: 0, handler: addOrder },
  AmendOrder: { cost: 0, handler: amendOrder },
  CancelOrder: { cost: 0, handler: cancelOrder },
  CancelAll: { cost: 0, handler: cancelAll },
};
