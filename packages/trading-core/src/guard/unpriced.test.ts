import { describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { Quote } from "../domain/quote.ts";
import { read, unread } from "../domain/reading.ts";
import { MORNING, order, policyOf, quoteOf, stock } from "../testing/fixtures.ts";
import type { RiskRate } from "./risk-rate.ts";
import { freshAsk, priceBoundOf, worstCaseOf } from "./worst-case.ts";

const AAPL = stock("AAPL");
const NOW = Date.parse(MORNING);
const USD: RiskRate = { kind: "known", from: "USD", to: "USD", rate: decimal(1), asOf: NOW };
const EUR: RiskRate = { kind: "known", from: "EUR", to: "USD", rate: decimal("1.1"), asOf: NOW };
const quote = (change: Partial<Quote> = {}) => read(quoteOf(AAPL, NOW, change), NOW);
const asked = (change: Partial<Quote>) => freshAsk(quote(change), policyOf(), NOW);

describe("why an entry cannot be priced is said in words that name the quote's fault", () => {
  test.each([
    ["trading is halted", { halted: true }],
    ["the quote is the previous close", { lastIsPreviousClose: true }],
    ["the quote is delayed, or does not say that it is live", { delayed: true }],
    ["the quote is delayed, or does not say that it is live", { delayed: null }],
    ["the quote does not say when it is from", { asOf: null }],
    ["the quote's time is ahead of this machine's clock", { asOf: NOW + 3_600_000 }],
    ["the quote is 61 s old, more than 60 s", { asOf: NOW - 61_000 }],
    ["the quote has no ask", { ask: null }],
    ["the quote has no ask", { ask: decimal(0) }],
  ] as [string, Partial<Quote>][])("%s", (reason, change) => {
    expect(asked(change)).toBe(reason);
    expect(worstCaseOf(order("BUY", "1"), AAPL, quote(change), policyOf(), USD, NOW)).toEqual({
      kind: "unpriced",
      reason,
    });
    expect(priceBoundOf(order("BUY", "1"), AAPL, quote(change), policyOf(), NOW)).toBeNull();
  });
  test("no quote at all", () => {
    expect(freshAsk(unread("503"), policyOf(), NOW)).toBe("no quote: 503");
  });
  test("an unknown rate, before anything else", () => {
    const rate: RiskRate = { kind: "unknown", from: "EUR", to: "USD", reason: "no answer" };
    expect(worstCaseOf(order("BUY", { cashAmount: "5" }), AAPL, quote(), policyOf(), rate, NOW)).toEqual({
      kind: "unpriced",
      reason: "AAPL is priced in EUR, and its rate into USD is not known: no answer",
    });
  });
  test("an order without any size", () => {
    expect(worstCaseOf(order("BUY", {}), AAPL, quote(), policyOf(), USD, NOW)).toEqual({
      kind: "unpriced",
      reason: "the order has no size",
    });
  });
});

describe("what a price is made of is said with it", () => {
  const basis = (...[request, rate]: [ReturnType<typeof order>, RiskRate]) => {
    const worst = worstCaseOf(request, AAPL, quote(), policyOf(), rate, NOW);
    return worst.kind === "priced" && [worst.basis, worst.value.toFixed(), worst.local.toFixed()];
  };
  test("an amount, a limit, the market", () => {
    expect(basis(order("BUY", { cashAmount: "5" }), USD)).toEqual(["its amount", "5", "5"]);
    expect(basis(order("BUY", "2", { limitPrice: "90" }), USD)).toEqual([
      "quantity × limit 90",
      "180",
      "180",
    ]);
    expect(basis(order("BUY", "2"), USD)).toEqual(["quantity × 100 plus 5 %", "210", "210"]);
  });
  test("and the rate, where there is one", () => {
    expect(basis(order("BUY", { cashAmount: "5" }), EUR)).toEqual([
      "its amount, at 1.1 USD for one EUR",
      "5.5",
      "5",
    ]);
  });
});

test("the last price stands in for the ask only when it is greater", () => {
  const price = (last: string | null) => {
    const found = asked({ last: last === null ? null : decimal(last) });
    return typeof found === "string" ? found : found.toFixed();
  };
  expect([price("101"), price("99"), price("100"), price(null)]).toEqual(["101", "100", "100", "100"]);
});

describe("a market buy by quantity is bound, and nothing else is", () => {
  const bound = (request: ReturnType<typeof order>, instrument = AAPL) =>
    priceBoundOf(request, instrument, quote(), policyOf(), NOW)?.toFixed() ?? null;
  test("at the worst case that the caps were checked at", () => {
    expect(bound(order("BUY", "1"))).toBe("105");
  });
  test("not a sell, a limit, a buy by amount", () => {
    expect(bound(order("SELL", "1"))).toBeNull();
    expect(bound(order("BUY", "1", { limitPrice: "90" }))).toBeNull();
    expect(bound(order("BUY", { cashAmount: "5" }))).toBeNull();
  });
  test("not where the increment is coarser than the price", () => {
    const coarse = stock("AAPL", { priceSteps: [{ from: decimal(0), increment: decimal(1_000) }] });
    expect(bound(order("BUY", "1"), coarse)).toBeNull();
  });
});
