import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway();
  client = createTestClient(gateway);
  await client.get("iserver/accounts");
  gateway.clock.advance(1_000);
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

test("ten requests in a second are fine, the eleventh is the penalty box for everything", async () => {
  for (let i = 0; i < 10; i += 1) expect((await client.get("iserver/auth/status")).status).toBe(200);
  expect((await client.get("iserver/auth/status")).status).toBe(429);
  gateway.clock.advance(899_000);
  expect((await client.get("portfolio/accounts")).status).toBe(429);
  gateway.clock.advance(1_001);
  expect((await client.get("portfolio/accounts")).status).toBe(200);
});

test.each([
  ["iserver/account/orders", 5_000],
  ["iserver/account/trades", 5_000],
  ["iserver/account/pnl/partitioned", 5_000],
  ["portfolio/accounts", 5_000],
  ["tickle", 1_000],
  ["sso/validate", 60_000],
])("%s takes one request per %d ms", async (path, window) => {
  expect((await client.get(path)).status).toBe(200);
  gateway.clock.advance(window);
  expect((await client.get(path)).status).toBe(200);
  gateway.clock.advance(window - 100);
  expect((await client.get(path)).status).toBe(429);
  expect(gateway.control.pacing.boxedUntil()).toBe(gateway.clock.now() + 900_000);
});

test("history takes fifty requests a minute", async () => {
  const history = "iserver/marketdata/history?conid=265598&period=1h&bar=5min";
  for (let i = 0; i < 50; i += 1) {
    gateway.clock.advance(200);
    expect((await client.get(history)).status).toBe(200);
  }
  gateway.clock.advance(200);
  expect((await client.get(history)).status).toBe(429);
});

test("a scenario can do without", async () => {
  gateway.control.pacing.set(false);
  for (let i = 0; i < 30; i += 1) expect((await client.get("iserver/account/orders")).status).toBe(200);
});
