import { afterEach, describe, expect, it } from "vitest";
import { marketFor } from "../testing/orders.ts";
import { startWorld, type World } from "../testing/world.ts";
import type { CcxtMarket } from "./ccxt.ts";
import { createSearch } from "./search.ts";

let world: World | null = null;
afterEach(async () => {
  await world?.end();
  world = null;
});

/** A search over these markets, of an exchange whose usual currency is USDT. */
function searchOver(...markets: CcxtMarket[]) {
  const known = new Map(markets.map((market) => [market.symbol, market]));
  return createSearch({
    markets: { ready: async () => {}, all: () => markets, bySymbol: (symbol) => known.get(symbol) ?? null },
    profile: { name: "Binance" },
    quoteCurrency: "USDT",
  });
}

const symbols = (found: { symbol: string }[]) => found.map(({ symbol }) => symbol);

describe("a search", () => {
  it("finds the pairs of a coin, those against the usual currency first, those priced in it after them", async () => {
    world = await startWorld();
    const { found, meaning } = await world.venue.marketData.search("btc");
    expect(meaning).toBe("BTC/USDT");
    expect(symbols(found)).toEqual(["BTC/USDT", "BTC/EUR", "ETH/BTC"]);
    expect(found[0]).toEqual({
      symbol: "BTC/USDT",
      name: "BTCUSDT",
      kind: "spot",
      exchange: "Binance",
      currency: "USDT",
      tradable: true,
      reason: null,
    });
  });

  it("asks the exchange nothing once its markets are known", async () => {
    world = await startWorld();
    const { marketData } = world.venue;
    await marketData.resolve("BTC");
    world.simulator.control.clearRequests();
    await marketData.search("ETH");
    expect(world.simulator.control.requests()).toEqual([]);
  });

  it("knows coins by name, pairs by the exchange's names, and parts of them", async () => {
    world = await startWorld({ kind: "kraken" });
    const { marketData } = world.venue;
    const bitcoin = await marketData.search("Bitcoin");
    expect(bitcoin.found[0]?.symbol).toBe("BTC/USD");
    // A name is no symbol: what orders do not take means nothing.
    expect(bitcoin.meaning).toBeNull();
    for (const name of ["XBTUSD", "XBT/USD", "XXBTZUSD", "btc/usd"]) {
      expect((await marketData.search(name)).found[0]?.symbol, name).toBe("BTC/USD");
    }
    expect(symbols((await marketData.search("MAT")).found)).toEqual(["MATIC/USD"]);
  });

  it("tells what is listed and not traded last, and why", async () => {
    world = await startWorld();
    const { marketData } = world.venue;
    const { found, meaning } = await marketData.search("LUNA");
    expect(found).toMatchObject([{ symbol: "LUNA/USDT", tradable: false }]);
    expect(found[0]?.reason).toBe("Binance does not trade it now.");
    expect(meaning).toBeNull();
    const all = (await marketData.search("USDT")).found;
    expect(all.length).toBeGreaterThan(4);
    expect(all.at(-1)).toMatchObject({ symbol: "LUNA/USDT", tradable: false });
  });

  it.each([
    [
      "is not open for spot trading",
      { info: { isSpotTradingAllowed: false } },
      false,
      "does not trade it now",
    ],
    ["may be traded or not", { active: undefined }, null, "does not say whether"],
  ])("means no market that %s", async (_what, change, tradable, reason) => {
    const { found, meaning } = await searchOver(marketFor("binance", change)).search("BTC");
    expect(found).toMatchObject([{ symbol: "BTC/USDT", tradable, reason: expect.stringContaining(reason) }]);
    expect(meaning).toBeNull();
  });

  it("that finds nothing is an empty list, and one or two letters find no parts", async () => {
    world = await startWorld();
    const { marketData } = world.venue;
    expect(await marketData.search("nothing")).toEqual({ found: [], meaning: null });
    expect(await marketData.search("B")).toEqual({ found: [], meaning: null });
  });

  it("is an error where the exchange's markets could not be read", async () => {
    world = await startWorld();
    world.simulator.control.faults.add({
      path: "exchangeInfo",
      count: Number.POSITIVE_INFINITY,
      action: { type: "status", status: 503 },
    });
    const venue = await world.again();
    await expect(venue.marketData.search("BTC")).rejects.toMatchObject({ code: "exchange_unavailable" });
  });
});
