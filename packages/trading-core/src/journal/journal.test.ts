import {
  appendFileSync,
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
import { manualClock } from "../testing/manual-clock.ts";
import { type Journal, openJournal } from "./journal.ts";
import type { Entry, JournalRecord } from "./record.ts";

const clock = manualClock(MORNING);
let folder: string;
let path: string;
let open: Journal[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
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

function intent(clientOrderId: string): Entry {
  return {
    kind: "intent",
    clientOrderId,
    order: {
      instrumentId: "i",
      symbol: "I",
      currency: "USD",
      side: "BUY",
      orderType: "market",
      quantity: "1",
      cashAmount: null,
      limitPrice: null,
      stopPrice: null,
      timeInForce: "DAY",
    },
    exit: false,
    worstCase: "1",
    riskCurrency: "USD",
    checks: [],
    planId: null,
  };
}

const write = (journal: Journal, id: string) => journal.locked(1_000, (append) => append(intent(id)));
const lines = () => readFileSync(path, "utf8").split("\n").filter(Boolean);
const ids = (journal: Journal) => [...journal.ledger.orders.keys()];

test("a journal is readable by its owner only and begins by saying whose it is", async () => {
  await write(start(), "a");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(lines()[0] ?? "")).toMatchObject({
    note: "opened",
    venue: "ibkr",
    account: "DU1",
    seq: 1,
    prev: "",
  });
});

test("a second server reads what the first wrote, record by record, and both append to one chain", async () => {
  const first = start();
  const second = start();
  await write(first, "a");
  expect(ids(second)).toEqual([]);
  second.catchUp();
  expect(ids(second)).toEqual(["a"]);
  await write(second, "b");
  await write(first, "c");
  expect(ids(first)).toEqual(["a", "b", "c"]);
  const third = start();
  expect(ids(third)).toEqual(["a", "b", "c"]);
  expect(third.ledger.incomplete).toBeNull();
});

test("H11: a torn tail is closed, swallows no record after it, and is no reason to stop", async () => {
  await write(start(), "a");
  appendFileSync(path, '{"v":1,"seq":3,"kind":"int');
  const journal = start();
  await write(journal, "b");
  expect(ids(journal)).toEqual(["a", "b"]);
  expect(journal.ledger.incomplete).toBeNull();
  expect(start().ledger.incomplete).toBeNull();
});

test("H11: a whole record that lacks nothing but its newline counts, and the next one follows it", async () => {
  await write(start(), "a");
  await write(start(), "b");
  truncateSync(path, statSync(path).size - 1);
  const journal = start();
  expect(ids(journal)).toEqual(["a"]);
  await write(journal, "c");
  for (const each of [journal, start()]) {
    expect(ids(each)).toEqual(["a", "b", "c"]);
    expect(each.ledger.incomplete).toBeNull();
  }
});

test("S35: an edited record is noticed by the one that follows, and what can be read still counts", async () => {
  const journal = start();
  for (const id of ["a", "b", "c"]) await write(journal, id);
  writeFileSync(path, readFileSync(path, "utf8").replace('"clientOrderId":"b"', '"clientOrderId":"x"'));
  const again = start();
  expect(again.ledger.incomplete).toContain("edited or cut");
  expect(ids(again)).toEqual(["a", "x", "c"]);
});

test("a record that was cut out is noticed", async () => {
  const journal = start();
  for (const id of ["a", "b", "c"]) await write(journal, id);
  const [opened, a, , c] = lines();
  writeFileSync(path, `${opened}\n${a}\n${c}\n`);
  expect(start().ledger.incomplete).toContain("record 4 does not follow record 2");
});

test("H11: bytes that are no text are named and passed over, and the chain goes on past them", async () => {
  await write(start(), "a");
  appendFileSync(path, Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]));
  const journal = start();
  expect(journal.ledger.incomplete).toContain("is not a record");
  await write(journal, "b");
  expect(ids(journal)).toEqual(["a", "b"]);
  expect(journal.ledger.incomplete).toBeNull();
});

test.each(["[]", "null", "7", '{"seq":"3"}', '{"seq":3,"kind":"intent"}'])(
  "L56: a line that is JSON and no record stops nothing: %s",
  async (line) => {
    await write(start(), "a");
    appendFileSync(path, `${line}\n`);
    const journal = start();
    expect(journal.ledger.incomplete).toContain("no record");
    await write(journal, "b");
    expect(ids(journal)).toEqual(["a", "b"]);
  },
);

function forge(change: (record: Record<string, unknown>) => void): void {
  const all = lines();
  const record = JSON.parse(all.pop() ?? "") as Record<string, unknown>;
  change(record);
  writeFileSync(path, `${[...all, JSON.stringify(record)].join("\n")}\n`);
}

test("a record in order that makes no sense stops entries, not the reading", async () => {
  const first = start();
  await write(first, "a");
  await write(first, "b");
  forge((record) => {
    delete record.order;
  });
  const journal = start();
  expect(journal.ledger.incomplete).toContain("makes no sense");
  await write(journal, "c");
  expect(ids(journal)).toEqual(["a", "c"]);
});

test("a record of a newer version is not guessed at: entries stop until the program is newer", async () => {
  const first = start();
  await write(first, "a");
  await write(first, "b");
  forge((record) => {
    record.v = 99;
  });
  const journal = start();
  expect(journal.ledger.incomplete).toContain("newer version (99)");
  await write(journal, "c");
  expect(ids(journal)).toEqual(["a", "c"]);
});

test("S35: a file that became shorter stops entries, and what is sent from then on is still known", async () => {
  const journal = start();
  await write(journal, "a");
  await write(journal, "b");
  truncateSync(path, 10);
  await write(journal, "c");
  expect(journal.ledger.incomplete).toContain("became shorter");
  expect(ids(journal)).toEqual(["a", "b", "c"]);
});

test("what a step throws is not kept, and the lock is free again", async () => {
  const journal = start();
  const failing = journal.locked(0, () => {
    throw new Error("rule");
  });
  await expect(failing).rejects.toThrow("rule");
  await write(journal, "a");
});

test("an owed record is written first by the next step, or dropped", async () => {
  const journal = start();
  await write(journal, "a");
  journal.owe(() => ({ kind: "dispatch", clientOrderId: "a" }));
  journal.owe(() => null);
  await write(journal, "b");
  expect(lines().map((line) => (JSON.parse(line) as JournalRecord).kind)).toEqual([
    "note",
    "intent",
    "dispatch",
    "intent",
  ]);
});

test("a closed journal writes nothing more", async () => {
  const journal = start();
  await write(journal, "a");
  journal.close();
  await expect(write(journal, "b")).rejects.toThrow("was closed");
  expect(() => journal.catchUp()).not.toThrow();
});

test("the tail is the last records, oldest first, torn and bad lines left out", async () => {
  const journal = start();
  for (const id of ["a", "b", "c"]) await write(journal, id);
  appendFileSync(path, "rubbish\n{");
  expect(journal.tail(2).map((record) => record.seq)).toEqual([3, 4]);
  expect(journal.tail(99)).toHaveLength(4);
});
