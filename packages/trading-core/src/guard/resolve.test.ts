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
async function loseOrder(
  options: { writer?: Writer; age?: number; inFlight?: boolean; side?: "BUY" | "SELL"; cash?: string } = {},
): Promise<void> {
  const { side = "BUY", cash = null } = options;
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
        side,
        orderType: cash === null ? "limit" : "market",
        quantity: cash === null ? "10" : null,
        cashAmount: cash,
        limitPrice: cash === null ? "100" : null,
        stopPrice: null,
        timeInForce: "GTC",
      },
      exit: side === "SELL",
      worstCase: side === "SELL" ? null : (cash ?? "1000"),
      riskCurrency: "USD",
      checks: [],
      planId: null,
    });
    append({ kind: "dispatch", clientOrderId: LOST });
    if (options.inFlight) return;
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

const resolve = (as: ResolvedAs = "not_placed", answer = true, filled?: string, price?: string) =>
  operator.resolve({
    clientOrderId: LOST,
    as,
    filled: filled === undefined ? null : decimal(filled),
    price: price === undefined ? null : decimal(price),
    user: "anna",
    confirm: async (saw) => {
      ASKED.push(saw);
      return answer;
    },
  });
const buy = (quantity = "10") => at.guard.place(order("BUY", quantity, { limitPrice: "100" }));
const operatorRecords = () => at.records().filter((each) => each.kind === "operator");

/** The venue tells an execution of the order, after all. */
function lateFill(quantity: string): void {
  at.clock.advance(60_000);
  at.venue.hold(at.venue.instruments.get("AAPL") as never, quantity);
  at.venue.fills.push({
    executionId: "late",
    orderId: "9",
    clientOrderId: LOST,
    instrumentId: "id-AAPL",
    symbol: "AAPL",
    side: "BUY",
    quantity: decimal(quantity),
    price: decimal(100),
    fee: decimal(1),
    executedAt: at.clock.now(),
  });
  at.freshQuotes();
}

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

/** The writer of this very process, which runs as long as the test does. */
async function livingWriter(): Promise<Writer> {
  await at.guard.place(order("BUY", "1", { limitPrice: "100" }, "MSFT"));
  const writer = at.records()[0]?.writer;
  if (!writer) throw new Error("no record");
  return writer;
}

describe("S16: the server that sent it runs on", () => {
  test("and the order is resolved, under its eyes", async () => {
    await loseOrder({ writer: await livingWriter() });
    expect(await resolve()).toMatchObject({ kind: "resolved", as: "not_placed" });
    expect((await buy("1")).status).toBe("submitted");
  });

  test("and an outcome that comes while the person types ends the question", async () => {
    await loseOrder({ writer: await livingWriter() });
    const answer = await operator.resolve({
      clientOrderId: LOST,
      as: "not_placed",
      filled: null,
      price: null,
      user: "anna",
      confirm: async () => {
        appear();
        await at.guard.order(LOST);
        return true;
      },
    });
    expect(answer).toMatchObject({ kind: "found", order: { orderId: "9" } });
    expect(operatorRecords()).toEqual([]);
  });
});

describe("S16: declared placed with what was filled", () => {
  const committed = async () => (await at.guard.posture()).limits.committedToday?.toFixed();

  test("it is over: what was filled counts today at its price, and the rest is freed", async () => {
    await loseOrder();
    expect(await resolve("placed", true, "4", "90")).toMatchObject({
      kind: "resolved",
      order: { status: "cancelled" },
    });
    expect(operatorRecords()).toMatchObject([{ as: "placed", filled: "4", price: "90" }]);
    expect(await committed()).toBe("360");
    expect((await at.guard.posture()).unresolved).toEqual([]);
    const seen = await at.guard.order(LOST);
    expect(seen.filledQuantity?.toFixed()).toBe("4");
    expect(seen.averagePrice?.toFixed()).toBe("90");
    expect((await buy()).status).toBe("submitted");
  });

  test("without a price the worst one counts, and all of it makes it filled", async () => {
    await loseOrder();
    expect(await resolve("placed", true, "10")).toMatchObject({ order: { status: "filled" } });
    expect(await committed()).toBe("1000");
  });

  test("a buy by amount counts what was bought, or its amount where no price is known", async () => {
    await loseOrder({ cash: "500" });
    await resolve("placed", true, "4", "90");
    expect(await committed()).toBe("360");
    await resolve("placed", true, "4");
    expect(await committed()).toBe("500");
  });

  test("a slip is put right by declaring anew", async () => {
    await loseOrder();
    await resolve("placed", true, "10");
    await resolve("placed", true, "1", "100");
    expect(await committed()).toBe("100");
    await resolve("not_placed");
    expect(await committed()).toBe("0");
  });

  test("it moves no holdings: what is held is the venue's to say", async () => {
    await loseOrder();
    await resolve("placed", true, "10", "100");
    const error = await failure(at.guard.place(order("SELL", "1")));
    expect(refusedBy(error)).toContain("oversell");
  });

  test("a sell that was declared filled reserves nothing any more", async () => {
    at.venue.hold(at.venue.instruments.get("AAPL") as never, "10");
    await loseOrder({ side: "SELL" });
    expect(refusedBy(await failure(at.guard.place(order("SELL", "10"))))).toContain("oversell");
    at.venue.hold(at.venue.instruments.get("AAPL") as never, "6");
    await resolve("placed", true, "4", "100");
    expect((await at.guard.place(order("SELL", "6"))).status).toBe("filled");
  });

  test("the venue's own figure takes its place, and is reported where it differs", async () => {
    await loseOrder();
    await resolve("placed", true, "4", "90");
    appear("10", "filled");
    at.venue.amend("9", { averagePrice: decimal(100) });
    at.clock.advance(10_000);
    at.freshQuotes();
    await failure(buy());
    expect(await committed()).toBe("1000");
    const { warnings } = await at.guard.posture();
    expect(warnings.join()).toContain(
      "was declared filled with 4 and is not as declared: it is filled, 10 filled",
    );
  });

  test("one that works after all reserves its rest again", async () => {
    await loseOrder();
    await resolve("placed", true, "10", "90");
    appear();
    expect(refusedBy(await failure(buy("6")))).toEqual(["daily-value"]);
    expect(await committed()).toBe("1000");
    expect((await at.guard.posture()).warnings.join()).toContain("it is submitted, 0 filled");
  });

  test("a fill of it that comes later counts in full, with what may still come", async () => {
    await loseOrder();
    await resolve("placed", true, "4", "90");
    lateFill("7");
    expect(refusedBy(await failure(buy("6")))).toEqual(["daily-value"]);
    expect(await committed()).toBe("1001");
  });

  test("it says the same after a start", async () => {
    await loseOrder();
    await resolve("placed", true, "4", "90");
    at.guard.close();
    const next = at.another({ maxDailyValue: decimal(1_500) });
    expect((await next.posture()).limits.committedToday?.toFixed()).toBe("360");
    expect((await next.order(LOST)).filledQuantity?.toFixed()).toBe("4");
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
      filled: null,
      price: null,
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
  test("an order that its server has in flight, however long ago it was sent", async () => {
    await loseOrder({ writer: await livingWriter(), inFlight: true, age: 3_600_000 });
    expect(await failure(resolve())).toMatchObject({ code: "writer_alive", retryable: true });
    expect(operatorRecords()).toEqual([]);
    expect(ASKED).toEqual([]);
  });

  test("an order that its server sent a moment ago, although it has said that its fate is unknown", async () => {
    await loseOrder({ writer: await livingWriter(), age: 119_000 });
    expect(await failure(resolve())).toMatchObject({ code: "too_early" });
  });

  test.each([
    ["placed", "11", undefined, "for 10 only"],
    ["placed", "0", undefined, "greater than 0"],
    ["placed", "1", "-1", "greater than 0"],
    ["placed", undefined, "100", "belongs to a filled quantity"],
    ["not_placed", "1", undefined, "was not filled either"],
  ] as const)("declared %s with %s filled at %s: %s", async (as, filled, price, words) => {
    await loseOrder();
    expect(await failure(resolve(as, true, filled, price))).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(words),
    });
    expect(ASKED).toEqual([]);
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

test("S16: a later fill of an order that was declared placed is looked for, and reported", async () => {
  await loseOrder();
  await resolve("placed");
  lateFill("10");
  await at.guard.history(1);
  const { warnings, limits } = await at.guard.posture();
  expect(limits.committedToday?.toFixed()).toBe("1001");
  expect(warnings.join()).toContain("was declared placed and was found: it is filled, 10 filled");
});

describe("S16: a later fill of an order that was declared not placed", () => {
  test("counts in full and is reported", async () => {
    await loseOrder();
    await resolve();
    lateFill("10");
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
