import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLedger } from "trading-core/journal/ledger";
import { filledQuantity } from "trading-core/journal/ledger-order";
import type { JournalRecord } from "trading-core/journal/record";
import type { PlacedOrder } from "./socket-venue.ts";

/*
 * Reads a journal as an outsider would, and adds it up once more: nothing here uses the journal's own
 * reader, its chain or its sums. Only `compareWithVenue` asks the project's ledger, to hold it to the truth.
 */

export interface ReadJournal {
  records: JournalRecord[];
  /** Lines that are no records: what a process left that was killed while it wrote. */
  torn: number;
  /** Breaks of the chain and of the sequence, by line. */
  problems: string[];
}

export function journalPath(stateDir: string): string {
  const folder = join(stateDir, "journals");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const name = names.find((each) => each.endsWith(".jsonl") && !each.includes("unbound"));
  return join(folder, name ?? "none.jsonl");
}

export function readJournal(path: string): ReadJournal {
  const records: JournalRecord[] = [];
  const problems: string[] = [];
  let torn = 0;
  let hash = "";
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const record = parsed(line);
    if (record === null) {
      torn++;
      continue;
    }
    if (record.prev !== hash) problems.push(`line ${index + 1} does not continue the chain`);
    if (record.seq !== records.length + 1) problems.push(`line ${index + 1} has number ${record.seq}`);
    records.push(record);
    hash = createHash("sha256").update(line).digest("hex");
  }
  return { records, torn, problems };
}

function parsed(line: string): JournalRecord | null {
  try {
    return JSON.parse(line) as JournalRecord;
  } catch {
    // Serves neither: a test counts it.
    return null;
  }
}

/** One order as its records tell it. */
export interface Tally {
  clientOrderId: string;
  intent: JournalRecord & { kind: "intent" };
  /** Symbol, side, size and type: a call's own in these runs. */
  key: string;
  dispatched: boolean;
  outcome: string | null;
  filled: number;
  done: boolean;
}

/** How an order is told from every other one of a run; a bracket's exits bear their role. */
export function keyOf(order: {
  symbol: string;
  side: string;
  quantity: number | string | null;
  orderType?: string | null;
  role?: string | null;
}): string {
  const kind = order.role != null && order.role !== "entry" ? order.role : order.orderType;
  return `${order.side} ${order.quantity} ${order.symbol} ${kind}`;
}

function keyOfIntent({ order, group }: JournalRecord & { kind: "intent" }): string {
  return keyOf({ ...order, role: group?.role ?? null });
}

/** The orders of a journal, as of its last record; `onIntent` sees them before each new one is added. */
export function tally(
  records: readonly JournalRecord[],
  onIntent: (intent: JournalRecord & { kind: "intent" }, before: Map<string, Tally>) => void = () => {},
): Map<string, Tally> {
  const orders = new Map<string, Tally>();
  const executions = new Map<string, number>();
  for (const record of records) {
    if (record.kind === "intent") {
      onIntent(record, orders);
      orders.set(record.clientOrderId, {
        clientOrderId: record.clientOrderId,
        intent: record,
        key: keyOfIntent(record),
        dispatched: false,
        outcome: null,
        filled: 0,
        done: false,
      });
      continue;
    }
    const id = "clientOrderId" in record ? record.clientOrderId : null;
    const order = id === null ? undefined : orders.get(id);
    if (!order) continue;
    if (record.kind === "dispatch") order.dispatched = true;
    if (record.kind === "fill") {
      const executed = (executions.get(order.clientOrderId) ?? 0) + newQuantity(record);
      executions.set(order.clientOrderId, executed);
      order.filled = Math.max(order.filled, executed);
    }
    if (record.kind === "outcome" || record.kind === "resolution") {
      if (record.kind === "outcome") order.outcome ??= record.outcome;
      order.filled = Math.max(order.filled, Number(record.filledQuantity ?? 0));
      if (["filled", "cancelled", "rejected", "expired"].includes(record.status)) order.done = true;
    }
    if (order.filled >= Number(order.intent.order.quantity)) order.done = true;
  }
  return orders;

  function newQuantity(record: JournalRecord & { kind: "fill" }): number {
    const known = executions.has(record.executionId);
    executions.set(record.executionId, 1);
    return known ? 0 : Number(record.quantity);
  }
}

/** What entries cost so far and may still cost: fills at this venue's prices, the rest at its worst. */
export function committed(orders: Iterable<Tally>): number {
  let total = 0;
  for (const { intent, filled, done } of orders) {
    if (intent.exit) continue;
    const left = done ? 0 : 1 - filled / Number(intent.order.quantity);
    total += filled * Number(intent.order.limitPrice ?? 100) + left * Number(intent.worstCase);
  }
  return total;
}

/** Every decision on disk, judged once more with what was on disk before it. */
export function judgeDecisions(
  records: readonly JournalRecord[],
  limits: { cap: number | null; duplicateWindowMs: number },
): string[] {
  const problems: string[] = [];
  tally(records, (intent, before) => {
    const total = committed(before.values()) + Number(intent.worstCase ?? 0);
    if (!intent.exit && limits.cap !== null && total > limits.cap + 1e-6) {
      problems.push(`record ${intent.seq}: ${total} committed with a cap of ${limits.cap}`);
    }
    for (const earlier of before.values()) {
      const age = Date.parse(intent.at) - Date.parse(earlier.intent.at);
      const harmless = earlier.done && earlier.filled === 0;
      if (earlier.key === keyOfIntent(intent) && age < limits.duplicateWindowMs && !harmless) {
        problems.push(`record ${intent.seq} repeats ${earlier.clientOrderId} after ${age} ms`);
      }
    }
  });
  return problems;
}

/** Dispatched orders that nobody wrote an outcome for. */
export function withoutOutcome(records: readonly JournalRecord[]): string[] {
  return [...tally(records).values()]
    .filter((order) => order.dispatched && order.outcome === null)
    .map((order) => `${order.clientOrderId} was dispatched and has no outcome`);
}

/**
 * Where the ledger and the venue's truth differ. An order that the venue does not hold has to be proven
 * unsent or to be open still, and only those that died on the way may be open.
 */
export function compareWithVenue(
  records: readonly JournalRecord[],
  placed: readonly PlacedOrder[],
): { problems: string[]; lost: string[] } {
  const ledger = createLedger();
  for (const record of records) ledger.apply(record);
  const problems: string[] = [];
  const lost: string[] = [];
  const truth = new Map(placed.map((order) => [order.clientOrderId, order]));
  for (const order of placed) {
    const own = ledger.orders.get(order.clientOrderId);
    const ended = order.status === "filled" || order.status === "cancelled";
    const filled = own ? Number(filledQuantity(own)) : 0;
    if (!own) problems.push(`the ledger lacks ${order.clientOrderId}`);
    else if (own.orderId === null) problems.push(`the ledger has not found ${order.clientOrderId}`);
    else if (filled !== order.filled) {
      problems.push(`${order.clientOrderId}: ${filled} filled where the venue has ${order.filled}`);
    } else if ((own.phase === "done") !== ended) {
      problems.push(`${order.clientOrderId} is ${own.phase} where the venue has ${order.status}`);
    }
  }
  for (const own of ledger.orders.values()) {
    if (truth.has(own.clientOrderId)) continue;
    if (own.phase === "unresolved" || own.phase === "dispatched") lost.push(own.clientOrderId);
    else if (own.status !== "rejected") {
      problems.push(`${own.clientOrderId} is ${own.phase} and the venue does not hold it`);
    }
  }
  return { problems, lost };
}
