import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLines, readRecords } from "./read-journal.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "read-"));
  path = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(text: string): string[] {
  writeFileSync(path, text);
  return [...readLines(path)].map(
    ({ number, bytes, torn }) => `${number}${torn ? "~" : ":"}${bytes.toString()}`,
  );
}

test("lines are numbered as an editor does, blank ones counted and left out, and a torn end is marked", () => {
  expect(linesOf("")).toEqual([]);
  expect(linesOf("a\n\nb\n")).toEqual(["1:a", "3:b"]);
  expect(linesOf("a\nb")).toEqual(["1:a", "2~b"]);
  expect(linesOf("\n")).toEqual([]);
});

test("a line is whole wherever the reading was cut: at its newline, before it and in the middle", () => {
  const chunk = 1024 * 1024;
  for (const length of [chunk - 1, chunk, chunk + 1, 2 * chunk + 7]) {
    const first = "x".repeat(length);
    const read = linesOf(`${first}\nsecond\n`);
    expect(read.map((each) => each.length)).toEqual([length + 2, 8]);
    expect(read[1]).toBe("2:second");
  }
});

test("only what can be read as a record is one", () => {
  const record = { v: 1, seq: 1, at: "2026-06-10T15:00:00.000Z", kind: "note", prev: "", writer: {} };
  const whole = JSON.stringify(record);
  writeFileSync(path, `{}\nno json\n${whole}\n${whole}`);
  expect([...readRecords(path)]).toEqual([record]);
});

test("a file that is not there is an error", () => {
  expect(() => [...readLines(join(folder, "none"))]).toThrow(/ENOENT/);
});
