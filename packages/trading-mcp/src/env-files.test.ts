import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError } from "./config.ts";
import { readEnvFiles } from "./env-files.ts";
import type { Machine } from "./folders.ts";

let home: string;
let machine: Machine;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "home-"));
  machine = { platform: "linux", env: {}, home };
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, content: string): string {
  const file = join(home, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
  return file;
}

test("the named file is stronger than the user's own, and a server reads only its own", () => {
  const own = write(".config/agent-trading/ibkr.env", "# mine\nMAX_ORDER_VALUE=50\n");
  write(".config/agent-trading/crypto.env", "MAX_ORDER_VALUE=1\n");
  const named = write("named.env", "export MAX_ORDER_VALUE='20' # less\n");
  expect(readEnvFiles("ibkr", null, machine)).toEqual([{ path: own, values: { MAX_ORDER_VALUE: "50" } }]);
  expect(readEnvFiles("ibkr", named, machine)).toEqual([
    { path: named, values: { MAX_ORDER_VALUE: "20" } },
    { path: own, values: { MAX_ORDER_VALUE: "50" } },
  ]);
});

test("no file is fine; a named file that is not there is an error", () => {
  expect(readEnvFiles("ibkr", null, machine)).toEqual([]);
  expect(() => readEnvFiles("ibkr", join(home, "gone.env"), machine)).toThrow(ConfigError);
});

test("a file that is there and cannot be read is an error, not an absent one", () => {
  write(".config/agent-trading/ibkr.env/folder", "");
  expect(() => readEnvFiles("ibkr", null, machine)).toThrow(/ibkr\.env: cannot be read/);
});

test("L1: the working directory's .env is never read", () => {
  const before = process.cwd();
  write(".env", "MAX_ORDER_VALUE=999999\n");
  process.chdir(home);
  try {
    expect(readEnvFiles("ibkr", null, machine)).toEqual([]);
  } finally {
    process.chdir(before);
  }
});
