import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MORNING, quoteOf, stock } from "../testing/fixtures.ts";
import { priceIncrement, roundLimitPrice, roundStopPrice } from "./instrument.ts";
import {
  cents,
  decimal,
  isMultipleOf,
  max,
  min,
  parseDecimal,
  plain,
  roundDown,
  roundUp,
  sum,
} from "./money.ts";
import { isTerminal } from "./order.ts";
import { isFresh, quoteAge } from "./quote.ts";
import { untrustedText } from "./untrusted-text.ts";

describe("money", () => {
  test.each(["0", "1300", "0.25", "-3.5", "0.000000000001"])("%s is read exactly", (text) => {
    expect(parseDecimal(text)?.toFixed()).toBe(text);
  });
  test.each([
    "",
    " 1",
    "1 ",
    "+1",
    "1e3",
    "1,000",
    ".5",
    "5.",
    "007",
    "NaN",
    "Infinity",
    "0x10",
    "1".repeat(65),
    null,
    undefined,
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])("L16: %s is no number, and not zero", (value) => {
    expect(parseDecimal(value)).toBeNull();
  });
  test("numbers are read by their shortest text", () => {
    expect(parseDecimal(0.1)?.plus(0.2).toFixed()).toBe("0.3");
    expect(plain(decimal("1e-7"))).toBe("0.0000001");
  });
  test("rounding is to a multiple, in the direction that was asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom("0.01", "0.05", "0.0001", "1", "0.25"),
        (cents, step) => {
          const value = decimal(cents).div(10_000);
          const increment = decimal(step);
          const [low, high] = [roundDown(value, increment), roundUp(value, increment)];
          expect(isMultipleOf(low, increment) && isMultipleOf(high, increment)).toBe(true);
          expect(low.lte(value) && high.gte(value) && high.minus(low).lte(increment)).toBe(true);
        },
      ),
      { seed: 7 },
    );
  });
  test("sums, extremes and cents", () => {
    expect(sum([]).toFixed()).toBe("0");
    expect(max(decimal(1), decimal(3), decimal(2)).toFixed()).toBe("3");
    expect(min(decimal(1), decimal(-3)).toFixed()).toBe("-3");
    expect(cents(decimal("2.005"))).toBe("2.00");
  });
});

describe("instrument", () => {
  const tiers = stock("T", {
    priceSteps: [
      { from: decimal(0), increment: decimal("0.0001") },
      { from: decimal(1), increment: decimal("0.01") },
    ],
  });
  test("the tick is the one of the price's tier, a cent where none was published or a table is broken", () => {
    expect(priceIncrement(tiers, decimal("0.99")).toFixed()).toBe("0.0001");
    expect(priceIncrement(tiers, decimal(1)).toFixed()).toBe("0.01");
    expect(priceIncrement(stock("T", { priceSteps: [] }), decimal(5)).toFixed()).toBe("0.01");
    expect(
      priceIncrement(
        stock("T", { priceSteps: [{ from: decimal(0), increment: decimal(0) }] }),
        decimal(5),
      ).toFixed(),
    ).toBe("0.01");
  });
  test("M17: a limit never gets worse for its owner, a trigger never fires later than asked", () => {
    const price = decimal("10.005");
    expect(roundLimitPrice(tiers, "BUY", price).toFixed()).toBe("10");
    expect(roundLimitPrice(tiers, "SELL", price).toFixed()).toBe("10.01");
    expect(roundStopPrice(tiers, "SELL", price).toFixed()).toBe("10.01");
    expect(roundStopPrice(tiers, "BUY", price).toFixed()).toBe("10");
    expect(roundLimitPrice(tiers, "BUY", decimal("10.01")).toFixed()).toBe("10.01");
  });
});

test("only what can never fill again is terminal", () => {
  const all = [
    "pending",
    "submitted",
    "partially_filled",
    "inactive",
    "unknown",
    "filled",
    "cancelled",
    "rejected",
    "expired",
  ] as const;
  expect(all.filter(isTerminal)).toEqual(["filled", "cancelled", "rejected", "expired"]);
});

describe("quotes", () => {
  const now = Date.parse(MORNING);
  const quote = (change: Parameters<typeof quoteOf>[2] = {}) => quoteOf(stock("A"), now - 60_000, change);
  test("M23: fresh is live, trading, from this session and recent enough", () => {
    expect(isFresh(quote(), now, 60_000)).toBe(true);
    expect(isFresh(quote(), now + 1, 60_000)).toBe(false);
    for (const change of [
      { delayed: true },
      { delayed: null },
      { halted: true },
      { lastIsPreviousClose: true },
      { asOf: null },
    ]) {
      expect(isFresh(quote(change), now, 60_000)).toBe(false);
    }
    expect(isFresh(quote({ halted: null }), now, 60_000)).toBe(true);
  });
  test("a quote from the future is not fresh, and its age is never negative", () => {
    expect(isFresh(quote({ asOf: now + 3_600_000 }), now, 60_000)).toBe(false);
    expect(quoteAge(quote({ asOf: now + 5 }), now)).toBe(0);
    expect(quoteAge(quote({ asOf: null }), now)).toBeNull();
  });
});

describe("a venue's text", () => {
  test.each([
    ["bidi overrides and zero-width marks", "a\u202Eb\u200Bc\u2066d\uFEFF", "abcd"],
    ["controls and escape sequences", "a\u0000\u001B[31mb", "a[31mb"],
    ["line breaks", "one\r\ntwo\u2028three", "one twothree"],
    ["markup", "<b>no</b> <script src='x'>y</script>", "no y"],
    ["markup behind entities", "&lt;img src=x&gt;hi", "hi"],
    ["markup behind invisible marks", "<\u200Bscript>x", "x"],
    ["entities", "Tom &amp; Jerry&nbsp;&#39;s", "Tom & Jerry 's"],
    ["halves of characters", "a\ud83db\udc00", "ab"],
    ["comparisons", "price &lt; 5 and size > 3", "price < 5 and size > 3"],
  ])("%s are made harmless", (_, hostile, safe) => {
    expect(untrustedText(hostile)).toBe(safe);
  });
  test("it is cut by characters, without breaking one", () => {
    expect(untrustedText("😀".repeat(20), 5)).toBe("😀😀😀😀…");
    expect(untrustedText("x".repeat(100_000)).length).toBe(500);
  });
  test("what is no text is shown as what it is", () => {
    expect([
      untrustedText(null),
      untrustedText(undefined),
      untrustedText(7),
      untrustedText({ a: 1 }),
    ]).toEqual(["", "", "7", '{"a":1}']);
  });
  test("nothing that it is given makes it throw or lets a control through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(untrustedText(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
      { seed: 7 },
    );
  });
});
