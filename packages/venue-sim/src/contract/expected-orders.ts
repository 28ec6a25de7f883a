import { BROKER_ERROR, WEB_ERROR } from "./expected-session.ts";
import type { ExpectedAnswer } from "./expected-shapes.ts";
import { listOf, type Shape } from "./shape.ts";

const PLACE = "POST /iserver/account/{accountId}/orders";
const REPLY = "POST /iserver/reply/{replyId}";
const WHAT_IF = "POST /iserver/account/{accountId}/orders/whatif";
const MODIFY = "POST /iserver/account/{accountId}/order/{orderId}";
const CANCEL = "DELETE /iserver/account/{accountId}/order/{orderId}";
const ORDERS = "GET /iserver/account/orders";
const STATUS = "GET /iserver/account/order/status/{orderId}";
const TRADES = "GET /iserver/account/trades";

/** The answer to an order spells its id as text; lists, the status and the cancellation as a number. */
const RESULT = { order_id: "digits", order_status: "string", encrypt_message: "digits" };
const LEG: Shape = { ...RESULT, local_order_id: "string", "parent_order_id?": "digits" };
const QUESTION: Shape = {
  id: "uuid",
  message: listOf("string"),
  messageIds: listOf("string", 0),
  isSuppressed: "boolean",
  messageOptions: listOf("string", 2),
};

const CHANGE: Shape = { current: "separated", change: "separated", after: "separated" };
const WARNINGS = { warn: "string|null", warns: listOf("string", 0) };
const DATA: Shape = listOf({ N: "string", L: "string", V: listOf("amount") });
const AMOUNT: Shape = { amount: "sizedMoney", commission: "money", total: "money" };
const NO_CHANGES = { equity: "null", initial: "null", maintenance: "null", position: "null" };

const ORDER_ROW: Shape = {
  acct: "string",
  account: "string",
  conid: "integer",
  conidex: "digits",
  orderId: "integer",
  cashCcy: "string",
  sizeAndFills: "string",
  orderDesc: "string",
  ticker: "string",
  secType: "string",
  listingExchange: "string",
  remainingQuantity: "number",
  filledQuantity: "number",
  totalSize: "number",
  companyName: "string",
  status: "string",
  order_ccp_status: "string",
  origOrderType: "string",
  orderType: "string",
  supportsTaxOpt: "digits",
  isEventTrading: "digits",
  bgColor: "string",
  fgColor: "string",
  // Empty for a market order.
  price: "amount|empty",
  timeInForce: "string",
  side: "string",
  lastExecutionTime: "compactTime",
  lastExecutionTime_r: "milliseconds",
  "avgPrice?": "amount",
  "auxPrice?": "amount",
  "stop_price?": "amount",
  "order_ref?": "string",
  "totalCashSize?": "number",
};

const ORDER_STATUS: Shape = {
  order_id: "integer",
  conid: "integer",
  conidex: "digits",
  request_id: "digits",
  sub_type: "null",
  symbol: "string",
  side: "string",
  size: "decimal",
  total_size: "decimal",
  cum_fill: "decimal",
  currency: "string",
  account: "string",
  order_type: "string",
  order_status: "string",
  order_ccp_status: "digits",
  order_status_description: "string",
  tif: "string",
  fg_color: "string",
  bg_color: "string",
  order_not_editable: "boolean",
  cannot_cancel_order: "boolean",
  outside_rth: "boolean",
  sec_type: "string",
  alert_active: "integer",
  size_and_fills: "string",
  order_time: "compactTime",
  "limit_price?": "amount|empty",
  "stop_price?": "amount",
  "average_price?": "amount",
  "order_ref?": "string",
  "parent_order_id?": "integer",
  "oca_group_id?": "integer",
  "children_order_ids?": listOf("integer"),
};

const TRADE: Shape = {
  execution_id: "string",
  symbol: "string",
  side: "string",
  trade_time: "tradeTime",
  trade_time_r: "milliseconds",
  size: "number",
  price: "amount",
  commission: "amount",
  net_amount: "number",
  account: "string",
  accountCode: "string",
  conid: "integer",
  conidEx: "digits",
  order_id: "integer",
  position: "amount",
  sec_type: "string",
  liquidation_trade: "digits",
  is_event_trading: "digits",
  supports_tax_opt: "digits",
  "order_ref?": "string",
};

export const ORDER_SHAPES: ExpectedAnswer[] = [
  { endpoint: PLACE, status: 200, name: "taken", shape: listOf(RESULT) },
  { endpoint: PLACE, status: 200, name: "question", shape: listOf(QUESTION) },
  { endpoint: PLACE, status: 200, name: "refused", shape: BROKER_ERROR },
  { endpoint: PLACE, status: 400, name: "no sense", shape: WEB_ERROR },
  { endpoint: PLACE, status: 500, name: "no size", shape: BROKER_ERROR },
  { endpoint: REPLY, status: 200, name: "bracket taken", shape: listOf(LEG, 2) },
  { endpoint: REPLY, status: 200, name: "taken", shape: listOf(RESULT) },
  { endpoint: REPLY, status: 200, name: "next question", shape: listOf(QUESTION) },
  { endpoint: REPLY, status: 200, name: "declined", shape: BROKER_ERROR },
  { endpoint: REPLY, status: 400, name: "too late", shape: BROKER_ERROR },
  {
    endpoint: WHAT_IF,
    status: 200,
    name: "by quantity",
    shape: {
      amount: AMOUNT,
      equity: CHANGE,
      initial: CHANGE,
      maintenance: CHANGE,
      position: { current: "amount", change: "amount", after: "amount" },
      ...WARNINGS,
      error: "null",
      errors: listOf("string", 0),
      data: DATA,
    },
  },
  {
    endpoint: WHAT_IF,
    status: 200,
    name: "by amount",
    shape: { amount: AMOUNT, ...NO_CHANGES, ...WARNINGS, error: "null", data: DATA },
  },
  {
    endpoint: WHAT_IF,
    status: 200,
    name: "refused",
    shape: {
      amount: { amount: "sizedMoney", commission: "notAvailable", total: "notAvailable" },
      ...NO_CHANGES,
      ...WARNINGS,
      error: "string",
      errors: listOf("string"),
      data: DATA,
    },
  },
  { endpoint: WHAT_IF, status: 400, name: "no sense", shape: WEB_ERROR },
  { endpoint: WHAT_IF, status: 500, name: "no size", shape: BROKER_ERROR },
  { endpoint: MODIFY, status: 200, name: "taken", shape: listOf(RESULT) },
  { endpoint: MODIFY, status: 200, name: "question", shape: listOf(QUESTION) },
  { endpoint: MODIFY, status: 400, name: "unknown order", shape: BROKER_ERROR },
  {
    endpoint: CANCEL,
    status: 200,
    name: "submitted",
    shape: { msg: "string", order_id: "integer", conid: "integer", account: "string" },
  },
  {
    endpoint: CANCEL,
    status: 200,
    name: "all at once",
    shape: { msg: "string", order_id: "integer", conid: "integer", account: "null" },
  },
  { endpoint: CANCEL, status: 400, name: "refused", shape: BROKER_ERROR },
  { endpoint: ORDERS, status: 200, name: "rows", shape: { orders: listOf(ORDER_ROW), snapshot: "boolean" } },
  { endpoint: ORDERS, status: 200, name: "cold", shape: { orders: listOf("null", 0), snapshot: "boolean" } },
  { endpoint: ORDERS, status: 400, name: "accounts first", shape: WEB_ERROR },
  { endpoint: STATUS, status: 200, name: "order", shape: ORDER_STATUS },
  { endpoint: STATUS, status: 400, name: "no id", shape: WEB_ERROR },
  { endpoint: STATUS, status: 404, name: "unanswered ticket", shape: "empty" },
  { endpoint: STATUS, status: 503, name: "unknown order", shape: WEB_ERROR },
  { endpoint: TRADES, status: 200, name: "rows", shape: listOf(TRADE) },
  { endpoint: TRADES, status: 200, name: "cold", shape: listOf("null", 0) },
];
