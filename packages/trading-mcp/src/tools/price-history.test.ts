import { decimal } from "trading-core/domain/money";
import { barsOf, HISTORY_PERIODS, type HistoryPeriod } from "trading-core/domain/price-history";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { aBar, testVenue } from "../testing/venue.ts";

const historyCall = (venue: ReturnType<typeof testVenue>) =>
  venue.calls.find(([name]) => name === "history")?.slice(2);

test("bars come in columns of decimal text, oldest first, with times in UTC", async () => {
  expect(await dataOf("price_history", { symbol: "AAPL", period: "1h", bar: "1min" })).toEqual({
    symbol: "AAPL",
    currency: "USD",
    period: "1h",
    bar: "1min",
    time: ["2026-11-20T14:58:00.000Z", "2026-11-20T14:59:00.000Z"],
    open: ["187.1", "187.1"],
    high: ["187.9", "187.9"],
    low: ["187", "187"],
    close: ["187.5", "187.5"],
    volume: ["1200", "1200"],
    omitted: 0,
    last_bar_final: true,
    delayed: false,
    message: null,
  });
});

test("without period and bar it is a month in days; a period alone comes in its usual bars", async () => {
  const venue = testVenue();
  await dataOf("price_history", { symbol: "AAPL" }, venue);
  expect(historyCall(venue)).toEqual(["1mo", "1d"]);
  for (const period of Object.keys(HISTORY_PERIODS) as HistoryPeriod[]) {
    const each = testVenue();
    await dataOf("price_history", { symbol: "AAPL", period }, each);
    expect(historyCall(each)).toEqual([period, barsOf(period)[0]]);
  }
});

test("of more bars than asked for the newest are shown, and the older ones counted", async () => {
  const bars = [3, 2, 1].map((minutes) => aBar(minutes, { close: decimal(187).plus(minutes) }));
  const venue = testVenue({
    marketData: { history: async () => ({ bars, lastBarFinal: false, delayed: true, message: "late" }) },
  });
  const data = await dataOf("price_history", { symbol: "AAPL", limit: 2 }, venue);
  expect(data).toMatchObject({
    close: ["189", "188"],
    omitted: 1,
    last_bar_final: false,
    delayed: true,
    message: "late",
  });
});

test("what the venue did not say is null, and no bars are empty columns", async () => {
  const untold = testVenue({
    marketData: {
      history: async () => ({
        bars: [aBar(1, { volume: null })],
        lastBarFinal: true,
        delayed: null,
        message: null,
      }),
    },
  });
  expect(await dataOf("price_history", { symbol: "AAPL" }, untold)).toMatchObject({
    volume: [null],
    delayed: null,
  });
  const none = testVenue({
    marketData: {
      history: async () => ({ bars: [], lastBarFinal: null, delayed: null, message: "nothing traded" }),
    },
  });
  expect(await dataOf("price_history", { symbol: "AAPL" }, none)).toMatchObject({
    time: [],
    volume: [],
    last_bar_final: null,
    message: "nothing traded",
  });
});

test("a combination that no venue gives is refused with those that fit, before the venue is asked", async () => {
  const venue = testVenue();
  const error = await errorOf("price_history", { symbol: "AAPL", period: "1y", bar: "1min" }, venue);
  expect(error).toMatchObject({ code: "bar_not_offered", retryable: false });
  expect(error.next_step).toBe("With period 1y use bar 1w or 1d; with bar 1min use period 1h or 4h.");
  expect(venue.calls).toEqual([]);
});

test("1m is neither a minute nor a month, because venues disagree: both names are told", async () => {
  const period = await errorOf("price_history", { symbol: "AAPL", period: "1m" });
  expect(period).toMatchObject({ code: "invalid_arguments", message: expect.stringContaining("1mo") });
  const bar = await errorOf("price_history", { symbol: "AAPL", bar: "1m" });
  expect(bar).toMatchObject({ code: "invalid_arguments", message: expect.stringContaining("1min") });
});
