import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CancelOutcome } from "../domain/outcome.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";
import type { CancelScript } from "../testing/scripted-venue.ts";
import { tradingStateFile } from "./trading-state.ts";

const AAPL = stock("AAPL");
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

/** A buy that rests as order 1 of the venue. */
async function resting(): Promise<string> {
  const { orderId } = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
  return orderId ?? "";
}
const answers =
  (outcome: CancelOutcome): CancelScript =>
  async () =>
    outcome;
const cancelRecords = () =>
  at
    .records()
    .flatMap((each) =>
      each.kind === "cancel" ? [[each.phase, each.outcome, each.reason, each.orderId]] : [],
    );
const cancelsSent = () => at.venue.wire.filter((each) => each.startsWith("cancel"));

describe("S31: what became of a cancel, in words and on disk", () => {
  const cases: [string, CancelOutcome, string][] = [
    [
      "taken",
      { kind: "requested", order: null, reason: "it is in the queue" },
      "The cancel was taken and is not confirmed yet: it is in the queue. The order counts as working; look at order_status.",
    ],
    [
      "refused",
      { kind: "rejected", order: null, reason: "too late" },
      "The venue did not cancel order 1: too late",
    ],
    [
      "not sent",
      { kind: "not_sent", reason: "no session", code: "no_session" },
      "The cancel was not sent: no session.",
    ],
    [
      "unknown",
      { kind: "unknown", reason: "a time-out" },
      "Whether the cancel arrived is unknown: a time-out. The order counts as working; look at order_status.",
    ],
  ];
  test.each(cases)("%s: the order works on", async (_, outcome, message) => {
    const id = await resting();
    at.venue.nextCancels.push(answers(outcome));
    const answer = await at.guard.cancel(id);
    expect(answer).toMatchObject({
      orderId: id,
      outcome: outcome.kind,
      message,
      warnings: [],
      order: { status: "submitted", clientOrderId: answer.clientOrderId },
    });
    const reason = "reason" in outcome ? outcome.reason : null;
    expect(cancelRecords()).toEqual([
      ["intent", null, null, id],
      ["outcome", outcome.kind, reason, id],
    ]);
  });

  test("confirmed: the order is over", async () => {
    const id = await resting();
    const answer = await at.guard.cancel(id);
    expect(answer).toMatchObject({ outcome: "done", message: "Order 1 is cancelled.", warnings: [] });
    expect(cancelRecords()).toEqual([
      ["intent", null, null, id],
      ["outcome", "done", null, id],
    ]);
  });

  test("confirmed by its fill: that is told, and never that it was cancelled", async () => {
    const id = await resting();
    at.venue.nextCancels.push(async ({ orderId }) => {
      at.venue.fill(orderId);
      return { kind: "done", order: at.venue.orders.get(orderId) as never };
    });
    const answer = await at.guard.cancel(id);
    expect(answer.message).toBe("Order 1 was filled before the cancel reached it.");
    expect(answer.order).toMatchObject({ status: "filled" });
  });

  test("an answer that got lost counts as unknown, with its reason", async () => {
    const id = await resting();
    at.venue.nextCancels.push(() => Promise.reject(new Error("socket hang up")));
    expect(await at.guard.cancel(id)).toMatchObject({
      outcome: "unknown",
      message: expect.stringContaining("unknown: socket hang up."),
    });
  });

  test("what the venue's answer shows of the order is journaled with it", async () => {
    const id = await resting();
    at.venue.nextCancels.push(async ({ orderId }) => {
      at.venue.fill(orderId, "0.4", "90");
      return { kind: "requested", order: at.venue.orders.get(orderId) ?? null, reason: "slow" };
    });
    const { order: seen } = await at.guard.cancel(id);
    expect(seen?.filledQuantity?.toFixed()).toBe("0.4");
    expect(at.kinds().slice(-3)).toEqual(["cancel", "resolution", "cancel"]);
  });
});

describe("what needs no cancel sends none", () => {
  test("an order that is over", async () => {
    const id = await resting();
    await at.guard.cancel(id);
    expect(await at.guard.cancel(id)).toMatchObject({
      outcome: "rejected",
      message: "The order is already cancelled.",
      order: { status: "cancelled" },
    });
    expect(cancelsSent()).toHaveLength(1);
  });

  test("S33: a dry run, of our order and of somebody else's", async () => {
    const id = await resting();
    const dry = at.another({ dryRun: true });
    const message =
      "Dry run: the cancel was not sent. The operator turns dry run off with IBKR_DRY_RUN=false.";
    const own = await dry.cancel(id);
    expect(own).toMatchObject({ outcome: "not_sent", message, order: { status: "submitted" } });
    expect(own.clientOrderId).toMatch(/^[a-z0-9]{18}$/);
    expect(await dry.cancel("900")).toMatchObject({
      outcome: "not_sent",
      message,
      order: null,
      clientOrderId: null,
    });
    expect(cancelsSent()).toEqual([]);
    expect(cancelRecords()).toEqual([]);
  });

  test("an order that the venue was never seen to hold has nothing there to cancel", async () => {
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      return { kind: "unknown", reason: "lost", exchanges: [] };
    });
    const lost = await failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })));
    const id = String(lost.details?.client_order_id ?? lost.details?.clientOrderId);
    const refused = await failure(at.guard.cancel(id));
    expect(refused).toMatchObject({
      code: "order_not_found",
      retryable: true,
      message: `The venue has not been seen to hold ${id}, so there is nothing to cancel there yet.`,
      nextStep: `Call order_status with ${id} in a moment; it is looked for each time.`,
    });
    expect(cancelsSent()).toEqual([]);
  });

  test("L32: an account other than the configured one", async () => {
    const id = await resting();
    const refused = await failure(at.another({ accountId: "DU9" }).cancel(id));
    expect(refused).toMatchObject({
      code: "account_mismatch",
      details: { outcome: "not_sent" },
      checks: [{ rule: "account-identity", verdict: "refuse", observed: "DU1", limit: "DU9" }],
    });
    expect(refused.nextStep).toContain("IBKR_ACCOUNT_ID");
    expect(cancelsSent()).toEqual([]);
  });
});

test("S30: a halt says of which order it keeps the cancel, and where that can be done", async () => {
  at.venue.hold(AAPL, "5");
  const stop = await at.guard.place(order("SELL", "5", { stopPrice: "95" }));
  at.venue.amend(stop.orderId ?? "", { status: "submitted" });
  tradingStateFile(at.stateDir, "ibkr").write("HALTED", "a fire", new Date(at.clock.now()));
  const own = await failure(at.guard.cancel(stop.orderId ?? ""));
  expect(own.message).toMatch(
    /^Trading is halted \(a fire .*\), and order 1 is an exit: cancelled now, it could/,
  );
  expect(own.nextStep).toBe(
    "Entries can be cancelled. Only the operator can resume trading, in a terminal; whoever wants this order gone before that cancels it at the venue.",
  );
  const strange = await failure(at.guard.cancel("900"));
  expect(strange.message).toContain("and order 900 may be one:");
  expect(strange.details).toEqual({ outcome: "not_sent" });
});

describe("S31: a stop that is gone leaves a position unprotected", () => {
  const unprotected = "AAPL has no stop order of this journal any more; its position is unprotected.";
  const cancelled = async (...ids: (string | null)[]) => {
    const warnings: string[][] = [];
    for (const id of ids) warnings.push((await at.guard.cancel(id ?? "")).warnings);
    return warnings;
  };

  test("said for the last stop, and not while another one stands", async () => {
    at.venue.hold(AAPL, "5");
    const one = await at.guard.place(order("SELL", "2", { stopPrice: "95" }));
    const two = await at.guard.place(order("SELL", "3", { stopPrice: "94", limitPrice: "93" }));
    expect(await cancelled(one.orderId, two.orderId)).toEqual([[], [unprotected]]);
  });

  test("a resting limit protects nothing, and its end is no loss of protection", async () => {
    at.venue.hold(AAPL, "5");
    const stop = await at.guard.place(order("SELL", "2", { stopPrice: "95" }));
    const target = await at.guard.place(order("SELL", "3", { limitPrice: "120" }));
    expect(await cancelled(stop.orderId, target.orderId)).toEqual([[unprotected], []]);
  });

  test("an entry's stop protects nothing either", async () => {
    const entry = await at.guard.place(order("BUY", "1", { stopPrice: "104" }));
    expect(await cancelled(entry.orderId)).toEqual([[]]);
  });

  test("nothing is said while the stop may still work", async () => {
    at.venue.hold(AAPL, "5");
    const stop = await at.guard.place(order("SELL", "5", { stopPrice: "95" }));
    at.venue.nextCancels.push(answers({ kind: "requested", order: null, reason: "slow" }));
    expect(await cancelled(stop.orderId)).toEqual([[]]);
  });
});

test("an order of somebody else is cancelled by the venue's id and told as the venue shows it", async () => {
  const id = await resting();
  const own = at.venue.orders.get(id);
  at.venue.orders.set("900", { ...own, orderId: "900", clientOrderId: "theirs" } as never);
  const answer = await at.guard.cancel("900");
  expect(answer).toMatchObject({
    orderId: "900",
    clientOrderId: null,
    outcome: "done",
    message: "Order 900 is cancelled.",
    order: { orderId: "900", status: "cancelled" },
  });
  expect(cancelRecords().map(([, , , orderId]) => orderId)).toEqual(["900", "900"]);
});
