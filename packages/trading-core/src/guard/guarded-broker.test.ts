import { mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { VenueOrder } from "../domain/order.ts";
import { type FileLock, tryLockFile } from "../journal/file-lock.ts";
import type { JournalRecord } from "../journal/record.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";
import { rules } from "./rules/index.ts";
import { tradingStateFile } from "./trading-state.ts";

const AAPL = stock("AAPL");
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const lost: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "the answer was lost", exchanges: [] };
};
const refused: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "rejected", reason: "no", exchanges: [] };
};

function foreign(change: Partial<VenueOrder> = {}): VenueOrder {
  return {
    orderId: "f1",
    clientOrderId: null,
    parentOrderId: null,
    instrumentId: AAPL.id,
    symbol: "AAPL",
    side: "SELL",
    orderType: "limit",
    quantity: decimal(6),
    cashAmount: null,
    filledQuantity: decimal(0),
    averagePrice: null,
    limitPrice: decimal(120),
    stopPrice: null,
    timeInForce: "GTC",
    status: "submitted",
    message: null,
    ...change,
  };
}

describe("durable before visible", () => {
  test("the intent is on disk before the venue hears of the order, the dispatch before its first byte", async () => {
    const seen: string[][] = [];
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      seen.push(at.kinds());
      await gate.begin();
      seen.push(at.kinds());
      const taken = at.venue.accept(intent);
      return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
    });
    const answer = await at.guard.place(order("BUY", "1", { limitPrice: "99" }));
    expect(seen).toEqual([["intent"], ["intent", "dispatch"]]);
    expect(at.kinds()).toEqual(["intent", "dispatch", "outcome"]);
    const outcome = at.records().at(-1) as JournalRecord & { kind: "outcome" };
    expect(outcome).toMatchObject({
      outcome: "acknowledged",
      orderId: "1",
      clientOrderId: answer.clientOrderId,
    });
    expect(answer).toMatchObject({
      status: "submitted",
      orderId: "1",
      journalSeq: outcome.seq,
      dryRun: false,
    });
    expect(answer.clientOrderId).toMatch(/^[a-z0-9]{18}$/);
  });

  test("C6: with a full disk nothing is sent, and the answer says why", async () => {
    mkdirSync(join(at.stateDir, "journals"));
    symlinkSync("/dev/full", join(at.stateDir, "journals", "ibkr-DU1-paper.jsonl"));
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("journal_unavailable");
    expect(at.venue.wire).toEqual([]);
  });

  test("an outcome that could not be written is said, and written as soon as it can be", async () => {
    const holder: { lock?: FileLock | null } = {};
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      holder.lock = tryLockFile(`${(await at.guard.posture()).journalPath}.lock`);
      return { kind: "rejected", reason: "no", exchanges: [] };
    });
    const error = await failure(at.guard.place(order("BUY", "1")));
    expect(error).toMatchObject({ code: "order_rejected", details: { unjournaled: true } });
    expect(at.kinds()).toEqual(["intent", "dispatch"]);
    holder.lock?.release();
    await at.guard.place(order("BUY", "1", {}, "MSFT"));
    expect(at.kinds().slice(0, 3)).toEqual(["intent", "dispatch", "outcome"]);
    expect((await at.guard.posture()).unresolved).toEqual([]);
  });

  test("S10: an account that another process holds is busy, and nothing is sent", async () => {
    await at.guard.place(order("BUY", "1"));
    const lock = tryLockFile(`${(await at.guard.posture()).journalPath}.lock`);
    const error = await failure(at.guard.place(order("BUY", "1")));
    lock?.release();
    expect(error).toMatchObject({ code: "busy", retryable: true });
    expect(at.venue.wire).toHaveLength(1);
  });

  test("a journal that was moved away under a running server takes no more entries, and lets exits through", async () => {
    at.venue.hold(AAPL, "5");
    await at.guard.place(order("BUY", "1"));
    const path = (await at.guard.posture()).journalPath ?? "";
    renameSync(path, `${path}.old`);
    const error = await failure(at.guard.place(order("BUY", "1")));
    expect(refusedBy(error)).toEqual(["journal"]);
    await at.guard.place(order("SELL", "1"));
    expect(at.venue.wire).toHaveLength(2);
  });

  test("a refusal is journaled with every rule's verdict and names all that refused", async () => {
    const guard = at.another({ maxOrderValue: decimal(1), denylist: ["AAPL"] });
    const error = await failure(guard.place(order("BUY", "1")));
    expect(refusedBy(error)).toEqual(["symbol-universe", "order-value"]);
    expect(error.message).toContain("and 1 more: order-value");
    const last = at.records().at(-1) as JournalRecord & { kind: "refusal" };
    expect(last.checks).toHaveLength(rules.length);
    expect(error.details).toMatchObject({ outcome: "not_sent", journal_seq: last.seq });
  });
});

describe("holdings that lag behind fills", () => {
  test("S1: buy, fill, stop-loss, while the venue's positions still show nothing", async () => {
    await at.guard.place(order("BUY", "10"));
    expect(at.venue.listed.size).toBe(0);
    await at.guard.place(order("SELL", "10", { stopPrice: "95" }));
    expect(at.venue.wire).toEqual(["BUY 10 AAPL market", "SELL 10 AAPL stop"]);
    expect((await failure(at.guard.place(order("SELL", "1")))).code).toBe("oversell");
  });

  test("S1: what another server just sold is not sold again from a list that lags", async () => {
    at.venue.hold(AAPL, "10");
    const other = at.another();
    await other.place(order("SELL", "10"));
    const error = await failure(at.guard.place(order("SELL", "10")));
    expect(refusedBy(error)).toEqual(["oversell"]);
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
  });

  test("S1: a venue whose clock is minutes behind does not make an old list new", async () => {
    at.venue.hold(AAPL, "10");
    await at.guard.place(order("SELL", "10"));
    for (const fill of at.venue.fills) fill.executedAt -= 5 * 60_000;
    await at.guard.history(10);
    expect((await failure(at.guard.place(order("SELL", "10")))).code).toBe("oversell");
  });

  test("positions are told with our own fills that the venue's list lacks", async () => {
    await at.guard.place(order("BUY", "3"));
    const reading = await at.guard.positions();
    expect(reading).toMatchObject({ kind: "read", value: [{ symbol: "AAPL" }] });
    expect(reading.kind === "read" && reading.value[0]?.quantity.toFixed()).toBe("3");
  });

  test("S8, L23: with positions unread the last reading and our fills since are the proof, and no more", async () => {
    at.venue.hold(AAPL, "4");
    await at.guard.place(order("BUY", "1"));
    at.venue.positionsUnread = "timeout";
    expect((await failure(at.guard.place(order("SELL", "6")))).code).toBe("crosses_flat");
    await at.guard.place(order("SELL", "5"));
  });

  test("H4: with positions never read nothing is sold", async () => {
    at.venue.positionsUnread = "timeout";
    expect((await failure(at.guard.place(order("SELL", "1")))).code).toBe("holdings_unknown");
  });
});

describe("several servers, several hands", () => {
  test("H12: two servers that sell the same shares at once send one order", async () => {
    at.venue.hold(AAPL, "10");
    const other = at.another();
    const ends = await Promise.allSettled([
      at.guard.place(order("SELL", "10", { limitPrice: "101" })),
      other.place(order("SELL", "10", { limitPrice: "101" })),
    ]);
    expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(1);
    expect(at.venue.wire).toEqual(["SELL 10 AAPL limit"]);
  });

  test("L50: parallel buys of one server cannot pass the day's cap together", async () => {
    const guard = at.another({ maxDailyValue: decimal(100) });
    const buys = ["1", "2", "3", "4"].map(() => guard.place(order("BUY", "1", { limitPrice: "40" })));
    const ends = await Promise.allSettled(buys);
    expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(2);
  });

  test("S3: an order that somebody else placed takes its shares out of what can be sold", async () => {
    at.venue.hold(AAPL, "10");
    at.venue.orders.set("f1", foreign());
    const error = await failure(at.guard.place(order("SELL", "5")));
    expect(refusedBy(error)).toEqual(["oversell"]);
    expect(error.nextStep).toContain("f1");
    expect(error.nextStep).not.toContain("close_position");
    await at.guard.place(order("SELL", "4"));
  });

  test("S5: while the list of orders cannot be read, the foreign orders seen last still count", async () => {
    at.venue.hold(AAPL, "10");
    at.venue.orders.set("f1", foreign());
    await at.guard.place(order("SELL", "1"));
    at.venue.ordersUnread = "503";
    expect((await failure(at.guard.place(order("SELL", "5")))).code).toBe("oversell");
    await at.guard.place(order("SELL", "3"));
    const intent = at
      .records()
      .filter((each) => each.kind === "intent")
      .at(-1);
    const proof = intent?.checks.find((check) => check.rule === "oversell");
    expect(proof?.message).toContain("could not be listed (503)");
  });

  test("S5: a foreign order that was cancelled here no longer counts, list or no list", async () => {
    at.venue.hold(AAPL, "10");
    at.venue.orders.set("f1", foreign());
    await at.guard.place(order("SELL", "1"));
    at.venue.ordersUnread = "503";
    expect((await at.guard.cancel("f1")).outcome).toBe("done");
    await at.guard.place(order("SELL", "9"));
  });
});

describe("fate unknown", () => {
  test("L46: an order of unknown fate is looked for, never sent again", async () => {
    at.venue.nextSubmits.push(lost);
    const error = await failure(at.guard.place(order("BUY", "1")));
    expect(error.code).toBe("outcome_unknown");
    expect(error.retryable).toBe(false);
    const id = String(error.details?.client_order_id);
    expect(error.nextStep).toContain(id);
    expect(at.venue.wire).toEqual([]);
    expect((await at.guard.order(id)).status).toBe("unknown");
    expect((await at.guard.posture()).unresolved).toEqual([id]);
  });

  test("L53: it blocks its twin for as long as it takes, and no longer once it is found", async () => {
    const holder: { taken?: VenueOrder } = {};
    at.venue.ordersUnread = "503";
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      holder.taken = at.venue.accept(intent);
      return { kind: "unknown", reason: "timeout", exchanges: [] };
    });
    const id = String(
      (await failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })))).details?.client_order_id,
    );
    at.clock.advance(24 * 60 * 60_000);
    at.freshQuotes();
    expect((await failure(at.guard.place(order("BUY", "2", { limitPrice: "90" })))).code).toBe(
      "unresolved_order",
    );
    at.venue.ordersUnread = null;
    expect((await at.guard.order(id)).status).toBe("submitted");
    await at.guard.place(order("BUY", "2", { limitPrice: "90" }));
    expect(at.venue.wire).toHaveLength(2);
  });

  test("L46: an order that is found within the call is answered as the one order it is", async () => {
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      at.venue.accept(intent);
      return { kind: "unknown", reason: "timeout", exchanges: [] };
    });
    const answer = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    expect(answer).toMatchObject({ status: "submitted", orderId: "1" });
    expect(answer.message).toContain("sent once");
  });

  test("an order whose fills are found without its id is found", async () => {
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      const taken = at.venue.accept(intent);
      at.venue.fill(taken.orderId);
      for (const fill of at.venue.fills) fill.orderId = null;
      at.venue.orders.clear();
      return { kind: "unknown", reason: "timeout", exchanges: [] };
    });
    expect((await at.guard.place(order("BUY", "1"))).status).toBe("filled");
  });

  test("an adapter that throws after the last look leaves an unknown fate, with its client order id", async () => {
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      throw new TypeError("cannot read properties of undefined");
    });
    const error = await failure(at.guard.place(order("BUY", "1")));
    expect(error.code).toBe("outcome_unknown");
    expect(error.details?.client_order_id).toMatch(/^[a-z0-9]{18}$/);
  });

  test("H1: an adapter that throws before the last look has sent nothing, and frees everything", async () => {
    at.venue.nextSubmits.push(() => Promise.reject(new Error("no socket")));
    const error = await failure(at.guard.place(order("BUY", "1")));
    expect(error.code).toBe("dispatch_failed");
    expect((await at.guard.posture()).limits.committedToday?.toFixed()).toBe("0");
  });

  test("an adapter that asks twice for the go is given it once", async () => {
    const looks: string[] = [];
    at.venue.nextSubmits.push(async (_, gate) => {
      looks.push((await gate.begin()).kind, (await gate.begin()).kind);
      return { kind: "unknown", reason: "x", exchanges: [] };
    });
    await failure(at.guard.place(order("BUY", "1")));
    expect(looks).toEqual(["go", "stop"]);
    expect(at.kinds().filter((kind) => kind === "dispatch")).toHaveLength(1);
  });

  test("L49: a rejected order frees its budget and its place, so that a corrected one goes through", async () => {
    const guard = at.another({ maxDailyValue: decimal(110), duplicateWindowMs: 60_000 });
    at.venue.nextSubmits.push(refused);
    expect((await failure(guard.place(order("BUY", "1")))).code).toBe("order_rejected");
    await guard.place(order("BUY", "1"));
  });

  test("an order of unknown fate keeps its budget", async () => {
    const guard = at.another({ maxDailyValue: decimal(110) });
    at.venue.nextSubmits.push(lost);
    await failure(guard.place(order("BUY", "1", {}, "MSFT")));
    at.freshQuotes();
    expect((await failure(guard.place(order("BUY", "1")))).code).toBe("daily_value_exceeded");
  });
});

describe("S11: the last look", () => {
  const after =
    (change: () => void): SubmitScript =>
    async ({ intent }, gate) => {
      change();
      const look = await gate.begin();
      if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
      const taken = at.venue.accept(intent);
      return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
    };
  const cases: [string, string, () => void][] = [
    ["five seconds have passed", "decision_expired", () => at.clock.advance(5_001)],
    [
      "five seconds have passed and the wall clock was set back meanwhile",
      "decision_expired",
      () => {
        at.clock.advance(5_001);
        at.clock.jump(-5_001);
      },
    ],
    ["the wall clock jumped ahead", "decision_expired", () => at.clock.jump(6_000)],
    ["the wall clock jumped back", "decision_expired", () => at.clock.jump(-6_000)],
    [
      "the operator halted",
      "trading_state_changed",
      () => tradingStateFile(at.stateDir, "ibkr").write("HALTED", "now", new Date(at.clock.now())),
    ],
  ];
  test.each(cases)("nothing is sent when %s", async (_, code, change) => {
    at.venue.nextSubmits.push(after(change));
    const error = await failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })));
    expect(error.code).toBe(code);
    expect(error.details?.outcome).toBe("not_sent");
    expect(at.venue.wire).toEqual([]);
    expect(at.kinds()).toEqual(["intent", "outcome"]);
  });

  test("nothing is sent when the venue meanwhile names another account", async () => {
    at.venue.nextSubmits.push(async (_, gate) => {
      at.venue.identity = { accountId: "DU2", isPaper: true, evidence: "scripted" };
      await at.guard.posture();
      const look = await gate.begin();
      if (look.kind === "go") throw new Error("sent");
      return { kind: "not_sent", reason: look.reason, code: look.code };
    });
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("account_changed");
  });

  test("five seconds exactly are still fresh", async () => {
    at.venue.nextSubmits.push(after(() => at.clock.advance(5_000)));
    await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
  });
});

describe("whose money it is", () => {
  const matrix: ["paper" | "sandbox" | "live", boolean | null, boolean, string | null][] = [
    ["paper", true, false, null],
    ["paper", true, true, null],
    ["paper", false, false, "live_not_armed"],
    ["paper", false, true, "mode_mismatch"],
    ["paper", null, false, "paper_live_unknown"],
    ["sandbox", null, true, "paper_live_unknown"],
    ["live", false, false, "live_not_armed"],
    ["live", false, true, null],
    ["live", true, true, "mode_mismatch"],
    ["live", true, false, "live_not_armed"],
    ["live", null, true, "paper_live_unknown"],
  ];
  test.each(matrix)(
    "L32: label %s, venue says paper=%s, armed=%s: %s",
    async (mode, isPaper, allowLive, code) => {
      at.venue.identity = { accountId: "X1", isPaper, evidence: "scripted" };
      const guard = at.another({ mode, allowLive });
      const call = guard.place(order("BUY", "1"));
      if (code === null) await call;
      else expect((await failure(call)).code).toBe(code);
      expect(at.venue.wire).toHaveLength(code === null ? 1 : 0);
    },
  );

  test("S34: an account that changes while the server runs is refused, and says so", async () => {
    await at.guard.place(order("BUY", "1"));
    at.venue.identity = { accountId: "DU2", isPaper: true, evidence: "scripted" };
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("account_changed");
    expect((await failure(at.guard.cancel("1"))).code).toBe("account_changed");
  });

  test("a login into the wrong account binds nothing: the right one is served afterwards", async () => {
    const guard = at.another({ accountId: "DU1" });
    at.venue.identity = { accountId: "DU2", isPaper: true, evidence: "scripted" };
    expect((await failure(guard.place(order("BUY", "1")))).code).toBe("account_mismatch");
    at.venue.identity = { accountId: "DU1", isPaper: true, evidence: "scripted" };
    await guard.place(order("BUY", "1"));
  });

  test("L24, M9: a momentary read failure serves exits for ten minutes, and no entry", async () => {
    at.venue.hold(AAPL, "5");
    await at.guard.place(order("SELL", "1"));
    at.venue.identity = new Error("timeout");
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("account_unverified");
    await at.guard.place(order("SELL", "1"));
    at.clock.advance(10 * 60_000 + 1);
    expect((await failure(at.guard.place(order("SELL", "1")))).code).toBe("account_unverified");
  });

  test("an account that was never verified trades nothing, and the refusal is kept", async () => {
    at.venue.identity = new Error("timeout");
    const error = await failure(at.guard.place(order("BUY", "1")));
    expect(error.code).toBe("account_unverified");
    const unbound = readFileSync(`${at.stateDir}/journals/ibkr-unbound-paper.jsonl`, "utf8");
    expect(unbound).toContain('"kind":"refusal"');
  });
});

describe("the operator's switches", () => {
  test("HALTED stops exits too and lets cancels through; REDUCING lets exits through", async () => {
    at.venue.hold(AAPL, "5");
    const resting = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    const state = tradingStateFile(at.stateDir, "ibkr");
    state.write("REDUCING", "operator", new Date(at.clock.now()));
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("trading_reducing");
    await at.guard.place(order("SELL", "1"));
    state.write("HALTED", "operator", new Date(at.clock.now()));
    expect((await failure(at.guard.place(order("SELL", "1")))).code).toBe("trading_halted");
    expect((await at.guard.cancel(resting.orderId ?? "")).outcome).toBe("done");
  });

  test("S20: a dry run goes as far as the venue's validation and changes nothing later", async () => {
    const dry = at.another({ dryRun: true, duplicateWindowMs: 60_000, maxDailyValue: decimal(110) });
    const answer = await dry.place(order("BUY", "1"));
    expect(answer).toMatchObject({ dryRun: true, orderId: null });
    expect(answer.request).not.toBeNull();
    await dry.place(order("BUY", "1"));
    expect(at.venue.wire).toEqual([]);
    expect(at.kinds()).toEqual(["dry_run", "dry_run"]);
    const wet = at.another({ duplicateWindowMs: 60_000, maxDailyValue: decimal(110) });
    await wet.place(order("BUY", "1"));
    expect(at.venue.wire).toHaveLength(1);
  });

  test("a dry run cancels and closes nothing", async () => {
    at.venue.hold(AAPL, "5");
    const stop = await at.guard.place(order("SELL", "5", { stopPrice: "95" }));
    at.venue.wire.length = 0;
    const dry = at.another({ dryRun: true });
    expect((await dry.cancel(stop.orderId ?? "")).outcome).toBe("not_sent");
    expect((await dry.closePosition("AAPL", null)).message).toContain("would be cancelled first");
    expect(at.venue.wire).toEqual([]);
  });

  test("a preview tells every verdict and writes nothing", async () => {
    const answer = await at.guard.preview(order("SELL", "1"));
    expect(answer.allowed).toBe(false);
    expect(answer.checks.filter((check) => check.verdict === "refuse").map((check) => check.rule)).toEqual([
      "oversell",
    ]);
    expect(at.venue.wire).toEqual([]);
  });

  test("L42: what is dangerous or missing is in the posture, which never throws", async () => {
    at.venue.identity = { accountId: "U1", isPaper: false, evidence: "scripted" };
    const armed = await at.another({ mode: "live", allowLive: true }).posture();
    expect(armed.warnings.join(" ")).toContain("MAX_DAILY_VALUE");
    expect(armed.accountType).toBe("LIVE");
    const labelled = await at.another().posture();
    expect(labelled.accountType).toBe("LIVE");
    expect(labelled.obstacles.join(" ")).toContain("not armed");
  });
});

describe("exits are never trapped", () => {
  test("L21, L22: no cap, list or missing quote stops a sale of what is held", async () => {
    at.venue.hold(AAPL, "10");
    const guard = at.another({ maxOrderValue: decimal(1), maxDailyValue: decimal(1), denylist: ["AAPL"] });
    at.venue.quotes.clear();
    await guard.place(order("SELL", "4"));
    await guard.place(order("SELL", "6", { stopPrice: "95" }));
    expect(at.venue.wire).toHaveLength(2);
  });

  test("L26: a short is covered past every cap, and not one share further", async () => {
    at.venue.hold(AAPL, "-10");
    const guard = at.another({ maxOrderValue: decimal(1) });
    expect((await failure(guard.place(order("BUY", "11")))).code).toBe("crosses_flat");
    const byAmount = await failure(at.guard.place(order("BUY", { cashAmount: "1500" })));
    expect(byAmount).toMatchObject({
      code: "crosses_flat",
      nextStep: expect.stringContaining("by quantity"),
    });
    await guard.place(order("BUY", "10"));
    expect(refusedBy(await failure(guard.place(order("BUY", "1", {}))))).toContain("order-value");
  });

  test("L25: a panic sale next to a resting stop of the same size is told to close the position", async () => {
    at.venue.hold(AAPL, "10");
    await at.guard.place(order("SELL", "10", { stopPrice: "95" }));
    expect((await failure(at.guard.place(order("SELL", "10")))).nextStep).toContain("close_position");
  });
});

describe("reading and cancelling", () => {
  test("S31, H6: a cancel is done only at a terminal status, and the order counts until then", async () => {
    at.venue.hold(AAPL, "5");
    const stop = await at.guard.place(order("SELL", "5", { stopPrice: "95" }));
    at.venue.nextCancels.push(async () => ({ kind: "requested", order: null, reason: "pending" }));
    const first = await at.guard.cancel(stop.orderId ?? "");
    expect(first.outcome).toBe("requested");
    expect((await failure(at.guard.place(order("SELL", "1")))).code).toBe("oversell");
    const second = await at.guard.cancel(stop.clientOrderId ?? "");
    expect(second).toMatchObject({ outcome: "done", order: { status: "cancelled" } });
    expect(second.warnings.join(" ")).toContain("unprotected");
    await at.guard.place(order("SELL", "5"));
  });

  test("L57: a cancel whose answer was lost leaves the order working", async () => {
    const resting = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    at.venue.nextCancels.push(() => Promise.reject(new Error("timeout")));
    const answer = await at.guard.cancel(resting.orderId ?? "");
    expect(answer).toMatchObject({ outcome: "unknown", order: { status: "submitted" } });
  });

  test("H10: a partial fill under a cancel keeps its part of the day's budget", async () => {
    const guard = at.another({ maxDailyValue: decimal(1_000) });
    const resting = await guard.place(order("BUY", "10", { limitPrice: "100" }));
    at.venue.fill(resting.orderId ?? "", "4");
    const answer = await guard.cancel(resting.orderId ?? "");
    expect(answer.order).toMatchObject({ status: "cancelled" });
    expect(answer.order?.filledQuantity?.toFixed()).toBe("4");
    expect((await failure(guard.place(order("BUY", "6.1", { limitPrice: "100" })))).code).toBe(
      "daily_value_exceeded",
    );
    await guard.place(order("BUY", "5.9", { limitPrice: "100" }));
  });

  test("waiting ends with the fill, or says that it did not", async () => {
    const resting = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    const id = resting.orderId ?? "";
    expect(await at.guard.waitForFill(id, 3_000)).toMatchObject({
      timedOut: true,
      order: { status: "submitted" },
    });
    at.venue.fill(id);
    expect(await at.guard.waitForFill(id, 3_000)).toMatchObject({
      timedOut: false,
      order: { status: "filled" },
    });
  });

  test("open orders: ours and foreign ones; without a list ours, said to be incomplete", async () => {
    at.venue.orders.set("f1", foreign());
    const resting = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    const all = await at.guard.openOrders();
    expect(all.complete).toBe(true);
    expect(all.orders.map((each) => each.orderId)).toEqual([resting.orderId, "f1"]);
    at.venue.ordersUnread = "503";
    const some = await at.guard.openOrders();
    expect(some.complete).toBe(false);
    expect(some.orders.map((each) => each.orderId)).toEqual([resting.orderId]);
  });

  test("an order that neither the journal nor the venue knows is said to be unknown", async () => {
    expect((await failure(at.guard.order("77"))).code).toBe("order_not_found");
  });

  test("history: what happened, newest last, and how much was left out", async () => {
    await at.guard.place(order("BUY", "1"));
    await failure(at.guard.place(order("SELL", "9")));
    const all = await at.guard.history(100);
    expect(all.omitted).toBe(0);
    expect(all.records.map((each) => each.kind)).toEqual(["intent", "outcome", "refusal", "fill"]);
    expect((await at.guard.history(1)).omitted).toBe(all.records.length - 1);
  });
});

describe("ending", () => {
  test("S13: draining waits for the order in flight and takes no new one", async () => {
    let arrived: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let answer: () => void = () => {};
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      const taken = at.venue.accept(intent);
      arrived();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
    });
    const placing = at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    await reached;
    expect(at.guard.busy()).toBe(true);
    let drained = false;
    const draining = at.guard.drain().then(() => {
      drained = true;
    });
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("shutting_down");
    expect(drained).toBe(false);
    answer();
    await draining;
    expect((await placing).status).toBe("submitted");
    expect(at.guard.busy()).toBe(false);
    expect(at.kinds().at(-1)).toBe("outcome");
  });
});
