import type { Journal } from "../journal/journal.ts";
import type { JournaledOrder, JournalRecord } from "../journal/record.ts";
import type { HistoryRecord } from "./answers.ts";

/** Kinds that say what became of an order, or who let or stopped trading; the rest is bookkeeping. */
const TOLD: ReadonlySet<string> = new Set([
  "intent",
  "outcome",
  "resolution",
  "fill",
  "cancel",
  "refusal",
  "dry_run",
  "plan",
  "absence",
  "operator",
  "switch",
  "state",
]);
/** Bookkeeping records between the told ones are few; this many more are read to find `limit` of them. */
const READ_AHEAD = 4;

/** The last records about orders, oldest first, each in one line that needs no other. */
export function history(journal: Journal, limit: number): { records: HistoryRecord[]; omitted: number } {
  const tail = journal.tail(limit * READ_AHEAD);
  const orders = ordersOf(journal, tail);
  const told = tail.filter((record) => TOLD.has(record.kind)).map((record) => tell(record, orders));
  const records = told.slice(-limit);
  const all = [...TOLD].reduce((count, kind) => count + journal.ledger.count(kind), 0);
  return { records, omitted: Math.max(0, all - records.length) };
}

interface Told {
  orderId: string | null;
  order: JournaledOrder;
}

/** The orders that these records are about. One that has left the memory may be among them with its intent. */
function ordersOf(journal: Journal, records: JournalRecord[]): (clientOrderId: string) => Told | undefined {
  const found = new Map<string, Told>();
  for (const record of records) {
    if (record.kind === "intent") {
      found.set(record.clientOrderId, { orderId: null, order: record.order });
    } else if (record.kind === "outcome" || record.kind === "resolution") {
      const own = found.get(record.clientOrderId);
      if (own) own.orderId = record.orderId ?? own.orderId;
    }
  }
  return (id) => journal.ledger.orders.get(id) ?? found.get(id);
}

function tell(record: JournalRecord, ordersOf: (id: string) => Told | undefined): HistoryRecord {
  const clientOrderId = "clientOrderId" in record ? record.clientOrderId : null;
  const own = clientOrderId === null ? undefined : ordersOf(clientOrderId);
  const order: JournaledOrder | null = "order" in record ? record.order : (own?.order ?? null);
  return {
    journalSeq: record.seq,
    at: record.at,
    kind: record.kind,
    clientOrderId,
    orderId: ("orderId" in record ? record.orderId : null) ?? own?.orderId ?? null,
    symbol: order?.symbol ?? ("symbol" in record ? record.symbol : null),
    side: order?.side ?? ("side" in record ? record.side : null),
    orderType: order?.orderType ?? null,
    quantity: record.kind === "fill" ? record.quantity : (order?.quantity ?? null),
    cashAmount: order?.cashAmount ?? null,
    price: priceOf(record, order),
    status: statusOf(record),
    message: messageOf(record),
  };
}

function priceOf(record: JournalRecord, order: JournaledOrder | null): string | null {
  if (record.kind === "fill") return record.price;
  if (record.kind === "outcome" || record.kind === "resolution") return record.averagePrice;
  return order?.limitPrice ?? order?.stopPrice ?? null;
}

function statusOf(record: JournalRecord): string | null {
  switch (record.kind) {
    case "intent":
      return "intended";
    case "outcome":
      return record.outcome === "acknowledged" ? record.status : record.outcome;
    case "resolution":
      return record.status;
    case "fill":
      return "filled";
    case "cancel":
      return record.phase === "intent" ? "cancel asked" : `cancel ${record.outcome}`;
    case "refusal":
      return "refused";
    case "dry_run":
      return "dry run";
    case "plan":
      return `close ${record.step}`;
    case "absence":
      return record.presumed ? "presumed absent" : "not found";
    case "operator":
      return record.as === "placed" ? "declared placed" : "declared not placed";
    case "switch":
    case "state":
      return record.state;
    default:
      return null;
  }
}

function messageOf(record: JournalRecord): string | null {
  switch (record.kind) {
    case "refusal":
      return record.checks
        .filter((check) => check.verdict === "refuse")
        .map((check) => `${check.rule}: ${check.message}`)
        .join(" ");
    case "outcome":
    case "cancel":
    case "plan":
      return record.reason;
    case "absence":
      return `reading ${record.reading} in a row that lacked it, with ${record.held} held`;
    case "operator":
      return `by ${record.user}${declaredFill(record)}; the venue was read right before: ${record.saw}`;
    case "switch": {
      const who = record.origin === "agent" ? "an agent" : `the operator (${record.user ?? "unknown"})`;
      return `${who} moved trading from ${record.before} to ${record.state}: ${record.reason}`;
    }
    case "state":
      return `entries are refused until ${record.until}: ${record.reason}`;
    case "fill":
      return record.fee === null ? null : `fee ${record.fee}`;
    default:
      return null;
  }
}

function declaredFill(record: JournalRecord & { kind: "operator" }): string {
  if (record.filled === undefined) return "";
  return `, with ${record.filled} filled${record.price === undefined ? "" : ` at ${record.price}`}`;
}
