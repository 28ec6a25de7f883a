/**
 * What a journal of a million records costs: building it, starting up without and with a checkpoint, and one
 * decision's questions to the ledger, each beside the same on a small journal. Prints figures, judges none.
 *
 *   node scripts/dist/journal-scale.js [records]
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "trading-core/ports/clock";
import { decisionCost, writeJournal } from "trading-core/testing/long-journal";

const SMALL = 1_000;
const records = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "journal-scale-"));
try {
  for (const count of [SMALL, records]) {
    const path = join(folder, `${count}.jsonl`);
    const began = performance.now();
    writeJournal(path, count, systemClock);
    say(count, "generated", performance.now() - began);
    say(count, "megabytes on disk", statSync(path).size / 1e6, "");
    const full = await decisionCost(path, systemClock);
    say(count, "start without a checkpoint", full.startMs);
    say(count, "orders in memory", full.orders, "");
    const again = await decisionCost(path, systemClock);
    say(count, "start with a checkpoint", again.startMs);
    say(count, "questions of one decision", again.questionsMs);
    say(count, "one synced record", again.appendMs);
    say(count, "heap", process.memoryUsage().heapUsed / 1e6, "MB");
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function say(count: number, what: string, value: number, unit = "ms"): void {
  process.stdout.write(`${String(count).padStart(9)}  ${what.padEnd(28)} ${value.toFixed(3)} ${unit}\n`);
}
