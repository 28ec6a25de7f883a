import { read, unread } from "trading-core/domain/reading";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { aQuote, NOW, testVenue } from "../testing/venue.ts";

test("a symbol without a quote is named, and the others still come", async () => {
  const venue = testVenue({
    marketData: {
      quotes: async (instruments) =>
        instruments.map(({ symbol }) =>
          symbol === "MSFT" ? unread("no data") : read(aQuote({ symbol }), NOW),
        ),
    },
  });
  const data = await dataOf("get_quotes", { symbols: ["AAPL", "NOPE", "MSFT", "AAPL"] }, venue);
  expect(data.quotes).toMatchObject([{ symbol: "AAPL", last: "187.5" }]);
  expect(data.unavailable).toEqual([
    { symbol: "NOPE", code: "unknown_symbol", reason: "NOPE is not listed here." },
    { symbol: "MSFT", code: "quote_unavailable", reason: "no data" },
  ]);
  expect(data.omitted).toBe(0);
});

test("a list is bounded before anything is asked", async () => {
  const venue = testVenue();
  const symbols = Array.from({ length: 51 }, (_, index) => `S${index}`);
  expect(await errorOf("get_quotes", { symbols }, venue)).toMatchObject({
    code: "invalid_arguments",
    message:
      'get_quotes was not run: "symbols" may name at most 50 symbols; split the call, got a list of 51.',
  });
  expect((await errorOf("get_quotes", { symbols: ["OK", "no!"] }, venue)).message).toContain('"symbols[1]"');
  expect(venue.calls).toEqual([]);
});

test("a failure that is no symbol's fault fails the call", async () => {
  const venue = testVenue({
    marketData: {
      resolve: async () => {
        throw new TypeError("a bug");
      },
    },
  });
  expect((await errorOf("get_quotes", { symbols: ["AAPL"] }, venue)).code).toBe("internal_error");
});
