import { expect, test } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

test.each([
  ["", "", 0],
  ["abc", "abc", 0],
  ["abc", "", 3],
  ["kitten", "sitting", 3],
  ["limit_prise", "limit_price", 1],
])("%s to %s takes %i edits", (from, to, edits) => {
  expect(editDistance(from, to)).toBe(edits);
  expect(editDistance(to, from)).toBe(edits);
});

const NAMES = ["symbol", "cash_amount", "quantity", "limit_price", "time_in_force"];

test.each([
  ["limitPrice", "limit_price"],
  ["LIMIT-PRICE", "limit_price"],
  ["price", "limit_price"],
  ["quantaty", "quantity"],
  ["symbols", "symbol"],
  ["amount", "cash_amount"],
])("%s means %s", (word, name) => {
  expect(nearest(word, NAMES)).toBe(name);
});

test.each(["", "x", "side", "account", "___", "l".repeat(10_000)])("%s means none of them", (word) => {
  expect(nearest(word, NAMES)).toBeNull();
});
