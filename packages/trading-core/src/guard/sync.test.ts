import { beforeEach, expect, test } from "vitest";
import type { Position } from "../domain/account.ts";
import { decimal } from "../domain/money.ts";
import type { Fill, VenueOrder } from "../domain/order.ts";
import { read, unread } from "../domain/reading.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/record.ts";
import { type Story, second, story } from "../testing/ledger-of.ts";
import { foreignOrders, type News, recordNews, reservingOrders } from "./sync.ts";

let told: Story;
let now: number;
let written: Entry[];
beforeEach(() => {
  told = story();
  now = 100;
  written = [];
});

const NOTHING: News = { orders: unread("-"), single: [], fills: unread("-"), positions: unread("-") };

function sync(news: Partial<News>): void {
  const journal = { ledger: told.ledger, folder: "/nowhere" } as Journal;
  recordNews(journal, { ...NOTHING, ...news }, (entry) => {
    written.push(entry);
    told.at(now, entry);
    return {} as never;
  });
}

function seen(change: Partial<VenueOrder> = {}): VenueOrder {
  return {
    orderId: "v-a",
    clientOrderId: "a",
    parentOrderId: null,
    instrumentId: "id-AAPL",
    symbol: "AAPL",
    side: "BUY",
    orderType: "limit",
    quantity: decimal(10),
    cashAmount: null,
    filledQuantity: decimal(0),
    averagePrice: null,
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
    status: "submitted",
    message: null,
    ...change,
  };
}

const list = (orders: VenueOrder[], began = 50) => ({ orders: read(orders, second(began)) });
function working(): void {
  told.intent(0, "a", {});
  told.outcome(1, "a", "acknowledged");
}

test("S3: an order that is missing from a list stays as it was, and the list is unread", () => {
  working();
  sync(list([]));
  expect(told.ledger.openOrders()).toHaveLength(1);
  expect(foreignOrders(told.ledger, list([]).orders)).toMatchObject({ kind: "unread" });
});

test("S3: an order that is newer than the list does not make the list unread", () => {
  working();
  expect(foreignOrders(told.ledger, list([], 0.5).orders).kind).toBe("read");
});

test("S3: a terminal status ends the order", () => {
  working();
  sync(list([seen({ status: "cancelled" })]));
  expect(told.ledger.openOrders()).toEqual([]);
});

test("L13: inactive is no end", () => {
  working();
  sync(list([seen({ status: "inactive" })]));
  expect(told.ledger.openOrders()).toMatchObject([{ status: "inactive" }]);
});

test("S3: the join is by the venue's id, then by ours", () => {
  told.intent(0, "a", {});
  told.outcome(1, "a", "unknown");
  sync(list([seen({ orderId: "9" })]));
  expect(told.ledger.orders.get("a")).toMatchObject({ phase: "working", orderId: "9" });
  sync(list([seen({ orderId: "9", clientOrderId: null, status: "filled" })]));
  expect(told.ledger.orders.get("a")?.status).toBe("filled");
});

test("a list from before our last record is no news about a status", () => {
  working();
  sync(list([seen({ status: "pending" })], 0.5));
  expect(written).toEqual([]);
  sync(list([seen({ status: "pending" })], 2));
  expect(written).toHaveLength(1);
});

test("a list that is late never brings a done order back", () => {
  working();
  told.seen(2, "a", { status: "filled", filledQuantity: "10" });
  sync(list([seen()]));
  expect(written).toEqual([]);
});

test("the same news is written once", () => {
  working();
  sync(list([seen({ status: "partially_filled", filledQuantity: decimal(3) })]));
  sync(list([seen({ status: "partially_filled", filledQuantity: decimal(3) })], 150));
  expect(written).toHaveLength(1);
});

test.each(["rejected", "not_sent"] as const)(
  "an order that was thought %s and is found works again",
  (outcome) => {
    told.intent(0, "a", {});
    told.outcome(1, "a", outcome);
    sync(list([seen()]));
    expect(told.ledger.openOrders()).toMatchObject([{ phase: "working", orderId: "v-a" }]);
  },
);

const execution = (change: Partial<Fill> = {}): Fill => ({
  executionId: "e1",
  orderId: "v-a",
  clientOrderId: null,
  instrumentId: "id-AAPL",
  symbol: "AAPL",
  side: "BUY",
  quantity: decimal(4),
  price: decimal(100),
  fee: null,
  executedAt: second(40),
  ...change,
});

test("S4: an execution is written once, and again when its fee is known", () => {
  working();
  for (const fee of [null, null, decimal(1), decimal(1)])
    sync({ fills: read([execution({ fee })], second(50)) });
  expect(written.map((entry) => entry.kind === "fill" && entry.fee)).toEqual([null, "1"]);
});

test("executions of others are not ours", () => {
  working();
  sync({ fills: read([execution({ orderId: "7" })], second(50)) });
  expect(written).toEqual([]);
});

const holding = (quantity: string, began: number) => ({
  positions: read(
    [{ instrumentId: "id-AAPL", symbol: "AAPL", quantity: decimal(quantity) } as Position],
    second(began),
  ),
});

test("a reading of positions is noted when it changed, and now and then besides", () => {
  sync(holding("5", 10));
  sync(holding("5", 20));
  expect(written).toHaveLength(1);
  sync(holding("6", 30));
  sync(holding("6", 30 + 15 * 60));
  expect(written).toHaveLength(3);
});

test("a reading that is older than the noted one is passed over", () => {
  sync(holding("5", 20));
  sync(holding("6", 10));
  expect(written).toHaveLength(1);
});

test("a reading right after a fill settles other instruments, not that one", () => {
  sync(holding("5", 0));
  working();
  told.fill(90, "a", "10");
  now = 101;
  sync(holding("5", 100));
  expect(written.at(-1)).toMatchObject({ note: "holdings", unsettled: ["id-AAPL"] });
  expect(told.ledger.settled("id-AAPL")?.readAt).toBe(second(0));
  now = 201;
  sync(holding("15", 200));
  expect(told.ledger.settled("id-AAPL")?.quantity.toFixed()).toBe("15");
});

test("a figure that equals the noted one after trades between is noted again", () => {
  sync(holding("10", 0));
  working();
  told.fill(2, "a", "10");
  now = 100;
  sync(holding("10", 99));
  expect(told.ledger.settled("id-AAPL")?.readAt).toBe(second(99));
});

test("one instrument in two rows is held as much as both say", () => {
  const row = (quantity: string) =>
    ({ instrumentId: "i", symbol: "I", quantity: decimal(quantity) }) as Position;
  sync({ positions: read([row("2"), row("3")], second(1)) });
  expect(told.ledger.settled("i")?.quantity.toFixed()).toBe("5");
});

test("foreign orders are what is listed, works and is not ours", () => {
  working();
  const orders = list([
    seen(),
    seen({ orderId: "f1", clientOrderId: "theirs" }),
    seen({ orderId: "f2", clientOrderId: null, status: "filled" }),
    seen({ orderId: "f3", clientOrderId: null, parentOrderId: "v-a" }),
  ]).orders;
  const foreign = foreignOrders(told.ledger, orders);
  expect(foreign.kind === "read" && foreign.value.map((each) => each.orderId)).toEqual(["f1"]);
});

test("S5: of a list that is not complete, what it holds is added to what was known", () => {
  working();
  const known = [seen({ orderId: "f1", clientOrderId: null }), seen({ orderId: "f2", clientOrderId: null })];
  const partial = list([
    seen({ orderId: "f2", clientOrderId: null, status: "cancelled" }),
    seen({ orderId: "f3", clientOrderId: null }),
  ]).orders;
  const ids = (orders: VenueOrder[]) => orders.map((each) => each.orderId);
  expect(ids(reservingOrders({ foreign: known }, told.ledger, partial))).toEqual(["f1", "f3"]);
  expect(ids(reservingOrders({ foreign: known }, told.ledger, unread("503")))).toEqual(["f1", "f2"]);
});
