import { afterEach, beforeEach, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { JournalRecord } from "../journal/record.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

const AAPL = stock("AAPL");
let at: Bench;
let stopId: string;
beforeEach(async () => {
  at = bench();
  at.venue.hold(AAPL, "10");
  stopId = (await at.guard.place(order("SELL", "10", { stopPrice: "95" }))).orderId ?? "";
  at.venue.wire.length = 0;
});
afterEach(() => at.end());

const rejected: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "rejected", reason: "margin", exchanges: [] };
};

function plans(): string[] {
  return at
    .records()
    .filter((each): each is JournalRecord & { kind: "plan" } => each.kind === "plan")
    .map((each) => each.step);
}

test("S29, M8: a position behind a resting stop is closed: stop cancelled, shares sold, plan closed", async () => {
  const answer = await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
  expect(answer).toMatchObject({ cancelled: [stopId], restored: [], unprotected: false });
  expect(answer.order?.status).toBe("filled");
  expect(plans()).toEqual(["opened", "closed"]);
  expect((await at.guard.closePosition("AAPL", null)).order).toBeNull();
});

test("S29: the plan is on disk before the first cancel is sent", async () => {
  const seen: string[][] = [];
  at.venue.nextCancels.push(async (target) => {
    seen.push(at.kinds().slice(-2));
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "done", order: { ...target, status: "cancelled" } };
  });
  await at.guard.closePosition("AAPL", null);
  expect(seen).toEqual([["plan", "cancel"]]);
});

test("S29: when the cancel is not terminal in time, nothing is sold", async () => {
  at.venue.nextCancels.push(async () => ({ kind: "requested", order: null, reason: "pending" }));
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.code).toBe("cancel_not_confirmed");
  expect(at.venue.wire).toEqual([`cancel ${stopId}`]);
  expect(plans()).toEqual(["opened", "failed"]);
  expect(error.details).toMatchObject({ cancelled: [], restored: [], unprotected: false });
});

test("S29: a cancel that is confirmed a moment later is waited for", async () => {
  at.venue.nextCancels.push(async (target) => {
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "requested", order: null, reason: "pending" };
  });
  expect((await at.guard.closePosition("AAPL", null)).order?.status).toBe("filled");
});

test("S29: when the sale is rejected, the stop stands again", async () => {
  at.venue.nextSubmits.push(rejected);
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.code).toBe("order_rejected");
  expect(error.details).toMatchObject({ cancelled: [stopId], restored: ["2"], unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL stop"]);
  expect(at.venue.orders.get("2")?.stopPrice?.toFixed()).toBe("95");
});

test("S29: a sale that is taken and then ends rejected leaves the stop standing again", async () => {
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    await gate.begin();
    const taken = at.venue.accept(intent);
    at.venue.amend(taken.orderId, { status: "rejected" });
    return {
      kind: "acknowledged",
      orderId: taken.orderId,
      order: { ...taken, status: "rejected" },
      exchanges: [],
    };
  });
  const answer = await at.guard.closePosition("AAPL", null);
  expect(answer.order?.status).toBe("rejected");
  expect(answer.restored).toHaveLength(1);
  expect(answer.message).toContain("ended rejected");
});

test("S29: when neither sale nor stop is taken, the position is said to be bare, here and in the posture", async () => {
  at.venue.nextSubmits.push(rejected, rejected);
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.message).toContain("NO PROTECTIVE ORDER");
  expect(error.details?.unprotected).toBe(true);
  expect((await at.guard.posture()).openPlans.join()).toContain("without its protective order");
  await at.guard.place(order("SELL", "10", { stopPrice: "95" }));
  expect((await at.guard.posture()).openPlans).toEqual([]);
});

test("S29: after a sale of unknown fate nothing is placed on top of it, and it is said to be bare", async () => {
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    return { kind: "unknown", reason: "timeout", exchanges: [] };
  });
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.code).toBe("outcome_unknown");
  expect(error.details?.client_order_id).toBeTruthy();
  expect(error.details).toMatchObject({ restored: [], unprotected: true });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`]);
});

test("S29: after a partial close the stop stands again for the rest", async () => {
  const answer = await at.guard.closePosition("AAPL", decimal(4));
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 4 AAPL market", "SELL 6 AAPL stop"]);
  expect(answer).toMatchObject({ unprotected: false, restored: [{ orderType: "stop" }] });
});

test("S29: a stop that fills while it is being cancelled is counted, and nothing is sold twice", async () => {
  at.venue.nextCancels.push(async (target) => {
    at.venue.fill(target.orderId);
    const order = at.venue.orders.get(target.orderId) ?? target;
    return { kind: "done", order };
  });
  const answer = await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`]);
  expect(answer).toMatchObject({ order: null, restored: [], unprotected: false });
  expect(answer.message).toContain("filled while it was being cancelled");
});

test("S29: a stop that fills wholly under a partial close raises no false alarm", async () => {
  at.venue.nextCancels.push(async (target) => {
    at.venue.fill(target.orderId);
    return { kind: "done", order: at.venue.orders.get(target.orderId) ?? target };
  });
  expect(await at.guard.closePosition("AAPL", decimal(4))).toMatchObject({ order: null, unprotected: false });
});

test("S29: a stop that fills in part while it is being cancelled leaves the rest to be sold", async () => {
  at.venue.nextCancels.push(async (target) => {
    at.venue.fill(target.orderId, "4");
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "done", order: at.venue.orders.get(target.orderId) ?? target };
  });
  await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 6 AAPL market"]);
});

test("S29: after a partly filled stop and a rejected sale, what is held is protected and no more", async () => {
  at.venue.nextCancels.push(async (target) => {
    at.venue.fill(target.orderId, "4");
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "done", order: at.venue.orders.get(target.orderId) ?? target };
  });
  at.venue.nextSubmits.push(rejected);
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.details).toMatchObject({ unprotected: false });
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 6 AAPL stop"]);
});

test("S29: where less is held than was protected, the stop comes back before the limit", async () => {
  await at.guard.cancel(stopId);
  await at.guard.place(order("SELL", "4", { limitPrice: "120", timeInForce: "GTC" }));
  await at.guard.place(order("SELL", "6", { stopPrice: "95" }));
  at.venue.wire.length = 0;
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    at.venue.hold(AAPL, "6");
    return { kind: "rejected", reason: "margin", exchanges: [] };
  });
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(at.venue.wire.slice(2)).toEqual(["SELL 6 AAPL stop"]);
  expect(error.details).toMatchObject({ unprotected: false });
});

test("S29: what a rule refuses is refused before anything is cancelled, and journaled", async () => {
  at.venue.schedule = { sessions: [], alwaysOpen: false };
  expect(refusedBy(await failure(at.guard.closePosition("AAPL", null)))).toEqual(["market-hours"]);
  expect(at.venue.wire).toEqual([]);
  expect(at.kinds().at(-1)).toBe("refusal");
});

test("a position that somebody else's order sells is not closed, and the next step names that order", async () => {
  at.venue.amend(stopId, { clientOrderId: null });
  const foreignOnly = bench();
  foreignOnly.venue.hold(AAPL, "10");
  const stop = at.venue.orders.get(stopId);
  if (stop) foreignOnly.venue.orders.set("f9", { ...stop, orderId: "f9" });
  const error = await failure(foreignOnly.guard.closePosition("AAPL", null));
  foreignOnly.end();
  expect(error.nextStep).toContain("f9");
  expect(error.nextStep).not.toContain("close_position");
});

test("H5: a market sale that still works is not cancelled and sold again by a second close", async () => {
  await at.guard.cancel(stopId);
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    await gate.begin();
    const taken = at.venue.accept(intent);
    return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
  });
  await at.guard.closePosition("AAPL", null);
  at.venue.wire.length = 0;
  expect(refusedBy(await failure(at.guard.closePosition("AAPL", null)))).toEqual(["oversell"]);
  expect(at.venue.wire).toEqual([]);
});

test("more than is held cannot be closed", async () => {
  expect((await failure(at.guard.closePosition("AAPL", decimal(11)))).code).toBe("crosses_flat");
});

test("a short is closed by buying", async () => {
  at.venue.hold(stock("MSFT"), "-3");
  at.clock.advance(1);
  const answer = await at.guard.closePosition("MSFT", null);
  expect(answer.order).toMatchObject({ side: "BUY", status: "filled" });
});
