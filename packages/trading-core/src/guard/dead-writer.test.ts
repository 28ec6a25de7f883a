import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { type Bench, bench, failure, order } from "../testing/fixtures.ts";

let at: Bench;
afterEach(() => at.end());

/** A writer that ran in another process of this boot and was killed: its kernel lock went with it. */
async function deadWriter(stateDir: string): Promise<{ pid: number; started: number; boot: string }> {
  const child = spawn(
    process.execPath,
    [
      "-e",
      `const fs = require("node:fs");
       const { createRequire } = require("node:module");
       const { tryLock } = createRequire(process.argv[2])("fs-native-extensions");
       const writer = { pid: process.pid, started: Math.round(performance.timeOrigin) };
       const folder = process.argv[1] + "/journals/writers";
       fs.mkdirSync(folder, { recursive: true });
       tryLock(fs.openSync(folder + "/" + writer.pid + "-" + writer.started + ".lock", "a+"), 0, 1);
       console.log(JSON.stringify(writer));
       setInterval(() => {}, 1000);`,
      stateDir,
      import.meta.url,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data))),
  );
  child.kill("SIGKILL");
  await gone;
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return { ...(JSON.parse(line) as { pid: number; started: number }), boot };
}

/** Lets a guard place an order, and leaves of its records only the first ones, as of a writer that died. */
async function leaveBehind(kinds: string[]): Promise<string> {
  const { openJournal } = await import("../journal/journal.ts");
  at = bench();
  await failure(at.guard.place(order("SELL", "1")));
  const path = (await at.guard.posture()).journalPath ?? "";
  const writer = await deadWriter(at.stateDir);
  const journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, at.clock, writer);
  await journal.locked(1_000, (append) => {
    append({
      kind: "intent",
      clientOrderId: "dead00000000000001",
      order: {
        instrumentId: "id-AAPL",
        symbol: "AAPL",
        currency: "USD",
        side: "BUY",
        orderType: "limit",
        quantity: "1",
        cashAmount: null,
        limitPrice: "90",
        stopPrice: null,
        timeInForce: "DAY",
      },
      exit: false,
      worstCase: "90",
      riskCurrency: "USD",
      checks: [],
      planId: null,
    });
    if (kinds.includes("dispatch")) append({ kind: "dispatch", clientOrderId: "dead00000000000001" });
  });
  journal.close();
  return "dead00000000000001";
}

test("S14: an intent of a killed process that was not dispatched is proven not sent, and frees its budget", async () => {
  const id = await leaveBehind(["intent"]);
  expect((await at.guard.posture()).limits.committedToday?.toFixed()).toBe("90");
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  expect(at.records().find((each) => each.kind === "outcome")).toMatchObject({
    clientOrderId: id,
    outcome: "not_sent",
  });
});

test("S14: a dispatch of a killed process is of unknown fate, and blocks its twin", async () => {
  const id = await leaveBehind(["intent", "dispatch"]);
  const error = await failure(at.guard.place(order("BUY", "1", { limitPrice: "91" })));
  expect(error.code).toBe("unresolved_order");
  expect(at.records().find((each) => each.kind === "outcome")).toMatchObject({
    clientOrderId: id,
    outcome: "unknown",
  });
});

test("S14: an intent of a process that lives is in flight, and nobody settles it", async () => {
  at = bench();
  let release: () => void = () => {};
  const waiting = new Promise<void>((resolve) => {
    release = resolve;
  });
  at.venue.nextSubmits.push(async (_, gate) => {
    await waiting;
    const look = await gate.begin();
    return look.kind === "go"
      ? { kind: "rejected", reason: "no", exchanges: [] }
      : { kind: "not_sent", reason: look.reason, code: look.code };
  });
  const placing = failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })));
  await at.another().place(order("BUY", "1", {}, "MSFT"));
  expect(at.kinds().filter((kind) => kind === "outcome")).toHaveLength(1);
  release();
  expect((await placing).code).toBe("order_rejected");
});
