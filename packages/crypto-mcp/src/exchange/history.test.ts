import { plain } from "trading-core/domain/money";
import {
  BAR_LENGTHS,
  barsOf,
  HISTORY_PERIODS,
  type HistoryBar,
  type HistoryPeriod,
} from "trading-core/domain/price-history";
import { afterEach, describe, expect, it } from "vitest";
import { startWorld, type World } from "../testing/world.ts";
import { readCandles } from "./history.ts";

let world: World;
afterEach(() => world.end());

async function historyOf(kind: "binance" | "kraken", period: HistoryPeriod, bar: HistoryBar) {
  world = await startWorld({ kind });
  const { marketData } = world.venue;
  return await marketData.history(await marketData.resolve("BTC"), period, bar);
}

/** The way by which the next candles come. */
const PATHS = { binance: "klines", kraken: "OHLC" } as const;
const KINDS = ["binance", "kraken"] as const;

describe.each(KINDS)("the market's past on %s", (kind) => {
  it("is told in bars, oldest first, the running one named as unfinished", async () => {
    const past = await historyOf(kind, "1w", "1h");
    expect(past.bars).toHaveLength(168);
    expect(past).toMatchObject({ delayed: false, lastBarFinal: false, message: null });
    const starts = past.bars.map(({ start }) => start);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
    expect(starts.at(-1)).toBe(Date.UTC(2026, 2, 2, 15));
    for (const { low, high, open, close, volume } of past.bars) {
      expect(low.lte(open) && low.lte(close) && high.gte(open) && high.gte(close)).toBe(true);
      expect(volume?.gte(0)).toBe(true);
    }
  });

  it("comes whole in every combination that is offered, in one request each", async () => {
    world = await startWorld({ kind });
    const { marketData } = world.venue;
    const bitcoin = await marketData.resolve("BTC");
    world.simulator.control.clearRequests();
    let combinations = 0;
    for (const period of Object.keys(HISTORY_PERIODS) as HistoryPeriod[]) {
      for (const bar of barsOf(period)) {
        const { bars } = await marketData.history(bitcoin, period, bar);
        const first = bars[0]?.start ?? 0;
        const began = world.clock.now() - HISTORY_PERIODS[period].milliseconds;
        const second = bars[1]?.start ?? 0;
        expect(first, `${period} ${bar}`).toBeGreaterThanOrEqual(began);
        expect(first - began, `${period} ${bar}`).toBeLessThanOrEqual(second - first);
        const last = bars.at(-1)?.start ?? 0;
        expect(last + BAR_LENGTHS[bar], `${period} ${bar}`).toBeGreaterThan(world.clock.now());
        combinations += 1;
      }
    }
    expect(world.simulator.control.requests()).toHaveLength(combinations);
  });

  it.each([
    ["no answer", { type: "reset" }],
    ["half an answer", { type: "cut-body" }],
    ["an answer without its list", { type: "empty-object-200" }],
    ["an empty answer", { type: "empty-200" }],
  ] as const)("is not empty, but an error, where there is %s", async (_what, action) => {
    world = await startWorld({ kind });
    const { marketData } = world.venue;
    const bitcoin = await marketData.resolve("BTC");
    world.simulator.control.faults.add({ path: PATHS[kind], action });
    await expect(marketData.history(bitcoin, "1d", "1h")).rejects.toMatchObject({
      code: expect.stringMatching(/^exchange_/),
      retryable: true,
    });
  });
});

it("S3: Kraken's answer without the pair is an error, and not a market without trades", async () => {
  world = await startWorld({ kind: "kraken" });
  const { marketData } = world.venue;
  const bitcoin = await marketData.resolve("BTC");
  const body = JSON.stringify({ error: [], result: { last: 1 } });
  world.simulator.control.faults.add({ path: "OHLC", action: { type: "status", status: 200, body } });
  await expect(marketData.history(bitcoin, "1d", "1h")).rejects.toMatchObject({ code: "exchange_error" });
});

describe("candles", () => {
  const good = [1_000, "2", "3", "1", "2.5", "10"] as [number, string, string, string, string, string];

  it("keep every digit, and come in order", async () => {
    world = await startWorld();
    const later = [2_000, "0.00000001", "0.00000003", "0.00000001", "0.00000002", "1"] as typeof good;
    const bars = readCandles([later, good]);
    expect(bars?.map(({ start }) => start)).toEqual([1_000, 2_000]);
    expect(bars?.[1] && plain(bars[1].close)).toBe("0.00000002");
    expect(readCandles([[1_000, "2", "3", "1", "2.5", undefined]])?.[0]?.volume).toBeNull();
  });

  it("are unreadable as a whole where one of them is", async () => {
    world = await startWorld();
    for (const bad of [
      [0, "2", "3", "1", "2", "1"],
      ["soon", "2", "3", "1", "2", "1"],
      [1, "2", "3", undefined, "2", "1"],
      [1, "2", "3", "0", "2", "1"],
      [1, "2", "3", "1", "4", "1"],
    ]) {
      expect(readCandles([good, bad as typeof good]), JSON.stringify(bad)).toBeNull();
    }
  });
});
