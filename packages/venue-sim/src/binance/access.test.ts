import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedExchange, startSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { binanceClient } from "../exchange/test-clients.ts";

let sim: SimulatedExchange;
let client: ReturnType<typeof binanceClient>;

beforeEach(async () => {
  sim = await startSimulatedExchange({ kind: "binance" });
  client = binanceClient(sim);
});

afterEach(async () => {
  await client.close();
  await sim.close();
});

const account = (values: Record<string, string | number> = {}) =>
  client.signed("GET", "/api/v3/account", values);

test("a request without a key, with another key, or wrongly signed is refused", async () => {
  expect((await client.open("/api/v3/account")).json.code).toBe(-2014);
  const wrongKey = await client.open("/api/v3/account", { "x-mbx-apikey": "other" });
  expect(wrongKey).toMatchObject({ status: 401, json: { code: -2015 } });
  const query = `timestamp=${sim.clock.now()}`;
  const headers = { "x-mbx-apikey": sim.keys.apiKey };
  const signature = createHmac("sha256", "not the secret").update(query).digest("hex");
  const forged = await client.open(`/api/v3/account?${query}&signature=${signature}`, headers);
  expect(forged).toMatchObject({ status: 400, json: { code: -1022 } });
});

test("the signature covers the text as it was sent, whatever it means", async () => {
  const query = `timestamp=${sim.clock.now()}&omitZeroBalances=true`;
  const signature = createHmac("sha256", sim.keys.apiSecret).update(query).digest("hex");
  const headers = { "x-mbx-apikey": sim.keys.apiKey };
  const other = query.replace("omitZeroBalances", "omit%5AeroBalances");
  expect((await client.open(`/api/v3/account?${query}&signature=${signature}`, headers)).status).toBe(200);
  expect((await client.open(`/api/v3/account?${other}&signature=${signature}`, headers)).json.code).toBe(
    -1022,
  );
});

test("a request is good for its window, and not from the future", async () => {
  const now = sim.clock.now();
  expect((await account({ timestamp: now - 5_000 })).status).toBe(200);
  expect((await account({ timestamp: now - 5_001 })).json.code).toBe(-1021);
  expect((await account({ timestamp: now - 50_000, recvWindow: 60_000 })).status).toBe(200);
  expect((await account({ timestamp: now + 999 })).status).toBe(200);
  expect((await account({ timestamp: now + 1_000 })).json.msg).toMatch(/ahead of the server's time/);
  expect((await account({ recvWindow: 60_001 })).json.code).toBe(-1131);
});

test("weight is counted and told, then refused, then punished", async () => {
  sim.control.configure({ weightPerMinute: 45 });
  expect((await account()).headers["x-mbx-used-weight-1m"]).toBe("20");
  expect((await account()).headers["x-mbx-used-weight-1m"]).toBe("40");
  const refused = await account();
  expect(refused).toMatchObject({ status: 429, json: { code: -1003 } });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  for (let i = 0; i < 10; i += 1) await account();
  expect((await client.open("/api/v3/ping")).status).toBe(418);
  sim.control.advance(60_000);
  expect((await client.open("/api/v3/ping")).status).toBe(418);
  sim.control.advance(60_000);
  expect((await client.open("/api/v3/ping")).status).toBe(200);
});

test("orders are counted apart from requests", async () => {
  sim.control.configure({ ordersPer10Seconds: 2 });
  sim.control.setPrice("BTC/USDT", { last: 100_000 });
  const order = () => client.order({ side: "BUY", type: "MARKET", quantity: "0.001" });
  expect((await order()).headers["x-mbx-order-count-10s"]).toBe("1");
  await order();
  expect(await order()).toMatchObject({ status: 429, json: { code: -1015 } });
  expect(sim.control.state().orders).toHaveLength(2);
  sim.control.advance(10_000);
  expect((await order()).status).toBe(200);
});

test("every answer tells the exchange's time", async () => {
  sim.control.configure({ clockSkew: -61_000 });
  const { headers, json } = await client.open("/api/v3/time");
  expect(json.serverTime).toBe(sim.clock.now() - 61_000);
  expect(Date.parse(String(headers.date))).toBe(sim.clock.now() - 61_000);
});

test("symbols, unknown ones and unknown paths", async () => {
  const one = await client.open("/api/v3/exchangeInfo?symbol=BTCUSDT");
  expect(one.json.symbols).toHaveLength(1);
  const filters = one.json.symbols[0].filters.map(({ filterType }: { filterType: string }) => filterType);
  expect(filters).toEqual(expect.arrayContaining(["PRICE_FILTER", "LOT_SIZE", "NOTIONAL"]));
  const two = await client.open('/api/v3/ticker/price?symbols=["BTCUSDT","ETHBTC"]');
  expect(two.json.map(({ symbol }: { symbol: string }) => symbol)).toEqual(["BTCUSDT", "ETHBTC"]);
  expect((await client.open("/api/v3/depth?symbol=NONE")).json).toEqual({
    code: -1121,
    msg: "Invalid symbol.",
  });
  expect((await client.open("/api/v3/nothing")).status).toBe(404);
});
