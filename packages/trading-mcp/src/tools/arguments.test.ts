import { plain } from "trading-core/domain/money";
import { describe, expect, test } from "vitest";
import { limitPrice, orderId, quantity, symbol } from "./arguments.ts";

describe("sizes and prices", () => {
  test.each([
    [1, "1"],
    [0.1, "0.1"],
    [1e-7, "0.0000001"],
    ["187.50", "187.5"],
    ["0.000000000001", "0.000000000001"],
    [1e12, "1000000000000"],
    ["1000000000000", "1000000000000"],
  ])("%j is %s, exactly", (given, expected) => {
    expect(plain(quantity.parse(given))).toBe(expected);
  });

  test.each([
    0,
    -1,
    "0",
    "-1",
    "",
    " 1",
    "1 ",
    "1e3",
    "+1",
    "01",
    ".5",
    "5.",
    "1,000",
    "1_000",
    "0x10",
    "NaN",
    "Infinity",
    "1000000000001",
    1e13,
    0.1 + 0.2,
    1e-13,
    "0.0000000000001",
    "1".repeat(33),
    "١",
    null,
    true,
    [],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])("%j is refused", (given) => {
    expect(limitPrice.safeParse(given).success).toBe(false);
  });
});

describe("symbols", () => {
  test.each(["AAPL", "BRK B", "BTC/USDT", "BTC/USDT:USDT", "BF.B", "a", "X:Y-Z", "AAPL@NASDAQ"])(
    "%s is one",
    (given) => {
      expect(symbol.parse(` ${given} `)).toBe(given);
    },
  );
  test.each([
    "",
    " ",
    "/A",
    "A".repeat(33),
    "A;B",
    "A\nB",
    "Ａ",
    "A\u202eB",
    "../..%2f",
    "A/../B",
    "A//B",
    "..",
    "A.",
    "@A",
    5,
  ])("%j is none", (given) => {
    expect(symbol.safeParse(given).success).toBe(false);
  });
});

describe("order ids", () => {
  test.each(["1", "ab12cd34ef56", "a-b_c:d.e", "9".repeat(64)])("%s may be one", (given) => {
    expect(orderId.parse(` ${given} `)).toBe(given);
  });
  test.each(["", ".", "..", "a..b", "-1", "_a", "a/b", "a%2fb", "a b", "1\u200b", "9".repeat(65), 1, null])(
    "%j can be none",
    (given) => {
      expect(orderId.safeParse(given).success).toBe(false);
    },
  );
});
