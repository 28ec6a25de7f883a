import { plain, plainOrNull } from "../domain/money.ts";
import {
  applyToOrder,
  countedQuantity,
  declaredFill,
  type LedgerOrder,
  newLedgerOrder,
} from "./ledger-order.ts";
import { readRecords } from "./read-journal.ts";

/** The columns of the export. Stable: new ones go to the end. */
export const EXPORT_COLUMNS = [
  "row",
  "venue",
  "account",
  "mode",
  "at",
  "client_order_id",
  "order_id",
  "symbol",
  "currency",
  "side",
  "order_type",
  "time_in_force",
  "limit_price",
  "stop_price",
  "ordered_quantity",
  "cash_amount",
  "exit",
  "status",
  "quantity",
  "price",
  "fee",
  "execution_id",
  "operator_said",
] as const;

type Row = Record<(typeof EXPORT_COLUMNS)[number], string | null>;
type About = Pick<Row, "venue" | "account" | "mode">;

/** The header line of the export, with its line end. */
export function csvHeader(): string {
  return line(EXPORT_COLUMNS);
}

/**
 * One journal as lines of CSV (RFC 4180, CRLF): a row for each order in the order of their intents, and
 * right after it one for each of its fills. Times are ISO 8601 UTC: of an order its intent, of a fill its
 * execution. `quantity` and `price` are what was filled, of an order in total and on average; a figure that
 * is not known is empty.
 */
export function* csvRows(path: string): Generator<string> {
  const orders = new Map<string, LedgerOrder>();
  let about: About = { venue: null, account: null, mode: null };
  for (const record of readRecords(path)) {
    if (record.kind === "note" && record.note === "opened") {
      const { venue, account, mode } = record;
      about = { venue, account, mode };
    } else if (record.kind === "intent") {
      orders.set(record.clientOrderId, newLedgerOrder(record));
    } else if ("clientOrderId" in record && record.clientOrderId !== null) {
      const order = orders.get(record.clientOrderId);
      if (order) applyToOrder(order, record, Date.parse(record.at));
    }
  }
  for (const order of orders.values()) {
    yield rowText(orderRow(about, order));
    for (const fill of order.fills.values()) {
      yield rowText({
        ...orderRow(about, order),
        row: "fill",
        at: new Date(fill.executedAt).toISOString(),
        status: null,
        quantity: plain(fill.quantity),
        price: plain(fill.price),
        fee: plainOrNull(fill.fee),
        execution_id: fill.executionId,
        operator_said: null,
      });
    }
  }
}

function orderRow(about: About, own: LedgerOrder): Row {
  const { order } = own;
  return {
    row: "order",
    ...about,
    at: new Date(own.intentAt).toISOString(),
    client_order_id: own.clientOrderId,
    order_id: own.orderId,
    symbol: order.symbol,
    currency: order.currency,
    side: order.side,
    order_type: order.orderType,
    time_in_force: order.timeInForce,
    limit_price: order.limitPrice,
    stop_price: order.stopPrice,
    ordered_quantity: order.quantity,
    cash_amount: order.cashAmount,
    exit: String(own.exit),
    status: own.phase === "unresolved" || own.phase === "dispatched" ? "unknown" : own.status,
    quantity: plain(countedQuantity(own)),
    price: plainOrNull(own.averagePrice ?? declaredFill(own)?.price),
    fee: null,
    execution_id: null,
    operator_said: own.operatorSaid?.as ?? null,
  };
}

function rowText(row: Row): string {
  return line(EXPORT_COLUMNS.map((column) => row[column]));
}

function line(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => csvCell(cell ?? "")).join(",")}\r\n`;
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;
/** With these a spreadsheet begins a formula. */
const FORMULA = /^\s*[=+\-@\t\r|%]/;

/** A cell that no spreadsheet takes for a formula: what could be one is made text by an apostrophe. */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
