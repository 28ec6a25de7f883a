import { ZERO } from "../market/decimal.ts";
import { instrumentByConid } from "../market/instruments.ts";
import { averagePriceOf, isWorking, type Order, type OrderDraft, remainingOf } from "../market/order.ts";
import type { Gateway } from "./gateway.ts";
import {
  coloursOf,
  compactTime,
  describe,
  sizeAndFills,
  statusOf,
  TYPE_WORDS,
  termsText,
} from "./order-words.ts";

/** The day's time in force reads `CLOSE` in lists. */
function tifWord(draft: OrderDraft): string {
  return draft.timeInForce === "DAY" ? "CLOSE" : draft.timeInForce;
}

/** A row of `/iserver/account/orders`. Absent keys are absent there too. */
export function orderRow(gateway: Gateway, order: Order) {
  const status = statusOf(gateway, order);
  const instrument = instrumentByConid(order.conid);
  const average = averagePriceOf(order);
  const remaining = isWorking(order) ? (remainingOf(order) ?? ZERO) : ZERO;
  return {
    ...commonRow(order.id, order, status),
    sizeAndFills: sizeAndFills(order),
    orderDesc: describe(order, instrument?.symbol ?? null),
    remainingQuantity: remaining.toNumber(),
    filledQuantity: order.filled.toNumber(),
    totalSize: (order.quantity ?? order.filled).toNumber(),
    ...(average === null ? {} : { avgPrice: average.toFixed() }),
    ...(order.endReason === null ? {} : { order_cancellation_by_system_reason: order.endReason }),
    ...(order.parentId === null ? {} : { parentId: order.parentId }),
    lastExecutionTime: compactTime(order.updatedAt),
    lastExecutionTime_r: order.updatedAt,
  };
}

/** The row of a ticket whose question nobody has answered yet. */
export function inactiveRow(orderId: number, draft: OrderDraft, askedAt: number) {
  const size = draft.quantity ?? ZERO;
  return {
    ...commonRow(orderId, draft, "Inactive"),
    order_ccp_status: "Pending Submit",
    sizeAndFills: `0/${size.toFixed()}`,
    orderDesc: `${draft.side === "BUY" ? "Buy" : "Sell"} ${size.toFixed()} ${termsText(draft)}`,
    remainingQuantity: size.toNumber(),
    filledQuantity: 0,
    totalSize: size.toNumber(),
    lastExecutionTime: compactTime(askedAt),
    lastExecutionTime_r: askedAt,
  };
}

function commonRow(orderId: number, draft: OrderDraft, status: string) {
  const instrument = instrumentByConid(draft.conid);
  const symbol = instrument?.symbol ?? "";
  return {
    acct: draft.account,
    conidex: String(draft.conid),
    conid: draft.conid,
    account: draft.account,
    orderId,
    cashCcy: instrument?.currency ?? "USD",
    description1: symbol,
    ticker: symbol,
    secType: "STK",
    listingExchange: instrument?.exchange ?? "",
    companyName: instrument?.name ?? "",
    status,
    order_ccp_status: status,
    origOrderType: TYPE_WORDS[draft.type].original,
    supportsTaxOpt: "1",
    orderType: TYPE_WORDS[draft.type].list,
    ...coloursOf(status),
    isEventTrading: "0",
    price: draft.limitPrice === null ? "" : draft.limitPrice.toFixed(2),
    ...(draft.stopPrice === null
      ? {}
      : { auxPrice: draft.stopPrice.toFixed(2), stop_price: draft.stopPrice.toFixed(2) }),
    ...(draft.cashQuantity === null ? {} : { totalCashSize: draft.cashQuantity.toNumber() }),
    ...(draft.clientOrderId === null ? {} : { order_ref: draft.clientOrderId }),
    timeInForce: tifWord(draft),
    outsideRTH: draft.outsideRegularHours,
    side: draft.side,
  };
}

/** A number as the status endpoint writes it: always with a fraction. */
function decimalText(value: { toFixed(): string }): string {
  const plain = value.toFixed();
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** `/iserver/account/order/status/{id}`: other names and other types than the list. */
export function orderStatus(gateway: Gateway, order: Order) {
  const status = statusOf(gateway, order);
  const colours = coloursOf(status);
  const instrument = instrumentByConid(order.conid);
  const average = averagePriceOf(order);
  const done = !isWorking(order);
  const total = order.quantity ?? order.filled;
  const children = [...gateway.engine.state.orders.values()].filter((other) => other.parentId === order.id);
  return {
    sub_type: null,
    request_id: String(order.id % 100_000),
    server_id: "0",
    order_id: order.id,
    conidex: String(order.conid),
    conid: order.conid,
    symbol: instrument?.symbol ?? "",
    side: order.side === "BUY" ? "B" : "S",
    contract_description_1: instrument?.symbol ?? "",
    listing_exchange: instrument?.exchange ?? "",
    option_acct: "c",
    company_name: instrument?.name ?? "",
    size: decimalText(total.minus(order.filled)),
    total_size: decimalText(total),
    currency: instrument?.currency ?? "USD",
    account: order.account,
    order_type: TYPE_WORDS[order.type].original,
    ...(order.limitPrice !== null || order.type !== "MKT"
      ? { limit_price: order.limitPrice?.toFixed(2) ?? "" }
      : {}),
    ...(order.stopPrice === null ? {} : { stop_price: order.stopPrice.toFixed(2) }),
    ...(order.cashQuantity === null ? {} : { total_cash_size: order.cashQuantity.toFixed(2) }),
    cum_fill: decimalText(order.filled),
    order_status: status,
    order_ccp_status: done ? "2" : "0",
    order_status_description: done ? `Order ${status}` : "Order Submitted",
    tif: order.timeInForce,
    fg_color: colours.fgColor,
    bg_color: colours.bgColor,
    order_not_editable: done,
    editable_fields: done ? "" : "\u001e",
    cannot_cancel_order: done,
    outside_rth: order.outsideRegularHours,
    deactivate_order: false,
    use_price_mgmt_algo: false,
    sec_type: "STK",
    available_chart_periods: "#R|1",
    order_description: describe(order, null),
    order_description_with_contract: describe(order, instrument?.symbol ?? ""),
    alert_active: 1,
    child_order_type: "3",
    ...(order.clientOrderId === null ? {} : { order_ref: order.clientOrderId }),
    ...(order.parentId === null
      ? {}
      : {
          parent_order_id: order.parentId,
          oca_group_id: order.parentId,
          oca_group_type: "ReduceOnFillNonBlock",
        }),
    ...(children.length === 0 ? {} : { children_order_ids: children.map((child) => child.id) }),
    order_clearing_account: order.account,
    size_and_fills: sizeAndFills(order),
    ...(order.limitPrice === null ? {} : { exit_strategy_display_price: order.limitPrice.toFixed(2) }),
    exit_strategy_chart_description: describe(order, null),
    exit_strategy_tool_availability: "1",
    allowed_duplicate_opposite: true,
    ...(average === null ? {} : { average_price: average.toFixed() }),
    order_time: compactTime(order.acceptedAt),
  };
}
