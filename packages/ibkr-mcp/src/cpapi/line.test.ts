import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { decimal } from "trading-core/domain/money";
import { systemClock } from "trading-core/ports/clock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLine, type Line } from "./line.ts";
import { intentOf, openGate, startVenue, type TestVenue } from "./test-venue.ts";

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "line-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const go = () => ({ kind: "go" as const });
/** Ten times as fast as the real one, so that bounds of seconds take tenths of them. */
const clock = {
  now: () => performance.now() * 10,
  monotonic: () => performance.now() * 10,
  sleep: (milliseconds: number, signal?: AbortSignal) => systemClock.sleep(milliseconds / 10, signal),
};
const line = (): Line => createLine({ folder, clock, warn: () => {} });

/** Whether a promise is still open after a moment. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  await setTimeout(40);
  return !settled;
}

test("reads go side by side; a conversation has the line alone", async () => {
  const first = await line().enter(go);
  const second = await line().enter(go);
  const conversation = line().converse(false);
  expect(await isPending(conversation)).toBe(true);
  const late = line().enter(go);
  first.release();
  second.release();
  const held = await conversation;
  expect(await isPending(late)).toBe(true);
  held.release();
  (await late).release();
});

test("a stream of reads does not starve a conversation", async () => {
  let stop = false;
  const readers = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const place = await line().enter(go);
      await setTimeout(5);
      place.release();
    }
  });
  const began = performance.now();
  const held = await line().converse(false);
  expect(performance.now() - began).toBeLessThan(400);
  held.release();
  stop = true;
  await Promise.all(readers);
});

test("S12: an exit is served before an entry that was there first", async () => {
  const talking = await line().converse(false);
  const order: string[] = [];
  const entry = line()
    .converse(false)
    .then((held) => {
      order.push("entry");
      held.release();
    });
  await setTimeout(20);
  expect(talking.exitWaits()).toBe(false);
  const exit = line()
    .converse(true)
    .then(async (held) => {
      order.push("exit");
      await setTimeout(30);
      held.release();
    });
  await setTimeout(40);
  expect(talking.exitWaits()).toBe(true);
  talking.release();
  await Promise.all([entry, exit]);
  expect(order).toEqual(["exit", "entry"]);
});

test("a request that never ends stops an entry, but not an exit", async () => {
  const stuck = await line().enter(go);
  await expect(line().converse(false)).rejects.toMatchObject({ code: "busy" });
  const exit = await line().converse(true);
  expect(exit.left()).toBeGreaterThan(9000);
  exit.release();
  stuck.release();
});

test("the line is given back after ten seconds, whatever the conversation does", async () => {
  let now = 0;
  let wake = () => {};
  const handClock = {
    now: () => now,
    monotonic: () => now,
    sleep: (milliseconds: number) =>
      milliseconds < 1000 ? setTimeout(milliseconds) : new Promise<void>((resolve) => (wake = resolve)),
  };
  const held = await createLine({ folder, clock: handClock, warn: () => {} }).converse(false);
  expect(held.left()).toBe(10_000);
  now = 10_000;
  wake();
  (await line().enter(go)).release();
  expect(held.left()).toBe(0);
});

test("pacing that takes longer than six seconds is a refusal, not a wait", async () => {
  await expect(line().enter(() => ({ kind: "wait", milliseconds: 9000 }))).rejects.toMatchObject({
    code: "rate_limited",
    retryable: true,
  });
  await expect(line().enter(() => ({ kind: "boxed", until: 5 }))).rejects.toMatchObject({
    details: { until: 5 },
  });
});

test("a lock file that cannot be opened refuses entries; reads and exits go on", async () => {
  const path = join(folder, "file");
  writeFileSync(path, "");
  const broken = createLine({ folder: path, clock, warn: () => {} });
  await expect(broken.converse(false)).rejects.toMatchObject({ code: "state_folder_unusable" });
  const exit = await broken.converse(true);
  const read = broken.enter(go);
  expect(await isPending(read)).toBe(true);
  exit.release();
  (await read).release();
});

/** Another process that does something with the line of this folder and says so on stdout. */
function process2(body: string): { said: (word: string) => Promise<void>; child: ChildProcess } {
  const script = `
    const { createRequire } = require("node:module");
    const fs = require("node:fs");
    const { tryLock } = createRequire(${JSON.stringify(import.meta.resolve("trading-core/journal/file-lock"))})("fs-native-extensions");
    const path = require("node:path").join(process.argv[1], "line.lock");
    const lock = (byte, shared) => tryLock(fs.openSync(path, "a+"), byte, 1, { shared });
    ${body}
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  const said = async (word: string) => {
    for (let tries = 0; tries < 200; tries += 1) {
      if (text.includes(word)) return;
      await setTimeout(20);
    }
    throw new Error(`the other process never said ${word}: ${text}`);
  };
  return { said, child };
}

test("a conversation of another process keeps this one's reads waiting, and its death frees them", async () => {
  const other = process2(`console.log(lock(2, false) && "talking");`);
  await other.said("talking");
  const read = line().enter(go);
  expect(await isPending(read)).toBe(true);
  other.child.kill("SIGKILL");
  (await read).release();
});

test("an exit that waits in another process holds this one's entries back", async () => {
  const other = process2(`console.log(lock(1, true) && "waiting");`);
  await other.said("waiting");
  const entry = line().converse(false);
  expect(await isPending(entry)).toBe(true);
  const exit = await line().converse(true);
  expect(exit.exitWaits()).toBe(true);
  exit.release();
  other.child.kill("SIGKILL");
  (await entry).release();
});

test("S12: a read that starts during a conversation reaches the venue after it", async () => {
  const venue: TestVenue = await startVenue({ clock: "real" });
  try {
    venue.gateway.control.setPrice("AAPL", { last: 187.5 });
    const [trader, reader] = [venue.connect(), venue.connect()];
    await trader.session.ensureReady();
    await reader.session.ensureReady();
    venue.gateway.control.faults.add({ path: "iserver/reply", action: { type: "delay", milliseconds: 300 } });
    venue.gateway.control.clearRequests();
    const submitted = trader.broker.submit(
      trader.broker.prepare(intentOf({ limitPrice: decimal(100) })),
      openGate(),
    );
    await setTimeout(100);
    const read = reader.broker.order("999999999");
    expect(await submitted).toMatchObject({ kind: "acknowledged" });
    await read;
    expect(venue.gateway.control.requests().map(({ path }) => path.split("/").slice(0, 2).join("/"))).toEqual(
      ["iserver/account", "iserver/reply", "iserver/account"],
    );
  } finally {
    await venue.close();
  }
});

test("S12: an entry that meets a question while an exit waits declines it, and the exit goes first", async () => {
  const venue: TestVenue = await startVenue({ clock: "real" });
  try {
    venue.gateway.control.setPrice("AAPL", { last: 187.5 });
    venue.gateway.control.setPosition("AAPL", 5);
    const [buyer, seller] = [venue.connect(), venue.connect()];
    await buyer.session.ensureReady();
    await seller.session.ensureReady();
    venue.gateway.control.faults.add({ path: /\/orders$/, action: { type: "delay", milliseconds: 300 } });
    const entry = buyer.broker.submit(
      buyer.broker.prepare(intentOf({ limitPrice: decimal(100) })),
      openGate(),
    );
    await setTimeout(100);
    const exit = seller.broker.submit(
      seller.broker.prepare(intentOf({ side: "SELL", orderType: "market", limitPrice: null })),
      openGate(true),
    );
    expect(await entry).toMatchObject({ kind: "rejected", reason: expect.stringContaining("goes first") });
    expect(await exit).toMatchObject({ kind: "acknowledged" });
    expect(venue.gateway.control.state().orders.map(({ side }) => side)).toEqual(["SELL"]);
  } finally {
    await venue.close();
  }
});
