import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decimal } from "../domain/money.ts";
import { type FileLock, tryLockFile } from "../journal/file-lock.ts";
import type { JournalRecord } from "../journal/record.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import type { CancelScript, SubmitScript } from "../testing/scripted-venue.ts";
import { tradingStateFile } from "./trading-state.ts";

// The journal is appended to, the reserve is written in place: what may fail is told apart by that.
const disk = vi.hoisted(() => ({ appends: true, inPlace: true }));
vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  return {
    ...real,
    writeSync(fd: number, bytes: Buffer, offset?: number, length?: number, position?: number) {
      if (typeof position === "number" ? !disk.inPlace : !disk.appends) {
        throw Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC", syscall: "write" });
      }
      return real.writeSync(fd, bytes, offset, length, position);
    },
  };
});

const AAPL = stock("AAPL");
let at: Bench;
let stopId: string;
let lock: FileLock | null;
beforeEach(async () => {
  at = bench();
  lock = null;
  at.venue.hold(AAPL, "10");
  stopId = (await at.guard.place(order("SELL", "10", { stopPrice: "95" }))).orderId ?? "";
  at.venue.wire.length = 0;
});
afterEach(() => {
  Object.assign(disk, { appends: true, inPlace: true });
  lock?.release();
  at.end();
});

const writeAgain = () => at.guard.place(order("BUY", "1", { limitPrice: "50" }, "MSFT"));
const plans = () =>
  at
    .records()
    .filter((each): each is JournalRecord & { kind: "plan" } => each.kind === "plan")
    .map((each) => each.step);
const halt = () =>
  tradingStateFile(at.stateDir, "ibkr").write("HALTED", "the operator said so", new Date(at.clock.now()));
const sales = () => at.venue.wire.filter((line) => line.endsWith("AAPL market"));

const rejected: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "rejected", reason: "margin", exchanges: [] };
};

/** Cancels as usual, and does something the moment it has. */
function cancelAnd(then: () => void, filled?: string): CancelScript {
  return async (target) => {
    if (filled) at.venue.fill(target.orderId, filled);
    at.venue.amend(target.orderId, { status: "cancelled" });
    then();
    return { kind: "done", order: at.venue.orders.get(target.orderId) ?? target };
  };
}

test("S23: close_position goes on when the disk is full, and all of it is in the journal afterwards", async () => {
  disk.appends = false;
  const answer = await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
  expect(answer).toMatchObject({ cancelled: [stopId], unprotected: false });
  expect(answer.order?.warnings.join()).toContain("unjournaled");
  disk.appends = true;
  await writeAgain();
  expect(plans()).toEqual(["opened", "closed"]);
  expect((await at.guard.posture()).openPlans).toEqual([]);
});

test("S23: close_position goes on while somebody else holds the journal's lock", async () => {
  lock = tryLockFile(`${(await at.guard.posture()).journalPath}.lock`);
  expect(lock).not.toBeNull();
  await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
});

test("S23: without any disk close_position sells once, and the instrument takes only cancels until that is written", async () => {
  Object.assign(disk, { appends: false, inPlace: false });
  const answer = await at.guard.closePosition("AAPL", decimal(4));
  expect(answer.order?.warnings.join()).toContain("no record of the order is on disk");
  expect(answer.unprotected).toBe(true);
  expect((await failure(at.guard.closePosition("AAPL", null))).code).toBe("unjournaled_order");
  expect(sales()).toEqual(["SELL 4 AAPL market"]);
});

test("S23: an exit without any record keeps a close from cancelling what protects the rest", async () => {
  await at.guard.cancel(stopId);
  await at.guard.place(order("SELL", "6", { stopPrice: "95" }));
  at.venue.wire.length = 0;
  Object.assign(disk, { appends: false, inPlace: false });
  await at.guard.place(order("SELL", "4"));
  expect((await failure(at.guard.closePosition("AAPL", null))).code).toBe("unjournaled_order");
  expect(at.venue.wire).toEqual(["SELL 4 AAPL market"]);
});

test("S29: with a full disk a rejected sale leaves the stop standing again", async () => {
  disk.appends = false;
  at.venue.nextSubmits.push(rejected);
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.code).toBe("order_rejected");
  expect(error.details).toMatchObject({ cancelled: [stopId], unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL stop"]);
});

test("S29: with a full disk what a stop sold while it was cancelled is not sold again", async () => {
  disk.appends = false;
  at.venue.nextCancels.push(cancelAnd(() => {}, "4"));
  await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 6 AAPL market"]);
});

test("S29: with a full disk what the cancel's answer says to be sold counts, although nothing else can be read", async () => {
  disk.appends = false;
  at.venue.nextCancels.push(
    cancelAnd(() => {
      at.venue.ordersUnread = "503";
      at.venue.orderError = new Error("503");
    }, "4"),
  );
  await at.guard.closePosition("AAPL", null);
  expect(sales()).toEqual(["SELL 6 AAPL market"]);
});

test("S29: with a full disk a cancel that is confirmed later is believed from the venue's own word", async () => {
  disk.appends = false;
  at.venue.nextCancels.push(async (target) => {
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "requested", order: null, reason: "pending" };
  });
  await at.guard.closePosition("AAPL", null);
  expect(sales()).toEqual(["SELL 10 AAPL market"]);
});

test("S29: with a full disk what a stop had sold before, and the positions do not show, is not sold again", async () => {
  disk.appends = false;
  at.venue.fill(stopId, "4");
  await at.guard.closePosition("AAPL", null);
  expect(sales()).toEqual(["SELL 6 AAPL market"]);
});

test("S29: a disk that fills up behind the cancel hides neither the cancel nor that the sale failed", async () => {
  at.venue.nextCancels.push(cancelAnd(() => (disk.appends = false)));
  at.venue.nextSubmits.push(rejected);
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.details).toMatchObject({ cancelled: [stopId], unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL stop"]);
});

test("S29: a refused close is told as refused when that cannot be journaled", async () => {
  at.venue.schedule = { sessions: [], alwaysOpen: false };
  disk.appends = false;
  expect(refusedBy(await failure(at.guard.closePosition("AAPL", null)))).toEqual(["market-hours"]);
  expect(at.venue.wire).toEqual([]);
});

test("S11, S23: an exit whose dispatch cannot be written never leaves; its successor goes past the journal", async () => {
  await at.guard.cancel(stopId);
  at.venue.wire.length = 0;
  let stillborn = "";
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    stillborn = intent.clientOrderId;
    disk.appends = false;
    const look = await gate.begin();
    expect(look).toMatchObject({ kind: "stop", code: "journal_unavailable" });
    return { kind: "not_sent", reason: "stopped", code: "journal_unavailable" };
  });
  const answer = await at.guard.place({ ...order("SELL", "10"), idempotencyKey: "k1" });
  expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
  expect(answer.clientOrderId).not.toBe(stillborn);
  disk.appends = true;
  await writeAgain();
  const outcomes = at.records().filter((each) => each.kind === "outcome");
  expect(outcomes.find((each) => each.clientOrderId === stillborn)?.outcome).toBe("not_sent");
  expect(outcomes.find((each) => each.clientOrderId === answer.clientOrderId)?.outcome).toBe("acknowledged");
});

test.each(["BUY", "SELL"] as const)("S10, S11: a %s whose last look finds the lock taken", async (side) => {
  await at.guard.cancel(stopId);
  at.venue.wire.length = 0;
  const path = (await at.guard.posture()).journalPath;
  at.venue.nextSubmits.push(async (_, gate) => {
    lock = tryLockFile(`${path}.lock`);
    const look = await gate.begin();
    if (look.kind === "go") throw new Error("it was let through");
    return { kind: "not_sent", reason: look.reason, code: look.code };
  });
  const call = at.guard.place(order(side, "1"));
  if (side === "SELL") {
    await call;
    expect(at.venue.wire).toEqual(["SELL 1 AAPL market"]);
    return;
  }
  const error = await failure(call);
  expect(error).toMatchObject({ code: "busy", retryable: true });
  expect(error.message).toContain("Another process held this account's journal");
  expect(error.nextStep).toContain("again in a few seconds");
  expect(at.venue.wire).toEqual([]);
});

test("S30: a halt between two cancels leaves the second stop standing, and puts the first one back", async () => {
  await at.guard.cancel(stopId);
  const first = (await at.guard.place(order("SELL", "5", { stopPrice: "95" }))).orderId ?? "";
  const second = (await at.guard.place(order("SELL", "5", { stopPrice: "94" }))).orderId ?? "";
  at.venue.wire.length = 0;
  at.venue.nextCancels.push(cancelAnd(halt));
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.code).toBe("trading_halted");
  expect(error.details).toMatchObject({ cancelled: [first], unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${first}`, "SELL 5 AAPL stop"]);
  expect(at.venue.orders.get(second)?.status).toBe("submitted");
});

test("S30: a halt after the last cancel sells nothing and puts the stop back, for what is held", async () => {
  at.venue.nextCancels.push(cancelAnd(halt));
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(refusedBy(error)).toEqual(["trading-state"]);
  expect(error.details).toMatchObject({ unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL stop"]);
});

test("S30: a switch that moves while the stop is put back does not keep it away", async () => {
  at.venue.nextSubmits.push(rejected, async (_, gate) => {
    halt();
    const look = await gate.begin();
    return look.kind === "stop"
      ? { kind: "not_sent", reason: look.reason, code: look.code }
      : { kind: "unknown", reason: "it was let through", exchanges: [] };
  });
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.details).toMatchObject({ unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL stop"]);
});

test("S30: while halted no other exit goes through, the same stop included", async () => {
  await at.guard.cancel(stopId);
  halt();
  at.venue.wire.length = 0;
  expect(refusedBy(await failure(at.guard.place(order("SELL", "10", { stopPrice: "95" }))))).toEqual([
    "trading-state",
  ]);
  expect(at.venue.wire).toEqual([]);
});

test("S30: a halt is not complete while a close is still putting protection back", async () => {
  let told: Awaited<ReturnType<typeof at.guard.halt>> | null = null;
  at.venue.nextCancels.push(async (target) => {
    const request = { stopExits: true, cancelWorking: false, mayCancel: true, reason: null };
    told = await at.another().halt(request);
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "done", order: { ...target, status: "cancelled" } };
  });
  await failure(at.guard.closePosition("AAPL", null));
  expect(told).toMatchObject({ state: "HALTED", complete: false });
  expect(JSON.stringify(told)).toContain("closing AAPL is under way");
});
