import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { VenueOrder } from "../domain/order.ts";
import { type Bench, bench, failure, order, refusedBy } from "../testing/fixtures.ts";
import type { HaltRequest } from "./answers.ts";
import { tradingStateFile } from "./trading-state.ts";

let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const halt = (change: Partial<HaltRequest> = {}) =>
  at.guard.halt({ stopExits: false, cancelWorking: false, mayCancel: true, reason: null, ...change });
const state = () => tradingStateFile(at.stateDir, "ibkr").read().state;
const restingBuy = () => at.guard.place(order("BUY", "5", { limitPrice: "90" }));
const held = () => at.venue.hold(at.venue.instruments.get("AAPL") as never, "10");
const stop = () => at.guard.place(order("SELL", "10", { stopPrice: "80" }));

function foreign(change: Partial<VenueOrder>): string {
  const orderId = `f${at.venue.orders.size}`;
  at.venue.orders.set(orderId, {
    orderId,
    clientOrderId: null,
    parentOrderId: null,
    instrumentId: "id-AAPL",
    symbol: "AAPL",
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
    ...change,
  });
  return orderId;
}

describe("S30: an agent tightens, and only the operator loosens", () => {
  test("a halt stops entries and lets exits through", async () => {
    held();
    expect(await halt({ reason: "odd prices" })).toMatchObject({
      state: "REDUCING",
      before: "ACTIVE",
      changed: true,
      complete: true,
    });
    expect(refusedBy(await failure(at.guard.place(order("BUY", "1"))))).toEqual(["trading-state"]);
    await at.guard.place(order("SELL", "1"));
    expect(at.records().find((each) => each.kind === "switch")).toMatchObject({
      state: "REDUCING",
      before: "ACTIVE",
      reason: "odd prices",
      origin: "agent",
      user: null,
    });
  });

  test("stop_exits stops them too, and no later call takes that back", async () => {
    held();
    await halt();
    expect(await halt({ stopExits: true })).toMatchObject({ state: "HALTED", before: "REDUCING" });
    expect(await halt()).toMatchObject({ state: "HALTED", before: "HALTED", changed: false, complete: true });
    expect(refusedBy(await failure(at.guard.place(order("SELL", "1"))))).toEqual(["trading-state"]);
    expect(state()).toBe("HALTED");
  });

  test("the same call again changes nothing and adds no record", async () => {
    await halt();
    const before = at.kinds().length;
    expect(await halt()).toMatchObject({ changed: false, complete: true });
    expect(at.kinds()).toHaveLength(before);
  });

  test("another server on the same folder obeys at its next decision", async () => {
    const other = at.another();
    await other.place(order("BUY", "1"));
    await halt();
    expect(refusedBy(await failure(other.place(order("BUY", "2"))))).toEqual(["trading-state"]);
  });

  test("two that tighten at the same moment leave the tighter one", async () => {
    const other = at.another();
    const ask = { cancelWorking: false, mayCancel: true, reason: null };
    await Promise.all([
      halt({ stopExits: true }),
      ...[1, 2, 3].map(() => other.halt({ ...ask, stopExits: false })),
      halt(),
    ]);
    expect(state()).toBe("HALTED");
  });
});

describe("a halt needs nobody", () => {
  test("it stands while the venue is away, and says that it is not complete", async () => {
    at.venue.identity = new Error("gateway is down");
    const answer = await halt();
    expect(answer).toMatchObject({ state: "REDUCING", changed: true, complete: false });
    expect(answer.unread.join()).toContain("gateway is down");
    expect(state()).toBe("REDUCING");
  });

  test("a switch that cannot be written still stops this server, and the answer says for whom", async () => {
    await at.guard.posture();
    // A folder where the new file has to go: it cannot be written, as on a broken disk.
    const blocker = join(at.stateDir, `ibkr.trading-state.json.${process.pid}.new`);
    mkdirSync(blocker);
    const answer = await halt({ stopExits: true });
    expect(answer).toMatchObject({ state: "HALTED", complete: false });
    expect(answer.unread.join()).toMatch(/for no other/);
    expect(refusedBy(await failure(at.guard.place(order("BUY", "1"))))).toEqual(["trading-state"]);
    rmSync(blocker, { recursive: true });
  });
});

describe("what was on its way", () => {
  test("a halt waits for the outcome of an order that was dispatched", async () => {
    let answered: () => void = () => {};
    const sent = new Promise<void>((begun) => {
      at.venue.nextSubmits.push(async (prepared, gate) => {
        await gate.begin();
        begun();
        await new Promise<void>((resolve) => {
          answered = resolve;
        });
        const taken = at.venue.accept(prepared.intent);
        return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
      });
    });
    const placing = restingBuy();
    await sent;
    const halting = halt();
    answered();
    expect(await halting).toMatchObject({ complete: true, inFlight: [] });
    await placing;
  });

  test("one that has no outcome in time is named, and the halt is not complete", async () => {
    let release: () => void = () => {};
    const sent = new Promise<void>((begun) => {
      at.venue.nextSubmits.push(async (prepared, gate) => {
        await gate.begin();
        begun();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return { kind: "rejected", reason: prepared.intent.clientOrderId, exchanges: [] };
      });
    });
    const placing = failure(restingBuy());
    await sent;
    const answer = await halt();
    expect(answer.complete).toBe(false);
    expect(answer.inFlight).toHaveLength(1);
    release();
    await placing;
  });
});

describe("cancel_working", () => {
  test("cancels entries, leaves the stop and what others placed, and waits for the venue's word", async () => {
    held();
    const stopped = await stop();
    const buy = await restingBuy();
    const theirs = foreign({});
    at.venue.nextCancels.push(async (target) => {
      at.venue.amend(target.orderId, { status: "cancelled" });
      return { kind: "requested", order: null, reason: "asked" };
    });
    const answer = await halt({ cancelWorking: true });
    expect(answer).toMatchObject({ complete: true, left: { exits: 1, foreign: 1 } });
    expect(answer.orders).toMatchObject([{ orderId: buy.orderId, status: "cancelled", confirmed: true }]);
    expect(at.venue.orders.get(stopped.orderId ?? "")?.status).toBe("submitted");
    expect(at.venue.orders.get(theirs)?.status).toBe("submitted");
    expect(at.records().filter((each) => each.kind === "cancel")).toHaveLength(2);
  });

  test("a cancel that the venue does not confirm leaves the halt incomplete", async () => {
    await restingBuy();
    at.venue.nextCancels.push(async () => ({ kind: "requested", order: null, reason: "asked" }));
    const answer = await halt({ cancelWorking: true });
    expect(answer).toMatchObject({ complete: false, orders: [{ confirmed: false, status: "submitted" }] });
  });

  test("a list that could not be read is not a list without orders", async () => {
    at.venue.ordersUnread = "the list is not primed";
    const answer = await halt({ cancelWorking: true });
    expect(answer).toMatchObject({ complete: false, orders: [], left: { foreign: null } });
    expect(answer.unread).toEqual(["the venue's list of orders: the list is not primed"]);
  });

  test("a list that lacks one of ours is unread, and ours is cancelled all the same", async () => {
    const buy = await restingBuy();
    at.clock.advance(1);
    at.venue.ordersUnread = "503";
    const answer = await halt({ cancelWorking: true });
    expect(answer.complete).toBe(false);
    expect(answer.orders).toMatchObject([{ orderId: buy.orderId, confirmed: true }]);
  });

  test("an entry of unknown fate is told and keeps the halt incomplete", async () => {
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      return { kind: "unknown", reason: "lost", exchanges: [] };
    });
    await failure(restingBuy());
    const answer = await halt({ cancelWorking: true });
    expect(answer).toMatchObject({ complete: false, orders: [{ orderId: null, confirmed: false }] });
    expect(answer.unresolved).toHaveLength(1);
  });

  test.each([
    ["S32: read mode", { mayCancel: false }, {}],
    ["a dry run", {}, { dryRun: true }],
  ])("%s sets the switch and cancels nothing", async (_, request, policy) => {
    await restingBuy();
    const guard = at.another(policy);
    const all = { stopExits: false, cancelWorking: true, mayCancel: true, reason: null, ...request };
    const answer = await guard.halt(all);
    expect(answer).toMatchObject({ state: "REDUCING", complete: false, orders: [] });
    expect(at.venue.wire.filter((each) => each.startsWith("cancel"))).toEqual([]);
  });

  test("on an account other than the configured one nothing is cancelled", async () => {
    const guard = at.another({ accountId: "DU9" });
    foreign({});
    const answer = await guard.halt({ stopExits: false, cancelWorking: true, mayCancel: true, reason: null });
    expect(answer).toMatchObject({ state: "REDUCING", complete: false });
    expect(at.venue.wire).toEqual([]);
  });
});

describe("S30: cancels while HALTED", () => {
  test("an entry can be cancelled", async () => {
    const buy = await restingBuy();
    await halt({ stopExits: true });
    expect((await at.guard.cancel(buy.orderId ?? "")).outcome).toBe("done");
  });

  test("a protective exit cannot: it could not be placed again", async () => {
    held();
    const stopped = await stop();
    await halt({ stopExits: true });
    const refused = await failure(at.guard.cancel(stopped.orderId ?? ""));
    expect(refused).toMatchObject({ code: "trading_halted", details: { outcome: "not_sent" } });
    expect(at.venue.wire.filter((each) => each.startsWith("cancel"))).toEqual([]);
  });

  test("REDUCING lets both through", async () => {
    held();
    const stopped = await stop();
    await halt();
    expect((await at.guard.cancel(stopped.orderId ?? "")).outcome).toBe("done");
  });

  test.each([
    ["a buy of what is not held short", {}, true],
    ["a sell of what is held", { side: "SELL" as const }, false],
    ["the child of another order", { parentOrderId: "77" }, false],
  ])("an order of others: %s", async (_, change, allowed) => {
    held();
    await at.guard.posture();
    const id = foreign(change);
    await halt({ stopExits: true });
    const cancel = at.guard.cancel(id);
    if (allowed) expect((await cancel).outcome).toBe("done");
    else expect((await failure(cancel)).code).toBe("trading_halted");
  });

  test("an order of others while positions cannot be read might be an exit", async () => {
    const id = foreign({});
    at.venue.positionsUnread = "503";
    await halt({ stopExits: true });
    expect((await failure(at.guard.cancel(id))).code).toBe("trading_halted");
  });
});

test("S30: the operator's resume does not undo what was tightened after they looked", async () => {
  const file = tradingStateFile(at.stateDir, "ibkr");
  await halt();
  const seen = file.fingerprint();
  await halt({ stopExits: true });
  expect(await file.loosen(seen, "resumed", at.clock)).toEqual({
    before: "HALTED",
    state: "HALTED",
    moved: false,
  });
  expect(await file.loosen(file.fingerprint(), "resumed", at.clock)).toMatchObject({
    state: "ACTIVE",
    moved: true,
  });
  await at.guard.place(order("BUY", "1"));
});
