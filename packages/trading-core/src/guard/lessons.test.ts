import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import { tradingStateFile } from "./trading-state.ts";

/**
 * Scenarios that once went wrong in a program like this one, through the whole guard: each bears the number
 * of its lesson. Those that a rule or a part shows by itself stand beside it.
 */
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const AAPL = stock("AAPL");
const hold = (quantity: string) => at.venue.hold(AAPL, quantity);
const sell = (quantity: string, prices = {}) => at.guard.place(order("SELL", quantity, prices));
const buy = (quantity: string, prices = {}) => at.guard.place(order("BUY", quantity, prices));
const switchTo = (state: "ACTIVE" | "HALTED") =>
  tradingStateFile(at.stateDir, "ibkr").write(state, "a test", new Date(at.clock.now()));

test("S7: two resting sells that the venue keeps in no group are two sells", async () => {
  hold("10");
  await sell("6", { stopPrice: "90" });
  expect(refusedBy(await failure(sell("6", { limitPrice: "110" })))).toEqual(["oversell"]);
  await sell("4", { limitPrice: "110" });
  expect(refusedBy(await failure(sell("0.5", { limitPrice: "111" })))).toEqual(["oversell"]);
});

describe("exits are never trapped", () => {
  test("L27: an urgent sale does not wait for a slow buy's answer", async () => {
    hold("10");
    let answer = () => {};
    const reached = new Promise<void>((resolve) => {
      at.venue.nextSubmits.push(async ({ intent }, gate) => {
        await gate.begin();
        const taken = at.venue.accept(intent);
        resolve();
        await new Promise<void>((answered) => {
          answer = answered;
        });
        return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
      });
    });
    const buying = at.guard.place(order("BUY", "1", { limitPrice: "90" }, "MSFT"));
    await reached;
    expect((await sell("10")).status).toBe("filled");
    answer();
    expect((await buying).status).toBe("submitted");
  });

  test("L28: two closes at the same moment sell once", async () => {
    hold("10");
    await Promise.all([at.guard.closePosition("AAPL", null), at.guard.closePosition("AAPL", null)]);
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
  });

  test("L30: an exit whose sending broke off before its first byte can be placed again at once", async () => {
    hold("10");
    at.venue.nextSubmits.push(() => Promise.reject(new Error("torn away")));
    expect(await failure(sell("10"))).toMatchObject({ details: { outcome: "not_sent" } });
    expect((await sell("10")).status).toBe("filled");
  });

  test("M6, L31: a cover that was refused, or only tried, uses up nothing of the real one", async () => {
    at.end();
    at = bench({ maxOrderValue: decimal(10), duplicateWindowMs: 600_000 });
    hold("-10");
    expect(refusedBy(await failure(buy("20")))).toContain("oversell");
    await at.another({ dryRun: true }).place(order("BUY", "10"));
    expect((await buy("10")).status).toBe("filled");
  });

  test("M7: a close that was refused reserves nothing: the next one goes through at once", async () => {
    hold("10");
    await sell("10", { stopPrice: "90" });
    switchTo("HALTED");
    expect(await failure(at.guard.closePosition("AAPL", null))).toMatchObject({ code: "trading_halted" });
    switchTo("ACTIVE");
    await at.guard.closePosition("AAPL", null);
    expect(at.venue.wire.slice(1)).toEqual(["cancel 1", "SELL 10 AAPL market"]);
  });

  test("L21, L22: neither a cap, nor a list, nor a missing quote keeps a position from being closed", async () => {
    at.end();
    at = bench({ maxOrderValue: decimal(1), maxDailyValue: decimal(1), denylist: ["AAPL"] });
    hold("10");
    at.venue.quotes.clear();
    await at.guard.closePosition("AAPL", null);
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
  });
});

describe("money does not slip out", () => {
  test("L39: a short that is covered in parts is covered once, however late the venue's list is", async () => {
    at.end();
    at = bench({ maxOrderValue: decimal(10) });
    hold("-10");
    await buy("6");
    expect(refusedBy(await failure(buy("6")))).toContain("oversell");
    await buy("4");
    expect(refusedBy(await failure(buy("1")))).toContain("order-value");
  });

  test("L3, L35: a sell by amount, and a limit buy by amount, are refused before anything is asked", async () => {
    hold("10");
    const sale = at.guard.place({ ...order("SELL", { cashAmount: "50" }), orderType: "market" });
    expect(await failure(sale)).toMatchObject({ details: { outcome: "not_sent" } });
    const limited = at.guard.place(order("BUY", { cashAmount: "50" }, { limitPrice: "90" }));
    expect(await failure(limited)).toMatchObject({ details: { outcome: "not_sent" } });
    expect(at.venue.wire).toEqual([]);
  });

  test("L36: blanks and small letters around a symbol do not pass the deny-list", async () => {
    at.end();
    at = bench({ denylist: [" aapl "] });
    expect(refusedBy(await failure(buy("1", { limitPrice: "90" })))).toContain("symbol-universe");
  });

  test("L32: a label that says paper on an account of real money sends nothing", async () => {
    at.venue.identity = { accountId: "U1", isPaper: false, evidence: "scripted" };
    expect(refusedBy(await failure(buy("1", { limitPrice: "90" })))).toEqual(
      expect.arrayContaining(["account-identity"]),
    );
    expect(at.venue.wire).toEqual([]);
  });
});

describe("what was sent once is not sent again", () => {
  /** The venue takes the next order, and its answer gets lost. */
  function loseNextAnswer(): void {
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      at.venue.accept(intent);
      at.venue.ordersUnread = "503";
      return { kind: "unknown", reason: "lost", exchanges: [] };
    });
  }

  test("L47, H8: the twin of an order whose answer was lost is not sent, and the lost one is found later", async () => {
    loseNextAnswer();
    const { details } = await failure(buy("1", { limitPrice: "90" }));
    at.clock.advance(60_000);
    at.freshQuotes();
    expect(refusedBy(await failure(buy("1", { limitPrice: "90" })))).toContain("unresolved");
    at.venue.ordersUnread = null;
    expect(await at.guard.order(String(details?.client_order_id))).toMatchObject({ status: "submitted" });
    expect(at.venue.wire).toEqual(["BUY 1 AAPL limit"]);
  });

  test("H9: an answer that the client never got is told again under its key, for hours", async () => {
    const request = { ...order("BUY", "1", { limitPrice: "90" }), idempotencyKey: "monday-1" };
    const first = await at.guard.place(request);
    at.clock.advance(3_600_000);
    at.freshQuotes();
    expect(await at.another().place(request)).toMatchObject({ orderId: first.orderId, replayed: true });
    expect(at.venue.wire).toHaveLength(1);
  });

  test("L51: a close that is repeated while the positions lag sells nothing twice", async () => {
    hold("10");
    await at.guard.closePosition("AAPL", null);
    at.clock.advance(20_000);
    at.freshQuotes();
    await at.guard.closePosition("AAPL", null);
    expect(at.venue.listed.get(AAPL.id)?.toFixed()).toBe("10");
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
  });

  test("L52: a sale of unknown fate keeps what it may have sold, at another server as well", async () => {
    hold("10");
    loseNextAnswer();
    await failure(sell("10"));
    at.clock.advance(60_000);
    at.freshQuotes();
    expect(refusedBy(await failure(at.another().place(order("SELL", "1"))))).toContain("oversell");
  });
});

test("L5: a position that is listed late is there after its fill, and one that is gone is not", async () => {
  await buy("3");
  const held = await at.guard.positions();
  expect(held.kind === "read" && held.value.map((each) => each.quantity.toFixed())).toEqual(["3"]);
  at.venue.settle();
  await sell("3");
  const left = await at.guard.positions();
  expect(left.kind === "read" && left.value.filter((each) => !each.quantity.eq(0))).toEqual([]);
});

describe("the day's budget", () => {
  beforeEach(() => {
    at.end();
    at = bench({ maxDailyValue: decimal(1_000) });
  });

  test("L48: what was sent counts before anything is known of it, and what was rejected does not", async () => {
    at.venue.nextSubmits.push(async (_prepared, gate) => {
      await gate.begin();
      return { kind: "rejected", reason: "no", exchanges: [] };
    });
    await failure(buy("10", { limitPrice: "100" }));
    await buy("6", { limitPrice: "100" });
    expect(refusedBy(await failure(buy("5", { limitPrice: "100" })))).toEqual(["daily-value"]);
  });

  test("L55, M3: a resting buy that was cancelled gives back what it did not buy, and no more", async () => {
    const { orderId } = await buy("10", { limitPrice: "100" });
    at.venue.fill(String(orderId), "4");
    await at.guard.cancel(String(orderId));
    expect(refusedBy(await failure(buy("7", { limitPrice: "100" })))).toEqual(["daily-value"]);
    expect((await buy("5", { limitPrice: "100" })).status).toBe("submitted");
  });
});

test("M4: the journal says what was ordered, at which prices, what was filled for how much, and who may read it", async () => {
  await buy("1", { limitPrice: "100" });
  at.venue.fill("1", "1", "99.5");
  await at.guard.order("1");
  await at.guard.history(10);
  const records = at.records();
  expect(records.find((each) => each.kind === "intent")).toMatchObject({
    order: { side: "BUY", symbol: "AAPL", quantity: "1", limitPrice: "100", currency: "USD" },
    worstCase: "100",
  });
  expect(records.find((each) => each.kind === "fill")).toMatchObject({
    price: "99.5",
    fee: "1",
    quantity: "1",
  });
  expect(records[0]).toMatchObject({ kind: "note", account: "DU1", venue: "ibkr", mode: "paper" });
  expect(records.slice(1).every((each) => /^[0-9a-f]{64}$/.test(each.prev))).toBe(true);
  const folder = join(at.stateDir, "journals");
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".jsonl"))) {
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  }
});

test("M10: an order can be tried on real money before it is armed, and the try sends nothing", async () => {
  at.venue.identity = { accountId: "U1", isPaper: false, evidence: "scripted" };
  const unarmed = { mode: "live", allowLive: false } as const;
  const tried = await at.another({ ...unarmed, dryRun: true }).place(order("BUY", "1", { limitPrice: "90" }));
  expect(tried).toMatchObject({ dryRun: true, orderId: null, accountType: "LIVE" });
  const real = at.another(unarmed).place(order("BUY", "1", { limitPrice: "90" }));
  expect(refusedBy(await failure(real))).toEqual(["live-arm"]);
  expect(at.venue.wire).toEqual([]);
});

test("M20: waiting for a fill ends when it was to end", async () => {
  await buy("1", { limitPrice: "90" });
  const before = at.clock.monotonic();
  expect(await at.guard.waitForFill("1", 2_500)).toMatchObject({ timedOut: true });
  expect(at.clock.monotonic() - before).toBe(2_500);
});
