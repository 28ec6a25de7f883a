import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { OrderRequest } from "../domain/order.ts";
import { tryLockFile } from "../journal/file-lock.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import type { Entry, JournalRecord } from "../journal/record.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

const AAPL = stock("AAPL");
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

function keyed(request: OrderRequest, idempotencyKey = "k1"): OrderRequest {
  return { ...request, idempotencyKey };
}
const LIMIT = order("BUY", "10", { limitPrice: "99" });

const lost: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "the answer was lost", exchanges: [] };
};
const rejected: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "rejected", reason: "margin", exchanges: [] };
};
const unsent: SubmitScript = async () => ({ kind: "not_sent", reason: "line busy", code: "line_busy" });

function count(kind: string): number {
  return at.kinds().filter((each) => each === kind).length;
}

/** The account's journal in the hands of a process that is dead. */
function deadProcess(): Journal {
  const [first] = at.records() as [JournalRecord];
  const writer = { ...first.writer, pid: 4_000_000 };
  const path = join(at.stateDir, "journals", "ibkr-DU1-paper.jsonl");
  return openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, at.clock, writer);
}

describe("S18: a repeated call finds its order", () => {
  test("the same call with the same key sends once and says so", async () => {
    const first = await at.guard.place(keyed(LIMIT));
    const again = await at.guard.place(keyed(LIMIT));
    expect(first.replayed).toBe(false);
    expect(again).toMatchObject({
      replayed: true,
      orderId: first.orderId,
      clientOrderId: first.clientOrderId,
      status: "submitted",
      dryRun: false,
    });
    expect(again.message).toContain("sent nothing");
    expect(at.venue.wire).toEqual(["BUY 10 AAPL limit"]);
    expect(at.kinds()).toEqual(["intent", "dispatch", "outcome"]);
  });

  test("without a key nothing is remembered, and keys do not meet", async () => {
    await at.guard.place(LIMIT);
    await at.guard.place(LIMIT);
    await at.guard.place(keyed(LIMIT, "a"));
    await at.guard.place(keyed(LIMIT, "b"));
    expect(at.venue.wire).toHaveLength(4);
  });

  test("the answer is the order as it is now, read from the venue", async () => {
    const { orderId } = await at.guard.place(keyed(LIMIT));
    at.venue.fill(orderId ?? "", "4", "98.5");
    at.clock.advance(1_000);
    const partly = await at.guard.place(keyed(LIMIT));
    expect(partly).toMatchObject({ status: "partially_filled", replayed: true });
    expect(partly.filledQuantity?.toFixed()).toBe("4");
    at.venue.amend(orderId ?? "", { status: "cancelled" });
    expect(await at.guard.place(keyed(LIMIT))).toMatchObject({ status: "cancelled", replayed: true });
    expect(at.venue.wire).toHaveLength(1);
  });

  test("across a restart, and with the venue's reads down", async () => {
    const first = await at.guard.place(keyed(LIMIT));
    at.guard.close();
    at.venue.ordersUnread = "503";
    at.venue.orderError = new Error("503");
    const again = await at.another().place(keyed(LIMIT));
    expect(again).toMatchObject({ replayed: true, clientOrderId: first.clientOrderId });
    expect(at.venue.wire).toHaveLength(1);
  });

  test("no facts are read for it, and an account that another process holds does not hide it", async () => {
    const first = await at.guard.place(keyed(LIMIT));
    let readings = 0;
    const read = at.venue.marketData.positions.bind(at.venue.marketData);
    at.venue.marketData.positions = () => {
      readings++;
      return read();
    };
    const lock = tryLockFile(`${(await at.guard.posture()).journalPath}.lock`);
    readings = 0;
    const again = await at.guard.place(keyed(LIMIT));
    lock?.release();
    expect(again).toMatchObject({ replayed: true, orderId: first.orderId });
    expect(readings).toBe(0);
  });

  test("another spelling of the same numbers is the same order", async () => {
    await at.guard.place(keyed(order("BUY", "10", { limitPrice: "99" })));
    const again = await at.guard.place(keyed(order("BUY", "10.000", { limitPrice: "99.009" })));
    expect(again.replayed).toBe(true);
    expect(at.venue.wire).toHaveLength(1);
  });

  test("a market buy whose bound moved with the price is the same order", async () => {
    const first = await at.guard.place(keyed(order("BUY", "1")));
    const quote = at.venue.quotes.get(AAPL.id);
    if (quote) at.venue.quotes.set(AAPL.id, { ...quote, ask: decimal(120), last: decimal(120) });
    expect(await at.guard.place(keyed(order("BUY", "1")))).toMatchObject({
      replayed: true,
      orderId: first.orderId,
    });
  });

  test("a dry run later still tells of the real order", async () => {
    const first = await at.guard.place(keyed(LIMIT));
    const again = await at.another({ dryRun: true }).place(keyed(LIMIT));
    expect(again).toMatchObject({ replayed: true, dryRun: false, orderId: first.orderId });
  });
});

describe("S18: what binds a key, and what does not", () => {
  test("a refusal does not: the call is judged afresh", async () => {
    const { schedule } = at.venue;
    at.venue.schedule = { sessions: [], alwaysOpen: false };
    expect(refusedBy(await failure(at.guard.place(keyed(LIMIT))))).toEqual(["market-hours"]);
    at.venue.schedule = schedule;
    expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(false);
    expect(at.venue.wire).toHaveLength(1);
  });

  test("a dry run does not", async () => {
    expect((await at.another({ dryRun: true }).place(keyed(LIMIT))).dryRun).toBe(true);
    expect(await at.guard.place(keyed(LIMIT))).toMatchObject({ replayed: false, dryRun: false });
  });

  test("an order that was proven not sent does not", async () => {
    at.venue.nextSubmits.push(unsent);
    expect((await failure(at.guard.place(keyed(LIMIT)))).code).toBe("line_busy");
    expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(false);
    expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(true);
    expect(at.venue.wire).toHaveLength(1);
  });

  test("S14: nor one whose process died before it was dispatched", async () => {
    await at.guard.place(order("BUY", "1", {}, "MSFT"));
    const dead = deadProcess();
    const { order: journaled } = at.records().find((each) => each.kind === "intent") as JournalRecord & {
      kind: "intent";
    };
    const intent: Entry = {
      kind: "intent",
      clientOrderId: "dead00000000000001",
      order: { ...journaled, instrumentId: AAPL.id, symbol: "AAPL" },
      exit: false,
      worstCase: "100",
      riskCurrency: "USD",
      checks: [],
      planId: null,
      idempotencyKey: "k1",
    };
    await dead.locked(1_000, (append) => append(intent));
    dead.close();
    const answer = await at.guard.place(keyed(order("BUY", "1")));
    expect(answer).toMatchObject({ replayed: false, status: "filled" });
    expect(answer.clientOrderId).not.toBe("dead00000000000001");
  });

  test("a rejection does: the next step is a new key", async () => {
    at.venue.nextSubmits.push(rejected);
    await failure(at.guard.place(keyed(LIMIT)));
    const error = await failure(at.guard.place(keyed(LIMIT)));
    expect(error).toMatchObject({ code: "order_rejected", retryable: false, details: { replayed: true } });
    expect(error.message).toContain("margin");
    expect(error.nextStep).toContain("new idempotency_key");
    expect(at.venue.wire).toEqual([]);
    expect((await at.guard.place(keyed(LIMIT, "k2"))).status).toBe("submitted");
  });

  test("a rejection that came after the acknowledgement is told as one", async () => {
    const { orderId } = await at.guard.place(keyed(LIMIT));
    at.venue.amend(orderId ?? "", { status: "rejected" });
    expect((await failure(at.guard.place(keyed(LIMIT)))).nextStep).toContain("new idempotency_key");
    expect(at.venue.wire).toHaveLength(1);
  });

  test("an order of unknown fate does: it stays unknown, with the same id, until it is found", async () => {
    at.venue.nextSubmits.push(lost);
    const first = await failure(at.guard.place(keyed(LIMIT)));
    const second = await failure(at.guard.place(keyed(LIMIT)));
    expect(second).toMatchObject({ code: "outcome_unknown", details: { replayed: true } });
    expect(second.details?.client_order_id).toBe(first.details?.client_order_id);
    expect(at.venue.wire).toEqual([]);
    expect(count("intent")).toBe(1);
    const [intent] = at.records().filter((each) => each.kind === "intent") as { clientOrderId: string }[];
    at.venue.orders.set("77", {
      ...at.venue.accept({
        ...LIMIT,
        clientOrderId: intent?.clientOrderId ?? "",
        instrument: AAPL,
        priceBound: null,
      }),
      orderId: "77",
    });
    expect(await at.guard.place(keyed(LIMIT))).toMatchObject({
      replayed: true,
      status: "submitted",
      clientOrderId: first.details?.client_order_id,
    });
  });

  test("for 7 days and no longer", async () => {
    await at.guard.place(keyed(LIMIT));
    at.clock.advance(7 * 24 * 60 * 60_000 - 1);
    at.freshQuotes();
    expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(true);
    at.clock.advance(1);
    at.freshQuotes();
    expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(false);
  });

  test("a clock that was set back frees no key", async () => {
    await at.guard.place(keyed(LIMIT));
    at.clock.jump(-24 * 60 * 60_000);
    expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(true);
  });

  test("a key of another account or mode is another key", async () => {
    await at.guard.place(keyed(LIMIT));
    at.venue.identity = { accountId: "DU2", isPaper: true, evidence: "scripted" };
    expect((await at.another().place(keyed(LIMIT))).replayed).toBe(false);
    expect((await at.another({ mode: "sim" }).place(keyed(LIMIT))).replayed).toBe(false);
    expect(
      (await at.another({ venue: "crypto", calendar: "always_open" }).place(keyed(LIMIT))).replayed,
    ).toBe(false);
    expect(at.venue.wire).toHaveLength(4);
  });

  test.each(["", "a b", "ä", "x".repeat(65), "a/b", "a\n"])("%j is no key", async (key) => {
    expect((await failure(at.guard.place(keyed(LIMIT, key)))).code).toBe("invalid_idempotency_key");
    expect((await failure(at.guard.closePosition("AAPL", null, key))).code).toBe("invalid_idempotency_key");
    expect(at.venue.wire).toEqual([]);
  });
});

describe("S18: a key with another order", () => {
  const first = order("BUY", "10", { stopPrice: "103", limitPrice: "104" });
  const others: [string, OrderRequest][] = [
    ["another instrument", { ...first, symbol: "MSFT" }],
    ["another side", { ...first, side: "SELL" }],
    ["another type", order("BUY", "10", { limitPrice: "104", timeInForce: "GTC" })],
    ["another size", { ...first, quantity: decimal(11) }],
    ["an amount instead", order("BUY", { cashAmount: "10" })],
    ["another limit", { ...first, limitPrice: decimal("104.01") }],
    ["another stop", { ...first, stopPrice: decimal("103.01") }],
    ["another time in force", { ...first, timeInForce: "DAY" }],
  ];
  test.each(others)("%s is refused, and the first one named", async (_, other) => {
    const placed = await at.guard.place(keyed(first));
    const error = await failure(at.guard.place(keyed(other)));
    expect(error).toMatchObject({ code: "idempotency_key_reused", retryable: false });
    expect(error.message).toContain(`BUY 10 AAPL stop_limit limit 104 stop 103 GTC, order ${placed.orderId}`);
    expect(error.details).toMatchObject({ first_client_order_id: placed.clientOrderId });
    expect(at.venue.wire).toHaveLength(1);
  });
});

test("S18: another amount under a key is another order", async () => {
  await at.guard.place(keyed(order("BUY", { cashAmount: "10" })));
  const error = await failure(at.guard.place(keyed(order("BUY", { cashAmount: "11" }))));
  expect(error.code).toBe("idempotency_key_reused");
  expect(error.message).toContain("BUY 10 USD of AAPL market");
});

describe("S18: keys are looked up before the rules", () => {
  test("a replay is refused by none of them, and a new key lifts none", async () => {
    const guard = at.another({ duplicateWindowMs: 60_000 });
    await guard.place(keyed(LIMIT));
    expect((await guard.place(keyed(LIMIT))).replayed).toBe(true);
    expect(refusedBy(await failure(guard.place(keyed(LIMIT, "k2"))))).toEqual(["duplicate"]);
  });

  test("an unresolved order is told as unknown, not as in its own way", async () => {
    at.venue.nextSubmits.push(lost);
    await failure(at.guard.place(keyed(LIMIT)));
    expect((await failure(at.guard.place(keyed(LIMIT)))).code).toBe("outcome_unknown");
    expect(refusedBy(await failure(at.guard.place(keyed(LIMIT, "k2"))))).toContain("unresolved");
  });

  test("the pace of orders does not count a replay, nor hold it up", async () => {
    const guard = at.another({ maxOrdersPerMinute: 1 });
    await guard.place(keyed(LIMIT));
    expect((await guard.place(keyed(LIMIT))).replayed).toBe(true);
    expect(refusedBy(await failure(guard.place(keyed(LIMIT, "k2"))))).toEqual(["order-rate"]);
  });
});

describe("S18: two calls at once", () => {
  test("of two servers: exactly one order, and both are told of it", async () => {
    const other = at.another();
    const [one, two] = await Promise.all([at.guard.place(keyed(LIMIT)), other.place(keyed(LIMIT))]);
    expect(at.venue.wire).toEqual(["BUY 10 AAPL limit"]);
    expect(two.orderId).toBe(one.orderId);
    expect(one.replayed).not.toBe(two.replayed);
  });

  test("of one server", async () => {
    const calls = await Promise.all([1, 2, 3, 4].map(() => at.guard.place(keyed(LIMIT))));
    expect(at.venue.wire).toHaveLength(1);
    expect(new Set(calls.map((each) => each.orderId)).size).toBe(1);
    expect(calls.filter((each) => !each.replayed)).toHaveLength(1);
  });

  test("the second waits for the answer that the first one is still waiting for", async () => {
    let begun = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      begun();
      for (let pause = 0; pause < 20; pause++) await at.clock.sleep(100);
      const taken = at.venue.accept(intent);
      return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
    });
    const first = at.guard.place(keyed(LIMIT));
    await isBegun;
    const second = await at.another().place(keyed(LIMIT));
    expect(second).toMatchObject({ replayed: true, orderId: (await first).orderId, status: "submitted" });
  });

  test("the second waits for the first one's outcome, and is sent itself where that proves nothing left", async () => {
    at.venue.nextSubmits.push(unsent);
    const ends = await Promise.allSettled([at.guard.place(keyed(LIMIT)), at.another().place(keyed(LIMIT))]);
    expect(ends.map((each) => each.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(at.venue.wire).toHaveLength(1);
  });
});

describe("S18: close_position binds its plan", () => {
  let stopId: string;
  beforeEach(async () => {
    at.venue.hold(AAPL, "10");
    stopId = (await at.guard.place(order("SELL", "10", { stopPrice: "95" }))).orderId ?? "";
    at.venue.wire.length = 0;
  });
  const close = (guard = at.guard, quantity: string | null = null, key = "c1") =>
    guard.closePosition("AAPL", quantity === null ? null : decimal(quantity), key);
  const plans = () => at.records().filter((each) => each.kind === "plan").length;

  test("a second call tells what the first one did, and does nothing", async () => {
    const first = await close();
    expect(first.replayed).toBe(false);
    const second = await close(at.another());
    expect(second).toMatchObject({
      replayed: true,
      cancelled: [stopId],
      restored: [],
      unprotected: false,
      order: { orderId: first.order?.orderId, status: "filled", replayed: true },
    });
    expect(second.message).toContain("this one nothing");
    expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
    expect(plans()).toBe(2);
  });

  test("even when a new position was opened since", async () => {
    await close();
    await at.guard.place(order("BUY", "10"));
    at.venue.wire.length = 0;
    expect((await close()).replayed).toBe(true);
    expect(at.venue.wire).toEqual([]);
    expect((await close(at.guard, null, "c2")).order?.status).toBe("filled");
  });

  test("a close that needed no plan is bound as well", async () => {
    await at.guard.cancel(stopId);
    at.venue.wire.length = 0;
    const first = await close();
    const second = await close(at.another());
    expect(second).toMatchObject({ replayed: true, order: { orderId: first.order?.orderId } });
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
  });

  test("after a partial close the protection that stands again is told again", async () => {
    await close(at.guard, "4");
    expect(await close(at.guard, "4")).toMatchObject({
      replayed: true,
      restored: [{ orderType: "stop", status: "submitted" }],
    });
    expect(at.venue.wire).toHaveLength(3);
  });

  test("a sale that was rejected is told as rejected, and the next step is a new key", async () => {
    at.venue.nextSubmits.push(rejected);
    await failure(close());
    at.venue.wire.length = 0;
    const error = await failure(close());
    expect(error).toMatchObject({
      code: "order_rejected",
      details: { replayed: true, cancelled: [stopId], restored: ["2"], unprotected: false },
    });
    expect(error.nextStep).toContain("new idempotency_key");
    expect(at.venue.wire).toEqual([]);
    await close(at.guard, null, "c2");
    expect(at.venue.wire).toEqual(["cancel 2", "SELL 10 AAPL market"]);
  });

  test("a sale of unknown fate stays unknown, with the same id", async () => {
    at.venue.nextSubmits.push(lost);
    const first = await failure(close());
    at.venue.wire.length = 0;
    const second = await failure(close());
    expect(second).toMatchObject({ code: "outcome_unknown", details: { replayed: true, unprotected: true } });
    expect(second.details?.client_order_id).toBe(first.details?.client_order_id);
    expect(at.venue.wire).toEqual([]);
  });

  test("a plan that gave up before it sold is not begun again under its key", async () => {
    at.venue.nextCancels.push(async () => ({ kind: "requested", order: null, reason: "pending" }));
    await failure(close());
    const error = await failure(close());
    expect(error).toMatchObject({ code: "close_failed", details: { replayed: true } });
    expect(error.message).toContain("could not be cancelled");
    expect(at.venue.wire).toEqual([`cancel ${stopId}`]);
  });

  test("what a rule refuses binds nothing", async () => {
    at.venue.schedule = { sessions: [], alwaysOpen: false };
    expect(refusedBy(await failure(close()))).toEqual(["market-hours"]);
    at.venue.schedule = { sessions: [], alwaysOpen: true };
    expect((await close()).replayed).toBe(false);
  });

  test.each([
    ["its stop is put back", true],
    ["what is left bare is said", false],
  ])("a plan whose process died is not run by another call: %s", async (_, isTaken) => {
    const dead = deadProcess();
    const stop = at.records().find((each) => each.kind === "intent") as JournalRecord & { kind: "intent" };
    await dead.locked(1_000, (append) => {
      append({
        kind: "plan",
        planId: "p1",
        step: "opened",
        symbol: "AAPL",
        instrumentId: AAPL.id,
        quantity: "10",
        protections: [stop.order],
        reason: null,
        idempotencyKey: "c1",
        closes: { quantity: null },
        cancels: [stop.clientOrderId],
      });
    });
    dead.close();
    at.venue.amend(stopId, { status: "cancelled" });
    at.venue.wire.length = 0;
    if (!isTaken) {
      at.venue.nextSubmits.push(async (__, gate) => {
        await gate.begin();
        return { kind: "rejected", reason: "margin", exchanges: [] };
      });
    }
    const error = await failure(close());
    const details = { replayed: true, unprotected: !isTaken, restored: isTaken ? ["2"] : [] };
    expect(error).toMatchObject({ code: "close_failed", details });
    expect(error.message).toContain(isTaken ? "Placed again: 2" : "NO PROTECTIVE ORDER");
    expect(at.venue.wire).toEqual(isTaken ? ["SELL 10 AAPL stop"] : []);
  });

  test("another close, or an order, under its key is refused; and a close under an order's key", async () => {
    await close();
    for (const call of [
      close(at.guard, "10"),
      at.guard.closePosition("MSFT", null, "c1"),
      at.guard.place(keyed(order("SELL", "10"), "c1")),
    ]) {
      const error = await failure(call);
      expect(error.code).toBe("idempotency_key_reused");
      expect(error.message).toContain("close_position AAPL");
    }
    await at.guard.place(keyed(order("BUY", "10"), "o1"));
    expect((await failure(close(at.guard, null, "o1"))).code).toBe("idempotency_key_reused");
    expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market", "BUY 10 AAPL market"]);
  });

  test("an order under the key of a close that needed no plan is refused", async () => {
    await at.guard.cancel(stopId);
    await close();
    const error = await failure(at.guard.place(keyed(order("SELL", "10"), "c1")));
    expect(error.code).toBe("idempotency_key_reused");
    expect(error.message).toContain("close_position, sent as SELL 10 AAPL market");
  });

  test("two servers that close at once under one key run one plan", async () => {
    const [one, two] = await Promise.all([close(), close(at.another())]);
    expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
    expect(one.order?.orderId).toBe(two.order?.orderId);
    expect(one.replayed).not.toBe(two.replayed);
    expect(plans()).toBe(2);
  });

  test("a plan that another server opened in the last moment is waited for, and not opened again", async () => {
    const other = at.another();
    let begun = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    at.venue.nextCancels.push(async (target) => {
      begun();
      for (let pause = 0; pause < 40; pause++) await at.clock.sleep(50);
      at.venue.amend(target.orderId, { status: "cancelled" });
      return { kind: "done", order: { ...target, status: "cancelled" } };
    });
    const read = at.venue.marketData.positions.bind(at.venue.marketData);
    const firsts: Promise<unknown>[] = [];
    at.venue.marketData.positions = async () => {
      const seen = await read();
      if (firsts.length === 0) {
        firsts.push(close(other));
        await isBegun;
      }
      return seen;
    };
    expect(await close()).toMatchObject({ replayed: true, cancelled: [stopId], order: { status: "filled" } });
    await Promise.all(firsts);
    expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
    expect(plans()).toBe(2);
  });

  test("what the first call left too little for is told as its work, and not as a refusal", async () => {
    const other = at.another();
    const read = at.venue.marketData.positions.bind(at.venue.marketData);
    let isFirst = true;
    at.venue.marketData.positions = async () => {
      const seen = await read();
      if (isFirst) {
        isFirst = false;
        await close(other, "8");
      }
      return seen;
    };
    expect(await close(at.guard, "8")).toMatchObject({ replayed: true, order: { status: "filled" } });
    expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 8 AAPL market", "SELL 2 AAPL stop"]);
  });

  test("two servers that close at once what is free send one order", async () => {
    await at.guard.cancel(stopId);
    at.venue.wire.length = 0;
    const [one, two] = await Promise.all([close(), close(at.another())]);
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
    expect(one.order?.orderId).toBe(two.order?.orderId);
  });

  test("with nothing held nothing is bound", async () => {
    expect((await at.guard.closePosition("MSFT", null, "m1")).order).toBeNull();
    at.venue.hold(stock("MSFT"), "3");
    at.clock.advance(1);
    expect(await at.guard.closePosition("MSFT", null, "m1")).toMatchObject({
      replayed: false,
      order: { status: "filled" },
    });
  });
});

test("a halt refuses new orders and still tells of the one that a key stands for", async () => {
  await at.guard.place(keyed(LIMIT));
  await at.guard.halt({ stopExits: true, cancelWorking: false, mayCancel: true, reason: null });
  expect(refusedBy(await failure(at.guard.place(keyed(LIMIT, "k2"))))).toEqual(["trading-state"]);
  expect((await at.guard.place(keyed(LIMIT))).replayed).toBe(true);
});
