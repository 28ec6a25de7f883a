import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, order, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

/** A venue keeps what is done for the length of a session; the ledger must neither forget nor wait for ever. */
let at: Bench;
beforeEach(() => {
  at = bench({ maxDailyValue: decimal(1000) });
});
afterEach(() => at.end());

const HOUR = 60 * 60_000;

/** Takes a buy by amount without filling it yet. */
const taken: SubmitScript = async ({ intent }, gate) => {
  await gate.begin();
  const resting = at.venue.accept(intent);
  return { kind: "acknowledged", orderId: resting.orderId, order: resting, exchanges: [] };
};

/** The venue forgets its orders, as IBKR does with the end of a session. */
function forget() {
  at.clock.advance(1_000);
  at.venue.orders.clear();
}

async function buyByAmount() {
  at.venue.nextSubmits.push(taken);
  return at.guard.place(order("BUY", { cashAmount: "50" }));
}

test("a buy by amount that was filled and forgotten is filled, by its executions", async () => {
  const bought = await buyByAmount();
  at.venue.fill(bought.orderId ?? "", "0.4999");
  forget();
  const { orders, complete } = await at.guard.openOrders();
  expect(orders).toEqual([]);
  expect(complete).toBe(true);
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "filled" });
});

test("S3: a buy by amount without an execution stays open, however often it is not found", async () => {
  const bought = await buyByAmount();
  forget();
  expect((await at.guard.openOrders()).orders).toMatchObject([{ orderId: bought.orderId }]);
});

test("a day order that is forgotten after its session has expired, and gives its budget back", async () => {
  const bought = await at.guard.place(order("BUY", "5", { limitPrice: "90" }));
  forget();
  expect((await at.guard.posture()).limits.committedToday?.toFixed()).toBe("450");
  // 11:00 in New York plus ten hours: the regular session and the extended one have ended.
  at.clock.advance(10 * HOUR);
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "expired" });
  expect((await at.guard.posture()).limits.committedToday?.toFixed()).toBe("0");
});

test("S3: during its session a day order stays open, however often it is not found", async () => {
  const bought = await at.guard.place(order("BUY", "5", { limitPrice: "90" }));
  forget();
  at.clock.advance(2 * HOUR);
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "submitted" });
});

test("S3: an order that is good until cancelled is never over by being forgotten", async () => {
  const bought = await at.guard.place(order("BUY", "5", { limitPrice: "90", timeInForce: "GTC" }));
  forget();
  at.clock.advance(100 * HOUR);
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "submitted" });
});

test.each([
  ["its list cannot be read", () => (at.venue.ordersUnread = "no")],
  ["its executions cannot be read", () => (at.venue.fillsUnread = "no")],
  ["single orders cannot be read", () => (at.venue.orderError = new Error("no"))],
])("a forgotten day order stays open while %s", async (_what, breaks) => {
  const bought = await at.guard.place(order("BUY", "5", { limitPrice: "90" }));
  forget();
  at.clock.advance(10 * HOUR);
  breaks();
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "submitted" });
});

test("S4: what a forgotten day order had filled counts, and only the rest is given back", async () => {
  const bought = await at.guard.place(order("BUY", "5", { limitPrice: "90" }));
  at.venue.fill(bought.orderId ?? "", "2", "90");
  forget();
  at.clock.advance(10 * HOUR);
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "expired" });
  expect((await at.guard.order(bought.orderId ?? "")).filledQuantity?.toFixed()).toBe("2");
});

describe("an order of unknown fate that the venue lists as inactive: a question about it may be unanswered", () => {
  /** The answer is lost; the venue holds a ticket that does not work. */
  const lost: SubmitScript = async ({ intent }, gate) => {
    await gate.begin();
    at.venue.amend(at.venue.accept(intent).orderId, { status: "inactive" });
    return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
  };
  const MINUTE = 60_000;

  test("it is not found: its fate stays unknown, its twin is refused and its place is kept", async () => {
    at.venue.nextSubmits.push(lost);
    const request = order("BUY", "5", { limitPrice: "90" });
    await expect(at.guard.place(request)).rejects.toMatchObject({
      code: "outcome_unknown",
      message: expect.stringMatching(/HTTP 503; the venue lists it as 1, inactive/),
    });
    at.clock.advance(10_000);
    await expect(at.guard.place(request)).rejects.toMatchObject({ code: "unresolved_order" });
    expect(at.venue.wire).toHaveLength(1);
    const told = await at.guard.order("1");
    expect(told).toMatchObject({ status: "unknown", orderId: "1" });
    expect(told.message).toMatch(/inactive.*Do not send it again/);
    expect((await at.guard.posture()).limits.committedToday?.toFixed()).toBe("450");
  });

  test("while the session is down, the posture still names it and what it may cost", async () => {
    at.venue.nextSubmits.push(lost);
    await expect(at.guard.place(order("BUY", "5", { limitPrice: "90" }))).rejects.toThrow(/inactive/);
    const [id] = (await at.guard.posture()).unresolved;
    const up = await at.venue.session.status();
    at.venue.session.status = async () => ({ ...up, ready: false, state: "no_login", message: "down" });
    const posture = await at.guard.posture();
    expect(posture).toMatchObject({ unresolved: [id], identityMessage: "down", obstacles: ["down"] });
    expect(posture.limits.committedToday?.toFixed()).toBe("450");
  });

  test("seen at work later, it is found", async () => {
    at.venue.nextSubmits.push(lost);
    await expect(at.guard.place(order("BUY", "5", { limitPrice: "90" }))).rejects.toThrow(/inactive/);
    at.clock.advance(1_000);
    at.venue.amend("1", { status: "submitted" });
    expect(await at.guard.order("1")).toMatchObject({ status: "submitted" });
  });

  test("dropped by the venue it has expired after two minutes, and no sooner: an exit frees what it held", async () => {
    at.venue.hold(stock("AAPL"), "5");
    at.venue.nextSubmits.push(lost);
    await expect(at.guard.place(order("SELL", "5", { stopPrice: "80" }))).rejects.toThrow(/inactive/);
    forget();
    at.clock.advance(MINUTE);
    expect(await at.guard.order("1")).toMatchObject({ status: "unknown" });
    await expect(at.guard.closePosition("AAPL", null)).rejects.toMatchObject({ code: "unresolved_order" });
    at.clock.advance(2 * MINUTE);
    expect(await at.guard.order("1")).toMatchObject({ status: "expired" });
    expect(await at.guard.closePosition("AAPL", null)).toMatchObject({ order: { side: "SELL" } });
  });

  test("with an execution it is no ticket, whatever it is listed as", async () => {
    at.venue.nextSubmits.push(lost);
    await expect(at.guard.place(order("BUY", "5", { limitPrice: "90" }))).rejects.toThrow(/inactive/);
    at.venue.fill("1", "2");
    forget();
    at.clock.advance(3 * MINUTE);
    expect(await at.guard.order("1")).toMatchObject({ status: "partially_filled" });
  });
});

test("H13: a filled order whose answer was lost is found by our own id, where no list holds what is done", async () => {
  const { venue } = at;
  const asked: string[] = [];
  venue.broker.orders = () => Promise.resolve({ kind: "read", value: [], began: at.clock.now() });
  venue.broker.byClientOrderId = async (clientOrderId, symbol) => {
    asked.push(`${clientOrderId} ${symbol}`);
    return [...venue.orders.values()].find((each) => each.clientOrderId === clientOrderId) ?? null;
  };
  venue.nextSubmits.push(async ({ intent }, gate) => {
    await gate.begin();
    venue.fill(venue.accept(intent).orderId);
    return { kind: "unknown", reason: "the connection was lost", exchanges: [] };
  });
  const bought = await at.guard.place(order("BUY", "1"));
  expect(bought).toMatchObject({ status: "filled", message: expect.stringContaining("It was sent once") });
  expect(new Set(asked)).toEqual(new Set([`${bought.clientOrderId} AAPL`]));
});
