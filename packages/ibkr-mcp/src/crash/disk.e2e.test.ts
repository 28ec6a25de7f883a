import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compareWithVenue } from "./audit.ts";
import { type CrashWorld, createCrashWorld } from "./crash-world.ts";
import { randomFrom } from "./random.ts";
import type { PlaceCall } from "./worker-call.ts";
import type { WorkerProcess } from "./worker-process.ts";

/* What a real disk does to a journal, with a real process on it: full, read-only, deleted, edited, cut. */

let world: CrashWorld;
let workers: WorkerProcess[];
let lastSymbol: number;
beforeEach(async () => {
  world = await createCrashWorld(randomFrom(6));
  workers = [];
  lastSymbol = 0;
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await world.close();
});

function start(how: Parameters<CrashWorld["start"]>[0] = {}): WorkerProcess {
  const worker = world.start(how);
  workers.push(worker);
  return worker;
}

const order = (side: "BUY" | "SELL"): PlaceCall => ({
  op: "place",
  symbol: `S${++lastSymbol}`,
  side,
  quantity: 1,
  limitPrice: null,
});

/** A journal with a few orders in it, and the process that wrote them. */
async function traded(): Promise<WorkerProcess> {
  const worker = start();
  for (const side of ["BUY", "SELL", "BUY"] as const) {
    expect(await worker.call(order(side))).toMatchObject({ ok: true });
  }
  return worker;
}

/** Everything on disk and at the venue agrees, and the next decision is made. */
async function expectWhole(worker: WorkerProcess): Promise<void> {
  expect(await worker.call(order("BUY"))).toMatchObject({ ok: true });
  expect(await worker.call({ op: "reconcile" })).toMatchObject({ ok: true, message: "" });
  const { records, problems } = world.journal();
  expect(problems).toEqual([]);
  expect(compareWithVenue(records, world.venue.orders)).toEqual({ problems: [], lost: [] });
  expect(world.venue.violations).toEqual([]);
}

describe("C6: a disk that is full", () => {
  // Blocks of 512 bytes, as a POSIX shell counts them: the journal becomes full at another record each time.
  test.each([1, 2, 3, 5, 8, 12])(
    "after %i more blocks: no entry is sent without its record, and an exit is sent",
    async (blocks) => {
      await (await traded()).end();
      const size = statSync(world.path()).size;
      const full = start({ shell: `ulimit -f ${Math.ceil(size / 512) + blocks}` });
      const sent = world.venue.orders.length;
      const answers = [];
      for (let tries = 0; tries < 6; tries++) answers.push(await full.call(order("BUY")));
      const acknowledged = answers.filter(({ ok }) => ok).length;
      expect(world.venue.orders.length).toBe(sent + acknowledged);
      const refusals = new Set(answers.filter(({ ok }) => !ok).map(({ code }) => code));
      expect([...refusals]).toEqual(["journal_unavailable"]);
      expect(await full.call(order("SELL"))).toMatchObject({ ok: true });
      expect(world.venue.orders.length).toBe(sent + acknowledged + 1);
      await full.end();
      // With room again, the next process closes what is torn and goes on.
      await expectWhole(start());
    },
  );
});

/** Root may write everywhere; nobody may not. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

test("folders that cannot be written: no entry is sent, and afterwards everything goes on", async () => {
  await (await traded()).end();
  const files = readdirSync(world.stateDir, { recursive: true }).map((name) =>
    join(world.stateDir, String(name)),
  );
  files.unshift(world.stateDir);
  if (NOBODY !== undefined) for (const file of files) chownSync(file, NOBODY, NOBODY);
  for (const file of files.toReversed()) chmodSync(file, statSync(file).isDirectory() ? 0o500 : 0o400);
  const sent = world.venue.orders.length;
  const worker = start(NOBODY === undefined ? {} : { user: NOBODY });
  expect(await worker.call(order("BUY"))).toMatchObject({ ok: false, code: "journal_unavailable" });
  expect(world.venue.orders).toHaveLength(sent);
  await worker.kill();
  for (const file of files) chmodSync(file, 0o700);
  await expectWhole(start());
});

describe("while a process runs, its journal", () => {
  async function expectExitsOnly(worker: WorkerProcess): Promise<void> {
    const sent = world.venue.orders.length;
    expect(await worker.call(order("BUY"))).toMatchObject({ ok: false, code: "journal_incomplete" });
    expect(world.venue.orders).toHaveLength(sent);
    expect(await worker.call(order("SELL"))).toMatchObject({ ok: true });
    expect(world.venue.orders).toHaveLength(sent + 1);
  }

  test("is deleted: entries stop, exits go on", async () => {
    const worker = await traded();
    rmSync(world.path());
    await expectExitsOnly(worker);
  });

  test("is cut: entries stop, exits go on, here and in the next process", async () => {
    const worker = await traded();
    const text = readFileSync(world.path(), "utf8");
    truncateSync(world.path(), text.lastIndexOf("\n", text.length - 2) + 1);
    await expectExitsOnly(worker);
    await worker.end();
    await expectExitsOnly(start());
  });

  test("is edited: the next process stops entries, and the chain names the line", async () => {
    const worker = await traded();
    const text = readFileSync(world.path(), "utf8");
    const at = text.indexOf('"worstCase":"');
    const line = text.slice(0, at).split("\n").length;
    const edited = text.slice(0, at) + text.slice(at).replace(/"worstCase":"\d/, '"worstCase":"0');
    // In place, without a change of its length or of the file that the process holds open.
    writeFileSync(world.path(), edited, { flag: "r+" });
    await worker.end();
    await expectExitsOnly(start());
    expect(world.journal().problems).toEqual([`line ${line + 1} does not continue the chain`]);
  });
});
