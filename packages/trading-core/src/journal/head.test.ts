import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Head, headTrouble, isBehindHead, writeHead } from "./head.ts";
import { hashOf } from "./lines.ts";
import type { Place } from "./reader.ts";

const opened = {
  v: 1,
  seq: 1,
  at: "2026-06-10T15:00:00.000Z",
  kind: "note",
  note: "opened",
  journalId: "j1",
};
const first = JSON.stringify({ ...opened, prev: "", writer: {} });
const second = `{"seq":2}`;
let folder: string;
let path: string;
let fd: number;
let head: Head;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "head-"));
  path = join(folder, "journal");
  const text = `${first}\n${second}\n`;
  writeFileSync(path, text);
  fd = openSync(path, "r+");
  head = { journalId: "j1", seq: 2, hash: hashOf(Buffer.from(second)), size: text.length };
  writeHead(path, head);
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});
const rewrite = (text: string) => writeFileSync(path, text);

describe("S35: what the anchor says against the journal, in the operator's words", () => {
  test("nothing, where both agree, the journal went on, or only its last newline is lost", () => {
    expect(headTrouble(path, fd)).toBeNull();
    appendFileSync(path, "more\n");
    expect(headTrouble(path, fd)).toBeNull();
    rewrite(`${first}\n${second}`);
    expect(headTrouble(path, fd)).toBeNull();
  });
  test("nothing, where there is no anchor or a loss of power emptied it", () => {
    for (const text of ["", " \n"]) {
      writeFileSync(`${path}.head`, text);
      expect(headTrouble(path, fd)).toBeNull();
    }
    rmSync(`${path}.head`);
    expect(headTrouble(path, fd)).toBeNull();
  });
  test("deleted", () => {
    rewrite("");
    expect(headTrouble(path, fd)).toBe("the journal was deleted: it had 2 records");
  });
  test("replaced", () => {
    rewrite(`${first.replace("j1", "j2")}\n${second}\n`);
    expect(headTrouble(path, fd)).toBe("the journal was replaced: the one before had 2 records");
  });
  test("cut, by a byte of a record", () => {
    rewrite(`${first}\n${second.slice(0, -1)}`);
    const size = head.size - 2;
    expect(headTrouble(path, fd)).toBe(
      `the journal was cut: it had ${head.size} bytes and 2 records, and has ${size} bytes`,
    );
  });
  test("edited, in the record or so that no line ends there", () => {
    const edited = "the journal was edited: record 2 is not the one that was written";
    rewrite(`${first}\n${second.replace("2", "3")}\n`);
    expect(headTrouble(path, fd)).toBe(edited);
    rewrite(`${first}\n${second}x\n`);
    expect(headTrouble(path, fd)).toBe(edited);
  });
  test("an anchor that cannot be understood, whatever it lacks", () => {
    const broken = [
      "no json",
      "null",
      "5",
      JSON.stringify({ ...head, journalId: 1 }),
      JSON.stringify({ ...head, hash: null }),
      JSON.stringify({ ...head, seq: "2" }),
      JSON.stringify({ ...head, size: 1.5 }),
    ];
    for (const text of broken) {
      writeFileSync(`${path}.head`, text);
      expect(headTrouble(path, fd), text).toBe(`the file ${path}.head cannot be understood`);
      expect(isBehindHead(path, fd, { offset: 0, seq: 2, hash: "other" }), text).toBe(false);
    }
  });
  test("an anchor that cannot be read is an error, and no agreement", () => {
    rmSync(`${path}.head`);
    mkdirSync(`${path}.head`);
    expect(() => headTrouble(path, fd)).toThrow(/EISDIR/);
  });
});

describe("S35: whether a journal is behind its anchor, for every locked step", () => {
  const place = (change: Partial<Place> = {}): Place => ({
    offset: head.size,
    seq: 2,
    hash: head.hash,
    ...change,
  });
  test("not where both agree, nor where one of the two went on", () => {
    expect(isBehindHead(path, fd, place())).toBe(false);
    expect(isBehindHead(path, fd, place({ seq: 3, hash: "other" }))).toBe(false);
    expect(isBehindHead(path, fd, place({ seq: 1, hash: "other" }))).toBe(false);
    rmSync(`${path}.head`);
    expect(isBehindHead(path, fd, place({ hash: "other" }))).toBe(false);
  });
  test("where the same record is another one, or the file is shorter by more than its newline", () => {
    expect(isBehindHead(path, fd, place({ hash: "other" }))).toBe(true);
    rewrite(`${first}\n${second}`);
    expect(isBehindHead(path, fd, place())).toBe(false);
    rewrite(`${first}\n${second.slice(0, -1)}`);
    expect(isBehindHead(path, fd, place())).toBe(true);
  });
});

test("the anchor is one line of JSON beside the journal", () => {
  expect(readFileSync(`${path}.head`, "utf8")).toBe(`${JSON.stringify(head)}\n`);
});
