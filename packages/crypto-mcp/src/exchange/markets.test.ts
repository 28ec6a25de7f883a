import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CaptureServer, json, startCaptureServer } from "../testing/capture-server.ts";
import { exchangeAt, marketFor, NOW } from "../testing/orders.ts";
import { readMarketCache, writeMarketCache } from "./market-cache.ts";
import { createMarkets } from "./markets.ts";
import { profiles } from "./profile.ts";
import { instrumentOf, resolveSymbol } from "./symbols.ts";

const HOUR = 60 * 60_000;
let folder: string;
let path: string;
let server: CaptureServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "markets-"));
  path = join(folder, "exchanges", "binance.json");
  server = await startCaptureServer((_request, response) => json(response, INFO));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function listed(symbol: string, base: string, quote: string, more: Record<string, unknown> = {}) {
  return {
    symbol,
    status: "TRADING",
    baseAsset: base,
    quoteAsset: quote,
    isSpotTradingAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    orderTypes: ["LIMIT", "MARKET", "STOP_LOSS_LIMIT"],
    permissions: ["SPOT"],
    filters: [
      { filterType: "PRICE_FILTER", minPrice: "0.01", maxPrice: "1000000", tickSize: "0.01000000" },
      { filterType: "LOT_SIZE", minQty: "0.00001", maxQty: "9000", stepSize: "0.00001000" },
      { filterType: "NOTIONAL", minNotional: "5.00000000" },
    ],
    ...more,
  };
}

const INFO = {
  symbols: [
    listed("BTCUSDT", "BTC", "USDT", { permissionSets: [["x".repeat(2_000)]] }),
    listed("BTCEUR", "BTC", "EUR"),
    listed("LUNAUSDT", "LUNA", "USDT", { status: "BREAK" }),
  ],
};

async function marketsNow(now = NOW) {
  const exchange = await exchangeAt("binance", server.base);
  return createMarkets(exchange, { cachePath: path, source: server.base, clock: { now: () => now } });
}

describe("the list of markets", () => {
  it("is asked for once in a day, trimmed, and readable by its owner only", async () => {
    await (await marketsNow()).ready();
    const again = await marketsNow(NOW + 23 * HOUR);
    await again.ready();
    expect(server.requests).toHaveLength(1);
    expect(again.bySymbol("BTC/USDT")).toMatchObject({
      id: "BTCUSDT",
      precision: { amount: "0.00001000", price: "0.01000000" },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8").length).toBeLessThan(3_000);
  });

  it("is asked for again after a day", async () => {
    await (await marketsNow()).ready();
    await (await marketsNow(NOW + 24 * HOUR)).ready();
    expect(server.requests).toHaveLength(2);
  });

  it("a failed load does not stick: the next call asks again", async () => {
    const markets = await marketsNow();
    server.reply = (_request, response) => void response.writeHead(503).end();
    await expect(markets.ready()).rejects.toMatchObject({ code: "exchange_unavailable", retryable: true });
    server.reply = (_request, response) => json(response, INFO);
    await expect(markets.ready()).resolves.toBeUndefined();
  });

  it("C3: leaves out what the exchange does not list as spot", async () => {
    const exchange = await exchangeAt("binance", server.base);
    exchange.api.fetchMarkets = () =>
      Promise.resolve([
        marketFor("binance"),
        marketFor("binance", { symbol: "BTC/USDT:USDT", id: "P", spot: false, contract: true }),
        marketFor("binance", { symbol: "ETH/USDT", id: "E", contract: true }),
      ]);
    const markets = createMarkets(exchange, {
      cachePath: path,
      source: server.base,
      clock: { now: () => NOW },
    });
    await markets.ready();
    expect(markets.all().map(({ symbol }) => symbol)).toEqual(["BTC/USDT"]);
  });
});

describe("the cached list", () => {
  it.each([
    ["another place's", { source: "https://testnet.binance.vision" }],
    ["one from the future", { readAt: NOW + 1 }],
    ["one of another form", { form: 2 }],
    ["an empty one", { markets: [] }],
    ["one with a contract in it", { markets: [{ ...marketFor("binance"), contract: true }] }],
    ["one with a market that is none", { markets: [{ symbol: "BTC/USDT" }] }],
  ])("is not used when it is %s", (_what, change) => {
    writeMarketCache(path, "here", [marketFor("binance")], NOW);
    expect(readMarketCache(path, "here", NOW)).toMatchObject({ markets: [{}], readAt: expect.any(Number) });
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...change }));
    expect(readMarketCache(path, "here", NOW)).toBeNull();
  });

  it("that is torn, or cannot be written, costs a request and nothing else", () => {
    writeMarketCache(path, "here", [marketFor("binance")], NOW);
    writeFileSync(path, '{"form":1,');
    expect(readMarketCache(path, "here", NOW)).toBeNull();
    writeFileSync(join(folder, "file"), "");
    chmodSync(join(folder, "file"), 0o400);
    expect(() => writeMarketCache(join(folder, "file", "x.json"), "here", [], NOW)).not.toThrow();
  });
});

describe("a symbol", () => {
  it("without a slash means the configured currency, and the instrument says so", async () => {
    const markets = await marketsNow();
    await markets.ready();
    const profile = profiles.binance;
    expect(resolveSymbol("btc", markets, profile, "USDT")).toMatchObject({
      id: "BTC",
      symbol: "BTC/USDT",
      currency: "USDT",
      kind: "spot",
      tradable: true,
    });
    expect(resolveSymbol("BTC", markets, profile, "EUR").symbol).toBe("BTC/EUR");
    // One coin, whatever it is priced in: what is bought for one is sold for the other.
    expect(resolveSymbol("BTC/EUR", markets, profile, "USDT").id).toBe("BTC");
    expect(resolveSymbol("LUNA", markets, profile, "USDT").tradable).toBe(false);
  });

  it("that is not listed is told what there is", async () => {
    const markets = await marketsNow();
    await markets.ready();
    expect(() => resolveSymbol("BTC", markets, profiles.binance, "USD")).toThrow(
      expect.objectContaining({
        code: "unknown_symbol",
        nextStep: expect.stringContaining("BTC/USDT, BTC/EUR"),
      }),
    );
  });

  it("M17: trades in the exchange's own steps, minimums and price increments", () => {
    const instrument = instrumentOf(marketFor("binance"), profiles.binance);
    expect(instrument.quantityStep.toFixed()).toBe("0.00001");
    expect(instrument.priceSteps[0]?.increment.toFixed()).toBe("0.01");
    expect(instrument.minimumNotional?.toFixed()).toBe("5");
    const silent = marketFor("binance", { precision: { amount: undefined, price: "0.01" } });
    expect(() => instrumentOf(silent, profiles.binance)).toThrow(
      expect.objectContaining({ code: "exchange_unavailable" }),
    );
  });
});
