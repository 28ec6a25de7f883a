import type { Exchange } from "../exchange/exchange.ts";
import { venueTime } from "../exchange/exchange.ts";
import { account, commission, keyRestrictions, systemStatus, tradeFees } from "./account.ts";
import { cancelOrder } from "./cancel.ts";
import { cancelAll } from "./cancel-all.ts";
import { cancelReplace } from "./cancel-replace.ts";
import { exchangeInfo } from "./exchange-info.ts";
import type { Limits } from "./limits.ts";
import {
  aggregateTrades,
  averagePrice,
  bookTicker,
  dayTicker,
  depth,
  klines,
  priceTicker,
  trades,
} from "./market-data.ts";
import { allLists, cancelList, openLists, queryList } from "./order-list-rows.ts";
import { newBracketList, newExclusiveList, newTriggeringList } from "./order-lists.ts";
import { allOrders, myTrades, openOrders, queryOrder } from "./order-reads.ts";
import type { Parameters } from "./parameters.ts";
import { newOrder, testOrder } from "./place-order.ts";

/** Answers the JSON of a 200; throws the refusal of anything else. */
export type Handler = (exchange: Exchange, parameters: Parameters, limits: Limits) => unknown;

export interface Route {
  /** What a request costs of the weight per minute. */
  weight: (parameters: Parameters) => number;
  /** Whether the key has to sign it. */
  signed: boolean;
  /** Parameters that it reads; any other is refused. */
  reads: string[];
  handler: Handler;
}

const open = (weight: number, reads: string, handler: Handler): Route => ({
  weight: () => weight,
  signed: false,
  reads: words(reads),
  handler,
});

const signed = (
  weight: number | ((parameters: Parameters) => number),
  reads: string,
  handler: Handler,
): Route => ({
  weight: typeof weight === "number" ? () => weight : weight,
  signed: true,
  reads: [...words(reads), "timestamp", "recvWindow", "signature"],
  handler,
});

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

const ORDER =
  "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId stopPrice trailingDelta newOrderRespType selfTradePreventionMode";

/** Parameters of one leg of a list, under its prefix. */
function leg(prefix: string): string {
  const names = ["Type", "ClientOrderId", "Price", "StopPrice", "TrailingDelta", "TimeInForce"];
  return names.map((name) => `${prefix}${name}`).join(" ");
}

const LIST = "symbol listClientOrderId newOrderRespType selfTradePreventionMode";
const WORKING = `${leg("working")} workingSide workingQuantity`;

/** By method and path. */
export const ROUTES: Record<string, Route> = {
  "GET /api/v3/ping": open(1, "", () => ({})),
  "GET /api/v3/time": open(1, "", (exchange) => ({ serverTime: venueTime(exchange) })),
  "GET /api/v3/exchangeInfo": open(
    20,
    "symbol symbols permissions showPermissionSets symbolStatus",
    exchangeInfo,
  ),
  "GET /api/v3/depth": open(5, "symbol limit", depth),
  "GET /api/v3/trades": open(25, "symbol limit", trades),
  "GET /api/v3/aggTrades": open(4, "symbol fromId startTime endTime limit", aggregateTrades),
  "GET /api/v3/klines": open(2, "symbol interval startTime endTime timeZone limit", klines),
  "GET /api/v3/avgPrice": open(2, "symbol", averagePrice),
  "GET /api/v3/ticker/24hr": open(2, "symbol symbols type", dayTicker),
  "GET /api/v3/ticker/price": open(2, "symbol symbols", priceTicker),
  "GET /api/v3/ticker/bookTicker": open(2, "symbol symbols", bookTicker),
  "GET /sapi/v1/system/status": open(1, "", systemStatus),

  "GET /api/v3/account": signed(20, "omitZeroBalances", account),
  "GET /api/v3/account/commission": signed(20, "symbol", commission),
  "GET /sapi/v1/account/apiRestrictions": signed(1, "", keyRestrictions),
  "GET /sapi/v1/asset/tradeFee": signed(1, "symbol", tradeFees),
  "GET /api/v3/rateLimit/order": signed(40, "", (_exchange, _parameters, limits) => limits.orderCounts()),

  "POST /api/v3/order": signed(1, ORDER, newOrder),
  "POST /api/v3/order/test": signed(1, `${ORDER} computeCommissionRates`, testOrder),
  "GET /api/v3/order": signed(4, "symbol orderId origClientOrderId", queryOrder),
  "DELETE /api/v3/order": signed(
    1,
    "symbol orderId origClientOrderId newClientOrderId cancelRestrictions",
    cancelOrder,
  ),
  "GET /api/v3/openOrders": signed((parameters) => (parameters.has("symbol") ? 6 : 80), "symbol", openOrders),
  "DELETE /api/v3/openOrders": signed(1, "symbol", cancelAll),
  "POST /api/v3/order/cancelReplace": signed(
    1,
    `${ORDER} cancelReplaceMode cancelOrderId cancelOrigClientOrderId cancelNewClientOrderId cancelRestrictions`,
    cancelReplace,
  ),
  "POST /api/v3/orderList/oco": signed(
    1,
    `${LIST} side quantity ${leg("above")} ${leg("below")}`,
    newExclusiveList,
  ),
  "POST /api/v3/orderList/oto": signed(
    1,
    `${LIST} ${WORKING} ${leg("pending")} pendingSide pendingQuantity`,
    newTriggeringList,
  ),
  "POST /api/v3/orderList/otoco": signed(
    1,
    `${LIST} ${WORKING} pendingSide pendingQuantity ${leg("pendingAbove")} ${leg("pendingBelow")}`,
    newBracketList,
  ),
  "GET /api/v3/orderList": signed(4, "orderListId origClientOrderId", queryList),
  "GET /api/v3/openOrderList": signed(6, "", openLists),
  "GET /api/v3/allOrderList": signed(20, "fromId startTime endTime limit", allLists),
  "DELETE /api/v3/orderList": signed(1, "symbol orderListId listClientOrderId newClientOrderId", cancelList),
  "GET /api/v3/allOrders": signed(20, "symbol orderId startTime endTime limit", allOrders),
  "GET /api/v3/myTrades": signed(20, "symbol orderId startTime endTime fromId limit", myTrades),
};
