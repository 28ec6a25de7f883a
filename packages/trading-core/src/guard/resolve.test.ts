import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { openJournal } from "../journal/journal.ts";
import { stateFolderPrefix } from "../journal/journals.ts";
import type { Writer } from "../journal/record.ts";
import { type Bench, bench, failure, order, policyOf, refusedBy } from "../testing/fixtures.ts";
import { createGuardedBroker } from "./guarded-broker.ts";
import type { OperatorGuard, ResolvedAs } from "./resolve.ts";

/** In the form of this state folder's ids. */
let LOST: string;
const ASKED: string[] = [];
let at: Bench;
let operator: OperatorGuard;
beforeEach(() => {
  at = bench({ maxDailyValue: decimal(1_500) });
  LOST = `${stateFolderPrefix(at.stateDir)}00000000000001`;
  ASKED.length = 0;
  const { broker, marketData, session } = at.venue;
  const quiet = () => {};
  operator = createGuardedBroker({
    broker,
    marketData,
    session,
    policy: policyOf(),
    clock: at.clock,
    log: { info: quiet, warn: quiet, error: quiet },
    stateDir: at.stateDir,
    journalPath: null,
  });
});
afterEach(() => {
  operator.close();
  at.end();
});

const GONE: Writer = { pid: 1, started: 1, boot: "an earlier one" };

/** A buy of 10 AAPL at 100 whose answer got lost, by a server that is gone. */
async function loseOrder(options: { writer?: Writer; age?: number } = {}): Promise<void> {
  const path = join(at.stateDir, "journals", "ibkr-DU1-paper.jsonl");
  const identity = { venue: "ibkr", account: "DU1", mode: "paper" };
  const journal = openJournal(path, identity, at.clock, options.writer ?? GONE);
  await journal.locked(1_000, (append) => {
    append({
      kind: "intent",
      clientOrderId: LOST,
      order: {
        instrumentId: "id-AAPL",
        symbol: "AAPL",
        currency: "USD",
        side: "BUY",
        orderType: "limit",
        quantity: "10",
        cashAmount: null,
        limitPrice: "100",
        stopPrice: null,
        timeInForce: "GTC",
      },
      exit: false,
      worstCase: "1000",
      riskCurrency: "USD",
      checks: [],
      planId: null,
    });
    append({ kind: "dispatch", clientOrderId: LOST });
    append({
      kind: "outcome",
      clientOrderId: LOST,
      outcome: "unknown",
      orderId: null,
      status: "unknown",
      filledQuantity: null,
      averagePrice: null,
      reason: "lost",
      exchanges: [],
    });
  });
  journal.close();
  at.clock.advance(options.age ?? 180_000);
  at.freshQuotes();
}

const resolve = (as: ResolvedAs = "not_placed", answer = true) =>
  operator.resolve({
    clientOrderId: LOST,
    as,
    user: "anna",
    confirm: async (saw) => {
      ASKED.push(saw);
      return answer;
    },
  });
const buy = (quantity = "10") => at.guard.place(order("BUY", quantity, { limitPrice: "100" }));
const operatorRecords = () => at.records().filter((each) => each.kind === "operator");

/** The venue shows the order after all. */
function appear(filled = "0", status: "submitted" | "filled" = "submitted"): void {
  at.venue.orders.set("9", {
    orderId: "9",
    clientOrderId: LOST,
    parentOrderId: null,
    instrumentId: "id-AAPL",
    symbol: "AAPL",
    side: "BUY",
    orderType: "limit",
    quantity: decimal(10),
    cashAmount: null,
    filledQuantity: decimal(filled),
    averagePrice: null,
    limitPrice: decimal(100),
    stopPrice: null,
    timeInForce: "GTC",
    status,
    message: null,
  });
}

describe("S16: the operator ends the question what became of an order", () => {
  test("until then it blocks an entry; declared not placed it frees block and budget", async () => {
    await loseOrder();
    expect(refusedBy(await failure(buy()))).toEqual(expect.arrayContaining(["unresolved", "daily-value"]));
    expect(await resolve()).toMatchObject({ kind: "resolved", as: "not_placed" });
    expect(ASKED.join()).toContain("none of them is this order");
    expect(operatorRecords()).toMatchObject([{ as: "not_placed", user: "anna", clientOrderId: LOST }]);
    expect((await buy()).status).toBe("submitted");
  });

  test("declared placed it frees the block and keeps its place in the budget", async () => {
    await loseOrder();
    expect(await resolve("placed")).toMatchObject({ kind: "resolved", as: "placed" });
    expect(refusedBy(await failure(buy()))).toEqual(["daily-value"]);
    expect((await buy("4")).status).toBe("submitted");
    expect((await at.guard.posture()).unresolved).toEqual([]);
  });

  test("one that was declared placed can be declared not placed later", async () => {
    await loseOrder();
    await resolve("placed");
    await resolve("not_placed");
    expect((await buy()).status).toBe("submitted");
  });

  test("a person who does not confirm changes nothing", async () => {
    await loseOrder();
    expect(await resolve("not_placed", false)).toEqual({ kind: "not_confirmed" });
    expect(operatorRecords()).toEqual([]);
    expect(refusedBy(await failure(buy()))).toContain("unresolved");
  });
});

describe("S16: the venue is read first", () => {
  test("an order that is found there is recorded, and nobody is asked", async () => {
    await loseOrder();
    appear();
    expect(await resolve()).toMatchObject({ kind: "found", order: { orderId: "9", status: "submitted" } });
    expect(ASKED).toEqual([]);
    expect(operatorRecords()).toEqual([]);
  });

  test("one that appears while the person types is recorded instead of declared", async () => {
    await loseOrder();
    const answer = await operator.resolve({
      clientOrderId: LOST,
      as: "not_placed",
      user: "anna",
      confirm: async () => {
        appear();
        return true;
      },
    });
    expect(answer).toMatchObject({ kind: "found" });
    expect(operatorRecords()).toEqual([]);
  });

  test.each(["ordersUnread", "fillsUnread"] as const)(
    "%s: nothing is declared on half a look",
    async (what) => {
      await loseOrder();
      at.venue[what] = "503";
      expect(await failure(resolve())).toMatchObject({ code: "venue_unread" });
      expect(ASKED).toEqual([]);
    },
  );
});

describe("S16: what cannot be resolved", () => {
  test("an order whose server still runs", async () => {
    await buy("1");
    const writer = at.records()[0]?.writer;
    if (!writer) throw new Error("no record");
    await loseOrder({ writer });
    expect(await failure(resolve())).toMatchObject({ code: "writer_alive" });
    expect(operatorRecords()).toEqual([]);
  });

  test("an order that was sent a moment ago", async () => {
    await loseOrder({ age: 60_000 });
    expect(await failure(resolve())).toMatchObject({ code: "too_early", retryable: true });
  });

  test("an order that is not unresolved", async () => {
    await loseOrder();
    appear("10", "filled");
    await resolve();
    expect(await failure(resolve())).toMatchObject({ code: "not_unresolved" });
  });

  test("an order that the journal does not hold", async () => {
    expect(await failure(resolve())).toMatchObject({ code: "order_not_found" });
  });
});

describe("S16: a later fill of an order that was declared not placed", () => {
  test("counts in full and is reported", async () => {
    await loseOrder();
    await resolve();
    at.clock.advance(60_000);
    at.venue.hold(at.venue.instruments.get("AAPL") as never, "10");
    at.venue.fills.push({
      executionId: "late",
      orderId: "9",
      clientOrderId: LOST,
      instrumentId: "id-AAPL",
      symbol: "AAPL",
      side: "BUY",
      quantity: decimal(10),
      price: decimal(100),
      fee: decimal(1),
      executedAt: at.clock.now(),
    });
    at.freshQuotes();
    expect(refusedBy(await failure(buy()))).toEqual(["daily-value"]);
    const { warnings, limits } = await at.guard.posture();
    expect(warnings.join()).toContain(`Order ${LOST} (BUY AAPL) was declared not placed and exists`);
    expect(limits.committedToday?.toFixed()).toBe("1001");
  });

  test("works again when the venue lists it as working", async () => {
    await loseOrder();
    await resolve();
    appear();
    expect(refusedBy(await failure(buy()))).toEqual(["daily-value"]);
    expect((await at.guard.posture()).warnings.join()).toContain("was declared not placed and exists");
  });
});
