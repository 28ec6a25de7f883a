import { afterEach, beforeEach, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { createLedger } from "../journal/ledger.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import { iso, second, story } from "../testing/ledger-of.ts";

// A venue that tells no result of the day: it is worked out from the day's beginning and our own orders.
const BTC = stock("BTC/USDT", { id: "BTC", kind: "spot", currency: "USDT", usListed: null });
const HOUR_MS = 60 * 60_000;

let at: Bench;
beforeEach(() => start());
afterEach(() => at.end());

function start(change: Parameters<typeof bench>[0] = {}): void {
  at = bench({ calendar: "always_open", maxDailyLoss: decimal(50), ...change }, [BTC]);
  delete at.venue.marketData.dailyPnl;
  at.venue.fee = { amount: decimal(0) };
  at.venue.rates.set("USDT/USD", "1").set("USD/USDT", "1");
  price(100);
}

/** Bid and ask of one BTC in dollars. */
function price(bid: number, ask = bid): void {
  at.venue.rates.set("BTC/USD", { rate: decimal(ask), asOf: at.clock.now() });
  at.venue.rates.set("USD/BTC", { rate: decimal(1).div(bid), asOf: at.clock.now() });
  at.freshQuotes();
}

function later(milliseconds: number, bid: number): void {
  at.clock.advance(milliseconds);
  price(bid);
}

const buy = (size: string) => at.guard.place(order("BUY", size, { limitPrice: "100" }, "BTC/USDT"));
const sell = (size: string, prices = {}) => at.guard.place(order("SELL", size, prices, "BTC/USDT"));
const result = async () => (await at.guard.posture()).limits.dailyPnl?.toFixed(4);
const starts = () =>
  at.records().flatMap((each) => (each.kind === "note" && each.note === "day_start" ? [each] : []));
const stops = () => at.records().filter((each) => each.kind === "state" && "until" in each);
const hold = (size: string) => at.venue.hold(BTC, size);

test("S24: what is held at the day's first reading is journaled and marked at the bid", async () => {
  hold("2");
  await buy("0.01");
  expect(starts()).toMatchObject([
    { day: "2026-06-10", positions: [{ instrumentId: "BTC", quantity: "2", price: "100" }] },
  ]);
  later(60_000, 90);
  expect(await result()).toBe("-20.0000");
  await buy("0.01");
  expect(starts()).toHaveLength(1);
});

test("S24: a loss that reaches the limit ends the day in the same locked step, and no recovery lifts it", async () => {
  hold("2");
  await buy("0.01");
  later(60_000, 75);
  expect((await failure(buy("0.01"))).code).toBe("daily_loss_reached");
  expect(stops()).toMatchObject([{ until: "2026-06-11" }]);
  later(60_000, 200);
  expect((await failure(buy("0.01"))).code).toBe("daily_loss_reached");
  await sell("1");
  expect(stops()).toHaveLength(1);
});

test("S24: a fee that was not told yet counts as it was expected", async () => {
  at.end();
  start();
  at.venue.instruments.set("BTC/USDT", { ...BTC, feeBound: { share: decimal("0.01") } });
  hold("2");
  await buy("0.01");
  await at.guard.place(order("BUY", "2", { limitPrice: "100" }, "BTC/USDT"));
  at.venue.fillsUnread = "HTTP 500";
  at.venue.fill("2");
  await at.guard.order("2");
  expect(await result()).toBe("-2.0000");
});

test("S24: a deposit is no gain and a withdrawal no loss", async () => {
  hold("2");
  await buy("0.01");
  hold("0.5");
  later(2 * HOUR_MS, 100);
  expect(await result()).toBe("0.0000");
  hold("50");
  later(2 * HOUR_MS, 99);
  expect(await result()).toBe("-2.0000");
});

test("S24: the day's own trades count at their prices, with their fees, and what was sold again counts for ever", async () => {
  hold("1");
  await buy("0.01");
  at.venue.fee = { amount: decimal(1) };
  await at.guard.place(order("BUY", "2", {}, "BTC/USDT"));
  at.venue.settle();
  at.venue.fee = { amount: decimal(2) };
  await at.guard.history(1);
  expect(await result()).toBe("-1.0000");
  later(2 * HOUR_MS, 90);
  // Three are held, each worth ten less than it was or was bought for.
  expect(await result()).toBe("-31.0000");
  await sell("2");
  await at.guard.history(1);
  // The scripted venue pays 100 for each, less its fee of 2.
  expect(await result()).toBe("-13.0000");
});

test("S24: a trade of the day from before its first reading counts from its own price on", async () => {
  hold("1");
  await at.another({ maxDailyLoss: null }).place(order("BUY", "1", {}, "BTC/USDT"));
  at.venue.settle();
  later(2 * HOUR_MS, 80);
  await at.guard.history(1);
  // The one that was held is marked from now on; the one that was bought today at 100 has lost 20.
  await buy("0.01");
  expect(starts()).toMatchObject([{ positions: [{ quantity: "1", price: "80" }] }]);
  expect(await result()).toBe("-20.0000");
});

test("S24: what cannot be priced is asked for once more, then entries are refused and exits are not", async () => {
  hold("2");
  const rate = at.venue.marketData.rate.bind(at.venue.marketData);
  let failures = 1;
  at.venue.marketData.rate = async (from, to) => {
    if (to === "BTC" && failures-- > 0) throw new Error("HTTP 503");
    return rate(from, to);
  };
  await buy("0.01");
  failures = Number.POSITIVE_INFINITY;
  const refused = await failure(buy("0.02"));
  expect(refused.code).toBe("daily_loss_unknown");
  expect(refused.message).toContain("bid of BTC");
  await sell("1", { limitPrice: "101" });
});

test("S24: while what the day began with cannot be read, entries are refused and nothing is journaled", async () => {
  at.venue.positionsUnread = "HTTP 500";
  expect(refusedBy(await failure(buy("0.01")))).toContain("daily-loss");
  expect(starts()).toEqual([]);
  at.venue.positionsUnread = null;
  await buy("0.01");
  expect(starts()).toHaveLength(1);
});

test("S24: the next day begins with what is held and costs then; another server goes on with the first one's beginning", async () => {
  hold("2");
  await buy("0.01");
  later(60_000, 80);
  const other = at.another();
  expect((await other.posture()).limits.dailyPnl?.toFixed(4)).toBe("-40.0000");
  later(24 * HOUR_MS, 80);
  expect(await result()).toBe("0.0000");
  await buy("0.01");
  expect(starts().map((each) => each.day)).toEqual(["2026-06-10", "2026-06-11"]);
});

test("S24: a preview is judged by the day's result as well, and journals no beginning", async () => {
  hold("2");
  const { allowed } = await at.guard.preview(order("BUY", "0.01", { limitPrice: "100" }, "BTC/USDT"));
  expect(allowed).toBe(true);
  expect(at.records().filter((each) => each.kind === "note" && each.note === "day_start")).toEqual([]);
});

test("S24: without the limit nothing is priced for it", async () => {
  at.end();
  start({ maxDailyLoss: null });
  hold("2");
  await buy("0.01");
  expect(at.venue.ratesAsked).not.toContain("USD/BTC");
});

test("S24: what is held is marked at the bid, what is owed at the ask", async () => {
  price(100, 101);
  hold("2");
  await buy("0.01");
  expect(starts()).toMatchObject([{ positions: [{ price: "100" }] }]);
  expect(await result()).toBe("0.0000");
  // A dollar's worth of USDT costs 1.02 to buy, and brings 0.8.
  at.venue.rates.set("USDT/USD", "1.02").set("USD/USDT", "1.25");
  await at.guard.place(order("BUY", "1", {}, "BTC/USDT"));
  await at.guard.history(1);
  expect(await result()).toBe("-2.0000");
});

test("S24: of an order that filled on two days each part counts on its own", async () => {
  hold("1");
  await buy("2");
  at.venue.fill("1", "1", "100");
  at.venue.settle();
  await at.guard.history(1);
  later(24 * HOUR_MS, 80);
  at.venue.fill("1", "0.5", "80");
  at.venue.settle();
  later(2 * HOUR_MS, 80);
  await at.guard.order("1");
  await at.guard.history(1);
  // While the list may lag behind what was just learnt, the day does not begin.
  expect((await failure(buy("0.01"))).message).toContain("not settled");
  later(120_000, 80);
  await buy("0.01");
  expect(await result()).toBe("0.0000");
});

test("S24: what was filled before the day's first reading and told after it does not count twice", async () => {
  hold("1");
  await buy("1");
  later(24 * HOUR_MS, 100);
  at.venue.fill("1", "1", "50");
  at.venue.settle();
  later(2 * HOUR_MS, 100);
  at.venue.fillsUnread = "HTTP 500";
  at.venue.ordersUnread = "HTTP 500";
  at.venue.orderError = new Error("HTTP 500");
  await buy("0.01").catch(() => {});
  expect(starts().at(-1)).toMatchObject({ day: "2026-06-11", positions: [{ quantity: "2" }] });
  at.venue.fillsUnread = null;
  at.venue.ordersUnread = null;
  at.venue.orderError = null;
  await at.guard.order("1");
  await at.guard.history(1);
  expect(await result()).toBe("0.0000");
});

test("S24: while executions of the day are not told, the day does not begin, and entries wait", async () => {
  at.venue.fillsUnread = "HTTP 500";
  await at.another({ maxDailyLoss: null }).place(order("BUY", "1", {}, "BTC/USDT"));
  const refused = await failure(buy("0.01"));
  expect(refused.code).toBe("daily_loss_unknown");
  expect(refused.message).toContain("executions");
  at.venue.fillsUnread = null;
  await buy("0.01");
  expect(starts()).toHaveLength(1);
});

test("S24, S36: what the day began with survives in a checkpoint", () => {
  const told = story();
  const positions = [{ instrumentId: "BTC", quantity: "2", price: "100" }];
  told.at(0, {
    kind: "note",
    note: "day_start",
    day: "2026-06-10",
    riskCurrency: "USD",
    readAt: iso(0),
    positions,
  });
  expect(told.ledger.dayStart).toMatchObject({ day: "2026-06-10", readAt: second(0), seq: 1 });
  expect(createLedger(told.ledger.save()).dayStart).toEqual(told.ledger.dayStart);
});
