import { afterEach, beforeEach, expect, test } from "vitest";
import { TradingError } from "../domain/errors.ts";
import { decimal } from "../domain/money.ts";
import type { JournalRecord } from "../journal/record.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

const AAPL = stock("AAPL");
const SECOND = 1_000;
let at: Bench;
beforeEach(() => {
  at = bench();
  at.venue.hold(AAPL, "10");
});
afterEach(() => at.end());

const lost: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
};

/** An answer that got lost, with an order that really works. */
const landed: SubmitScript = async ({ intent }, gate) => {
  await gate.begin();
  at.venue.accept(intent);
  at.venue.ordersUnread = "HTTP 500";
  return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
};

const STOP = order("SELL", "10", { stopPrice: "90" });

/** Loses the answer to an order, with something else on the account that a list shows. */
async function lose(request = STOP, script = lost): Promise<string> {
  if (at.venue.orders.size === 0) await at.guard.place(order("BUY", "1", {}, "MSFT"));
  at.venue.settle();
  at.clock.advance(61 * SECOND);
  at.freshQuotes();
  at.venue.nextSubmits.push(script);
  const error = await failure(at.guard.place(request));
  expect(error.code).toBe("outcome_unknown");
  return String(error.details?.client_order_id);
}

/** Looks at the order now and each so many seconds later. */
async function look(id: string, ...afterSeconds: number[]): Promise<void> {
  for (const seconds of afterSeconds) {
    at.clock.advance(seconds * SECOND);
    at.freshQuotes();
    await at.guard.order(id);
  }
}

const absences = () =>
  at
    .records()
    .flatMap((each) => (each.kind === "absence" ? [each as JournalRecord & { kind: "absence" }] : []));
const isPresumed = () => absences().some((each) => each.presumed);

test("S15: after three complete readings over two minutes a lost stop reserves nothing, and the same stop may be placed again", async () => {
  const id = await lose();
  expect(refusedBy(await failure(at.guard.place(order("SELL", "4"))))).toEqual(["oversell"]);
  expect((await at.guard.order(id)).message).toMatch(/1 of 3 complete readings/);

  await look(id, 60, 70);
  expect(absences().map(({ reading, presumed }) => [reading, presumed])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
  expect(absences()[2]).toMatchObject({ clientOrderId: id, held: "10", listed: 2 });
  const again = await at.guard.place(STOP);
  expect(again.status).toBe("submitted");
  expect(at.venue.wire.filter((each) => each.startsWith("SELL"))).toEqual(["SELL 10 AAPL stop"]);
  // Only one of the two works, and no more is sold than is held.
  expect((await at.guard.positions()).warnings).toEqual([]);
  at.clock.advance(60 * SECOND);
  at.freshQuotes();
  expect(refusedBy(await failure(at.guard.place(order("SELL", "1"))))).toEqual(["oversell"]);
  expect(absences()).toHaveLength(3);
});

test("S15: order_status and session_status tell it, and it is no question any more that stands in the way", async () => {
  const id = await lose();
  expect(await at.guard.posture()).toMatchObject({ unresolved: [id] });
  await look(id, 60, 70);
  const told = await at.guard.order(id);
  expect(told).toMatchObject({ status: "unknown", orderId: null });
  expect(told.message).toMatch(/^Presumed absent: 3 complete readings since 2026-06-10T15:\d\d:\d\d/);
  const posture = await at.guard.posture();
  expect(posture.unresolved).toEqual([]);
  expect(posture.warnings.join("\n")).toMatch(/presumed_absent: SELL 10 AAPL \(.*place it again/);
  expect((await at.guard.openOrders()).orders).toMatchObject([{ clientOrderId: id, status: "unknown" }]);
});

test("S15: the key of an exit that is presumed absent says so, sends nothing, and names the way on", async () => {
  const keyed = { ...STOP, idempotencyKey: "stop-1" };
  const id = await lose(keyed);
  const early = await failure(at.guard.place(keyed));
  expect(early.details).not.toHaveProperty("presumed_absent");
  expect(early.nextStep).toMatch(/^Do not send it again/);
  await look(id, 60, 70);
  const told = await failure(at.guard.place(keyed));
  expect(told).toMatchObject({ code: "outcome_unknown", details: { presumed_absent: true, replayed: true } });
  expect(told.message).toMatch(/Presumed absent: 3 complete readings/);
  expect(told.nextStep).toMatch(/with a new idempotency_key/);
  expect(told.nextStep).not.toMatch(/Do not send it again/);
  expect(at.venue.wire.filter((each) => each.startsWith("SELL"))).toEqual([]);
  const again = await at.guard.place({ ...STOP, idempotencyKey: "stop-2" });
  expect(again.status).toBe("submitted");
});

test("S15: however often it is looked for, two minutes have to pass", async () => {
  const id = await lose();
  for (let each = 0; each < 22; each++) await look(id, 5);
  expect(absences().map((each) => each.reading)).toEqual([1, 2]);
  await look(id, 5, 5, 5);
  expect(isPresumed()).toBe(true);
  expect(absences()).toHaveLength(3);
});

test("S15: two readings are not three, however far apart", async () => {
  const id = await lose();
  await look(id, 600);
  expect(isPresumed()).toBe(false);
  await look(id, 31);
  expect(isPresumed()).toBe(true);
});

test("S15: readings that follow each other closely are one: the venue serves the same list again", async () => {
  const id = await lose();
  await look(id, 119, 2);
  expect(absences()).toHaveLength(2);
});

test.each<[string, () => void]>([
  ["the orders could not be read", () => (at.venue.ordersUnread = "no")],
  ["the executions could not be read", () => (at.venue.fillsUnread = "no")],
  ["the positions could not be read", () => (at.venue.positionsUnread = "no")],
  ["the venue's time is not known", () => (at.venue.clockSkewMs = null)],
  ["the list lacks an order that works", () => at.venue.orders.delete("2")],
])("S15: a reading in which %s does not count", async (_, breaks) => {
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  await at.guard.place(order("BUY", "1", { limitPrice: "95", timeInForce: "GTC" }, "MSFT"));
  const id = await lose();
  breaks();
  await look(id, 60, 60, 60, 60);
  expect(absences()).toHaveLength(1);
});

test("S15: a reading that began before the order was sent does not count", async () => {
  const id = await lose(STOP, async (prepared, gate) => {
    const old = await at.venue.broker.orders();
    at.venue.broker.orders = async () => old;
    at.clock.advance(SECOND);
    return lost(prepared, gate);
  });
  await look(id, 5, 5);
  expect(absences()).toEqual([]);
});

test("S15: a list that was read half a minute before the rest is no part of one reading", async () => {
  const id = await lose();
  const early = await at.venue.broker.orders();
  at.venue.broker.orders = async () => early;
  await look(id, 31, 60);
  expect(absences()).toHaveLength(1);
});

test("S15: with a position that changed it begins anew, and with a smaller one it is never presumed", async () => {
  const id = await lose();
  await look(id, 60);
  at.venue.hold(AAPL, "15");
  await look(id, 60);
  expect(absences().map(({ reading, held }) => [reading, held])).toEqual([
    [1, "10"],
    [2, "10"],
    [1, "15"],
  ]);
  at.venue.hold(AAPL, "5");
  await look(id, 60, 60, 60, 60);
  expect(absences()).toHaveLength(3);
});

test("S15: shares that are gone since the order was sent may be what it sold", async () => {
  at.venue.fillsUnread = "no";
  const id = await lose();
  at.venue.fillsUnread = null;
  at.venue.hold(AAPL, "0");
  await look(id, 60, 60, 60, 60);
  expect(absences()).toEqual([]);
});

test("S15: what our own other exits sell meanwhile is no change", async () => {
  const id = await lose(order("SELL", "6", { stopPrice: "90" }));
  await at.guard.place(order("SELL", "4"));
  // The venue's list of positions still lags behind that sale, and says nothing of the lost one.
  await look(id, 31);
  at.venue.settle();
  await look(id, 61, 61, 61);
  expect(absences().map(({ held }) => held)).toEqual(["10", "6", "6"]);
  expect(isPresumed()).toBe(true);
});

test("S15: an entry stays unresolved, however long it is not found", async () => {
  const id = await lose(order("BUY", "5", { limitPrice: "95" }));
  await look(id, 60, 60, 60, 60);
  expect(absences()).toEqual([]);
  expect(await at.guard.posture()).toMatchObject({ unresolved: [id] });
});

test("S15: an account that shows nothing at all has to show nothing for ten minutes", async () => {
  at.venue.nextSubmits.push(lost);
  const error = await failure(at.guard.place(STOP));
  const id = String(error.details?.client_order_id);
  await look(id, 60, 70, 300);
  expect(isPresumed()).toBe(false);
  expect((await at.guard.order(id)).message).toMatch(/at least 10 minutes/);
  await look(id, 180);
  expect(isPresumed()).toBe(true);
});

test("S15: another server goes on where the first one stopped, and knows what it presumed", async () => {
  const id = await lose();
  await look(id, 60);
  at.guard.close();
  const second = at.another();
  at.clock.advance(70 * SECOND);
  await second.order(id);
  expect(absences()).toHaveLength(3);
  second.close();
  const third = at.another();
  expect((await third.order(id)).message).toMatch(/^Presumed absent/);
  expect((await third.posture()).unresolved).toEqual([]);
});

test("S15: found after all it reserves in full again, and what is too much is told", async () => {
  const id = await lose(STOP, landed);
  const [resting] = [...at.venue.orders.values()].filter((each) => each.symbol === "AAPL");
  at.venue.orders.delete(resting?.orderId ?? "");
  at.venue.ordersUnread = null;
  await look(id, 1, 60, 70);
  expect(isPresumed()).toBe(true);
  await at.guard.place(STOP);
  if (resting) at.venue.orders.set(resting.orderId, resting);
  await look(id, 10);
  expect(await at.guard.order(id)).toMatchObject({ status: "submitted", orderId: resting?.orderId });
  expect(refusedBy(await failure(at.guard.place(order("SELL", "1"))))).toEqual(["oversell"]);
  expect((await at.guard.positions()).warnings?.join()).toMatch(/orphaned_exit: SELL orders for 20 AAPL/);
});

test("S15: a fill of it that is learnt late counts in full", async () => {
  const id = await lose();
  await look(id, 60, 70);
  at.venue.fills.push({
    executionId: "late",
    orderId: "77",
    clientOrderId: id,
    instrumentId: AAPL.id,
    symbol: "AAPL",
    side: "SELL",
    quantity: decimal(4),
    price: decimal(90),
    fee: decimal(1),
    executedAt: at.clock.now(),
  });
  await look(id, 10);
  expect(await at.guard.order(id)).toMatchObject({ status: "partially_filled", orderId: "77" });
  expect((await at.guard.order(id)).filledQuantity?.toFixed()).toBe("4");
  const refused = await failure(at.guard.place(order("SELL", "1")));
  expect(refused.message).toMatch(/6 AAPL are held.*already take 6 of them \(77\)/);
});

test("S15: one that the venue lists as inactive after all reserves again: it may yet work", async () => {
  const id = await lose(STOP, landed);
  const [resting] = [...at.venue.orders.values()].filter((each) => each.symbol === "AAPL");
  at.venue.orders.delete(resting?.orderId ?? "");
  at.venue.ordersUnread = null;
  await look(id, 1, 60, 70);
  expect(isPresumed()).toBe(true);
  if (resting) at.venue.orders.set(resting.orderId, { ...resting, status: "inactive" });
  await look(id, 10);
  expect(refusedBy(await failure(at.guard.place(order("SELL", "1"))))).toEqual(["oversell"]);
});

test("S15: decisions look as well: the exit that was in the way of others is out of it without a question", async () => {
  await lose();
  for (const seconds of [60, 30]) {
    at.clock.advance(seconds * SECOND);
    at.freshQuotes();
    expect(refusedBy(await failure(at.guard.place(order("SELL", "4"))))).toEqual(["oversell"]);
  }
  at.clock.advance(40 * SECOND);
  at.freshQuotes();
  expect(await at.guard.place(order("SELL", "4"))).toMatchObject({ status: "filled" });
});

const DAY = 24 * 60 * 60;

test("S15: of a week ago the venue does not tell all executions any more, so nothing is presumed then", async () => {
  const id = await lose();
  await look(id, 6 * DAY, 60, 60, 60);
  expect(absences()).toHaveLength(1);
});

test("S15: its executions are read from its own day on, whatever else is read for", async () => {
  const id = await lose();
  await look(id, 3 * DAY);
  const days: number[] = [];
  const fills = at.venue.broker.fills.bind(at.venue.broker);
  at.venue.broker.fills = (each) => {
    days.push(each);
    return fills(each);
  };
  const forgotten = await at.guard.place(order("BUY", "1", { limitPrice: "95" }, "MSFT"));
  at.clock.advance(10 * 60 * 60 * SECOND);
  at.freshQuotes();
  at.venue.orders.delete(forgotten.orderId ?? "");
  await failure(at.guard.place(order("SELL", "4")));
  expect(days.length).toBeGreaterThan(1);
  expect(Math.min(...days)).toBeGreaterThanOrEqual(4);
});

test("S15: a position behind a lost stop can be closed once the stop is presumed absent, and not before", async () => {
  const id = await lose();
  expect((await failure(at.guard.closePosition("AAPL", null))).code).toBe("unresolved_order");
  await look(id, 60, 70);
  expect(await at.guard.closePosition("AAPL", null)).toMatchObject({
    cancelled: [],
    order: { status: "filled" },
  });
});

test("S15 S26: a clock that was set forward does not make two minutes of a moment", async () => {
  const id = await lose();
  await look(id, 31);
  at.clock.jump(600 * SECOND);
  at.venue.clockSkewMs = -600 * SECOND;
  await look(id, 31);
  expect(isPresumed()).toBe(false);
  await look(id, 62);
  expect(isPresumed()).toBe(true);
});

test("S14 S15: an order whose server still waits for the answer is in flight, and not absent", async () => {
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  at.venue.settle();
  at.clock.advance(61 * SECOND);
  at.freshQuotes();
  let answer: () => void = () => {};
  const waiting = new Promise<void>((resolve) => {
    answer = resolve;
  });
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    for (const seconds of [60, 70]) {
      at.clock.advance(seconds * SECOND);
      at.freshQuotes();
      await failure(at.another().place(order("SELL", "4")));
    }
    answer();
    return { kind: "rejected", reason: "no", exchanges: [] };
  });
  await expect(at.guard.place(STOP)).rejects.toBeInstanceOf(TradingError);
  await waiting;
  expect(absences()).toEqual([]);
});
