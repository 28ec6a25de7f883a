import { plain } from "trading-core/domain/money";
import { BAR_LENGTHS, barsOf, HISTORY_PERIODS, type HistoryPeriod } from "trading-core/domain/price-history";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readChart } from "./history-answer.ts";
import { startVenue, type TestVenue } from "./test-venue.ts";

let venue: TestVenue;
beforeEach(async () => {
  venue = await startVenue();
});
afterEach(async () => {
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

const HISTORY = "iserver/marketdata/history";
const asked = () => venue.gateway.control.requests({ path: HISTORY }).map(({ path }) => path);

/** Begins anew in the exchange's own hours, at this time. */
async function beginAt(start: string) {
  await venue.close();
  venue = await startVenue({ start, hours: { mode: "regular" } });
  return await ready();
}

async function ready(symbol = "AAPL") {
  const { marketData, session } = venue.connect();
  await session.ensureReady();
  return { marketData, instrument: await marketData.resolve(symbol) };
}

describe("a price history", () => {
  test("is the period's bars, oldest first, asked for in the venue's own words", async () => {
    const { marketData, instrument } = await ready();
    const { bars, delayed, message } = await marketData.history(instrument, "1mo", "1d");
    expect(bars.length).toBeGreaterThan(15);
    const starts = bars.map(({ start }) => start);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
    expect(message).toBeNull();
    // The chart does not say that its data are live, so neither do we.
    expect(delayed).toBeNull();
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toContain("conid=265598&period=1m&bar=1d&outsideRth=false");
    // Named, the present instant loses the last day.
    expect(asked()[0]).not.toContain("startTime");
  });

  test("has shares for volumes and plain prices, whatever factors stand beside them", () => {
    const chart = readChart(RECORDED, "1min");
    expect(chart?.bars[0]).toMatchObject({ start: 1_775_136_600_000 });
    const [first] = chart?.bars ?? [];
    expect(first && plain(first.high)).toBe("647.47");
    expect(first?.volume && plain(first.volume)).toBe("688765");
    const { volumeFactor: _, ...without } = RECORDED;
    expect(readChart(without, "1min")?.bars[0]?.volume).toBeNull();
  });

  test("says that the newest bar is unfinished until its time is over", async () => {
    const { marketData, instrument } = await beginAt("2026-11-18T20:58:00Z");
    expect(await marketData.history(instrument, "1d", "15min")).toMatchObject({ lastBarFinal: false });
    expect(await marketData.history(instrument, "1mo", "1d")).toMatchObject({ lastBarFinal: false });
    venue.gateway.control.advance(121_000);
    const over = await marketData.history(instrument, "1d", "15min");
    expect(over.lastBarFinal).toBe(true);
    expect(over.bars.at(-1)?.start).toBe(Date.UTC(2026, 10, 18, 20, 45));
    // A daily bar ends with the session, not a day after its beginning.
    expect(await marketData.history(instrument, "1mo", "1d")).toMatchObject({ lastBarFinal: true });
  });

  test("M23: late data are said to be late, and settle later", async () => {
    const late = await beginAt("2026-11-18T21:19:00Z");
    venue.gateway.control.setMarketData("AAPL", "D");
    const unsettled = await late.marketData.history(late.instrument, "1d", "15min");
    expect(unsettled).toMatchObject({ delayed: true, lastBarFinal: false });
    venue.gateway.control.advance(61_000);
    const settled = await late.marketData.history(late.instrument, "1d", "15min");
    expect(settled).toMatchObject({ delayed: true, lastBarFinal: true });
  });

  test("of an hour on a Sunday is the last hour before the last close, and says so", async () => {
    const { marketData, instrument } = await beginAt("2026-11-22T15:00:00Z");
    const { bars, message, lastBarFinal } = await marketData.history(instrument, "1h", "5min");
    expect(asked()).toHaveLength(2);
    expect(asked()[1]).toContain("startTime=20261120-21%3A00%3A00");
    expect(bars[0]?.start).toBe(Date.UTC(2026, 10, 20, 20, 0));
    expect(bars.at(-1)?.start).toBe(Date.UTC(2026, 10, 20, 20, 55));
    expect(message).toContain("2026-11-20T21:00:00.000Z");
    expect(lastBarFinal).toBe(true);
  });

  test("that stays empty is empty, and no bar is made of the placeholder", async () => {
    const { marketData, instrument } = await ready();
    const body = JSON.stringify({ ...RECORDED, barLength: 300, data: [{ o: 0, c: 0 }], points: 0 });
    venue.gateway.control.faults.add({
      path: HISTORY,
      count: 2,
      action: { type: "status", status: 200, body, contentType: "application/json" },
    });
    expect(await marketData.history(instrument, "1h", "5min")).toMatchObject({
      bars: [],
      lastBarFinal: null,
      message: expect.stringContaining("no trades"),
    });
  });

  test("that fails at the first question of a session is asked for again", async () => {
    const { marketData, instrument } = await ready("IBM");
    const { bars } = await marketData.history(instrument, "1d", "1h");
    expect(bars.length).toBeGreaterThan(5);
    expect(asked()).toHaveLength(2);
  });

  test("that the venue does not have is an error with its words, after a few tries", async () => {
    const { marketData, instrument } = await ready();
    venue.gateway.control.setMarketData("AAPL", "N");
    await expect(marketData.history(instrument, "1d", "1h")).rejects.toMatchObject({
      code: "no_history",
      message: expect.stringContaining("No data."),
      nextStep: expect.stringContaining("subscription"),
    });
    expect(asked()).toHaveLength(3);
  });

  test.each([
    ["a gateway that is down", { type: "503-before" }, "upstream_unavailable", 2],
    ["a broken answer", { type: "body-cut" }, "connection_lost", 1],
    ["an answer of another shape", { type: "status", status: 200, body: "[]" }, "invalid_answer", 1],
  ] as const)("of %s is no history", async (_what, action, code, requests) => {
    const { marketData, instrument } = await ready();
    venue.gateway.control.faults.add({ path: HISTORY, count: Number.POSITIVE_INFINITY, action });
    await expect(marketData.history(instrument, "1d", "1h")).rejects.toMatchObject({ code });
    expect(asked()).toHaveLength(requests);
  });

  test("H16: histories are drawn one at a time, and at most five wait", async () => {
    const { marketData, instrument } = await ready();
    venue.gateway.control.clearRequests();
    const all = await Promise.allSettled(
      Array.from({ length: 7 }, () => marketData.history(instrument, "1h", "5min")),
    );
    expect(all.map(({ status }) => status).filter((status) => status === "fulfilled")).toHaveLength(5);
    expect(all[6]).toMatchObject({ reason: { code: "busy", retryable: true } });
    await expect(marketData.history(instrument, "1h", "5min")).resolves.toMatchObject({ message: null });
  });

  test("H16: a slow history keeps the next one waiting, and not what quotes need", async () => {
    const { marketData, instrument } = await ready();
    venue.gateway.control.faults.add({ path: HISTORY, action: { type: "delay", milliseconds: 150 } });
    const slow = marketData.history(instrument, "1d", "1h");
    const next = marketData.history(instrument, "1h", "5min");
    await slow;
    expect(asked()).toHaveLength(1);
    await next;
    expect(asked()).toHaveLength(2);
  });
});

describe("a chart", () => {
  const change = (row: object) => ({
    ...RECORDED,
    data: [{ ...RECORDED.data[0], ...row }, RECORDED.data[1]],
  });

  test.each<[string, unknown]>([
    ["no record", []],
    ["no bars", { barLength: 60 }],
    ["bars of another length than asked for", { ...RECORDED, barLength: 300 }],
    ["a bar that is none", { ...RECORDED, data: [null] }],
    ["a price that is missing", change({ c: undefined })],
    ["a price of zero", change({ l: 0 })],
    ["a price that is text of another kind", change({ h: "N/A" })],
    ["a close above the high", change({ c: 700 })],
    ["an open below the low", change({ o: 1 })],
    ["a time that is text", change({ t: "1775136600000" })],
    ["a time of nothing", change({ t: 0 })],
  ])("with %s is unreadable as a whole, because a hole in a series is not seen", (_what, body) => {
    expect(readChart(body, "1min")).toBeNull();
  });

  test("comes in order, and a bar that comes twice is there once, as it was told last", () => {
    const [first, second] = RECORDED.data;
    const chart = readChart({ ...RECORDED, data: [second, first, { ...second, c: 647 }] }, "1min");
    expect(chart?.bars.map(({ close }) => plain(close))).toEqual(["646.86", "647"]);
  });

  test("with a volume that is none has bars all the same", () => {
    expect(readChart(change({ v: -1 }), "1min")?.bars[0]?.volume).toBeNull();
    expect(readChart(change({ v: "?" }), "1min")?.bars[0]?.volume).toBeNull();
  });

  test.each([
    ["S", 0, null],
    ["S", 900, true],
    ["R", 900, true],
    ["RpB", 0, false],
    ["DPB", 0, true],
  ])("of availability %s with a delay of %s is late: %s", (mdAvailability, mktDataDelay, late) => {
    expect(readChart({ ...RECORDED, mdAvailability, mktDataDelay }, "1min")?.delayed).toBe(late);
  });
});

test("no combination has more bars than the smallest venue gives, or more than IBKR tells without a word", () => {
  for (const period of Object.keys(HISTORY_PERIODS) as HistoryPeriod[]) {
    for (const bar of barsOf(period)) {
      const { milliseconds } = HISTORY_PERIODS[period];
      expect(milliseconds / BAR_LENGTHS[bar], `${period} ${bar}`).toBeLessThanOrEqual(720);
      expect(milliseconds / BAR_LENGTHS[bar], `${period} ${bar}`).toBeGreaterThanOrEqual(2);
    }
  }
});

/** Two of the bars of a chart that IBKR really gave. */
const RECORDED = {
  serverId: "6571225",
  symbol: "SPY",
  text: "SPDR S&P 500 ETF TRUST",
  priceFactor: 100,
  startTime: "20260402-13:30:00",
  high: "65820/26572.9/67",
  low: "64511/7122.825/10",
  timePeriod: "1d",
  barLength: 60,
  mdAvailability: "S",
  mktDataDelay: 0,
  outsideRth: false,
  tradingDayDuration: 390,
  volumeFactor: 40,
  priceDisplayRule: 1,
  priceDisplayValue: "2",
  negativeCapable: false,
  messageVersion: 2,
  data: [
    { o: 646.42, c: 646.86, h: 647.47, l: 646.38, v: 17_219.125, t: 1_775_136_600_000 },
    { o: 646.85, c: 647.37, h: 647.44, l: 646.69, v: 6_730.7, t: 1_775_136_660_000 },
  ],
  points: 1,
  travelTime: 49,
};
