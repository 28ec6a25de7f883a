import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../ports/clock.ts";
import { decisionCost, writeJournal } from "../testing/long-journal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scale-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("M5: a decision costs about the same on 200,000 records as on 1,000, and a start no more than its checkpoint", async () => {
  const small = join(folder, "small.jsonl");
  const large = join(folder, "large.jsonl");
  writeJournal(small, 1_000, systemClock);
  writeJournal(large, 200_000, systemClock);
  const first = await decisionCost(large, systemClock);
  expect(readdirSync(folder)).toContain("large.jsonl.checkpoint");
  const again = await decisionCost(large, systemClock);
  const little = await decisionCost(small, systemClock);
  // Compared within one run: the machine may be slow, but it is as slow for one as for the other.
  expect(again.questionsMs).toBeLessThan(3 * little.questionsMs);
  expect(again.appendMs).toBeLessThan(3 * little.appendMs + 5);
  expect(again.startMs).toBeLessThan(first.startMs);
  expect(again.orders).toBe(first.orders);
}, 120_000);
