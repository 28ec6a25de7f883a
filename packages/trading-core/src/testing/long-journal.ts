import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { read } from "../domain/reading.ts";
import { holdingsOf, reservedOn } from "../guard/holdings.ts";
import { recordNews } from "../guard/sync.ts";
import { committedValue } from "../journal/commitments.ts";
import { openJournal } from "../journal/journal.ts";
import { openOn } from "../journal/ledger.ts";
import type { Entry } from "../journal/record.ts";
import type { Clock } from "../ports/clock.ts";
import { intentOf } from "./ledger-of.ts";

const SYMBOLS = 20;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Writes a journal that a busy account would have: orders of five records on a few instruments, one every
 * twelve seconds, up to now. Not through a journal, which would sync each record.
 */
export function writeJournal(path: string, count: number, clock: Clock): void {
  const fd = openSync(path, "wx", 0o600);
  const writer = { pid: 1, started: 1, boot: "b" };
  let prev = "";
  let lines: string[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const at = new Date(clock.now() - (count - seq) * 2_500).toISOString();
    const line = JSON.stringify({ v: 1, seq, at, writer, prev, ...entry(seq, at) });
    prev = createHash("sha256").update(line).digest("hex");
    lines.push(line);
    if (lines.length === 5_000 || seq === count) {
      writeSync(fd, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  closeSync(fd);
}

function entry(seq: number, at: string): Entry {
  if (seq === 1) {
    return { kind: "note", note: "opened", journalId: "long", venue: "ibkr", account: "DU1", mode: "paper" };
  }
  const number = Math.floor((seq - 2) / 5);
  const clientOrderId = `order${number}`;
  const side = number % 2 === 0 ? "BUY" : "SELL";
  const instrumentId = instrumentOf(number);
  switch ((seq - 2) % 5) {
    case 0: {
      const exit = side === "SELL";
      return intentOf(clientOrderId, { instrumentId, side }, { exit, worstCase: exit ? null : "100" });
    }
    case 1:
      return { kind: "dispatch", clientOrderId };
    case 2:
      return {
        kind: "outcome",
        clientOrderId,
        outcome: "acknowledged",
        orderId: `v${number}`,
        status: "filled",
        filledQuantity: "1",
        averagePrice: "100",
        reason: null,
        exchanges: [],
      };
    case 3:
      // The list lags behind what the orders of the last minute moved.
      return {
        kind: "note",
        note: "holdings",
        readAt: at,
        positions: [{ instrumentId, symbol: "I", quantity: side === "BUY" ? "1" : "0" }],
        unsettled: [...new Set([0, 1, 2, 3, 4].map((back) => instrumentOf(number - back)))],
      };
    default:
      return {
        kind: "fill",
        clientOrderId,
        orderId: `v${number}`,
        executionId: `x${number}`,
        instrumentId,
        symbol: "I",
        side,
        quantity: "1",
        price: "100",
        fee: "1",
        executedAt: at,
      };
  }
}

function instrumentOf(order: number): string {
  return `i${Math.floor(Math.max(0, order) / 2) % SYMBOLS}`;
}

/** What it costs to start on this journal, to ask what one decision asks, and to append. Milliseconds. */
export async function decisionCost(
  path: string,
  clock: Clock,
): Promise<{ startMs: number; questionsMs: number; appendMs: number; orders: number }> {
  const began = performance.now();
  const journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, clock);
  const startMs = performance.now() - began;
  // A checkpoint that is due is written as soon as nothing else is to be done.
  await new Promise((resolve) => setImmediate(resolve));
  const { ledger } = journal;
  const orders = ledger.orders.size;
  const questionsMs = leastOf(
    200,
    () => {
      const now = clock.now();
      const none = read([], now);
      const positions = read([], now);
      recordNews(journal, { orders: none, single: [], fills: none, positions }, () => {
        throw new Error("noted");
      });
    },
    () => {
      const now = clock.now();
      const positions = read([], now);
      committedValue(ledger, (at) => Math.floor(at / DAY_MS) === Math.floor(now / DAY_MS), "USD");
      holdingsOf("i0", positions, ledger, now);
      reservedOn("i0", "SELL", ledger, []);
      openOn(ledger, "i0", "BUY");
      ledger.ordersOf("i0", now - 5_000);
      ledger.dispatchedSince(now - 60_000);
      ledger.boundTo("key", now);
      [...ledger.untold].filter((order) => now - order.lastAt < DAY_MS);
    },
  );
  const appends: number[] = [];
  for (let each = 0; each < 20; each++) {
    const start = performance.now();
    await journal.locked(1_000, (append) => append({ kind: "dispatch", clientOrderId: "none" }));
    appends.push(performance.now() - start);
  }
  journal.close();
  return { startMs, questionsMs, appendMs: median(appends), orders };
}

/** The least of so many runs of all steps, which other work of the machine has no part in; what a step throws is part of it. */
function leastOf(times: number, ...steps: (() => void)[]): number {
  const costs: number[] = [];
  for (let each = 0; each < times; each++) {
    const start = performance.now();
    for (const step of steps) {
      try {
        step();
      } catch {
        // Serves neither: this is a measurement, and nothing is written in it.
      }
    }
    costs.push(performance.now() - start);
  }
  return Math.min(...costs);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
