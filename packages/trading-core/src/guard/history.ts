import type { Journal } from "../journal/journal.ts";
import type { JournaledOrder, JournalRecord } from "../journal/record.ts";
import type { HistoryRecord } from "./answers.ts";

/** Kinds that say something happened to an order; the rest is the journal's own bookkeeping. */
const TOLD: ReadonlySet<string> = new Set([
  "intent",
  "outcome",
  "resolution",
  "fill",
  "cancel",
  "refusal",
  "dry_run",
  "plan",
]);
/** Bookkeeping records between the told ones are few; this many more are read to find `limit` of them. */
const READ_AHEAD = 4;

/** The last records about orders, oldest first, each in one line that needs no other. */
export function history(journal: Journal, limit: number): { records: HistoryRecord[]; omitted: number } {
  const told = journal
    .tail(limit * READ_AHEAD)
    .filter((record) => TOLD.has(record.kind))
    .map((record) => tell(journal, record));
  const records = told.slice(-limit);
  const all = [...TOLD].reduce((count, kind) => count + journal.ledger.count(kind), 0);
  return { records, omitted: Math.max(0, all - records.length) };
}

function tell(journal: Journal, record: JournalRecord): HistoryRecord {
  const clientOrderId = "clientOrderId" in record ? record.clientOrderId : null;
  const own = clientOrderId === null ? undefined : journal.ledger.orders.get(clientOrderId);
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
    case "fill":
      return record.fee === null ? null : `fee ${record.fee}`;
    default:
      return null;
  }
}
