import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

test("S30: what stands in the file is told, and what is missing is named", () => {
  expect(file().read()).toEqual({ state: "ACTIVE", reason: "never halted" });
  writeFileSync(path, '{"state":"HALTED"}');
  expect(file().read()).toEqual({ state: "HALTED", reason: "no reason given (since an unknown time)" });
  writeFileSync(path, "{");
  expect(file().read()).toEqual({ state: "REDUCING", reason: `${path} does not hold a trading state` });
  rmSync(path);
  mkdirSync(path);
  expect(file().read().reason).toMatch(/^the trading state cannot be read: EISDIR/);
});

test("S30: the switch is one line in a folder of the owner's, with nothing left beside it", () => {
  const deep = join(folder, "not", "there");
  tradingStateFile(deep, "ibkr").write("REDUCING", "a test", new Date(MORNING));
  expect(readFileSync(join(deep, "ibkr.trading-state.json"), "utf8")).toBe(
    `{"state":"REDUCING","reason":"a test","since":"${MORNING}"}\n`,
  );
  expect(statSync(deep).mode & 0o777).toBe(0o700);
  expect(readdirSync(deep)).toEqual(["ibkr.trading-state.json"]);
});

test("S30: who tightens what is tight already moves nothing; a step further moves", async () => {
  const clock = manualClock(MORNING);
  const tighten = (state: "REDUCING" | "HALTED") => file().tighten(state, "agent", clock);
  expect(await tighten("REDUCING")).toEqual({
    before: "ACTIVE",
    state: "REDUCING",
    moved: true,
    error: null,
  });
  const seen = file().fingerprint();
  expect(await tighten("REDUCING")).toEqual({
    before: "REDUCING",
    state: "REDUCING",
    moved: false,
    error: null,
  });
  expect(file().fingerprint()).toBe(seen);
  expect(await tighten("HALTED")).toMatchObject({ before: "REDUCING", state: "HALTED", moved: true });
  expect(await tighten("REDUCING")).toMatchObject({ before: "HALTED", state: "HALTED", moved: false });
  expect(tryLockFile(`${path}.lock`)).not.toBeNull();
});

test("S30: a switch that cannot be written still stops this process, until it can be", async () => {
  const clock = manualClock(MORNING);
  mkdirSync(`${path}.${process.pid}.new`);
  const own = file();
  const before = own.fingerprint();
  const moved = await own.tighten("REDUCING", "agent", clock);
  expect(moved).toMatchObject({ before: "ACTIVE", state: "REDUCING", moved: true });
  expect(moved.error).toMatch(/EISDIR/);
  expect(own.read()).toEqual({ state: "REDUCING", reason: "agent" });
  expect(own.fingerprint()).toBe(`REDUCING:${before}`);
  expect(file().read().state).toBe("ACTIVE");
  expect(tryLockFile(`${path}.lock`)).not.toBeNull();
  rmSync(`${path}.${process.pid}.new`, { recursive: true });
  file().write("HALTED", "operator", new Date(MORNING));
  expect(own.read().state).toBe("HALTED");
  file().write("ACTIVE", "operator", new Date(MORNING));
  expect(own.read().state).toBe("REDUCING");
  expect(await own.tighten("HALTED", "agent", clock)).toMatchObject({ moved: true, error: null });
  expect(own.fingerprint()).not.toContain("REDUCING");
  file().write("ACTIVE", "operator", new Date(MORNING));
  expect(own.read().state).toBe("ACTIVE");
});

test("S30: the operator loosens what was seen, and the lock is free afterwards", async () => {
  const clock = manualClock(MORNING);
  file().write("HALTED", "operator", new Date(MORNING));
  expect(await file().loosen("something else", "resumed", clock)).toEqual({
    before: "HALTED",
    state: "HALTED",
    moved: false,
  });
  expect(await file().loosen(file().fingerprint(), "resumed", clock)).toEqual({
    before: "HALTED",
    state: "ACTIVE",
    moved: true,
  });
  expect(file().read()).toEqual({ state: "ACTIVE", reason: `resumed (since ${MORNING})` });
  expect(tryLockFile(`${path}.lock`)).not.toBeNull();
});

test("S30: a switch is waited for two seconds, and no longer", async () => {
  const stuck = tryLockFile(`${path}.lock`);
  const clock = manualClock(MORNING);
  const began = clock.monotonic();
  await file().tighten("REDUCING", "agent", clock);
  expect(clock.monotonic() - began).toBeGreaterThanOrEqual(2_000);
  expect(clock.monotonic() - began).toBeLessThan(2_100);
  stuck?.release();
});
