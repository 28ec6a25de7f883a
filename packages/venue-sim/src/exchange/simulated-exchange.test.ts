import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hashed } from "../market/price-walk.ts";
import { remoteExchangeControl } from "../process/remote-control.ts";
import { exchangeLog, type SimulatedExchange, startSimulatedExchange } from "./simulated-exchange.ts";
import { binanceClient } from "./test-clients.ts";

let stateDir: string;
let sim: SimulatedExchange;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "venue-sim-exchange-"));
});

afterEach(async () => {
  await sim.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const OPENING = { USDT: 100_000, BTC: 1 };
const TYPES = ["MARKET", "LIMIT", "STOP_LOSS", "TAKE_PROFIT_LIMIT", "OCO", "OTOCO"] as const;

/** The parameters of a made-up order around a price. */
function randomOrder(i: number, last: number): { path: string; values: Record<string, string | number> } {
  const draw = (salt: number) => hashed(i, salt);
  const type = TYPES[Math.floor(draw(1) * TYPES.length)] ?? "MARKET";
  const side = draw(2) < 0.5 ? "BUY" : "SELL";
  const quantity = (0.001 + Math.floor(draw(3) * 50) / 1_000).toFixed(3);
  const better = side === "BUY" ? last - 100 : last + 100;
  const worse = side === "BUY" ? last + 300 : last - 300;
  const order = (values: object) => ({
    path: "/api/v3/order",
    values: { symbol: "BTCUSDT", side, type, quantity, ...values },
  });
  const legs = (prefix: string, exit: "BUY" | "SELL", around: number) => {
    const [above, below] = exit === "SELL" ? ["LIMIT_MAKER", "STOP_LOSS"] : ["STOP_LOSS", "LIMIT_MAKER"];
    const priceName = (kind: string | undefined) => (kind === "STOP_LOSS" ? "StopPrice" : "Price");
    const name = (leg: string) =>
      prefix === "" ? leg : `${prefix}${leg.slice(0, 1).toUpperCase()}${leg.slice(1)}`;
    return {
      [name("aboveType")]: above ?? "",
      [name(`above${priceName(above)}`)]: around + 200,
      [name("belowType")]: below ?? "",
      [name(`below${priceName(below)}`)]: around - 200,
    };
  };
  switch (type) {
    case "MARKET":
      return order({});
    case "LIMIT":
      return order({ price: better, timeInForce: "GTC" });
    case "STOP_LOSS":
      return order({ stopPrice: worse });
    case "TAKE_PROFIT_LIMIT":
      return order({ stopPrice: better, price: better, timeInForce: "GTC" });
    case "OCO":
      return {
        path: "/api/v3/orderList/oco",
        values: { symbol: "BTCUSDT", side, quantity, ...legs("", side, last) },
      };
    case "OTOCO":
      return {
        path: "/api/v3/orderList/otoco",
        values: {
          symbol: "BTCUSDT",
          workingType: "LIMIT",
          workingTimeInForce: "GTC",
          workingSide: side,
          workingPrice: better,
          workingQuantity: quantity,
          pendingSide: side === "BUY" ? "SELL" : "BUY",
          pendingQuantity: quantity,
          ...legs("pending", side === "BUY" ? "SELL" : "BUY", better),
        },
      };
  }
}

/** A few dozen orders of all kinds, prices moving between them, some cancelled. */
async function trade(afterEachStep: () => void = () => {}): Promise<void> {
  const client = binanceClient(sim);
  for (let i = 0; i < 60; i += 1) {
    const last = 99_000 + Math.floor(hashed(i, 7) * 2_000);
    const thin = hashed(i, 8) < 0.5 ? { bidSize: 0.01, askSize: 0.01 } : {};
    sim.control.setPrice("BTC/USDT", { last, ...thin });
    const { path, values } = randomOrder(i, last);
    await client.signed("POST", path, values);
    afterEachStep();
    if (i % 9 === 8) await client.signed("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
    sim.clock.advance(1_000);
    afterEachStep();
  }
  await client.close();
}

function books() {
  const { account, balances, orders, trades } = sim.control.state();
  return { account, balances, orders, trades };
}

test("a restart finds orders, fills, balances and locks as they were", async () => {
  sim = await startSimulatedExchange({ kind: "binance", stateDir, balances: OPENING });
  await trade();
  const before = books();
  const time = sim.clock.now();
  expect(before.trades.length).toBeGreaterThan(15);
  expect(new Set(before.orders.map(({ status }) => status)).size).toBeGreaterThanOrEqual(4);
  await sim.close();
  // As a kill in the middle of a write would leave it.
  appendFileSync(join(stateDir, exchangeLog("binance")), '{"kind":"fill","at":17');

  sim = await startSimulatedExchange({ kind: "binance", stateDir, start: time });
  expect(books()).toEqual(before);
});

test("balances add up from the fills, nothing is ever owed, and no lock exceeds what is owned", async () => {
  sim = await startSimulatedExchange({ kind: "binance", balances: OPENING });
  await trade(() => {
    for (const { asset, free, locked } of sim.control.state().balances) {
      expect(Number(free), `free ${asset}`).toBeGreaterThanOrEqual(0);
      expect(Number(locked), `locked ${asset}`).toBeGreaterThanOrEqual(0);
    }
  });
  const { balances, trades, orders } = books();
  let bitcoin = OPENING.BTC;
  let money = OPENING.USDT;
  for (const { side, quantity, price, commission, commissionAsset } of trades) {
    const sign = side === "BUY" ? 1 : -1;
    bitcoin += sign * Number(quantity) - (commissionAsset === "BTC" ? Number(commission) : 0);
    money -= sign * Number(quantity) * Number(price) + (commissionAsset === "USDT" ? Number(commission) : 0);
  }
  const total = (asset: string) => {
    const balance = balances.find((row) => row.asset === asset);
    return Number(balance?.free) + Number(balance?.locked);
  };
  expect(total("BTC")).toBeCloseTo(bitcoin, 7);
  expect(total("USDT")).toBeCloseTo(money, 5);
  expect(new Set(trades.map(({ tradeId }) => tradeId)).size).toBe(trades.length);
  for (const order of orders) expect(Number(order.filled)).toBeLessThanOrEqual(Number(order.quantity));
});

describe("the control over HTTP", () => {
  test("does what the control in the process does, for the holder of the token", async () => {
    sim = await startSimulatedExchange({ kind: "binance" });
    const control = remoteExchangeControl(sim);
    const client = binanceClient(sim);
    await control.setPrice("BTC/USDT", { last: 50_000 });
    await control.setBalance("BTC", "2");
    await control.addFault({ path: /ping$/, count: Number.POSITIVE_INFINITY, action: { type: "empty-200" } });
    await control.configure({ clockSkew: 5_000 });
    const before = sim.clock.now();
    await control.advance(2_000);
    expect(sim.clock.now()).toBe(before + 2_000);
    expect((await client.open("/api/v3/ticker/price?symbol=BTCUSDT")).json.price).toBe("50000.00000000");
    expect((await client.open("/api/v3/ping")).text).toBe("");
    expect((await client.open("/api/v3/ping")).text).toBe("");
    await control.clearFaults();
    expect((await client.open("/api/v3/ping")).json).toEqual({});
    expect((await client.open("/api/v3/time")).json.serverTime).toBe(sim.clock.now() + 5_000);
    await control.setHalted("ETH/USDT", true);
    const info = await client.open("/api/v3/exchangeInfo?symbol=ETHUSDT");
    expect(info.json.symbols[0].status).toBe("BREAK");
    const state = await control.state();
    expect(state.balances.find(({ asset }) => asset === "BTC")?.free).toBe("2");
    expect((await control.requests()).length).toBeGreaterThan(3);
    await control.clearRequests();
    expect(await control.requests()).toEqual([]);
    await control.reset();
    expect((await control.state()).balances.find(({ asset }) => asset === "BTC")).toBeUndefined();
    await client.close();
  });

  test("is closed to everybody else", async () => {
    sim = await startSimulatedExchange({ kind: "binance" });
    const answer = await fetch(`${sim.baseUrl}/sim/state`, { headers: { "x-sim-token": "guessed" } });
    expect(answer.status).toBe(403);
  });
});

test("prices hang together: a cross rate is that of its two pairs", async () => {
  sim = await startSimulatedExchange({ kind: "binance" });
  const client = binanceClient(sim);
  const mid = async (symbol: string) => {
    const { json } = await client.open(`/api/v3/ticker/bookTicker?symbol=${symbol}`);
    return (Number(json.bidPrice) + Number(json.askPrice)) / 2;
  };
  for (let day = 0; day < 3; day += 1) {
    sim.clock.advance(24 * 3_600_000);
    const ratio = (await mid("ETHUSDT")) / (await mid("BTCUSDT"));
    expect((await mid("ETHBTC")) / ratio).toBeCloseTo(1, 3);
    const euro = (await mid("BTCUSDT")) / (await mid("EURUSDT"));
    expect((await mid("BTCEUR")) / euro).toBeCloseTo(1, 3);
  }
  // A stablecoin stays one.
  expect(await mid("USDCUSDT")).toBeCloseTo(1, 2);
  await client.close();
});

test("on a real clock, resting orders fill by themselves", async () => {
  sim = await startSimulatedExchange({ kind: "binance", clock: "real" });
  const client = binanceClient(sim);
  sim.control.setPrice("BTC/USDT", { last: 100_000 });
  await client.order({ side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "99000" });
  sim.control.setPrice("BTC/USDT", { last: 98_000 });
  await expect.poll(() => sim.control.state().orders[0]?.status).toBe("FILLED");
  await client.close();
});
