import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MORNING } from "../testing/fixtures.ts";
import { intentOf } from "../testing/ledger-of.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { acceptJournal } from "./accept.ts";
import { type Journal, openJournal } from "./journal.ts";

const clock = manualClock(MORNING);
let folder: string;
let path: string;
let open: Journal[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "anchor-"));
  path = join(folder, "account.jsonl");
  open = [];
});
afterEach(() => {
  for (const journal of open) journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Journal {
  const journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, clock);
  open.push(journal);
  return journal;
}

const write = (journal: Journal, id: string) => journal.locked(1_000, (append) => append(intentOf(id)));
const lines = () => readFileSync(path, "utf8").split("\n").filter(Boolean);
const head = () => JSON.parse(readFileSync(`${path}.head`, "utf8")) as { seq: number; size: number };

async function written(...ids: string[]): Promise<void> {
  const journal = start();
  for (const id of ids) await write(journal, id);
  journal.close();
}

test("S35: the anchor names the last record, and is readable by its owner only", async () => {
  await written("a", "b");
  expect(head()).toMatchObject({ seq: 3, size: statSync(path).size });
  expect(statSync(`${path}.head`).mode & 0o777).toBe(0o600);
});

test("S35: an anchor behind its journal is normal: a process was killed before it could move it on", async () => {
  await written("a");
  copyFileSync(`${path}.head`, `${path}.old`);
  await written("b", "c");
  copyFileSync(`${path}.old`, `${path}.head`);
  expect(start().ledger.incomplete).toBeNull();
});

test("S35: no anchor, or one that a loss of power emptied, accuses nobody", async () => {
  await written("a");
  writeFileSync(`${path}.head`, "");
  expect(start().ledger.incomplete).toBeNull();
  rmSync(`${path}.head`);
  expect(start().ledger.incomplete).toBeNull();
});

test("S35: what was not synced is not anchored until a clean end, so that a loss of power is no truncation", async () => {
  const journal = start();
  await write(journal, "a");
  await journal.locked(1_000, (append) => append({ kind: "dispatch", clientOrderId: "a" }, { sync: false }));
  expect(head().seq).toBe(2);
  journal.close();
  expect(head().seq).toBe(3);
});

test("S35: records cut off at the end of a line are noticed", async () => {
  await written("a", "b");
  writeFileSync(path, `${lines().slice(0, -1).join("\n")}\n`);
  expect(start().ledger.incomplete).toContain("was cut");
});

test("S35: records cut off and others written since are noticed by whoever opens the journal next", async () => {
  await written("a", "b", "c");
  writeFileSync(path, `${lines().slice(0, -2).join("\n")}\n`);
  await written("d", "e", "f", "g");
  expect(start().ledger.incomplete).toContain("was edited");
});

test("S35: a journal cut shorter under a server that runs is noticed by a server that had not read that far", async () => {
  const first = start();
  const second = start();
  await write(first, "a");
  second.catchUp();
  const size = statSync(path).size;
  await write(first, "b");
  truncateSync(path, size);
  await write(second, "c");
  expect(second.ledger.incomplete).toContain("was cut");
});

test("S35: an edit of the last record, which no other record follows, is noticed", async () => {
  await written("a", "b");
  writeFileSync(path, readFileSync(path, "utf8").replace('"clientOrderId":"b"', '"clientOrderId":"x"'));
  expect(start().ledger.incomplete).toContain("record 3 is not the one that was written");
});

test("S35: a deleted journal is noticed, and still is once another one has begun in its place", async () => {
  await written("a");
  rmSync(path);
  const journal = start();
  expect(journal.ledger.incomplete).toContain("was deleted");
  await write(journal, "b");
  expect(start().ledger.incomplete).toContain("was replaced");
});

test("S35: a journal put back from a copy of another one is noticed", async () => {
  await written("a");
  copyFileSync(`${path}.head`, `${path}.kept`);
  rmSync(path);
  rmSync(`${path}.head`);
  await written("b");
  copyFileSync(`${path}.kept`, `${path}.head`);
  expect(start().ledger.incomplete).toContain("was replaced");
});

test("S35: an anchor that says nothing is no reason to trust the journal", async () => {
  await written("a");
  writeFileSync(`${path}.head`, "{}\n");
  expect(start().ledger.incomplete).toContain("cannot be understood");
});

test.each([
  ["deleted", () => rmSync(path)],
  ["cut", () => writeFileSync(path, `${lines().slice(0, -1).join("\n")}\n`)],
  ["edited", () => writeFileSync(path, readFileSync(path, "utf8").replace('"a"', '"x"'))],
])("S35: a journal that was %s is accepted once, by name, and in every server", async (_, damage) => {
  await written("a", "b");
  damage();
  const running = start();
  const reason = running.ledger.incomplete;
  expect(reason).not.toBeNull();
  const seen = start();
  await expect(acceptJournal(seen, "olivia", "something else")).rejects.toThrow("Something else is wrong");
  const accepted = await acceptJournal(seen, "olivia", reason ?? "");
  expect(accepted?.reason).toBe(reason);
  expect(JSON.parse(lines().at(-1) ?? "")).toMatchObject({ note: "accepted", by: "olivia", reason });
  running.catchUp();
  expect(running.ledger.incomplete).toBeNull();
  await write(running, "c");
  expect(start().ledger.incomplete).toBeNull();
  expect(await acceptJournal(start(), "olivia", reason ?? "")).toBeNull();
});
