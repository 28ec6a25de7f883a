import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../ports/clock.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { lockFile, tryLockFile } from "./file-lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  path = join(folder, "new", "file.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a held lock is refused until it is released, within one process too", () => {
  const held = tryLockFile(path);
  expect(held).not.toBeNull();
  expect(tryLockFile(path)).toBeNull();
  held?.release();
  const next = tryLockFile(path);
  expect(next).not.toBeNull();
  held?.release(); // a second release is nobody's loss
  expect(tryLockFile(path)).toBeNull();
  next?.release();
});

test("shared holders exclude a sole one and not each other", () => {
  const first = tryLockFile(path, { shared: true });
  const second = tryLockFile(path, { shared: true });
  expect(first && second).toBeTruthy();
  expect(tryLockFile(path)).toBeNull();
  first?.release();
  expect(tryLockFile(path)).toBeNull();
  second?.release();
  expect(tryLockFile(path)).not.toBeNull();
});

test("two bytes of one file are two locks", () => {
  expect(tryLockFile(path, { byte: 0 })).not.toBeNull();
  expect(tryLockFile(path, { byte: 1 })).not.toBeNull();
});

test("waiting ends with null when the time is up", async () => {
  const held = tryLockFile(path);
  expect(await lockFile(path, { clock: systemClock, timeoutMs: 0 })).toBeNull();
  held?.release();
  expect(await lockFile(path, { clock: systemClock, timeoutMs: 0 })).not.toBeNull();
});

test("S10: a lock of another process holds while it is suspended, and is free when it was killed", async () => {
  const script = `
    const { createRequire } = require("node:module");
    const fs = require("node:fs");
    const { tryLock } = createRequire(${JSON.stringify(import.meta.url)})("fs-native-extensions");
    fs.mkdirSync(require("node:path").dirname(process.argv[1]), { recursive: true });
    console.log(tryLock(fs.openSync(process.argv[1], "a+"), 0, 1));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(tryLockFile(path)).toBeNull();
  child.kill("SIGSTOP");
  expect(tryLockFile(path)).toBeNull();
  child.kill("SIGKILL");
  await gone;
  expect(tryLockFile(path)).not.toBeNull();
});

test("waiting tries again after pauses that grow to 16 ms, up to the last moment", async () => {
  const held = tryLockFile(path);
  const clock = manualClock("2026-06-10T15:00:00.000Z");
  const pauses: number[] = [];
  const sleep = async (milliseconds: number) => {
    pauses.push(milliseconds);
    clock.advance(milliseconds);
  };
  expect(await lockFile(path, { clock: { ...clock, sleep }, timeoutMs: 63 })).toBeNull();
  expect(pauses).toEqual([1, 2, 4, 8, 16, 16, 16]);
  held?.release();
});

test("waiting ends at once when it is given up, and with the lock when that becomes free", async () => {
  const held = tryLockFile(path);
  const clock = manualClock("2026-06-10T15:00:00.000Z");
  const given = AbortSignal.abort();
  expect(await lockFile(path, { clock, timeoutMs: 1_000, signal: given })).toBeNull();
  expect(clock.monotonic()).toBe(1_000);
  const sleep = async (milliseconds: number) => {
    clock.advance(milliseconds);
    if (clock.monotonic() > 1_010) held?.release();
  };
  const lock = await lockFile(path, { clock: { ...clock, sleep }, timeoutMs: 1_000 });
  expect(lock).not.toBeNull();
  lock?.release();
});

test("a lock's folder and file are the owner's alone; a folder that cannot be one is an error", () => {
  const lock = tryLockFile(join(folder, "deep", "er", "file.lock"));
  expect(statSync(join(folder, "deep", "er")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "deep", "er", "file.lock")).mode & 0o777).toBe(0o600);
  lock?.release();
  writeFileSync(join(folder, "plain"), "");
  expect(() => tryLockFile(join(folder, "plain", "file.lock"))).toThrow(/ENOTDIR/);
});
