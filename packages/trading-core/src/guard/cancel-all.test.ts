import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, order, stock } from "../testing/fixtures.ts";
import type { CancelScope } from "./answers.ts";

let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const sweep = (scope: CancelScope = "entries", symbol: string | null = null) =>
  at.guard.cancelAll({ scope, symbol });
const restingBuy = async (symbol = "AAPL") =>
  (await at.guard.place(order("BUY", "1", { limitPrice: "90" }, symbol))).orderId ?? "";
async function protectedPosition(): Promise<string> {
  at.venue.hold(stock("AAPL"), "10");
  return (await at.guard.place(order("SELL", "10", { stopPrice: "80" }))).orderId ?? "";
}
const statusOf = (id: string) => at.venue.orders.get(id)?.status;
const cancelsSent = () => at.venue.wire.filter((each) => each.startsWith("cancel"));
/** A list that shows an order of somebody else. */
function theirs(): void {
  at.venue.orders.set("f1", {
    orderId: "f1",
    clientOrderId: null,
    parentOrderId: null,
    instrumentId: "id-MSFT",
    symbol: "MSFT",
    side: "BUY",
    orderType: "limit",
    quantity: decimal(1),
    cashAmount: null,
    filledQuantity: decimal(0),
    averagePrice: null,
    limitPrice: decimal(50),
    stopPrice: null,
    timeInForce: "DAY",
    status: "submitted",
    message: null,
  });
}

describe("S31: what a sweep takes away", () => {
  test("entries only, each with its records; the stop and others' orders stay and are counted", async () => {
    const stop = await protectedPosition();
    const buy = await restingBuy();
    theirs();
    expect(await sweep()).toMatchObject({
      complete: true,
      orders: [{ orderId: buy, exit: false, status: "cancelled", confirmed: true, message: null }],
      left: { entries: 0, exits: 1, foreign: 1 },
      unread: [],
      warnings: [],
    });
    expect([statusOf(buy), statusOf(stop), statusOf("f1")]).toEqual(["cancelled", "submitted", "submitted"]);
    expect(
      at.records().flatMap((each) => (each.kind === "cancel" ? [[each.phase, each.outcome]] : [])),
    ).toEqual([
      ["intent", null],
      ["outcome", "done"],
    ]);
  });

  test("exits when asked, and the position that is left without a stop is named", async () => {
    const stop = await protectedPosition();
    const buy = await restingBuy();
    const answer = await sweep("exits");
    expect(answer).toMatchObject({ complete: true, left: { entries: 1, exits: 0 } });
    expect(answer.warnings).toEqual([
      "AAPL has no stop order of this journal any more; its position is unprotected.",
    ]);
    expect([statusOf(stop), statusOf(buy)]).toEqual(["cancelled", "submitted"]);
  });

  test("all takes the entries first, and the exits after them", async () => {
    const stop = await protectedPosition();
    const buy = await restingBuy();
    const answer = await sweep("all");
    expect(answer).toMatchObject({ complete: true, left: { entries: 0, exits: 0 } });
    expect(answer.orders.map((each) => each.orderId)).toEqual([buy, stop]);
  });

  test("only the symbol that was named", async () => {
    const apple = await restingBuy();
    const other = await restingBuy("MSFT");
    const answer = await sweep("entries", "MSFT");
    expect(answer).toMatchObject({ complete: true, left: { entries: 1 } });
    expect([statusOf(apple), statusOf(other)]).toEqual(["submitted", "cancelled"]);
  });
});

describe("S31: a sweep that could not do it all is not complete", () => {
  test("a list that could not be read is no list without orders, and ours goes all the same", async () => {
    const buy = await restingBuy();
    at.venue.ordersUnread = "the list is not primed";
    const answer = await sweep();
    expect(answer).toMatchObject({ complete: false, left: { foreign: null } });
    expect(answer.unread).toEqual(["the venue's list of orders: the list is not primed"]);
    expect(statusOf(buy)).toBe("cancelled");
  });

  test("with nothing of ours to cancel it is not complete either", async () => {
    at.venue.ordersUnread = "HTTP 503";
    expect(await sweep()).toMatchObject({ complete: false, orders: [] });
  });

  test("a cancel that the venue never confirms leaves the order named, and working", async () => {
    await restingBuy();
    at.venue.nextCancels.push(async () => ({ kind: "requested", order: null, reason: "asked" }));
    expect(await sweep()).toMatchObject({
      complete: false,
      orders: [{ status: "submitted", confirmed: false, message: "requested: asked" }],
    });
  });

  test("a cancel whose answer came late is done at its final status", async () => {
    await restingBuy();
    at.venue.nextCancels.push(async ({ orderId }) => {
      at.venue.amend(orderId, { status: "cancelled" });
      return { kind: "unknown", reason: "a time-out" };
    });
    expect(await sweep()).toMatchObject({ complete: true, orders: [{ status: "cancelled" }] });
  });

  test("an order that the venue has not been seen to hold is named, and nothing is sent for it", async () => {
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
    });
    await restingBuy().catch(() => {});
    const answer = await sweep();
    expect(answer).toMatchObject({ complete: false, orders: [{ orderId: null, confirmed: false }] });
    expect(cancelsSent()).toEqual([]);
  });
});

describe("S31: a bracket's exits are not lost with what is left of its entry", () => {
  const bracket = () =>
    at.guard.place({
      ...order("BUY", "4", { limitPrice: "100" }),
      bracket: { takeProfit: decimal(120), stopLoss: decimal(80) },
    });

  test("a part-filled entry stays, and the answer says how it ends", async () => {
    const entry = (await bracket()).orderId ?? "";
    at.venue.fill(entry, "1");
    const answer = await sweep();
    expect(answer).toMatchObject({ complete: false, orders: [{ orderId: entry, confirmed: false }] });
    expect(answer.orders[0]?.message).toMatch(/has filled in part.*cancel_order with/);
    expect(cancelsSent()).toEqual([]);
  });

  test("one that has filled nothing goes", async () => {
    const entry = (await bracket()).orderId ?? "";
    const answer = await sweep();
    expect(answer.orders).toMatchObject([{ orderId: entry, confirmed: true }]);
    expect(answer.warnings).toEqual([]);
  });
});

describe("what does not send", () => {
  test("S33: a dry run tells what would go, and sends nothing", async () => {
    await restingBuy();
    const answer = await at.another({ dryRun: true }).cancelAll({ scope: "entries", symbol: null });
    expect(answer).toMatchObject({ dryRun: true, complete: false, orders: [{ confirmed: false }] });
    expect(cancelsSent()).toEqual([]);
  });

  test("S30: while trading is halted entries go and exits stay", async () => {
    const stop = await protectedPosition();
    const buy = await restingBuy();
    await at.guard.halt({ stopExits: true, cancelWorking: false, mayCancel: true, reason: null });
    const answer = await sweep("all");
    expect(answer.complete).toBe(false);
    expect([statusOf(buy), statusOf(stop)]).toEqual(["cancelled", "submitted"]);
    expect(answer.orders[1]?.message).toContain("trading is halted");
  });
});
