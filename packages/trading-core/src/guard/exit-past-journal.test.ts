import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FileLock, tryLockFile } from "../journal/file-lock.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";

// The journal is appended to, the reserve is written in place: what may fail is told apart by that.
const disk = vi.hoisted(() => ({ appends: true, inPlace: true, opens: true, failingSyncs: 0 }));
vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const fail = (code: string, syscall: string) =>
    Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
  return {
    ...real,
    writeSync(fd: number, bytes: Buffer, offset?: number, length?: number, position?: number) {
      if (typeof position === "number" ? !disk.inPlace : !disk.appends) throw fail("ENOSPC", "write");
      return real.writeSync(fd, bytes, offset, length, position);
    },
    fsyncSync(fd: number) {
      if (disk.failingSyncs-- > 0) throw fail("EIO", "fsync");
      real.fsyncSync(fd);
    },
    openSync(path: string, flags: string, mode?: number) {
      if (!disk.opens && path.endsWith(".lock")) throw fail("EROFS", "open");
      return real.openSync(path, flags, mode);
    },
  };
});

const AAPL = stock("AAPL");
let at: Bench;
let lock: FileLock | null;
beforeEach(async () => {
  at = bench();
  lock = null;
  at.venue.hold(AAPL, "10");
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  at.venue.wire.length = 0;
});
afterEach(() => {
  Object.assign(disk, { appends: true, inPlace: true, opens: true, failingSyncs: 0 });
  lock?.release();
  at.end();
});

async function journalPath(): Promise<string> {
  return (await at.guard.posture()).journalPath ?? "";
}

/** Any call that writes: it brings what is missing into the journal first. */
const writeAgain = () => at.guard.place(order("BUY", "1", { limitPrice: "50" }, "MSFT"));
const ofOrder = (id: string | null | undefined) =>
  at.records().flatMap((each) => ("clientOrderId" in each && each.clientOrderId === id ? [each.kind] : []));
const own = () =>
  at.records().find((each) => each.kind === "intent" && each.order.symbol === "AAPL") as {
    clientOrderId: string;
  };
const ofAapl = () => ofOrder(own().clientOrderId);

/** What fails when it is set to false. */
const set = (what: "appends" | "opens", works: boolean) => () => {
  disk[what] = works;
};

const troubles: [string, () => Promise<void> | void, () => void][] = [
  ["a full disk", set("appends", false), set("appends", true)],
  ["a folder that can only be read", set("opens", false), set("opens", true)],
  [
    "a lock that somebody else holds",
    async () => {
      lock = tryLockFile(`${await journalPath()}.lock`);
      expect(lock).not.toBeNull();
    },
    () => lock?.release(),
  ],
];

test.each(troubles)(
  "S23: with %s an exit goes out, and is in the journal once that can be written",
  async (_, begin, end) => {
    await begin();
    const answer = await at.guard.place(order("SELL", "4", { stopPrice: "80" }));
    expect(at.venue.wire).toEqual(["SELL 4 AAPL stop"]);
    expect(answer).toMatchObject({ status: "submitted", symbol: "AAPL" });
    expect(answer.warnings.join(" ")).toMatch(/^unjournaled: the order is in the reserve/);
    end();
    await writeAgain();
    expect(ofAapl()).toEqual(["intent", "dispatch", "outcome"]);
    expect(own().clientOrderId).toBe(answer.clientOrderId);
  },
);

test.each(troubles)("S23, C6: with %s an entry never goes out", async (_, begin) => {
  await begin();
  const error = await failure(at.guard.place(order("BUY", "1")));
  expect(["journal_unavailable", "busy"]).toContain(error.code);
  expect(at.venue.wire).toEqual([]);
});

test("S23: what is not proven to be held is not sold past the journal", async () => {
  disk.appends = false;
  await failure(at.guard.place(order("SELL", "11")));
  at.venue.positionsUnread = "503";
  at.venue.listed.clear();
  expect(at.venue.wire).toEqual([]);
});

test("S23: exits in the reserve reserve what they sell, in every server and before the venue lists them", async () => {
  disk.appends = false;
  await at.guard.place(order("SELL", "6"));
  await failure(at.guard.place(order("SELL", "5")));
  await failure(at.another().place(order("SELL", "5")));
  await at.another().place(order("SELL", "4"));
  expect(at.venue.wire).toEqual(["SELL 6 AAPL market", "SELL 4 AAPL market"]);
});

test("S23: an intent that the disk took and did not confirm stands in no exit's way, and is never sent", async () => {
  disk.failingSyncs = 1;
  const answer = await at.guard.place(order("SELL", "10"));
  await writeAgain();
  expect(at.venue.wire.filter((line) => line.startsWith("SELL"))).toHaveLength(1);
  const intents = at.records().filter((each) => each.kind === "intent" && each.order.symbol === "AAPL");
  expect(intents).toHaveLength(2);
  expect(ofOrder(answer.clientOrderId)).toEqual(["intent", "dispatch", "outcome"]);
  expect(
    at.records().find((each) => each.kind === "outcome" && each.clientOrderId === own().clientOrderId),
  ).toMatchObject({
    outcome: "not_sent",
  });
});

test("S23: the next writer takes the reserve into the journal, once, and whose process died is looked for", async () => {
  disk.appends = false;
  await at.guard.place(order("SELL", "10"));
  at.guard.close();
  disk.appends = true;
  const next = at.another();
  at.venue.settle();
  await next.place(order("BUY", "1", { limitPrice: "50" }, "MSFT"));
  await next.place(order("BUY", "1", { limitPrice: "51" }, "MSFT"));
  expect(ofAapl().filter((kind) => kind === "intent" || kind === "dispatch")).toEqual(["intent", "dispatch"]);
});

test("S23: an exit that the venue refused is told as that, and holds nothing up", async () => {
  disk.appends = false;
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    return { kind: "rejected", reason: "no", exchanges: [] };
  });
  expect((await failure(at.guard.place(order("SELL", "10")))).code).toBe("order_rejected");
  disk.appends = true;
  await writeAgain();
  await at.guard.place(order("SELL", "10"));
  expect(at.venue.wire.filter((line) => line.startsWith("SELL"))).toHaveLength(1);
});

test("S23: without the reserve a market exit goes out, and its instrument takes only cancels until it is written", async () => {
  Object.assign(disk, { appends: false, inPlace: false });
  const answer = await at.guard.place(order("SELL", "4"));
  expect(answer.warnings.join(" ")).toMatch(/^unjournaled: no record of the order is on disk/);
  expect((await failure(at.guard.place(order("SELL", "4")))).code).toBe("unjournaled_order");
  Object.assign(disk, { inPlace: true });
  expect((await failure(at.guard.place(order("SELL", "4")))).code).toBe("unjournaled_order");
  expect(at.venue.wire).toEqual(["SELL 4 AAPL market"]);
  disk.appends = true;
  await writeAgain();
  expect(own().clientOrderId).toBe(answer.clientOrderId);
  expect(ofAapl()).toEqual(["intent", "dispatch", "outcome"]);
  await at.guard.place(order("SELL", "6"));
});

test("S23: without the reserve nothing but a market exit goes out", async () => {
  Object.assign(disk, { appends: false, inPlace: false });
  for (const prices of [{ stopPrice: "80" }, { limitPrice: "120" }]) {
    expect((await failure(at.guard.place(order("SELL", "4", prices)))).code).toBe("journal_unavailable");
  }
  await failure(at.guard.place(order("BUY", "1")));
  expect(at.venue.wire).toEqual([]);
});

test("S23: two servers without any disk choose the same client order id for one holding, so that the venue takes one", async () => {
  Object.assign(disk, { appends: false, inPlace: false });
  const ids: string[] = [];
  for (const guard of [at.guard, at.another()]) {
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      ids.push(intent.clientOrderId);
      return { kind: "unknown", reason: "timeout", exchanges: [] };
    });
    await failure(guard.place(order("SELL", "10")));
  }
  expect(ids[0]).toMatch(/^[a-z0-9]{18}$/);
  expect(ids[1]).toBe(ids[0]);
});

test("S23: a dry run stays one when the journal cannot be written", async () => {
  const dry = at.another({ dryRun: true });
  disk.opens = false;
  await failure(dry.place(order("SELL", "4")));
  expect(at.venue.wire).toEqual([]);
});

test("S35: exits of a journal that was deleted go on by the venue's list, entries do not", async () => {
  const path = await journalPath();
  at.guard.close();
  const { rmSync } = await import("node:fs");
  rmSync(path);
  const after = at.another();
  expect((await failure(after.place(order("BUY", "1")))).code).toBe("journal_incomplete");
  expect((await after.posture()).obstacles.join(" ")).toContain("was deleted");
  await after.place(order("SELL", "10"));
  expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
});
