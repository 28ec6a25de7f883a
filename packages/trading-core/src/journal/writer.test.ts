import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tryLockFile } from "./file-lock.ts";
import { registerWriter, writerState } from "./writer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "writer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lockFileOf(name: string, daysOld: number): string {
  const path = join(folder, "writers", `${name}.lock`);
  tryLockFile(path)?.release();
  const then = new Date(Date.now() - daysOld * 24 * 60 * 60_000);
  utimesSync(path, then, then);
  return path;
}

test("lock files of writers that are long dead go away, those of the living and of the newly dead stay", () => {
  const old = lockFileOf("1-1", 30);
  const young = lockFileOf("2-2", 1);
  const living = lockFileOf("3-3", 30);
  const lock = tryLockFile(living);
  const registration = registerWriter(folder);
  expect(existsSync(old)).toBe(false);
  expect(existsSync(young)).toBe(true);
  expect(existsSync(living)).toBe(true);
  registration.release();
  lock?.release();
});

test("S14: a writer whose lock file was cleaned away is dead, as it was", () => {
  const registration = registerWriter(folder);
  const writer = { ...registration.writer, pid: 1, started: 1 };
  lockFileOf("1-1", 30);
  registration.release();
  const again = registerWriter(folder);
  expect(readdirSync(join(folder, "writers"))).toHaveLength(1);
  expect(writerState(folder, writer)).toBe("dead");
  expect(writerState(folder, again.writer)).toBe("alive");
  again.release();
});
