import { expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { Fill, VenueOrder } from "../domain/order.ts";
import { read, unread } from "../domain/reading.ts";
import { otherWriters } from "./other-writers.ts";

const TODAY = 1_000;
const none = unread("not read");
const seen = (clientOrderId: string | null, change: Partial<VenueOrder> = {}) =>
  ({ clientOrderId, status: "submitted", filledQuantity: null, ...change }) as VenueOrder;
const filled = (clientOrderId: string, executedAt: number) => ({ clientOrderId, executedAt }) as Fill;

function among(working: VenueOrder[], orders: VenueOrder[], fills: Fill[]): string[] {
  return otherWriters("abcd", working, read(orders, 0), read(fills, 0), (at) => at >= TODAY);
}

test("S25: our form with another prefix is another server's, whether it works or was filled today", () => {
  expect(among([seen("zzzz12345678901234")], [], [])).toEqual(["zzzz12345678901234"]);
  expect(among([], [seen("zzzz12345678901234")], [])).toEqual(["zzzz12345678901234"]);
  expect(among([], [], [filled("zzzz12345678901234", TODAY)])).toEqual(["zzzz12345678901234"]);
  const done = { status: "filled", filledQuantity: decimal(1) } as const;
  expect(among([], [seen("zzzz12345678901234", done)], [])).toEqual(["zzzz12345678901234"]);
});

test("S25: our own prefix, another form, an old fill and what ended unfilled are not", () => {
  expect(among([seen("abcd12345678901234"), seen("my-order"), seen(null)], [], [])).toEqual([]);
  expect(among([seen("zzzz1234567890123"), seen("ZZZZ12345678901234")], [], [])).toEqual([]);
  expect(among([], [], [filled("zzzz12345678901234", TODAY - 1)])).toEqual([]);
  const ended = { status: "cancelled", filledQuantity: decimal(0) } as const;
  expect(among([], [seen("zzzz12345678901234", ended)], [])).toEqual([]);
});

test("S25: what was seen before a list became unreadable still counts", () => {
  expect(otherWriters("abcd", [seen("zzzz12345678901234")], none, none, () => true)).toHaveLength(1);
});
