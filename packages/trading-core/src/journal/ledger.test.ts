import { beforeEach, expect, test } from "vitest";
import { type Story, second, story } from "../testing/ledger-of.ts";
import { committedValue } from "./commitments.ts";
import { movements } from "./ledger.ts";
import { filledQuantity, type LedgerOrder, remainingQuantity } from "./ledger-order.ts";

let told: Story;
beforeEach(() => {
  told = story();
});

const always = () => true;
function own(id = "a"): LedgerOrder {
  const order = told.ledger.orders.get(id);
  if (!order) throw new Error(`no order ${id}`);
  return order;
}
const committed = (onDay: (at: number) => boolean = always) =>
  committedValue(told.ledger, onDay, "USD").toFixed();
const filled = () => filledQuantity(own()).toFixed();

function working(worstCase = "1000"): void {
  told.intent(0, "a", {}, { worstCase });
  told.at(0, { kind: "dispatch", clientOrderId: "a" });
  told.outcome(1, "a", "acknowledged");
}

test("an order goes from intended over dispatched to working and done", () => {
  told.intent(0, "a", {});
  expect(own().phase).toBe("intended");
  told.at(0, { kind: "dispatch", clientOrderId: "a" });
  expect(own().phase).toBe("dispatched");
  told.outcome(1, "a", "acknowledged");
  expect(own()).toMatchObject({ phase: "working", orderId: "v-a" });
  told.seen(2, "a", { status: "filled" });
  expect(own()).toMatchObject({ phase: "done", status: "filled" });
  expect(told.ledger.openOrders()).toEqual([]);
  expect(told.ledger.byOrderId("v-a")).toBe(own());
});

test("S4: an execution counts once, and a fuller record of it replaces the first", () => {
  working();
  told.fill(2, "a", "4", { executionId: "e", fee: null });
  told.fill(3, "a", "4", { executionId: "e", fee: "1.5" });
  expect(filled()).toBe("4");
  expect(own().fills.get("e")?.fee?.toFixed()).toBe("1.5");
  expect(movements(told.ledger, "id-AAPL")).toHaveLength(1);
});

test("S4: filled is the greater of the executions and the highest cumulative figure", () => {
  working();
  told.seen(2, "a", { status: "partially_filled", filledQuantity: "6" });
  told.fill(3, "a", "4");
  expect(filled()).toBe("6");
  told.seen(4, "a", { status: "partially_filled", filledQuantity: "5" });
  expect(filled()).toBe("6");
  told.fill(5, "a", "3");
  expect(filled()).toBe("7");
  expect(remainingQuantity(own())?.toFixed()).toBe("3");
  expect(movements(told.ledger, "id-AAPL").map((move) => move.quantity.toFixed())).toEqual(["6", "1"]);
});

test("H10: a partial fill under a cancel counts, whatever the status says", () => {
  working();
  told.fill(2, "a", "4");
  told.seen(3, "a", { status: "cancelled", filledQuantity: "4" });
  expect(committed()).toBe("400");
  expect(own().phase).toBe("done");
});

test("S4: a fill that arrives after the end counts, and does not bring the order back", () => {
  working();
  told.seen(2, "a", { status: "cancelled", filledQuantity: "0" });
  expect(committed()).toBe("0");
  told.fill(3, "a", "4");
  expect(committed()).toBe("400");
  expect(own().phase).toBe("done");
});

test.each(["rejected", "not_sent"] as const)(
  "a fill of an order that was thought %s proves that it works",
  (outcome) => {
    told.intent(0, "a", {});
    told.outcome(1, "a", outcome);
    expect(committed()).toBe("0");
    told.fill(2, "a", "4");
    expect(own().phase).toBe("working");
    expect(committed()).toBe("1000");
    told.fill(3, "a", "6");
    expect(own()).toMatchObject({ phase: "done", status: "filled" });
  },
);

test("a list that is late never takes an ended order back to working", () => {
  working();
  told.seen(2, "a", { status: "filled", filledQuantity: "10" });
  told.seen(3, "a", { status: "submitted", filledQuantity: "2" });
  expect(own()).toMatchObject({ phase: "done", status: "filled" });
});

test("a late figure of an order that was cancelled counts, and does not bring the order back", () => {
  working();
  told.seen(2, "a", { status: "cancelled", filledQuantity: "2" });
  told.seen(3, "a", { status: "submitted", filledQuantity: "3" });
  expect(own()).toMatchObject({ phase: "done", status: "cancelled" });
  expect(filled()).toBe("3");
});

test.each(["unknown", "rejected", "not_sent"] as const)(
  "an answer of %s takes nothing back of an order that somebody else saw at the venue",
  (outcome) => {
    told.intent(0, "a", {});
    told.at(0, { kind: "dispatch", clientOrderId: "a" });
    told.seen(1, "a", { status: "submitted" });
    told.outcome(2, "a", outcome);
    expect(own()).toMatchObject({ phase: "working", status: "submitted", orderId: "v-a" });
  },
);

test("an acknowledgement that comes after the end was seen does not reopen the order", () => {
  told.intent(0, "a", {});
  told.seen(1, "a", { status: "cancelled", filledQuantity: "0" });
  told.outcome(2, "a", "acknowledged", { status: "pending" });
  expect(own()).toMatchObject({ phase: "done", status: "cancelled" });
});

test("a status of filled says the quantity where the venue left it out", () => {
  told.intent(0, "a", {});
  told.outcome(1, "a", "acknowledged", { status: "filled" });
  expect(filled()).toBe("10");
  expect(committed()).toBe("1000");
});

test("S21: fills plus what may still fill, at their prices and fees", () => {
  working("1100");
  told.fill(2, "a", "4", { price: "90", fee: "1" });
  expect(committed()).toBe("1021");
});

test("S21: a fill counts on the day it was executed, what still works counts today", () => {
  working("1000");
  told.fill(2, "a", "4");
  expect(committed((at) => at > second(60))).toBe("600");
  expect(committed((at) => at <= second(60))).toBe("1000");
});

test("S21: a fill that is learnt late counts on its own day", () => {
  working();
  told.fill(90_000, "a", "10", { executedAt: new Date(second(5)).toISOString() });
  expect(committed((at) => at < second(60))).toBe("1000");
  expect(committed((at) => at >= second(60))).toBe("0");
});

test("exits commit nothing", () => {
  told.intent(0, "a", { side: "SELL" }, { exit: true, worstCase: null });
  told.outcome(1, "a", "acknowledged");
  told.fill(2, "a", "10");
  expect(committed()).toBe("0");
});

test("a buy by amount that filled for nobody knows how much has spent its amount", () => {
  told.intent(0, "a", { quantity: null, cashAmount: "500" }, { worstCase: "500" });
  told.outcome(1, "a", "acknowledged", { status: "filled" });
  expect(committed()).toBe("500");
  told.fill(2, "a", "4.9", { price: "100", fee: "1" });
  expect(committed()).toBe("491");
});

test("a buy by amount keeps what it has not spent yet", () => {
  told.intent(0, "a", { quantity: null, cashAmount: "500" }, { worstCase: "500" });
  told.outcome(1, "a", "acknowledged");
  told.fill(2, "a", "2");
  expect(committed()).toBe("500");
  expect(remainingQuantity(own())).toBeNull();
});

test("an instrument that had just moved keeps its earlier settled figure", () => {
  told.noted(0, { AAPL: "5", MSFT: "1" });
  told.noted(10, { AAPL: "15", MSFT: "2" }, ["id-AAPL", "id-TSLA"]);
  expect(told.ledger.settled("id-AAPL")).toMatchObject({ readAt: second(0) });
  expect(told.ledger.settled("id-AAPL")?.quantity.toFixed()).toBe("5");
  expect(told.ledger.settled("id-MSFT")?.quantity.toFixed()).toBe("2");
  expect(told.ledger.settled("id-TSLA")?.quantity.toFixed()).toBe("0");
  told.noted(20, {});
  expect(told.ledger.settled("id-AAPL")).toMatchObject({ readAt: second(20) });
});

test("records about orders that nobody meant to send are passed over", () => {
  told.seen(0, "stranger");
  told.fill(1, "stranger", "4");
  expect(told.ledger.orders.size).toBe(0);
  expect(told.ledger.lastSeq).toBe(2);
  expect(told.ledger.count("fill")).toBe(1);
});
