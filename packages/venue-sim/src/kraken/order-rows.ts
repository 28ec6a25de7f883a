import { createHash } from "node:crypto";
import { type Exchange, executionsOf, tradeNumberOf } from "../exchange/exchange.ts";
import { averagePriceOf, type Execution, hasTrigger, isWorking, type Order } from "../market/order.ts";
import { pairOf } from "../market/spot-pairs.ts";
import { pairAltName, pairName } from "./assets.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `OXXXXX-XXXXX-XXXXXX`, the same at every look. */
function transactionId(prefix: string, seed: string): string {
  const bytes = createHash("sha256").update(seed).digest();
  const text = [...bytes.subarray(0, 16)].map((byte) => LETTERS[byte % LETTERS.length]).join("");
  return `${prefix}${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10, 16)}`;
}

export const orderIdOf = (order: Order): string => transactionId("O", `order ${order.id}`);
export const tradeIdOf = (execution: Execution): string => transactionId("T", `trade ${execution.id}`);

export function statusOf(order: Order): string {
  switch (order.state) {
    case "filled":
      return "closed";
    case "expired":
      return "expired";
    case "cancelled":
    case "rejected":
      return "canceled";
    default:
      return "open";
  }
}

/** `buy 0.02100000 ETHUSD @ stop loss 330.00 -> limit 329.00`. */
export function describe(
  order: Pick<Order, "side" | "venueFields"> & { conid: number },
  size: string,
): string {
  const { type = "limit", sentPrice = "0", sentPrice2 = "0" } = order.venueFields ?? {};
  const verb = order.side === "BUY" ? "buy" : "sell";
  const words = type.replace("-limit", "").replaceAll("-", " ");
  const limit = type.endsWith("-limit") ? ` -> limit ${sentPrice2}` : "";
  const price = type === "market" ? "" : ` ${sentPrice}`;
  return `${verb} ${size} ${pairAltName(pairOf(order.conid))} @ ${words}${price}${limit}`;
}

const seconds = (instant: number): number => instant / 1_000;

/** An order as every query tells it. */
export function orderRow(exchange: Exchange, order: Order, withTrades: boolean): object {
  const fields = order.venueFields ?? {};
  const volume = (order.quantity ?? order.filled).toFixed(8);
  const done = !isWorking(order);
  return {
    refid: null,
    userref: fields.userReference === undefined ? null : Number(fields.userReference),
    ...(order.clientOrderId === null ? {} : { cl_ord_id: order.clientOrderId }),
    status: statusOf(order),
    ...(done ? { reason: reasonOf(order), closetm: seconds(order.finishedAt ?? order.updatedAt) } : {}),
    opentm: seconds(order.acceptedAt),
    starttm: 0,
    expiretm: 0,
    descr: {
      pair: pairAltName(pairOf(order.conid)),
      aclass: "forex",
      type: order.side === "BUY" ? "buy" : "sell",
      ordertype: fields.type ?? "limit",
      price: fields.sentPrice ?? "0",
      price2: fields.sentPrice2 ?? "0",
      leverage: "none",
      order: describe(order, volume),
      close: fields.closes ?? "",
    },
    vol: volume,
    vol_exec: order.filled.toFixed(8),
    cost: order.filledValue.toFixed(5),
    fee: order.commission.toFixed(5),
    price: averagePriceOf(order)?.toFixed(5) ?? "0.00000",
    stopprice: hasTrigger(order.type) ? (order.stopPrice?.toFixed(5) ?? "0.00000") : "0.00000",
    limitprice: order.type === "LMT" ? "0.00000" : (order.limitPrice?.toFixed(5) ?? "0.00000"),
    ...(hasTrigger(order.type) ? { trigger: "last" } : {}),
    misc: "",
    oflags: [
      "fciq",
      ...(fields.flags ?? "").split(",").filter((flag) => flag !== "" && flag !== "fciq"),
    ].join(","),
    ...(withTrades && order.filled.gt(0)
      ? { trades: executionsOf(exchange, order).map((execution) => tradeIdOf(execution)) }
      : {}),
  };
}

function reasonOf(order: Order): string | null {
  if (order.state === "filled") return null;
  return order.state === "cancelled" && order.endReason === null
    ? "User requested"
    : (order.endReason ?? null);
}

export function tradeRow(execution: Execution, order: Order | undefined): object {
  return {
    ordertxid: order === undefined ? "" : orderIdOf(order),
    postxid: "TKH2SE-M7IF5-CFI7LT",
    pair: pairName(pairOf(execution.conid)),
    time: seconds(execution.at),
    type: execution.side === "BUY" ? "buy" : "sell",
    ordertype: order?.venueFields?.type ?? "market",
    price: execution.price.toFixed(5),
    cost: execution.price.times(execution.quantity).toFixed(5),
    fee: execution.commission.toFixed(5),
    vol: execution.quantity.toFixed(8),
    margin: "0.00000",
    leverage: "0",
    misc: "",
    trade_id: tradeNumberOf(execution),
    maker: execution.maker === true,
  };
}
