import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../ports/clock.ts";
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
