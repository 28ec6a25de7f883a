import { expect, test } from "vitest";
import { createHorizon, departed } from "./horizon.ts";
import type { LedgerOrder } from "./ledger-order.ts";

const DAY_MS = 24 * 60 * 60_000;
const order = (change: Partial<LedgerOrder>) =>
  ({ clientOrderId: "a", phase: "done", intentAt: 10, lastAt: 10, ...change }) as LedgerOrder;
const gone = (before: number, ...orders: LedgerOrder[]) => [
  ...departed(new Map(orders.map((each, index) => [String(index), each])), before),
];

test("every thousand records it is time to look, eight days before the block's earliest time", () => {
  const horizon = createHorizon();
  const start = 100 * DAY_MS;
  for (let seq = 1; seq < 1_000; seq++) expect(horizon.pass(seq, start + seq)).toBeNull();
  expect(horizon.pass(1_000, start + 5_000)).toBe(start + 1 - 8 * DAY_MS);
  expect(horizon.pass(1_001, start + 9_000)).toBeNull();
  expect(horizon.pass(2_000, start + 8_000)).toBe(start + 8_000 - 8 * DAY_MS);
});

test("what a checkpoint keeps of a block goes on where it was", () => {
  const horizon = createHorizon();
  horizon.pass(1, 50 * DAY_MS);
  const again = createHorizon();
  again.restore(horizon.save());
  expect(again.pass(1_000, 60 * DAY_MS)).toBe(42 * DAY_MS);
  expect(again.save()).toBeNull();
});

test("an order leaves when it is done and nothing was heard of it since; one that is open never does", () => {
  const old = order({});
  expect(gone(11, old)).toEqual([old]);
  expect(gone(10, old)).toEqual([]);
  expect(gone(11, order({ lastAt: 11 }))).toEqual([]);
  expect(gone(11, order({ lastAt: 10.5 }))).toHaveLength(1);
  expect(gone(99, order({ phase: "working" }), order({ phase: "unresolved" }))).toEqual([]);
});

test("the walk ends at the first order that is young", () => {
  expect(gone(20, order({ intentAt: 20 }), order({}))).toEqual([]);
  expect(gone(20, order({ phase: "working" }), order({}))).toHaveLength(1);
});
