import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashed } from "./market/price-walk.ts";
import { EVENT_LOG, type SimulatedGateway, startSimulatedGateway } from "./simulated-gateway.ts";
import { createTestClient } from "./test-client.ts";

let stateDir: string;
let gateway: SimulatedGateway;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "venue-sim-state-"));
});

afterEach(async () => {
  await gateway.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const TYPES = ["MKT", "LMT", "STP", "TRAIL"];

/** A few dozen orders of all kinds, prices moving between them, some cancelled. */
async function trade(): Promise<void> {
  const client = createTestClient(gateway);
  await client.get("iserver/accounts");
  await client.post("iserver/questions/suppress", {
    messageIds: ["o163", "o10151", "o10152", "o10153", "o10331", "o403", "o2137"],
  });
  for (let i = 0; i < 40; i += 1) {
    const draw = (salt: number, below: number) => Math.floor(hashed(i, salt) * below);
    const type = TYPES[draw(1, 4)] ?? "MKT";
    const last = 180 + draw(2, 40);
    gateway.control.setPrice("AAPL", { last, askSize: 1 + draw(3, 10), bidSize: 1 + draw(4, 10) });
    const ticket = {
      conid: 265598,
      orderType: type,
      side: hashed(i, 5) < 0.6 ? "BUY" : "SELL",
      tif: hashed(i, 6) < 0.5 ? "DAY" : "GTC",
      quantity: 1 + draw(7, 12),
      cOID: `random${i}`,
      ...(type === "TRAIL" ? { trailingAmt: 3, trailingType: "amt" } : {}),
      ...(type === "LMT" || type === "STP" ? { price: last - 5 + draw(8, 10) } : {}),
    };
    const { json } = await client.post("iserver/account/DU1234567/orders", { orders: [ticket] });
    gateway.clock.advance(1_000);
    if (i % 7 === 0 && json[0]?.order_id !== undefined) {
      await client.delete(`iserver/account/DU1234567/order/${json[0].order_id}`);
    }
  }
  gateway.clock.advance(1_000);
  await client.close();
}

function books() {
  const { accounts, orders, executions } = gateway.control.state();
  return { accounts, orders, executions };
}

test("a restart finds orders, fills, cash and positions as they were", async () => {
  gateway = await startSimulatedGateway({ stateDir, pacing: false });
  await trade();
  const before = books();
  const time = gateway.clock.now();
  const { certificate } = gateway;
  expect(before.executions.length).toBeGreaterThan(20);
  await gateway.close();
  // As a kill in the middle of a write would leave it.
  appendFileSync(join(stateDir, EVENT_LOG), '{"kind":"fill","at":17');

  gateway = await startSimulatedGateway({ stateDir, start: time });
  expect(books()).toEqual(before);
  expect(gateway.certificate).toBe(certificate);
});

test("cash and positions add up from the executions", async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  await trade();
  const { accounts, executions, orders } = books();
  let cash = 1_000_000;
  let held = 0;
  for (const { side, quantity, price, commission } of executions) {
    const sign = side === "BUY" ? 1 : -1;
    cash -= sign * Number(quantity) * Number(price) + Number(commission);
    held += sign * Number(quantity);
  }
  expect(Number(accounts[0]?.cash)).toBeCloseTo(cash, 6);
  expect(Number(accounts[0]?.positions[0]?.quantity ?? 0)).toBeCloseTo(held, 6);
  expect(new Set(executions.map(({ executionId }) => executionId)).size).toBe(executions.length);
  for (const order of orders) expect(Number(order.filled)).toBeLessThanOrEqual(Number(order.quantity));
});

test("fills can come before the order call is answered", async () => {
  gateway = await startSimulatedGateway({ pacing: false, immediateFills: true });
  const client = createTestClient(gateway);
  await client.get("iserver/accounts");
  gateway.control.setPrice("KO", { last: 70 });
  const ticket = { conid: 8894, orderType: "LMT", price: 71, side: "BUY", tif: "DAY", quantity: 1 };
  const { json } = await client.post("iserver/account/DU1234567/orders", { orders: [ticket] });
  expect(json[0].order_status).toBe("Filled");
  await client.close();
});

test("on a real clock, orders fill by themselves", async () => {
  gateway = await startSimulatedGateway({ clock: "real", pacing: false });
  const client = createTestClient(gateway);
  await client.get("iserver/accounts");
  gateway.control.setPrice("KO", { last: 70 });
  const ticket = { conid: 8894, orderType: "LMT", price: 71, side: "BUY", tif: "DAY", quantity: 1 };
  await client.post("iserver/account/DU1234567/orders", { orders: [ticket] });
  await expect.poll(() => gateway.control.state().orders[0]?.status).toBe("Filled");
  await client.close();
});
