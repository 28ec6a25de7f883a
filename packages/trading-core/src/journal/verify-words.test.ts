import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MORNING } from "../testing/fixtures.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { acceptJournal } from "./accept.ts";
import { type Journal, openJournal } from "./journal.ts";
import { hashOf } from "./lines.ts";
import { type Verification, verificationText, verifyJournal } from "./verify.ts";

let folder: string;
let path: string;
let journal: Journal;
const clock = manualClock(MORNING);
const open = () => openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, clock);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "verify-words-"));
  path = join(folder, "ibkr-DU1-paper.jsonl");
  journal = open();
  for (const id of ["a", "b", "c"]) await write(id);
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (clientOrderId: string) =>
  journal.locked(1_000, (append) => append({ kind: "dispatch", clientOrderId }));
const lines = () => readFileSync(path, "utf8").split("\n").slice(0, -1);
/** Writes the journal anew without its anchor, so that only the chain speaks. */
function edit(change: (lines: string[]) => string[]): void {
  rmSync(`${path}.head`, { force: true });
  writeFileSync(path, `${change(lines()).join("\n")}\n`);
}
const shown = () => verificationText(verifyJournal(path)).replaceAll(path, "JOURNAL");
const advice = "  Keep the file as it is. Entries stay refused on an incomplete journal; exits go through.\n";

const sound: Verification = {
  path: "JOURNAL",
  records: 2,
  from: "2026-06-10T15:00:00.000Z",
  to: "2026-06-10T16:00:00.000Z",
  faults: [],
  moreFaults: 0,
  closedOff: [],
  torn: false,
  accepted: [],
};
const fine = "OK: every record follows the one before it, and none was changed.\n";

describe("the operator is told in plain words", () => {
  test("that all is well, over which time", () => {
    expect(verificationText(sound)).toBe(
      `JOURNAL: 2 records, 2026-06-10T15:00:00.000Z to 2026-06-10T16:00:00.000Z\n${fine}`,
    );
    expect(verificationText({ ...sound, records: 0, from: null, to: null })).toBe(
      `JOURNAL: 0 records\n${fine}`,
    );
    expect(verificationText({ ...sound, records: 1 })).toMatch(/^JOURNAL: 1 record, /);
  });

  test("the first fault, the others, and how many more there are", () => {
    const faults = [
      { line: 2, what: "one", meaning: "first" },
      { line: null, what: "two", meaning: "second" },
    ];
    const head = `JOURNAL: 2 records, ${sound.from} to ${sound.to}\nBROKEN at line 2: one.\n  It means: first.\n  Also at its end: two (second).\n`;
    expect(verificationText({ ...sound, faults })).toBe(head + advice);
    expect(verificationText({ ...sound, faults, moreFaults: 7 })).toBe(`${head}  And 7 more.\n${advice}`);
  });

  test("what is no fault, each in a line of its own", () => {
    expect(verificationText({ ...sound, accepted: [3, 9] })).toContain(
      `${fine}The operator took the journal as it was at line 3, 9.\n`,
    );
    expect(verificationText({ ...sound, closedOff: [4, 6] })).toContain(
      `${fine}Closed off, and part of no chain: line 4, 6, left by a writer that was killed.\n`,
    );
    expect(verificationText({ ...sound, torn: true })).toContain(
      `${fine}The last line has no newline yet: it is being written, or a crash tore it.\n`,
    );
    const many = Array.from({ length: 30 }, (_, index) => index + 1);
    expect(verificationText({ ...sound, closedOff: many })).toMatch(/ 19, 20, left by/);
  });
});

describe("each kind of damage by its name", () => {
  const span = `${MORNING} to ${MORNING}`;
  test("one record is missing", () => {
    edit((all) => all.filter((_, index) => index !== 2));
    expect(shown()).toBe(
      `JOURNAL: 3 records, ${span}\nBROKEN at line 3: record 4 follows record 2.\n  It means: record 3 is missing.\n${advice}`,
    );
  });
  test("several records are missing", () => {
    edit((all) => all.filter((_, index) => index === 0 || index === 3));
    expect(shown()).toContain(
      "line 2: record 4 follows record 1.\n  It means: records 2 to 3 are missing.\n",
    );
  });
  test("the beginning is missing", () => {
    edit((all) => all.slice(2));
    expect(shown()).toContain(
      "line 1: the journal begins with record 3.\n  It means: its first 2 records were cut off or moved elsewhere.\n",
    );
  });
  test("a line stands there twice, directly or later", () => {
    edit((all) => [...all.slice(0, 3), ...all.slice(1)]);
    expect(shown()).toContain(
      "line 4: record 2 stands after record 3.\n  It means: lines were moved, repeated or put in, or two files were joined.\n",
    );
    edit((all) => [all[0] ?? "", ...all]);
    expect(shown()).toContain("line 2: record 1 stands after record 1.\n");
  });
  test("a record with the right hash and the wrong number", () => {
    edit((all) => all.map((line, index) => (index === 3 ? line.replace('"seq":4', '"seq":9') : line)));
    expect(shown()).toContain(
      "line 4: record 9 follows record 3.\n  It means: records 4 to 8 are missing.\n",
    );
  });
  test("a record was changed", () => {
    edit((all) => all.map((line) => line.replace('"clientOrderId":"a"', '"clientOrderId":"x"')));
    expect(shown()).toContain(
      "line 3: record 3 does not carry the hash of the line before it.\n" +
        "  It means: record 2 was changed after it was written, or record 3 was not written by this program.\n",
    );
  });
  test("the first record claims another before it", () => {
    edit((all) => all.map((line, index) => (index === 0 ? line.replace('"prev":""', '"prev":"00"') : line)));
    expect(verifyJournal(path).faults[0]).toMatchObject({
      line: 1,
      meaning: expect.stringContaining("not written"),
    });
  });
  test("a record was made unreadable, in the middle and at the end", () => {
    edit((all) => all.map((line, index) => (index === 1 ? "{}" : line)));
    expect(shown()).toContain(
      "line 2: a line of 2 bytes is valid JSON but no record.\n" +
        "  It means: record 2 should stand there: it was damaged or overwritten.\n",
    );
  });
  test("an unreadable end proves nothing either way", () => {
    appendFileSync(path, "{}\n");
    expect(verifyJournal(path).faults).toEqual([
      {
        line: 5,
        what: "a line of 2 bytes is valid JSON but no record",
        meaning: "nothing that follows proves that it was never a record: the last record may be lost",
      },
    ]);
  });
  test("a newer program wrote a record", () => {
    edit((all) => all.map((line, index) => (index === 3 ? line.replace('"v":1', '"v":99') : line)));
    expect(verifyJournal(path).faults).toEqual([
      {
        line: 4,
        what: "record 4 has version 99, and this program reads up to 1",
        meaning: "a newer version of this program wrote it; read it with that one",
      },
    ]);
  });
  test("a record is whole and makes no sense", () => {
    edit((all) => {
      const record = { ...JSON.parse(all[3] ?? ""), kind: "intent", order: null };
      return [...all.slice(0, 3), JSON.stringify(record)];
    });
    expect(verifyJournal(path).faults).toEqual([
      {
        line: 4,
        what: expect.stringMatching(/^record 4 makes no sense: ./),
        meaning: "what it says cannot be counted, so the sums without it may be wrong",
      },
    ]);
  });
  test("the end is gone, which only the file beside the journal remembers", () => {
    writeFileSync(path, `${lines().slice(0, 3).join("\n")}\n`);
    expect(verifyJournal(path).faults).toEqual([
      {
        line: null,
        what: expect.stringContaining("the journal was cut"),
        meaning: "the file beside the journal remembers more than the journal holds",
      },
    ]);
  });
  test("the file beside the journal cannot be read at all", () => {
    rmSync(`${path}.head`);
    mkdirSync(`${path}.head`);
    expect(verifyJournal(path).faults[0]).toMatchObject({
      line: null,
      what: expect.stringMatching(/^the file beside the journal cannot be read: EISDIR/),
    });
    rmSync(`${path}.head`, { recursive: true });
  });
});

test("exactly twenty faults are told, and the rest is counted", () => {
  rmSync(`${path}.head`);
  writeFileSync(path, "x\n".repeat(21));
  expect(verifyJournal(path)).toMatchObject({ records: 0, from: null, to: null, moreFaults: 1 });
  writeFileSync(path, "x\n".repeat(20));
  expect(verifyJournal(path)).toMatchObject({ moreFaults: 0 });
  expect(verifyJournal(path).faults).toHaveLength(20);
});

test("S35: where the operator took the journal as it was is told with its line", async () => {
  writeFileSync(path, readFileSync(path, "utf8").replace('"c"', '"x"'));
  journal.close();
  journal = open();
  await acceptJournal(journal, "olivia", journal.ledger.incomplete ?? "");
  expect(verifyJournal(path).accepted).toEqual([5]);
});

test("S35: what the operator did not see is not accepted, and the error says what it is by now", async () => {
  writeFileSync(path, readFileSync(path, "utf8").replace('"c"', '"x"'));
  journal.close();
  journal = open();
  await expect(acceptJournal(journal, "olivia", "something else")).rejects.toMatchObject({
    code: "journal_changed",
    message: `Something else is wrong with it by now: ${journal.ledger.incomplete}.`,
    nextStep: "Nothing was accepted. Look again, then decide.",
  });
  expect(verifyJournal(path).accepted).toEqual([]);
});

test("from and to are the times of the first and the last record", async () => {
  clock.advance(60_000);
  await write("d");
  expect(verifyJournal(path)).toMatchObject({ records: 5, from: MORNING, to: "2026-06-10T15:01:00.000Z" });
  clock.advance(-60_000);
});

test("a hash is of the bytes of the line, as anybody can compute it", () => {
  expect(hashOf(Buffer.from("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
