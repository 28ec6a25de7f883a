import { expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { Movement } from "./ledger-order.ts";
import { createMovements } from "./movements.ts";

const HOUR_MS = 60 * 60_000;
const move = (seq: number, learntAt: number, executedAt: number | null = null): Movement => ({
  quantity: decimal(1),
  executedAt,
  learntAt,
  seq,
  intentSeq: 1,
});
const seqs = (list: Movement[]) => list.map((each) => each.seq);

test("movements come in the order in which they happened, then in that of their records", () => {
  const movements = createMovements();
  movements.add("x", move(1, 100, 50), null);
  movements.add("x", move(4, 100, 20), null);
  movements.add("x", move(3, 100, 20), null);
  movements.add("x", move(2, 30), null);
  expect(seqs(movements.of("x"))).toEqual([3, 4, 2, 1]);
  expect(movements.of("y")).toEqual([]);
  expect(movements.instruments()).toEqual(["x"]);
});

test("the latest is the later of what happened and what was learnt, and never falls", () => {
  const movements = createMovements();
  expect(movements.latestOf("x")).toBe(0);
  movements.add("x", move(1, 100, 500), null);
  expect(movements.latestOf("x")).toBe(500);
  movements.add("x", move(2, 200), null);
  expect(movements.latestOf("x")).toBe(500);
  movements.add("x", move(3, 700), null);
  expect(movements.latestOf("x")).toBe(700);
});

test("instruments that nothing moved since are forgotten, others are kept whole", () => {
  const movements = createMovements();
  movements.add("old", move(1, 100), null);
  movements.add("new", move(2, 100), null);
  movements.add("new", move(3, 200), null);
  movements.dropBefore(200);
  expect(movements.instruments()).toEqual(["new"]);
  expect(seqs(movements.of("new"))).toEqual([2, 3]);
  expect(movements.latestOf("old")).toBe(0);
});

test("what is saved comes back, with its latest", () => {
  const movements = createMovements();
  movements.add("x", move(1, 100, 900), null);
  const again = createMovements();
  again.restore(movements.save());
  expect([seqs(again.of("x")), again.latestOf("x")]).toEqual([[1], 900]);
});

/** 128 movements, of which the first 64 happened at `firstAt` and the others, with the sweep, at `now`. */
function swept(firstAt: number, now: number, settledSeq: number | null): number[] {
  const movements = createMovements();
  for (let seq = 1; seq <= 128; seq++) movements.add("x", move(seq, seq <= 64 ? firstAt : now), settledSeq);
  return seqs(movements.of("x"));
}

test("of many, the last 64 stay whatever the clock says, and what is older than an hour leaves", () => {
  const now = 100 * HOUR_MS;
  expect(swept(now - HOUR_MS, now, null)).toHaveLength(128);
  expect(swept(now - HOUR_MS - 1, now, null)).toEqual(Array.from({ length: 64 }, (_, index) => index + 65));
});

test("S8: what moved since the figure was settled stays for a day and an hour", () => {
  const now = 100 * HOUR_MS;
  expect(swept(now - 25 * HOUR_MS, now, 0)).toHaveLength(128);
  expect(swept(now - 25 * HOUR_MS - 1, now, 0)).toHaveLength(64);
  expect(swept(now - 25 * HOUR_MS, now, 60)).toHaveLength(68);
});

test("below 128 nothing is swept, and beyond it each time the number has doubled", () => {
  const movements = createMovements();
  const now = 100 * HOUR_MS;
  for (let seq = 1; seq <= 127; seq++) movements.add("x", move(seq, seq === 127 ? now : 0), null);
  expect(movements.of("x")).toHaveLength(127);
  movements.add("x", move(128, now), null);
  expect(movements.of("x")).toHaveLength(64);
  for (let seq = 129; seq <= 191; seq++) movements.add("x", move(seq, 0), null);
  expect(movements.of("x")).toHaveLength(127);
});

test("between two sweeps one more movement costs no look at the others", () => {
  const movements = createMovements();
  for (let seq = 1; seq <= 128; seq++) movements.add("x", move(seq, 0), null);
  movements.add("x", move(129, 100 * HOUR_MS), null);
  expect(movements.of("x")).toHaveLength(129);
});
