import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MORNING } from "../testing/fixtures.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { findJournals } from "./find-journals.ts";
import { type Journal, openJournal } from "./journal.ts";
import { openJournals } from "./journals.ts";
import { verificationText, verifyJournal } from "./verify.ts";

let folder: string;
let path: string;
let journal: Journal;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "verify-"));
  path = join(folder, "ibkr-DU1-paper.jsonl");
  journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, manualClock(MORNING));
  await write("a");
  await write("b");
  await write("c");
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (clientOrderId: string) =>
  journal.locked(1_000, (append) => append({ kind: "dispatch", clientOrderId }));
const lines = () => readFileSync(path, "utf8").split("\n").slice(0, -1);
function edit(change: (lines: string[]) => string[]): void {
  writeFileSync(
    path,
    change(lines())
      .map((line) => `${line}\n`)
      .join(""),
  );
}
/** Line 1 is the record that opens the journal. */
const firstFault = () => verifyJournal(path).faults[0];

test("a journal that a server has open is whole, and is not touched", () => {
  const before = readFileSync(path);
  const found = verifyJournal(path);
  expect(found).toMatchObject({ records: 4, faults: [], from: MORNING, to: MORNING, torn: false });
  expect(verificationText(found)).toContain("OK: every record follows");
  expect(readFileSync(path)).toEqual(before);
});

describe("what was done to a journal is told with its line and what it means", () => {
  test("a record that was changed", () => {
    edit((all) => all.map((line) => line.replace('"clientOrderId":"b"', '"clientOrderId":"x"')));
    expect(firstFault()).toMatchObject({ line: 4, meaning: expect.stringContaining("record 3 was changed") });
    expect(verificationText(verifyJournal(path))).toMatch(/^BROKEN at line 4/m);
  });

  test("a record that was taken out", () => {
    edit((all) => all.filter((_, index) => index !== 1));
    expect(firstFault()).toMatchObject({ line: 2, meaning: "record 2 is missing" });
  });

  test("a beginning that was cut off", () => {
    edit((all) => all.slice(2));
    expect(firstFault()).toMatchObject({ line: 1, meaning: expect.stringContaining("first 2 records") });
  });

  test("a line that was repeated", () => {
    edit((all) => [...all, all[3] ?? ""]);
    expect(firstFault()).toMatchObject({ line: 5, meaning: expect.stringContaining("repeated") });
  });

  test("a record that was made unreadable", () => {
    edit((all) => all.map((line, index) => (index === 2 ? "x".repeat(line.length) : line)));
    const found = verifyJournal(path);
    expect(found.faults).toHaveLength(1);
    expect(found.faults[0]).toMatchObject({ line: 3, meaning: expect.stringContaining("record 3 should") });
  });

  test("an unreadable last line may have been a record", () => {
    appendFileSync(path, "{not json}\n");
    expect(firstFault()).toMatchObject({ line: 5, meaning: expect.stringContaining("may be lost") });
  });

  test("an end that was cut off, by the file beside the journal", () => {
    edit((all) => all.slice(0, 3));
    expect(firstFault()).toMatchObject({ line: null, what: expect.stringContaining("cut") });
  });

  test("a record of a newer program", () => {
    edit((all) => all.map((line, index) => (index === 3 ? line.replace('"v":1', '"v":99') : line)));
    expect(verifyJournal(path).faults[0]).toMatchObject({
      line: 4,
      what: expect.stringContaining("version 99"),
    });
  });

  test("a file that is no journal is told shortly", () => {
    writeFileSync(path, "x\n".repeat(5_000));
    const found = verifyJournal(path);
    expect(found.faults).toHaveLength(20);
    expect(found.moreFaults).toBeGreaterThan(4_900);
    expect(verificationText(found).length).toBeLessThan(10_000);
  });
});

describe("what is no fault", () => {
  test("the torn record of a killed writer, once the next one closed it off", async () => {
    appendFileSync(path, '{"v":1,"seq":5,"ki');
    expect(verifyJournal(path)).toMatchObject({ faults: [], torn: true });
    await write("d");
    expect(verifyJournal(path)).toMatchObject({ faults: [], torn: false, closedOff: [5], records: 5 });
  });

  test("a line longer than what is read at once", async () => {
    await journal.locked(1_000, (append) =>
      append({ kind: "dispatch", clientOrderId: "é".repeat(1_500_000) }),
    );
    await write("e");
    expect(verifyJournal(path)).toMatchObject({ faults: [], records: 6 });
  });
});

test("the journals of a venue and mode are found by their names", () => {
  const at = { stateDir: folder, path: null, venue: "ibkr", mode: "paper", clock: manualClock(MORNING) };
  expect(findJournals(openJournals(at))).toEqual([]);
  const moved = openJournals({ ...at, path: join(folder, "mine.jsonl") });
  for (const account of ["DU2", "DU1", null]) writeFileSync(moved.pathOf(account), "");
  for (const other of ["mine.DU1-live.jsonl", "mine.DU1-paper.jsonl.head", "other.DU1-paper.jsonl"])
    writeFileSync(join(folder, other), "");
  expect(findJournals(moved)).toEqual([
    { path: moved.pathOf("DU1"), account: "DU1" },
    { path: moved.pathOf("DU2"), account: "DU2" },
  ]);
});
