import type { Decimal } from "trading-core/domain/money";
import type { Fill, VenueOrder } from "trading-core/domain/order";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { asArray, asId, asNumber, asRecord, asText, type Json, looseDecimal, loosePrice } from "./loose.ts";
import { readOrderType, readSide, readStatus } from "./order-status.ts";

/** Reading a row: the value, "foreign" for another account's, null when it cannot be read. */
export type Row<T> = T | "foreign" | null;

/** One order of the live list (camelCase, mixed types). */
export function readListedOrder(item: unknown, accountId: string): Row<VenueOrder> {
  const row = asRecord(item);
  if (!row) return null;
  if (isForeign(row, ["account", "acct"], accountId)) return "foreign";
  const total = looseDecimal(row.totalSize);
  const filled = looseDecimal(row.filledQuantity);
  return readOrder(row, {
    orderId: row.orderId,
    status: row.status,
    type: row.origOrderType ?? row.orderType,
    symbol: asText(row.ticker) ?? asText(row.description1),
    total,
    filled,
    average: loosePrice(row.avgPrice),
    price: loosePrice(row.price),
    stop: loosePrice(row.stop_price) ?? loosePrice(row.auxPrice),
    tif: row.timeInForce,
    text: asText(row.orderDesc),
    cash: loosePrice(row.totalCashSize),
    children: [],
  });
}

/** The answer of `order/status` (snake_case, numbers as text). `size` there is what remains. */
export function readOrderStatus(body: unknown, accountId: string): Row<VenueOrder> {
  const row = asRecord(body);
  if (!row) return null;
  if (isForeign(row, ["account"], accountId)) return "foreign";
  return readOrder(row, {
    orderId: row.order_id,
    status: row.order_status ?? row.status,
    type: row.order_type,
    symbol: asText(row.symbol) ?? asText(row.contract_description_1),
    total: looseDecimal(row.total_size),
    filled: looseDecimal(row.cum_fill ?? row.filled_quantity),
    average: loosePrice(row.average_price ?? row.avg_price),
    price: loosePrice(row.limit_price),
    stop: loosePrice(row.stop_price),
    tif: row.tif,
    text: asText(row.order_status_description) ?? asText(row.order_description),
    cash: loosePrice(row.total_cash_size),
    children: (asArray(row.children_order_ids) ?? []).flatMap((id) => asId(id) ?? []),
  });
}

interface Fields {
  orderId: unknown;
  status: unknown;
  type: unknown;
  symbol: string | null;
  total: Decimal | null;
  filled: Decimal | null;
  average: Decimal | null;
  price: Decimal | null;
  stop: Decimal | null;
  tif: unknown;
  text: string | null;
  cash: Decimal | null;
  /** Ids of a bracket's exits, which the entry's status names. */
  children: string[];
}

function readOrder(row: Json, fields: Fields): VenueOrder | null {
  const orderId = asId(fields.orderId);
  const instrumentId = asId(row.conid) ?? asText(row.conidex);
  const side = readSide(row.side);
  if (orderId === null || instrumentId === null || side === null) return null;
  const orderType = readOrderType(fields.type);
  return {
    orderId,
    clientOrderId: asText(row.order_ref) && untrustedText(row.order_ref, 64),
    parentOrderId: asId(row.parent_order_id ?? row.parentId),
    instrumentId: untrustedText(instrumentId, 80),
    symbol: untrustedText(fields.symbol ?? instrumentId, 40),
    side,
    orderType,
    quantity: fields.total,
    cashAmount: fields.cash,
    filledQuantity: fields.filled,
    averagePrice: fields.average,
    // A stop's trigger stands in `price` on some answers; that does not make it a limit.
    limitPrice: ["stop", "trailing_stop", "market"].includes(orderType ?? "") ? null : fields.price,
    stopPrice: orderType === "stop" ? (fields.stop ?? fields.price) : fields.stop,
    ...(fields.children.length > 0 && { childOrderIds: fields.children }),
    timeInForce: timeInForce(fields.tif),
    status: readStatus(fields.status, fields.filled, fields.total),
    message: fields.text && untrustedText(fields.text, 200),
  };
}

/** The order list calls a day order "CLOSE". */
function timeInForce(value: unknown): string | null {
  const text = asText(value);
  return text === null ? null : text === "CLOSE" ? "DAY" : untrustedText(text, 10);
}

/** One execution of the trades list; "skip" for an automatic currency conversion, which is no trade of anybody's. */
export function readTrade(item: unknown, accountId: string): Row<Fill> | "skip" {
  const row = asRecord(item);
  if (!row) return null;
  if (isForeign(row, ["account", "accountCode"], accountId)) return "foreign";
  if (row.sec_type === "CASH") return "skip";
  const executionId = asText(row.execution_id);
  const instrumentId = asId(row.conid);
  const side = readSide(row.side);
  const quantity = loosePrice(row.size);
  const price = looseDecimal(row.price);
  const executedAt = executionTime(row);
  if (executionId === null || instrumentId === null || side === null) return null;
  if (quantity === null || price === null || executedAt === null) return null;
  const fee = looseDecimal(row.commission);
  return {
    executionId: untrustedText(executionId, 80),
    orderId: asId(row.order_id),
    clientOrderId: asText(row.order_ref) && untrustedText(row.order_ref, 64),
    instrumentId,
    symbol: untrustedText(asText(row.symbol) ?? instrumentId, 40),
    side,
    quantity,
    price,
    fee: fee?.abs() ?? null,
    executedAt,
  };
}

/** Epoch milliseconds, from the number or from "20260831-14:13:36", which is UTC. */
function executionTime(row: Json): number | null {
  const stamp = asNumber(row.trade_time_r);
  if (stamp !== null && stamp > 0) return stamp;
  const match = /^(\d{4})(\d\d)(\d\d)-(\d\d:\d\d:\d\d)$/.exec(asText(row.trade_time) ?? "");
  if (!match) return null;
  const time = Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}Z`);
  return Number.isNaN(time) ? null : time;
}

function isForeign(row: Json, keys: string[], accountId: string): boolean {
  return keys.some((key) => {
    const owner = asText(row[key]);
    return owner !== null && owner !== accountId;
  });
}
