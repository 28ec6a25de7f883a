import { afterEach, beforeEach, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, order } from "../testing/fixtures.ts";
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
