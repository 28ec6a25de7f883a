import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLedger, type Ledger } from "./ledger.ts";
import { hashOf } from "./lines.ts";
import { createReader, type Reader } from "./reader.ts";

let folder: string;
let path: string;
let fd: number;
let ledger: Ledger;
let reader: Reader;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reader-"));
  path = join(folder, "journal");
  writeFileSync(path, "");
  fd = openSync(path, "r");
  ledger = createLedger();
  reader = createReader(fd, ledger);
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

/** Lines of a chain: each a note that moves nothing. */
function chain(
  count: number,
  change: (record: Record<string, unknown>) => object = (record) => record,
): string[] {
  const lines: string[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const last = lines.at(-1);
    const record = {
      v: 1,
      seq,
      at: "2026-06-10T15:00:00.000Z",
      writer: { pid: 1, started: 1, boot: "b" },
      kind: "note",
      note: "opened",
      journalId: "j",
      venue: "ibkr",
      account: "DU1",
      mode: "paper",
      prev: last === undefined ? "" : hashOf(Buffer.from(last)),
    };
    lines.push(JSON.stringify(seq === count ? change(record) : record));
  }
  return lines;
}
const add = (...lines: string[]) => appendFileSync(path, lines.map((line) => `${line}\n`).join(""));
const hash = (line: string | undefined) => hashOf(Buffer.from(line ?? ""));

describe("S35: each byte is read once, and its place is known", () => {
  test("record by record, with the hash of the last", () => {
    const lines = chain(3);
    add(...lines.slice(0, 2));
    reader.readNew();
    const size = lines.slice(0, 2).join("\n").length + 1;
    expect(reader.place()).toEqual({ offset: size, seq: 2, hash: hash(lines[1]) });
    reader.readNew();
    add(...lines.slice(2));
    reader.readNew();
    expect(reader.place().seq).toBe(3);
    expect(ledger.incomplete).toBeNull();
  });

  test("going on from a place reads what is behind it only", () => {
    const lines = chain(3);
    add(...lines);
    const offset = lines.slice(0, 2).join("\n").length + 1;
    const later = createReader(fd, ledger, { offset, seq: 2, hash: hash(lines[1]) });
    expect(later.place()).toEqual({ offset, seq: 2, hash: hash(lines[1]) });
    later.readNew();
    expect(later.place().seq).toBe(3);
    expect(ledger.incomplete).toBeNull();
  });

  test("a line that is being written is waited for", () => {
    const [first = "", second = ""] = chain(2);
    add(first);
    appendFileSync(path, second.slice(0, 20));
    reader.readNew();
    expect([reader.place().seq, reader.endsTorn()]).toEqual([1, true]);
    reader.readNew();
    appendFileSync(path, `${second.slice(20)}\n`);
    reader.readNew();
    expect([reader.place().seq, reader.endsTorn()]).toEqual([2, false]);
    expect(ledger.incomplete).toBeNull();
  });

  test("a line longer than what is read at once is whole", () => {
    const lines = chain(1, (record) => ({ ...record, venue: "v".repeat(9_000_000) }));
    add(...lines);
    reader.readNew();
    expect(reader.place()).toEqual({ offset: (lines[0]?.length ?? 0) + 1, seq: 1, hash: hash(lines[0]) });
  });
});

describe("S36: what stops entries is named", () => {
  test("a record out of its chain, by place or by hash", () => {
    const lines = chain(3);
    add(lines[0] ?? "", lines[2] ?? "");
    reader.readNew();
    expect(ledger.incomplete).toBe("record 3 does not follow record 1: the journal was edited or cut");
  });

  test("a record that follows by number and not by hash", () => {
    const [first = "", second = ""] = chain(2);
    add(first, second.replace(hash(first), "00"));
    reader.readNew();
    expect(ledger.incomplete).toBe("record 2 does not follow record 1: the journal was edited or cut");
    expect(reader.place().seq).toBe(2);
  });

  test("a record of a newer program", () => {
    add(...chain(1, (record) => ({ ...record, v: 99 })));
    reader.readNew();
    expect(ledger.incomplete).toBe("record 1 was written by a newer version (99) of this program");
  });

  test("a record that makes no sense, and those behind it are read on", () => {
    add(...chain(1, (record) => ({ ...record, kind: "intent", order: null })));
    reader.readNew();
    expect(ledger.incomplete).toMatch(/^record 1 makes no sense: ./);
    expect(reader.place().seq).toBe(1);
  });

  test("a journal that became shorter; what is appended from there on is read", () => {
    const lines = chain(2);
    add(...lines);
    reader.readNew();
    const size = lines.join("\n").length + 1;
    truncateSync(path, size - 5);
    reader.readNew();
    expect(ledger.incomplete).toBe(`the journal became shorter: ${size - 5} bytes where ${size} were read`);
    expect(reader.endsTorn()).toBe(false);
    appendFileSync(path, `\n${JSON.stringify({ ...JSON.parse(lines[1] ?? ""), seq: 9 })}\n`);
    reader.readNew();
    expect(reader.place().seq).toBe(9);
  });

  test("an unreadable line before a record that follows the chain was never part of it", () => {
    const [first = "", second = ""] = chain(2);
    add(first, '{"v":1,"seq":2,"torn');
    reader.readNew();
    expect(reader.place().seq).toBe(1);
    add(second);
    reader.readNew();
    expect(ledger.incomplete).toBeNull();
    expect(reader.place().seq).toBe(2);
  });

  test("blank lines say nothing", () => {
    const [first = "", second = ""] = chain(2);
    add(first, "", second);
    reader.readNew();
    expect([ledger.incomplete, reader.place().seq]).toEqual([null, 2]);
  });
});
