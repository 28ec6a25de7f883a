import { afterEach, beforeEach, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Append, openJournal } from "../journal/journal.ts";
import type { JournalRecord } from "../journal/record.ts";
import { deadWriter } from "../testing/dead-writer.ts";
import { type Bench, bench, failure, order, policyOf, stock } from "../testing/fixtures.ts";
import { createGuardedBroker } from "./guarded-broker.ts";
import { tradingStateFile } from "./trading-state.ts";

const AAPL = stock("AAPL");
const ACCOUNT = { venue: "ibkr", account: "DU1", mode: "paper" };
let at: Bench;
let stopId: string;
let stopClientId: string;
beforeEach(async () => {
  at = bench();
  at.venue.hold(AAPL, "10");
  const stop = await at.guard.place(order("SELL", "10", { stopPrice: "95" }));
  stopId = stop.orderId ?? "";
  stopClientId = stop.clientOrderId ?? "";
});
afterEach(() => at.end());

const journaledStop = () =>
  at.records().find((each): each is JournalRecord & { kind: "intent" } => each.kind === "intent")?.order;
const stops = () => at.venue.wire.filter((line) => line.endsWith("AAPL stop"));
const plans = () =>
  at
    .records()
    .filter((each): each is JournalRecord & { kind: "plan" } => each.kind === "plan")
    .map((each) => (each.unprotected ? "failed, unprotected" : each.step));

/** A server that opened a plan, asked for its cancel, and was killed after `more`. */
async function leaveOpenPlan(more: (append: Append) => void = () => {}): Promise<void> {
  const path = (await at.guard.posture()).journalPath ?? "";
  const writer = await deadWriter(at.stateDir);
  const protection = journaledStop();
  if (!protection) throw new Error("the stop has no intent");
  const journal = openJournal(path, ACCOUNT, at.clock, writer);
  await journal.locked(1_000, (append) => {
    append({
      kind: "plan",
      planId: "plan-1",
      step: "opened",
      symbol: "AAPL",
      instrumentId: AAPL.id,
      quantity: "10",
      protections: [protection],
      cancels: [stopClientId],
      reason: null,
    });
    more(append);
  });
  journal.close();
  at.venue.wire.length = 0;
}

const asked = (append: Append) =>
  void append({
    kind: "cancel",
    phase: "intent",
    clientOrderId: stopClientId,
    orderId: stopId,
    outcome: null,
    reason: null,
  });

/** The usual crash: the stop is cancelled at the venue, nothing was sold. */
async function dieBare(): Promise<void> {
  await leaveOpenPlan(asked);
  at.venue.amend(stopId, { status: "cancelled" });
}

test("S29: after a crash between cancel and sale the status puts the stop back, once", async () => {
  await dieBare();
  const said = await at.another().posture();
  expect(stops()).toEqual(["SELL 10 AAPL stop"]);
  expect(said.openPlans).toEqual([]);
  expect(plans()).toEqual(["opened", "opened", "failed"]);
  await at.another().posture();
  await at.guard.openOrders();
  expect(stops()).toHaveLength(1);
});

test.each<[string, () => Promise<unknown>]>([
  ["an order", () => at.another().place(order("BUY", "1", {}, "MSFT"))],
  ["a list of positions", () => at.another().positions()],
  ["a list of orders", () => at.another().openOrders()],
  ["another close", () => at.another().closePosition("MSFT", null)],
  ["a cancel", () => at.another().cancel(stopId)],
])("S29: %s puts the stop back first", async (_, call) => {
  await dieBare();
  await call();
  expect(at.venue.wire[0]).toBe("SELL 10 AAPL stop");
});

test("S29: two servers that find the plan at the same moment put the stop back once", async () => {
  await dieBare();
  await Promise.all([at.another().posture(), at.another().posture(), at.guard.positions()]);
  expect(stops()).toHaveLength(1);
  expect(plans()).toEqual(["opened", "opened", "failed"]);
});

test("S29: shares that are no longer held are not protected", async () => {
  await dieBare();
  at.venue.hold(AAPL, "0");
  expect((await at.guard.posture()).openPlans).toEqual([]);
  expect(stops()).toEqual([]);
});

test("S29: what is held by now is protected, and no more", async () => {
  await dieBare();
  at.venue.hold(AAPL, "6");
  await at.guard.posture();
  expect(stops()).toEqual(["SELL 6 AAPL stop"]);
});

test("S29: a stop that was never cancelled is left alone, and the plan ends", async () => {
  await leaveOpenPlan();
  expect((await at.guard.posture()).openPlans).toEqual([]);
  expect(at.venue.wire).toEqual([]);
  expect(plans()).toEqual(["opened", "opened", "failed"]);
});

test("S29: a stop that the dead server had put back is not placed twice, and is told from the one that is still missing", async () => {
  await at.guard.cancel(stopId);
  const first = await at.guard.place(order("SELL", "4", { stopPrice: "95" }));
  const second = await at.guard.place(order("SELL", "6", { stopPrice: "90" }));
  const intents = at.records().filter((each) => each.kind === "intent");
  const orders = [first, second].map(
    ({ clientOrderId }) => intents.find((each) => each.clientOrderId === clientOrderId)?.order,
  );
  const path = (await at.guard.posture()).journalPath ?? "";
  const journal = openJournal(path, ACCOUNT, at.clock, await deadWriter(at.stateDir));
  const restored = "aaaa00000000000001";
  await journal.locked(1_000, (append) => {
    const [one, two] = orders;
    if (!one || !two) throw new Error("an intent is missing");
    append({
      kind: "plan",
      planId: "plan-2",
      step: "opened",
      symbol: "AAPL",
      instrumentId: AAPL.id,
      quantity: "10",
      protections: [one, two],
      cancels: [first.clientOrderId ?? "", second.clientOrderId ?? ""],
      reason: null,
    });
    append({
      kind: "intent",
      clientOrderId: restored,
      order: one,
      exit: true,
      worstCase: null,
      riskCurrency: "USD",
      checks: [],
      planId: "plan-2",
    });
    append({ kind: "dispatch", clientOrderId: restored });
  });
  journal.close();
  const stop = at.venue.orders.get(first.orderId ?? "");
  if (stop) at.venue.orders.set("r1", { ...stop, orderId: "r1", clientOrderId: restored });
  for (const each of [first, second]) at.venue.amend(each.orderId ?? "", { status: "cancelled" });
  at.venue.wire.length = 0;
  await at.guard.posture();
  expect(stops()).toEqual(["SELL 6 AAPL stop"]);
  expect([...at.venue.orders.values()].at(-1)?.stopPrice?.toFixed()).toBe("90");
});

test("S29: a position that another order protects by now gets no second one, and is not said to be bare", async () => {
  const protection = journaledStop();
  if (!protection) throw new Error("the stop has no intent");
  const about = { clientOrderId: "bbbb00000000000001" };
  await leaveOpenPlan((append) => {
    asked(append);
    append({
      kind: "intent",
      ...about,
      order: { ...protection, stopPrice: "90" },
      exit: true,
      worstCase: null,
      riskCurrency: "USD",
      checks: [],
      planId: null,
    });
    append({ kind: "dispatch", ...about });
  });
  const stop = at.venue.orders.get(stopId);
  if (stop) at.venue.orders.set("r2", { ...stop, ...about, orderId: "r2" });
  at.venue.amend(stopId, { status: "cancelled" });
  expect((await at.guard.posture()).openPlans).toEqual([]);
  expect(stops()).toEqual([]);
});

test("S29: a trailing stop is put back with its distance", async () => {
  await at.guard.cancel(stopId);
  const trailing = {
    ...order("SELL", "10"),
    orderType: "trailing_stop" as const,
    timeInForce: "GTC" as const,
  };
  await at.guard.place({ ...trailing, trailPercent: decimal("2.5") });
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    return { kind: "rejected", reason: "margin", exchanges: [] };
  });
  await failure(at.guard.closePosition("AAPL", null));
  const intents = at.records().filter((each) => each.kind === "intent");
  expect(intents.at(-1)?.order).toMatchObject({ orderType: "trailing_stop", trailPercent: "2.5" });
});

test("S29: when the venue does not take the stop, the position is said to be unprotected, and it is not tried again", async () => {
  await dieBare();
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    return { kind: "rejected", reason: "margin", exchanges: [] };
  });
  const said = await at.guard.posture();
  expect(said.openPlans.join()).toContain("unprotected: closing AAPL");
  expect((await at.guard.positions()).warnings?.join()).toContain("unprotected: closing AAPL");
  expect(plans().at(-1)).toBe("failed, unprotected");
  await at.another().posture();
  expect(stops()).toEqual([]);
});

test("S29: a plan that a dead server had ended bare is said, and is the agent's to mend", async () => {
  await leaveOpenPlan((append) => {
    asked(append);
    const plan = { kind: "plan" as const, planId: "plan-1", symbol: "AAPL", instrumentId: AAPL.id };
    append({
      ...plan,
      step: "failed",
      quantity: "10",
      protections: [],
      cancels: [stopClientId],
      reason: "margin",
      unprotected: true,
    });
  });
  at.venue.amend(stopId, { status: "cancelled" });
  expect((await at.guard.posture()).openPlans.join()).toContain("unprotected");
  expect(plans()).toEqual(["opened", "failed, unprotected"]);
  expect(at.venue.wire).toEqual([]);
});

test("S29: a cancel that is confirmed late is waited for before the stop is placed again", async () => {
  await leaveOpenPlan(asked);
  const order = at.venue.broker.order.bind(at.venue.broker);
  let looks = 0;
  at.venue.broker.order = async (id) => {
    if (id === stopId && ++looks === 4) at.venue.amend(stopId, { status: "cancelled" });
    return order(id);
  };
  await at.guard.posture();
  expect(looks).toBeGreaterThanOrEqual(4);
  expect(stops()).toEqual(["SELL 10 AAPL stop"]);
});

test("S29: a cancel that never ends leaves the position said to be unprotected, and nothing on top of its stop", async () => {
  await leaveOpenPlan(asked);
  expect((await at.guard.posture()).openPlans.join()).toContain("unprotected");
  expect(stops()).toEqual([]);
});

test("S29: while what is held cannot be read the plan waits for the next call", async () => {
  await dieBare();
  at.venue.positionsUnread = "503";
  at.clock.advance(25 * 60 * 60_000);
  expect((await at.guard.posture()).openPlans.join()).toContain("did not end");
  expect(stops()).toEqual([]);
  at.venue.positionsUnread = null;
  await at.guard.posture();
  expect(stops()).toEqual(["SELL 10 AAPL stop"]);
});

test("S29, S30: the stop is put back although trading was halted meanwhile", async () => {
  await dieBare();
  tradingStateFile(at.stateDir, "ibkr").write("HALTED", "test", new Date(at.clock.now()));
  await at.guard.posture();
  expect(stops()).toEqual(["SELL 10 AAPL stop"]);
});

test("S32, S33: a server that only reads, or only tries, says that the plan is open and sends nothing", async () => {
  await dieBare();
  const { broker, marketData, session } = at.venue;
  const log = { info() {}, warn() {}, error() {} };
  const options = { broker, marketData, session, clock: at.clock, log, stateDir: at.stateDir };
  const reader = createGuardedBroker({ ...options, policy: policyOf(), journalPath: null, readOnly: true });
  expect((await reader.posture()).openPlans.join()).toContain("did not end");
  await reader.positions();
  reader.close();
  expect((await at.another({ dryRun: true }).posture()).openPlans.join()).toContain("did not end");
  expect(at.venue.wire).toEqual([]);
});

test("S29: a plan whose server lives is left to it", async () => {
  at.venue.nextCancels.push(async (target) => {
    const said = await at.another().posture();
    expect(said.openPlans.join()).toContain("under way");
    at.venue.amend(target.orderId, { status: "cancelled" });
    return { kind: "done", order: { ...target, status: "cancelled" } };
  });
  at.venue.wire.length = 0;
  await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual([`cancel ${stopId}`, "SELL 10 AAPL market"]);
});
