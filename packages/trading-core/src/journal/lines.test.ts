import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { journalIdOf, lineEndingAt, parseRecord, readBytes } from "./lines.ts";

let folder: string;
let fd: number;
let opened: number[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lines-"));
  opened = [];
});
afterEach(() => {
  for (const each of opened) closeSync(each);
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a file with this text as `fd`. */
function file(text: string): void {
  writeFileSync(join(folder, "file"), text);
  fd = openSync(join(folder, "file"), "r");
  opened.push(fd);
}

test("bytes past the end of a file are not made up", () => {
  file("abcdef");
  expect(readBytes(fd, 1, 4).toString()).toBe("bcd");
  expect(readBytes(fd, 4, 100).toString()).toBe("ef");
  expect(readBytes(fd, 100, 200)).toHaveLength(0);
  expect(readBytes(fd, 4, 2)).toHaveLength(0);
});

describe("the line that ends at an offset", () => {
  test("is the whole line, wherever it stands", () => {
    file("one\ntwo\nthree\n");
    expect(lineEndingAt(fd, 4)?.toString()).toBe("one");
    expect(lineEndingAt(fd, 8)?.toString()).toBe("two");
    expect(lineEndingAt(fd, 14)?.toString()).toBe("three");
  });
  test("is none where no line ends, or the file does not reach", () => {
    file("one\ntwo\n");
    expect(lineEndingAt(fd, 3)).toBeNull();
    expect(lineEndingAt(fd, 10)).toBeNull();
    expect(lineEndingAt(fd, 100)).toBeNull();
  });
  test("may lack its newline at the end of the file: a torn write that lost nothing else", () => {
    file("one\ntwo");
    expect(lineEndingAt(fd, 8)?.toString()).toBe("two");
  });
  test.each([65_535, 65_536, 65_537, 300_000, 5_000_000])("may be %d bytes long", (length) => {
    const long = "x".repeat(length);
    file(`first\n${long}\n`);
    expect(lineEndingAt(fd, 6 + length + 1)?.toString() === long).toBe(true);
  });
  test("may be the only one, and long", () => {
    const long = "x".repeat(200_000);
    file(`${long}\n`);
    expect(lineEndingAt(fd, long.length + 1)?.toString() === long).toBe(true);
  });
  test("is none of ours beyond sixteen megabytes", () => {
    const long = "x".repeat(17 * 1024 * 1024);
    file(`first\n${long}\n`);
    expect(lineEndingAt(fd, 6 + long.length + 1)).toBeNull();
  });
});

const record = { v: 1, seq: 1, at: "2026-06-10T15:00:00.000Z", kind: "note", prev: "", writer: { pid: 1 } };
const line = (change: object) => Buffer.from(JSON.stringify({ ...record, ...change }));

describe("a line is a record only with its whole envelope", () => {
  test("a whole one is", () => {
    expect(parseRecord(line({ more: 1 }))).toEqual({ ...record, more: 1 });
  });
  test.each([
    { v: "1" },
    { v: undefined },
    { seq: 1.5 },
    { seq: "1" },
    { at: 5 },
    { at: "yesterday" },
    { kind: 7 },
    { prev: null },
    { writer: null },
    { writer: "me" },
  ])("not with %j", (change) => {
    const bytes = line(change);
    expect(parseRecord(bytes)).toBe(`a line of ${bytes.length} bytes is valid JSON but no record`);
  });
  test.each(["null", "5", '"text"', "[]"])("not %s", (text) => {
    expect(parseRecord(Buffer.from(text))).toContain("is valid JSON but no record");
  });
  test("what is no JSON, or no UTF-8, is told with its length", () => {
    expect(parseRecord(Buffer.from("{"))).toMatch(/^a line of 1 bytes is not a record: ./);
    expect(parseRecord(Buffer.from([0x22, 0xff, 0x22]))).toMatch(/^a line of 3 bytes is not a record: ./);
  });
});

describe("a journal's id is in the record that opens it", () => {
  const opened = line({ note: "opened", journalId: "j1" }).toString();
  test("and only there", () => {
    file(`${opened}\n${opened.replace("j1", "j2")}\n`);
    expect(journalIdOf(fd)).toBe("j1");
  });
  test.each([
    ["an empty file", ""],
    ["a first line without its end", opened],
    ["a first line that is whole and has no end", `${opened} `],
    ["a first line that is no record", "{}\n"],
    ["another note", `${opened.replace("opened", "accepted")}\n`],
    ["another kind of record", `${opened.replace('"kind":"note"', '"kind":"state"')}\n`],
  ])("%s has none", (_, text) => {
    file(text);
    expect(journalIdOf(fd)).toBeNull();
  });
});
