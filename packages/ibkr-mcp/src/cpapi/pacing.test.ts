import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPacing, PENALTY_MS } from "./pacing.ts";

let folder: string;
let now: number;
let warnings: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "pacing-")), "gateways", "localhost-5000");
  now = Date.UTC(2026, 10, 18, 15, 30);
  warnings = [];
});
afterEach(() => rmSync(join(folder, "..", ".."), { recursive: true, force: true }));

const clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
const limiter = () => createPacing({ folder, clock, warn: (_fields, message) => warnings.push(message) });

const ORDERS = "GET /iserver/account/orders";
const ANY = "GET /iserver/accounts";

test("H16: the order list is asked for once in five seconds, by all processes together", () => {
  expect(limiter().take(ORDERS)).toEqual({ kind: "go" });
  now += 1000;
  const second = limiter().take(ORDERS);
  expect(second).toMatchObject({ kind: "wait" });
  now += second.kind === "wait" ? second.milliseconds - 1 : 0;
  expect(limiter().take(ORDERS).kind).toBe("wait");
  now += 1;
  expect(limiter().take(ORDERS)).toEqual({ kind: "go" });
});

test("no second holds more than eight requests of any kind", () => {
  const [first, second] = [limiter(), limiter()];
  let granted = 0;
  const starts: number[] = [];
  for (let step = 0; step < 400; step += 1) {
    now += 10;
    if ((step % 2 ? first : second).take(ANY).kind === "go") {
      granted += 1;
      starts.push(now);
    }
  }
  expect(granted).toBeGreaterThan(24);
  for (const start of starts) {
    expect(starts.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(8);
  }
});

test.each([
  ["GET /iserver/account/trades", 5000],
  ["GET /iserver/account/pnl/partitioned", 5000],
  ["GET /portfolio/accounts", 5000],
  ["GET /portfolio/subaccounts", 5000],
  ["GET /sso/validate", 60_000],
  ["POST /tickle", 1000],
  ["POST /iserver/scanner/run", 1000],
  ["GET /iserver/scanner/params", 900_000],
  ["POST /pa/performance", 900_000],
])("%s: one in %d ms", (endpoint, width) => {
  expect(limiter().take(endpoint).kind).toBe("go");
  now += width - 1;
  expect(limiter().take(endpoint).kind).toBe("wait");
  now += width * 0.1 + 200;
  expect(limiter().take(endpoint).kind).toBe("go");
});

test("history has a window of a second and one of a minute", () => {
  let granted = 0;
  for (let step = 0; step < 600; step += 1) {
    now += 100;
    if (limiter().take("GET /iserver/marketdata/history").kind === "go") granted += 1;
  }
  expect(granted).toBeLessThanOrEqual(50);
  expect(granted).toBeGreaterThan(40);
});

test("a window that is full takes no place in the others", () => {
  limiter().take(ORDERS);
  for (let index = 0; index < 20; index += 1) limiter().take(ORDERS);
  for (let index = 0; index < 7; index += 1) expect(limiter().take(ANY).kind).toBe("go");
  expect(limiter().take(ANY).kind).toBe("wait");
});

test("a 429 locks every process out for a quarter of an hour, and no longer", () => {
  const until = limiter().punish();
  expect(until).toBe(now + PENALTY_MS);
  expect(limiter().take(ANY)).toEqual({ kind: "boxed", until });
  now = until - 1;
  expect(limiter().lockedUntil()).toBe(until);
  now = until;
  expect(limiter().lockedUntil()).toBeNull();
  expect(limiter().take(ANY)).toEqual({ kind: "go" });
});

test("a clock that jumps back an hour freezes nothing", () => {
  limiter().take(ORDERS);
  limiter().punish();
  now -= 3_600_000;
  expect(limiter().lockedUntil()).toBe(now + PENALTY_MS);
  now += PENALTY_MS;
  expect(limiter().lockedUntil()).toBeNull();
  expect(limiter().take(ORDERS).kind).toBe("wait");
  now += 5200;
  expect(limiter().take(ORDERS).kind).toBe("go");
});

test.each(["", "{", "[]", '"x"', '{"windows":7}', "\u0000\u0000"])(
  "a pacing file that holds %j counts as full, and is usable again after its windows",
  (content) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pacing.json"), content);
    const first = limiter().take(ORDERS);
    expect(first).toMatchObject({ kind: "wait" });
    now += 5300;
    expect(limiter().take(ORDERS).kind).toBe("go");
  },
);

test("a lock-out that cannot be read counts from when it was written", () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "penalty.json"), "{");
  now = Date.now();
  expect(limiter().take(ANY).kind).toBe("boxed");
  now += PENALTY_MS + 1000;
  expect(limiter().take(ANY).kind).toBe("go");
});

test("a folder that cannot be written keeps this process within the limits all the same", () => {
  mkdirSync(join(folder, ".."), { recursive: true });
  writeFileSync(folder, "a file where the folder should be");
  const only = limiter();
  expect(only.take(ORDERS).kind).toBe("wait");
  expect(warnings).not.toEqual([]);
  now += 5200;
  expect(only.take(ORDERS).kind).toBe("go");
  expect(only.take(ORDERS).kind).toBe("wait");
  rmSync(folder);
  expect(only.take(ORDERS).kind).toBe("wait");
  now += 5200;
  expect(only.take(ORDERS).kind).toBe("go");
  expect(limiter().take(ORDERS).kind).toBe("wait");
});

test("requests that are still on their way keep their places: late ones do not arrive in a crowd with new ones", () => {
  const only = limiter();
  const grants = () => {
    let granted = 0;
    while (only.take(ANY).kind === "go") granted += 1;
    return granted;
  };
  expect(grants()).toBe(8);
  const ends = [1, 2, 3].map(() => only.underWay(ANY, now));
  now += 1100;
  expect(grants()).toBe(5);
  now += 500;
  for (const end of ends) end();
  now += 1000;
  // They may have arrived just before they ended, which is within this second.
  expect(grants()).toBe(5);
  now += 1100;
  expect(grants()).toBe(8);
});

test("a list that was answered late may have arrived late: the next one keeps its distance from the answer", () => {
  const only = limiter();
  const list = ORDERS;
  expect(only.take(list)).toEqual({ kind: "go" });
  const ended = only.underWay(list, now);
  now += 1_500;
  ended();
  now += 3_800;
  // 5.3 s after it left, 3.8 s after it may have arrived.
  expect(only.take(list)).toEqual({ kind: "wait", milliseconds: 1_400 });
  now += 1_400;
  expect(only.take(list)).toEqual({ kind: "go" });
});

test("a request that left a moment after its place was taken counts without a gap", () => {
  const only = limiter();
  const began = now;
  expect(only.take(ORDERS)).toEqual({ kind: "go" });
  now += 300;
  const ended = only.underWay(ORDERS, began);
  now += 100;
  ended();
  // 5.21 s after its place was taken, 4.91 s after it left.
  now = began + 5_210;
  expect(only.take(ORDERS)).toEqual({ kind: "wait", milliseconds: 390 });
});
