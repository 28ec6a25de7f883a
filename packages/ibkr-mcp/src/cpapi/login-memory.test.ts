import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ManualClock, manualClock } from "trading-core/testing/manual-clock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLoginMemory } from "./login-memory.ts";

const MINUTE = 60_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "login-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another process looks at what the one before it saw, so many minutes later. */
function missedAfter(clock: ManualClock, minutes: number): boolean {
  createLoginMemory(folder, clock).seen();
  clock.advance(minutes * MINUTE);
  const other = createLoginMemory(folder, clock);
  other.missed();
  return other.endedAtMidnight();
}

test.each([
  ["New York", "2026-11-17T04:58:00Z"],
  ["Zug", "2026-11-16T22:58:00Z"],
  ["Hong Kong", "2026-11-16T15:58:00Z"],
])("a login that is gone a few minutes after midnight in %s was ended by it", (_region, start) => {
  expect(missedAfter(manualClock(start), 4)).toBe(true);
});

test("one that is gone at another hour was not", () => {
  expect(missedAfter(manualClock("2026-11-17T15:00:00Z"), 4)).toBe(false);
});

test("half a day between the last sight and the first miss explains nothing", () => {
  expect(missedAfter(manualClock("2026-11-16T20:00:00Z"), 12 * 60)).toBe(false);
});

test("it stays what it was until somebody logs in, and a login makes it forgotten", () => {
  const clock = manualClock("2026-11-17T04:58:00Z");
  missedAfter(clock, 4);
  clock.advance(20 * 60 * MINUTE);
  const later = createLoginMemory(folder, clock);
  later.missed();
  expect(later.endedAtMidnight()).toBe(true);
  later.seen();
  expect(later.endedAtMidnight()).toBe(false);
});

test("nobody was ever logged in, or nobody can read who was: it is just a missing login", () => {
  const memory = createLoginMemory(folder, manualClock("2026-11-17T05:02:00Z"));
  memory.missed();
  expect(memory.endedAtMidnight()).toBe(false);
  writeFileSync(join(folder, "login.json"), "{");
  memory.missed();
  expect(memory.endedAtMidnight()).toBe(false);
});
