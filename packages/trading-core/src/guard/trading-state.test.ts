import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tryLockFile } from "../journal/file-lock.ts";
import { MORNING } from "../testing/fixtures.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { tradingStateFile } from "./trading-state.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "state-"));
  path = join(folder, "ibkr.trading-state.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => tradingStateFile(folder, "ibkr");

test("S30: no file means active", () => {
  expect(file().read().state).toBe("ACTIVE");
  expect(file().fingerprint()).toBe("none");
});

test.each(["ACTIVE", "REDUCING", "HALTED"] as const)("S30: %s is kept, with its reason and time", (state) => {
  file().write(state, "operator", new Date(MORNING));
  expect(file().read()).toEqual({ state, reason: `operator (since ${MORNING})` });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each(["", "{", "null", "[]", '{"state":"OPEN"}', '{"state":3}'])(
  "S30: garbage is REDUCING: %s",
  (text) => {
    writeFileSync(path, text);
    expect(file().read().state).toBe("REDUCING");
  },
);

test("S30: a file that cannot be read is REDUCING", () => {
  mkdirSync(path);
  expect(file().read()).toMatchObject({ state: "REDUCING" });
});

test("S11: the fingerprint changes with every write, of the same state too", () => {
  const seen = new Set([file().fingerprint()]);
  for (const _ of [1, 2, 3]) {
    file().write("HALTED", "same", new Date(MORNING));
    seen.add(file().fingerprint());
  }
  expect(seen.size).toBeGreaterThanOrEqual(3);
});

test("every venue has its own switch", () => {
  file().write("HALTED", "operator", new Date(MORNING));
  expect(tradingStateFile(folder, "crypto").read().state).toBe("ACTIVE");
});

test("S30: who tightens waits for another process that is moving the switch, and looks at it after", async () => {
  const other = tryLockFile(`${path}.lock`);
  const tightening = file().tighten("REDUCING", "agent", manualClock(MORNING));
  file().write("HALTED", "operator", new Date(MORNING));
  other?.release();
  expect(await tightening).toMatchObject({ before: "HALTED", state: "HALTED", moved: false });
});

test("S30: a stuck process keeps nobody from tightening, and everybody from loosening", async () => {
  const stuck = tryLockFile(`${path}.lock`);
  const clock = manualClock(MORNING);
  expect(await file().tighten("REDUCING", "agent", clock)).toMatchObject({ state: "REDUCING", moved: true });
  expect(await file().loosen(file().fingerprint(), "operator", clock)).toMatchObject({
    state: "REDUCING",
    moved: false,
  });
  stuck?.release();
});
