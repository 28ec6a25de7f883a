import { type SimulatedExchange, startSimulatedExchange } from "venue-sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";

/** From a name to a pair to its past, on the built server over stdio. */
describe.each([
  ["binance", "BTC/USDT"],
  ["kraken", "BTC/USD"],
] as const)("on %s", (kind, pair) => {
  const folder = temporaryFolder();
  let exchange: SimulatedExchange;
  let server: BuiltServer;

  beforeAll(async () => {
    exchange = await startSimulatedExchange({ kind, clock: "real" });
    server = await startBuiltServer({
      env: {
        HOME: folder.path,
        TRADING_STATE_DIR: folder.path,
        CRYPTO_EXCHANGE: kind,
        CRYPTO_TRADING_MODE: "sim",
        CRYPTO_QUOTE_CCY: pair.split("/")[1] ?? "",
        CRYPTO_API_BASE_URL: exchange.baseUrl,
      },
    });
  });
  afterAll(async () => {
    await server.close();
    await exchange.close();
    folder.remove();
  });

  test("search_instruments names the pair that a coin means, and what is listed and not traded", async () => {
    const { data } = await server.call("search_instruments", { query: "BTC" });
    expect(data).toMatchObject({ meaning: pair, message: expect.stringContaining(`BTC means ${pair}`) });
    expect(data.matches[0]).toMatchObject({ symbol: pair, kind: "spot", tradable: true });
    const [currency] = pair.split("/").slice(1);
    const all = await server.call("search_instruments", { query: currency ?? "", limit: 100 });
    expect(all.data.matches.at(-1)).toMatchObject({ tradable: false, reason: expect.any(String) });
  });

  test("price_history answers in columns, the running bar named as unfinished", async () => {
    const { data } = await server.call("price_history", { symbol: "BTC", period: "1w", limit: 24 });
    expect(data).toMatchObject({ symbol: pair, bar: "1h", last_bar_final: false });
    expect(data.omitted).toBeGreaterThanOrEqual(143);
    for (const name of ["time", "open", "high", "low", "close", "volume"])
      expect(data[name]).toHaveLength(24);
  });

  test("what no exchange gives is refused with what goes instead", async () => {
    const { error } = await server.call("price_history", { symbol: "BTC", period: "1y", bar: "5min" });
    expect(error).toMatchObject({ code: "bar_not_offered", next_step: expect.stringContaining("1w or 1d") });
  });
});
