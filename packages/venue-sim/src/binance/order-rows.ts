import { type Exchange, tradeNumberOf } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import { type Execution, isWorking, type Order } from "../market/order.ts";
import { pairOf } from "../market/spot-pairs.ts";
import { amount } from "./market-data.ts";
import { isInBook, listNumberOf, numberOf, statusOf, timeInForceOf, typeOf } from "./order-words.ts";

const NONE = new Big(0);

/** Which list an order belongs to and what it is called. */
function identityOf(order: Order) {
  return { symbol: pairOf(order.conid).symbol, orderId: numberOf(order), orderListId: listNumberOf(order) };
}

function sizesOf(exchange: Exchange, order: Order) {
  return {
    price: amount(order.limitPrice ?? NONE),
    // An order by amount has the quantity that it came to.
    origQty: amount(order.quantity ?? order.filled),
    executedQty: amount(order.filled),
    origQuoteOrderQty: amount(order.cashQuantity ?? NONE),
    cummulativeQuoteQty: amount(order.filledValue),
    status: statusOf(exchange, order),
    timeInForce: timeInForceOf(order),
    type: typeOf(order),
    side: order.side,
    ...triggerOf(order),
  };
}

function triggerOf(order: Order): object {
  const { trigger, delta } = order.venueFields ?? {};
  return {
    ...(trigger === undefined ? {} : { stopPrice: trigger }),
    ...(delta === undefined ? {} : { trailingDelta: Number(delta) }),
  };
}

/** When the order reached the book; -1 while it has not. */
function workingTimeOf(exchange: Exchange, order: Order): number {
  if (isInBook(exchange, order) || order.filled.gt(0)) return order.acceptedAt;
  return isWorking(order) ? -1 : order.acceptedAt;
}

const STP_MODE = { selfTradePreventionMode: "EXPIRE_MAKER" };

/** An order as queries tell it. */
export function orderRow(exchange: Exchange, order: Order) {
  return {
    ...identityOf(order),
    clientOrderId: order.clientOrderId ?? "",
    // Queries tell a zero where an order waits for no price; order calls leave the field out.
    stopPrice: amount(NONE),
    ...sizesOf(exchange, order),
    icebergQty: "0.00000000",
    time: order.acceptedAt,
    updateTime: order.updatedAt,
    isWorking: isInBook(exchange, order) || !isWorking(order),
    workingTime: workingTimeOf(exchange, order),
    ...STP_MODE,
  };
}

export type ResponseType = "ACK" | "RESULT" | "FULL";

/** What the order call answers. */
export function placedRow(
  exchange: Exchange,
  order: Order,
  response: ResponseType,
  fills: readonly Execution[],
): object {
  const acknowledgement = {
    ...identityOf(order),
    clientOrderId: order.clientOrderId ?? "",
    transactTime: order.acceptedAt,
  };
  if (response === "ACK") return acknowledgement;
  const result = {
    ...acknowledgement,
    ...sizesOf(exchange, order),
    workingTime: workingTimeOf(exchange, order),
    ...STP_MODE,
  };
  return response === "RESULT" ? result : { ...result, fills: fills.map(fillRow) };
}

function fillRow(execution: Execution) {
  return {
    price: amount(execution.price),
    qty: amount(execution.quantity),
    commission: amount(execution.commission),
    commissionAsset: execution.commissionAsset ?? "",
    tradeId: tradeNumberOf(execution),
  };
}

/** What a cancel answers: the name of the cancel itself, and beside it the order's. */
export function cancelledRow(exchange: Exchange, order: Order, cancelId: string) {
  return {
    symbol: pairOf(order.conid).symbol,
    origClientOrderId: order.clientOrderId ?? "",
    orderId: numberOf(order),
    orderListId: listNumberOf(order),
    clientOrderId: cancelId,
    transactTime: exchange.clock.now(),
    ...sizesOf(exchange, order),
    ...STP_MODE,
  };
}

export function tradeRow(execution: Execution, order: Order | undefined) {
  return {
    symbol: pairOf(execution.conid).symbol,
    id: tradeNumberOf(execution),
    orderId: order === undefined ? 0 : numberOf(order),
    orderListId: order === undefined ? -1 : listNumberOf(order),
    price: amount(execution.price),
    qty: amount(execution.quantity),
    quoteQty: amount(execution.price.times(execution.quantity)),
    commission: amount(execution.commission),
    commissionAsset: execution.commissionAsset ?? "",
    time: execution.at,
    isBuyer: execution.side === "BUY",
    isMaker: execution.maker === true,
    isBestMatch: true,
  };
}
