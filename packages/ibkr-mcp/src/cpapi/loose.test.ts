import { expect, test } from "vitest";
import { asFlag, asId, looseDecimal, loosePrice } from "./loose.ts";

test.each([
  ["1,300", "1300"],
  ["1,977.60", "1977.6"],
  ["-12.5", "-12.5"],
  ["+0.40", "0.4"],
  [".5", "0.5"],
  ["007.5", "7.5"],
  [656.25341795, "656.25341795"],
])("%j is read as %s", (value, text) => {
  expect(looseDecimal(value)?.toFixed()).toBe(text);
});

test.each([
  "N/A",
  "-",
  "",
  "1,30",
  "1 300",
  "24.2M",
  "NaN",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  undefined,
  {},
  "1e5",
])("L16: %j is unknown, never zero", (value) => {
  expect(looseDecimal(value)).toBeNull();
});

test("L34: a price of zero or less is no price", () => {
  expect(loosePrice("0")).toBeNull();
  expect(loosePrice(-1)).toBeNull();
  expect(loosePrice("0.0001")?.toFixed()).toBe("0.0001");
});

test("L33: only an unmistakable flag is one", () => {
  expect([true, 1, "true"].map(asFlag)).toEqual([true, true, true]);
  expect([false, 0, "false"].map(asFlag)).toEqual([false, false, false]);
  expect([2, -1, "1", "yes", "TRUE", "", null, undefined, {}].map(asFlag)).toEqual(Array(9).fill(null));
});

test("ids come as numbers and as text", () => {
  expect([265598, "265598", 0, "0", "-1", 1.5, "x", null].map(asId)).toEqual([
    "265598",
    "265598",
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});
