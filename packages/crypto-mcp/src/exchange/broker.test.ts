import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DispatchGate } from "trading-core/ports/broker";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CaptureServer, json, startCaptureServer } from "../testing/capture-server.ts";
import { exchangeAt, marketFor, NOW } from "../testing/orders.ts";
import { createBroker } from "./broker.ts";
import { createConnection } from "./connection.ts";
import { writeMarketCache } from "./market-cache.ts";
import { createMarkets } from "./markets.ts";

const GO: DispatchGate = { isExit: true, begin: () => Promise.resolve({ kind: "go" }) };
let passed = 0;
const clock = {
  now: () => NOW,
  monotonic: () => passed,
  async sleep(milliseconds: number) {
    passed += milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
  },
};

let folder: string;
let server: CaptureServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "broker-"));
  server = await startCaptureServer((_request, response) => json(response, {}));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function brokerWith(spoil: (params: Record<string, unknown>) => Record<string, unknown>) {
  const exchange = await exchangeAt("binance", server.base);
  const cachePath = join(folder, "markets.json");
  writeMarketCache(cachePath, server.base, [marketFor("binance")], NOW);
  const sign = exchange.api.sign.bind(exchange.api);
  exchange.api.sign = (path, api, method, params) => sign(path, api, method, spoil(params));
  const markets = createMarkets(exchange, { cachePath, source: server.base, clock });
  return createBroker({ connection: createConnection(exchange, clock), markets, clock });
}

describe("a cancel", () => {
  it.each<[string, (params: Record<string, unknown>) => Record<string, unknown>]>([
    ["another order", (params) => ({ ...params, orderId: "29" })],
    ["another market's", (params) => ({ ...params, symbol: "ETHUSDT" })],
    ["none, which would be all of a market's", ({ orderId: _lost, ...params }) => params],
  ])("is not sent when it names %s", async (_what, spoil) => {
    const broker = await brokerWith(spoil);
    const outcome = await broker.cancel("BTCUSDT-28", GO);
    expect(outcome).toMatchObject({ kind: "not_sent", code: "wire_mismatch" });
    expect(server.requests).toEqual([]);
  });

  it("is not sent when the last look stops it", async () => {
    const broker = await brokerWith((params) => params);
    const stop: DispatchGate = {
      isExit: true,
      begin: () => Promise.resolve({ kind: "stop", code: "halted", reason: "halted" }),
    };
    expect(await broker.cancel("BTCUSDT-28", stop)).toEqual({
      kind: "not_sent",
      code: "halted",
      reason: "halted",
    });
    expect(server.requests).toEqual([]);
  });

  it("names the order and its market", async () => {
    const broker = await brokerWith((params) => params);
    await broker.cancel("BTCUSDT-28", GO);
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: "DELETE",
      path: "/api/v3/order",
      params: { symbol: "BTCUSDT", orderId: "28" },
    });
  });
});
