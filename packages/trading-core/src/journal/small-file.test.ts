import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readIfThere, replaceFile } from "./small-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "small-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file is replaced, readable by its owner only, and nothing is left beside it", () => {
  const path = join(folder, "file");
  replaceFile(path, "one");
  replaceFile(path, "two");
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("where it cannot be replaced, that is said, and nothing is left beside it", () => {
  const path = join(folder, "file");
  mkdirSync(path);
  expect(() => replaceFile(path, "one")).toThrow();
  expect(readdirSync(folder)).toEqual(["file"]);
  expect(() => replaceFile(join(folder, "missing", "file"), "one")).toThrow(/ENOENT.*open/);
});

test("no file and an empty one say nothing; one that cannot be read is an error", () => {
  expect(readIfThere(join(folder, "none"))).toBeNull();
  writeFileSync(join(folder, "empty"), "");
  expect(readIfThere(join(folder, "empty"))).toBeNull();
  writeFileSync(join(folder, "full"), "text");
  expect(readIfThere(join(folder, "full"))).toBe("text");
  expect(() => readIfThere(folder)).toThrow(/EISDIR/);
});
