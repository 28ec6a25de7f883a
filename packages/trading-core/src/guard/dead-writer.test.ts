import { afterEach, expect, test } from "vitest";
import { tryLockFile } from "../journal/file-lock.ts";
import type { JournalRecord } from "../journal/record.ts";
import { openReserve } from "../journal/reserve.ts";
import { deadWriter } from "../testing/dead-writer.ts";
import { type Bench, bench, failure, order } from "../testing/fixtures.ts";

let at: Bench;
afterEach(() => at.end());

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

test("S14, S23: what a killed process had put into the reserve is not proven unsent, although nobody may move it now", async () => {
  const id = await leaveBehind(["intent"]);
  const path = (await at.guard.posture()).journalPath ?? "";
  const intent = at.records().find((each) => each.kind === "intent") as JournalRecord & { kind: "intent" };
  const reserve = openReserve(path);
  reserve?.alone((put) => expect(put({ intent, writer: intent.writer })).toBe(true));
  const mover = tryLockFile(`${path}.reserve`);
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  mover?.release();
  reserve?.close();
  expect(at.records().find((each) => each.kind === "outcome" && each.clientOrderId === id)).toMatchObject({
    outcome: "unknown",
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
