import { expect, test } from "vitest";
import type { LedgerOrder } from "./ledger-order.ts";
import { createTimeline } from "./timeline.ts";

const order = (clientOrderId: string, intentAt: number) => ({ clientOrderId, intentAt }) as LedgerOrder;
const ids = (orders: LedgerOrder[]) => orders.map((each) => each.clientOrderId).join("");

function timeline(...at: number[]) {
  const orders = at.map((each, index) => order(String.fromCharCode(97 + index), each));
  const line = createTimeline();
  for (const each of orders) line.add(each);
  return { line, orders };
}

test("orders from an instant on, that instant included, oldest first", () => {
  const { line } = timeline(10, 20, 30);
  expect([ids(line.since(10)), ids(line.since(20)), ids(line.since(21)), ids(line.since(31))]).toEqual([
    "abc",
    "bc",
    "c",
    "",
  ]);
  expect(line.size).toBe(3);
});

test("S26: a clock that was set back hides no order that is later", () => {
  const { line } = timeline(100, 10, 20);
  expect(ids(line.since(50))).toBe("a");
  expect(ids(line.since(20))).toBe("ac");
  expect(ids(line.since(0))).toBe("abc");
});

test("the search ends where nothing earlier can be later", () => {
  const { line, orders } = timeline(10, 20, 30);
  const [first] = orders;
  if (first) first.intentAt = 99;
  expect(ids(line.since(25))).toBe("c");
});

test("what is dropped is gone, and what is left keeps its place", () => {
  const { line, orders } = timeline(10, 200, 30);
  line.drop(new Set(orders.slice(1, 2)));
  expect(ids(line.since(0))).toBe("ac");
  expect(line.size).toBe(2);
  expect(ids(line.since(20))).toBe("c");
  line.add(order("d", 40));
  expect(ids(line.since(30))).toBe("cd");
  const [first] = orders;
  if (first) first.intentAt = 99;
  expect(ids(line.since(35))).toBe("d");
});
