import type { Deviation } from "./comparison.ts";

const PLACE = "POST /iserver/account/{accountId}/orders";
const MODIFY = "POST /iserver/account/{accountId}/order/{orderId}";
const CANCEL = "DELETE /iserver/account/{accountId}/order/{orderId}";
const REPLY = "POST /iserver/reply/{replyId}";
const WHAT_IF = "POST /iserver/account/{accountId}/orders/whatif";
const ORDERS = "GET /iserver/account/orders";
const ORDER_STATUS = "GET /iserver/account/order/status/{orderId}";
const TRADES = "GET /iserver/account/trades";

/** Orders and executions: where recordings differ from the schema. */
export const ORDER_DEVIATIONS: Deviation[] = [
  {
    kind: "extra",
    endpoints: [PLACE, REPLY],
    paths: ["[].defaultSuppressionOption", "[].isSuppressible", "[].messageOptions"],
    why: "recorded in questions",
  },
  { kind: "extra", endpoints: [MODIFY], paths: ["[].messageOptions"], why: "recorded in questions" },
  {
    kind: "extra",
    endpoints: [REPLY],
    paths: ["[].local_order_id", "[].parent_order_id"],
    why: "recorded: the legs of a bracket are told apart by these",
  },
  {
    kind: "type",
    endpoints: [CANCEL],
    paths: ["order_id", "conid"],
    why: "recorded as numbers, unlike in the answer to an order",
  },
  { kind: "null", endpoints: [CANCEL], paths: ["account"], why: "recorded: cancelled at once" },
  {
    kind: "extra",
    endpoints: [WHAT_IF],
    paths: ["accruedInterest", "action", "cqe", "data", "errors", "warns"],
    why: "recorded",
  },
  {
    kind: "null",
    endpoints: [WHAT_IF],
    paths: ["equity", "initial", "maintenance", "position"],
    why: "recorded for orders by amount and for refusals",
  },
  { kind: "null", endpoints: [WHAT_IF], paths: ["error", "warn"], why: "recorded: nothing to say" },
  {
    kind: "extra",
    endpoints: [ORDERS],
    paths: ["orders[].auxPrice", "orders[].order_ref", "orders[].outsideRTH", "orders[].stop_price"],
    why: "recorded in rows of working orders",
  },
  {
    kind: "extra",
    endpoints: [ORDERS],
    paths: ["orders[].parentId"],
    why: "in IBKR's earlier reference: only there on the child of a bracket",
  },
  {
    kind: "type",
    endpoints: [ORDERS],
    paths: [
      "orders[].conid",
      "orders[].filledQuantity",
      "orders[].lastExecutionTime_r",
      "orders[].remainingQuantity",
      "orders[].totalCashSize",
      "orders[].totalSize",
    ],
    why: "recorded as numbers, but for the amount, of which no recording is known",
  },
  {
    kind: "extra",
    endpoints: [ORDER_STATUS],
    paths: ["bg_color", "fg_color", "limit_price", "outside_rth", "stop_price", "use_price_mgmt_algo"],
    why: "recorded; the schema spells the colours as the list does",
  },
  {
    kind: "extra",
    endpoints: [ORDER_STATUS],
    paths: ["order_ref", "total_cash_size"],
    why: "what the list calls `order_ref` and `totalCashSize`; clients read them here, nobody recorded them",
  },
  {
    kind: "extra",
    endpoints: [ORDER_STATUS],
    paths: ["children_order_ids", "oca_group_id", "oca_group_type", "parent_order_id"],
    why: "recorded on the orders of a bracket",
  },
  { kind: "type", endpoints: [ORDER_STATUS], paths: ["conid"], why: "recorded as a number" },
  { kind: "null", endpoints: [ORDER_STATUS], paths: ["sub_type"], why: "recorded" },
  { kind: "enum", endpoints: [ORDER_STATUS], paths: ["side"], why: "recorded: one letter, B or S" },
  { kind: "enum", endpoints: [ORDER_STATUS], paths: ["child_order_type"], why: "recorded as 3" },
  { kind: "type", endpoints: [TRADES], paths: ["[].conid"], why: "recorded as a number" },
  { kind: "extra", endpoints: [TRADES], paths: ["[].position"], why: "recorded: what is held afterwards" },
];
