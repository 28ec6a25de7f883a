import { unread } from "trading-core/domain/reading";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { aQuote, NOW, testVenue } from "../testing/venue.ts";

test("tells prices exactly, with the quote's age", async () => {
  expect(await dataOf("get_quote", { symbol: " AAPL " })).toEqual({
    symbol: "AAPL",
    last: "187.5",
    bid: "187.49",
    ask: "187.51",
    as_of: "2026-11-20T14:59:58.500Z",
    age_seconds: 1.5,
    delayed: false,
    halted: false,
    last_is_previous_close: false,
  });
});

test("what the venue did not say is null, never zero", async () => {
  const quote = aQuote({ last: null, bid: null, asOf: null, delayed: null });
  const venue = testVenue({
    marketData: { quotes: async () => [{ kind: "read", value: quote, began: NOW }] },
  });
  expect(await dataOf("get_quote", { symbol: "AAPL" }, venue)).toMatchObject({
    last: null,
    bid: null,
    as_of: null,
    age_seconds: null,
    delayed: null,
  });
});

test("a quote that could not be had is an error that may be tried again", async () => {
  const venue = testVenue({ marketData: { quotes: async () => [unread("no subscription")] } });
  expect(await errorOf("get_quote", { symbol: "AAPL" }, venue)).toMatchObject({
    code: "quote_unavailable",
    message: "The quote of AAPL could not be read: no subscription.",
    retryable: true,
  });
});

test("an unknown symbol keeps the venue's code", async () => {
  expect(await errorOf("get_quote", { symbol: "NOPE" })).toMatchObject({
    code: "unknown_symbol",
    next_step: "Check the symbol.",
  });
});
