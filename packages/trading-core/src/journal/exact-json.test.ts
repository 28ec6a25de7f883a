import { expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { fromExactJson, toExactJson } from "./exact-json.ts";

test("maps, sets and exact decimals come back as what they were, however deep they stand", () => {
  const value = {
    map: new Map<string, unknown>([["a", decimal("0.10000000000000000001")]]),
    set: new Set(["x", "y"]),
    list: [null, 1, "text", true, new Map([[1, new Set([2])]])],
    empty: {},
    nothing: null,
  };
  const back = fromExactJson(toExactJson(value)) as typeof value;
  expect(back).toEqual(value);
  expect(back.map.get("a")).toEqual(decimal("0.10000000000000000001"));
  expect([...back.set]).toEqual(["x", "y"]);
});

test("an exact decimal is written with all of its digits", () => {
  expect(toExactJson(decimal("123456789012345678.000000000000000001"))).toBe(
    '{"$dec":"123456789012345678.000000000000000001"}',
  );
});

test("text that is no JSON is no value", () => {
  expect(() => fromExactJson("{")).toThrow(SyntaxError);
});
