import { expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { read, unread } from "../domain/reading.ts";
import { MORNING, order, policyOf, quoteOf, stock } from "../testing/fixtures.ts";
import { riskRateOf } from "./risk-rate.ts";
import { priceBoundOf, worstCaseOf } from "./worst-case.ts";

const NOW = Date.parse(MORNING);
const AAPL = stock("AAPL");
const LIVE = read(quoteOf(AAPL, NOW), NOW);
const NONE = unread("no answer");

function worth(
  request: ReturnType<typeof order>,
  quote: typeof LIVE | typeof NONE = LIVE,
  instrument = AAPL,
): string {
  const rate = riskRateOf(unread("no rate was scripted"), instrument.currency, policyOf(), NOW);
  const worst = worstCaseOf(request, instrument, quote, policyOf(), rate, NOW);
  return worst.kind === "priced" ? worst.value.toFixed() : `unpriced: ${worst.reason}`;
}

test.each([
  ["a buy by amount is worth its amount", order("BUY", { cashAmount: "50" }), "50"],
  [
    "a limit buy is worth its limit, however far from the market",
    order("BUY", "2", { limitPrice: "50" }),
    "100",
  ],
  [
    "C1: a limit buy far above the market is worth its limit",
    order("BUY", "1", { limitPrice: "5000" }),
    "5000",
  ],
  ["a market buy is worth the ask and the allowed deviation", order("BUY", "1"), "105"],
  ["C1: a buy stop is worth its trigger and the deviation", order("BUY", "1", { stopPrice: "1000" }), "1050"],
  ["a buy stop below the ask is worth the ask", order("BUY", "1", { stopPrice: "90" }), "105"],
  ["a stop-limit buy is worth its limit", order("BUY", "1", { stopPrice: "110", limitPrice: "112" }), "112"],
  ["H3: what opens a short is worth the ask at least", order("SELL", "1", { limitPrice: "1" }), "105"],
  ["H3: a dear short is worth its limit", order("SELL", "1", { limitPrice: "200" }), "210"],
] as const)("S22: %s", (_, request, value) => {
  expect(worth(request)).toBe(value);
});

test("S22: without a quote only what needs none is priced", () => {
  expect(worth(order("BUY", "1", { limitPrice: "50" }), NONE)).toBe("50");
  expect(worth(order("BUY", "1"), NONE)).toContain("no quote: no answer");
  expect(worth(order("BUY", "1", { stopPrice: "110" }), NONE)).toContain("unpriced");
});

test.each([
  ["old", { asOf: NOW - 60_001 }, "60 s old"],
  ["from the future", { asOf: NOW + 3_600_000 }, "ahead of this machine's clock"],
  ["delayed", { delayed: true }, "delayed"],
  ["halted", { halted: true }, "halted"],
  ["yesterday's", { lastIsPreviousClose: true }, "previous close"],
  ["without a time", { asOf: null }, "does not say when"],
  ["without an ask", { ask: null }, "no ask"],
  ["L34: with an ask of zero", { ask: decimal(0) }, "no ask"],
])("a quote that is %s prices nothing", (_, change, reason) => {
  expect(worth(order("BUY", "1"), read(quoteOf(AAPL, NOW, change), NOW))).toContain(reason);
});

test("the last price stands for the ask when it is greater", () => {
  expect(worth(order("BUY", "1"), read(quoteOf(AAPL, NOW, { last: decimal(120) }), NOW))).toBe("126");
});

test("C2: what is priced in another currency is not priced", () => {
  expect(worth(order("BUY", { cashAmount: "99" }), LIVE, stock("ETH/BTC", { currency: "BTC" }))).toContain(
    "priced in BTC",
  );
});

test("a market buy by quantity goes out bounded by what it was checked at", () => {
  const bound = (request: ReturnType<typeof order>, instrument = AAPL) =>
    priceBoundOf(request, instrument, LIVE, policyOf(), NOW)?.toFixed() ?? null;
  expect(bound(order("BUY", "1"))).toBe("105");
  for (const other of [
    order("SELL", "1"),
    order("BUY", { cashAmount: "5" }),
    order("BUY", "1", { limitPrice: "9" }),
  ]) {
    expect(bound(other)).toBeNull();
  }
  expect(
    bound(order("BUY", "1"), stock("A", { priceSteps: [{ from: decimal(0), increment: decimal(1_000) }] })),
  ).toBeNull();
});
