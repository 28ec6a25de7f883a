import { beforeEach, expect, test } from "vitest";
import { createManualClock, type ManualClock } from "./clock.ts";
import { Big, ZERO } from "./decimal.ts";
import { createEngine, type Engine } from "./engine.ts";
import { FORGETFUL_LOG } from "./event-log.ts";
import { createCalendar, type HoursOptions } from "./hours.ts";
import { createMarket, type Market } from "./market.ts";
import type { Order, OrderDraft } from "./order.ts";
import { emptyState } from "./venue-state.ts";

const AAPL = 265598;
const ACCOUNT = "DU1";

let clock: ManualClock;
let market: Market;
let engine: Engine;

beforeEach(() => setUp());

function setUp(hours?: HoursOptions, start?: string) {
  clock = createManualClock(start);
  market = createMarket(clock, 1);
  const calendar = createCalendar(hours);
  engine = createEngine({ clock, market, calendar: () => calendar, state: emptyState(), log: FORGETFUL_LOG });
  clock.onTick(() => engine.tick());
  engine.reset([
    { id: ACCOUNT, currency: "USD", cash: new Big(100_000), margin: true, isPaper: true, positions: [] },
  ]);
  market.pin("AAPL", { last: 100, bid: 99, ask: 101 });
}

function submit(draft: Partial<OrderDraft>): Order {
  const id = engine.nextOrderId();
  const [order] = engine.submit([{ id, draft: { ...PLAIN, ...draft } }]);
  if (order === undefined) throw new Error("not accepted");
  return order;
}

const PLAIN: OrderDraft = {
  account: ACCOUNT,
  conid: AAPL,
  side: "BUY",
  type: "MKT",
  timeInForce: "DAY",
  quantity: new Big(10),
  cashQuantity: null,
  limitPrice: null,
  stopPrice: null,
  trailingAmount: null,
  trailingUnit: null,
  outsideRegularHours: false,
  clientOrderId: null,
  parentId: null,
  group: null,
  fillCeiling: null,
};

const account = () => {
  const found = engine.state.accounts.get(ACCOUNT);
  if (found === undefined) throw new Error("no account");
  return found;
};
const held = () => account().positions.get(AAPL)?.quantity.toFixed();

test("nothing fills before the next tick", () => {
  const order = submit({});
  expect(order.filled.toFixed()).toBe("0");
  clock.advance(1);
  expect(order.state).toBe("filled");
  expect(account().cash.toFixed()).toBe("98989");
});

test("a limit order waits for its price and gets a better one when there is one", () => {
  const order = submit({ type: "LMT", limitPrice: new Big(98) });
  clock.advance(60_000);
  expect(order.state).toBe("working");
  market.pin("AAPL", { last: 97, bid: 96, ask: 97 });
  engine.tick();
  expect(order.state).toBe("filled");
  expect(order.filledValue.toFixed()).toBe("970");
});

test("a stop waits for the last price, then trades at the market", () => {
  submit({});
  clock.advance(1);
  const stop = submit({ side: "SELL", type: "STP", stopPrice: new Big(95) });
  market.pin("AAPL", { last: 95.01, bid: 94, ask: 96 });
  engine.tick();
  expect(stop.triggered).toBe(false);
  market.pin("AAPL", { last: 95, bid: 94, ask: 96 });
  engine.tick();
  expect(stop.state).toBe("filled");
  expect(stop.filledValue.toFixed()).toBe("940");
});

test("a stop-limit does not sell below its limit", () => {
  const stop = submit({
    side: "SELL",
    type: "STOP_LIMIT",
    stopPrice: new Big(95),
    limitPrice: new Big(94.5),
  });
  market.pin("AAPL", { last: 95, bid: 94, ask: 96 });
  engine.tick();
  expect(stop).toMatchObject({ triggered: true, state: "working" });
  market.pin("AAPL", { last: 95, bid: 94.5, ask: 96 });
  engine.tick();
  expect(stop.state).toBe("filled");
});

test("a trailing stop follows the price up, never down", () => {
  const stop = submit({ side: "SELL", type: "TRAIL", trailingAmount: new Big(5), trailingUnit: "amt" });
  engine.tick();
  expect(stop.stopPrice?.toFixed()).toBe("95");
  market.pin("AAPL", { last: 110, bid: 109, ask: 111 });
  engine.tick();
  expect(stop.stopPrice?.toFixed()).toBe("105");
  market.pin("AAPL", { last: 106, bid: 105, ask: 107 });
  engine.tick();
  expect(stop.stopPrice?.toFixed()).toBe("105");
  market.pin("AAPL", { last: 105, bid: 104, ask: 106 });
  engine.tick();
  expect(stop.state).toBe("filled");
});

test("an order fills in parts as the book has shares", () => {
  market.pin("AAPL", { last: 100, bid: 99, ask: 101, askSize: 4 });
  const order = submit({});
  clock.advance(5_000);
  expect(order.filled.toFixed()).toBe("4");
  market.pin("AAPL", { last: 100, bid: 99, ask: 101, askSize: 4 });
  clock.advance(5_000);
  expect(order.filled.toFixed()).toBe("8");
  // The minimum commission is one per order, not per fill.
  expect(order.commission.toFixed()).toBe("1");
});

test("two orders share what the book has, the older one first", () => {
  market.pin("AAPL", { last: 100, bid: 99, ask: 101, askSize: 15 });
  const first = submit({});
  const second = submit({});
  engine.tick();
  expect([first.filled.toFixed(), second.filled.toFixed()]).toEqual(["10", "5"]);
});

test("a cash order buys parts of a share and never overspends", () => {
  const order = submit({ quantity: null, cashQuantity: new Big(50) });
  engine.tick();
  expect(order).toMatchObject({ state: "filled" });
  expect(order.filled.toFixed()).toBe("0.495");
  expect(order.filledValue.lte(50)).toBe(true);
  expect(order.commission.toFixed()).toBe("0.35");
});

test("a cancel takes effect on the next tick, unless a fill comes first", () => {
  const market1 = submit({});
  const limit = submit({ type: "LMT", limitPrice: new Big(50) });
  engine.requestCancel(market1.id);
  engine.requestCancel(limit.id);
  engine.tick();
  expect(market1.state).toBe("filled");
  expect(limit.state).toBe("cancelled");
});

test("selling more than is held opens a short position at the sale's price", () => {
  submit({});
  engine.tick();
  submit({ side: "SELL", quantity: new Big(25) });
  engine.tick();
  expect(held()).toBe("-15");
  // 99 a share, less the commission's part per share.
  expect(account().positions.get(AAPL)?.averageCost.toFixed()).toBe("98.96");
});

test("realized profit takes both commissions off", () => {
  submit({});
  engine.tick();
  market.pin("AAPL", { last: 120, bid: 120, ask: 121 });
  submit({ side: "SELL" });
  engine.tick();
  expect(account().positions.get(AAPL)).toMatchObject({ quantity: ZERO });
  expect(account().positions.get(AAPL)?.realizedPnl.toFixed()).toBe("188");
  expect(account().cash.toFixed()).toBe("100188");
});

test("a DAY order ends at the session's close, a GTC order goes on", () => {
  setUp({ mode: "regular" }, "2026-11-18T15:30:00Z");
  const day = submit({ type: "LMT", limitPrice: new Big(50) });
  const gtc = submit({ type: "LMT", limitPrice: new Big(50), timeInForce: "GTC" });
  clock.set("2026-11-18T20:59:59Z");
  expect(day.state).toBe("working");
  clock.set("2026-11-18T21:00:01Z");
  expect([day.state, gtc.state]).toEqual(["expired", "working"]);
  expect(new Date(gtc.expiresAt).toISOString()).toBe("2027-04-01T04:00:00.000Z");
});

test("a market order outside the session waits for the open", () => {
  setUp({ mode: "regular" }, "2026-11-18T03:00:00Z");
  const order = submit({});
  clock.advance(60_000);
  expect(order.state).toBe("working");
  expect(engine.isHeld(order)).toBe(true);
  clock.set("2026-11-18T14:30:01Z");
  expect(order.state).toBe("filled");
});

test("limit orders may trade outside regular hours when they say so", () => {
  setUp({ mode: "regular" }, "2026-11-18T12:00:00Z");
  const inside = submit({ type: "LMT", limitPrice: new Big(101) });
  const outside = submit({ type: "LMT", limitPrice: new Big(101), outsideRegularHours: true });
  clock.advance(1_000);
  expect([inside.state, outside.state]).toEqual(["working", "filled"]);
});

test("a half day and a holiday end and skip the session", () => {
  setUp(
    { mode: "regular", dates: { "20261126": null, "20261127": { open: 570, close: 780 } } },
    "2026-11-26T15:00:00Z",
  );
  const order = submit({ type: "LMT", limitPrice: new Big(50) });
  expect(new Date(order.expiresAt).toISOString()).toBe("2026-11-27T18:00:00.000Z");
});

test("a bracket's exits wait for the entry, and one reduces the other", () => {
  market.pin("AAPL", { last: 100, bid: 99, ask: 101, askSize: 6 });
  const parent = submit({});
  const group = `parent ${parent.id}`;
  const exit = { side: "SELL", parentId: parent.id, group } as const;
  const stop = submit({ ...exit, type: "STP", stopPrice: new Big(90) });
  const target = submit({ ...exit, type: "LMT", limitPrice: new Big(110) });
  expect(engine.isHeld(target)).toBe(true);
  engine.tick();
  expect(parent.filled.toFixed()).toBe("6");
  // Only what the parent opened can be closed, by either exit.
  market.pin("AAPL", { last: 112, bid: 111, ask: 113, askSize: 0, bidSize: 100 });
  engine.tick();
  expect(target.filled.toFixed()).toBe("6");
  market.pin("AAPL", { last: 89, bid: 88, ask: 112, askSize: 0 });
  engine.tick();
  expect(stop.filled.toFixed()).toBe("0");
  expect(held()).toBe("0");
});

test("a cancelled parent takes its children along, a part-filled one leaves them its part", () => {
  const lone = submit({ type: "LMT", limitPrice: new Big(50) });
  const child = submit({ side: "SELL", type: "STP", stopPrice: new Big(40), parentId: lone.id });
  engine.requestCancel(lone.id);
  engine.tick();
  expect(child.state).toBe("cancelled");

  market.pin("AAPL", { last: 100, bid: 99, ask: 101, askSize: 3 });
  const parent = submit({ type: "LMT", limitPrice: new Big(101) });
  const protective = submit({ side: "SELL", type: "STP", stopPrice: new Big(40), parentId: parent.id });
  engine.requestCancel(parent.id);
  engine.tick();
  expect([parent.state, protective.state]).toEqual(["cancelled", "working"]);
  expect(protective.quantity?.toFixed()).toBe("3");
});

test("an IOC order takes what is there and ends", () => {
  market.pin("AAPL", { last: 100, bid: 99, ask: 101, askSize: 3 });
  const order = submit({ type: "LMT", limitPrice: new Big(101), timeInForce: "IOC" });
  engine.tick();
  expect(order.state).toBe("cancelled");
  expect(order.filled.toFixed()).toBe("3");
});

test("a halted stock does not trade", () => {
  market.setHalted("AAPL", true);
  const order = submit({});
  clock.advance(10_000);
  expect(order.state).toBe("working");
  market.setHalted("AAPL", false);
  clock.advance(1_000);
  expect(order.state).toBe("filled");
});
