import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedExchange, startSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { binanceClient } from "../exchange/test-clients.ts";

let sim: SimulatedExchange;
let client: ReturnType<typeof binanceClient>;

beforeEach(async () => {
  sim = await startSimulatedExchange({ kind: "binance", balances: { USDT: 10_000, BTC: 1 } });
  client = binanceClient(sim);
  sim.control.setPrice("BTC/USDT", { last: 100_000, bid: 99_990, ask: 100_010 });
});

afterEach(async () => {
  await client.close();
  await sim.close();
});

const LIMIT = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "90000" };

const free = (asset: string) => sim.control.state().balances.find((balance) => balance.asset === asset)?.free;
const statuses = () => sim.control.state().orders.map(({ status }) => status);

test("a market buy is answered with its fills and the commission in what was bought", async () => {
  const { json } = await client.order({ side: "BUY", type: "MARKET", quantity: "0.01" });
  expect(json).toMatchObject({
    symbol: "BTCUSDT",
    orderListId: -1,
    status: "FILLED",
    executedQty: "0.01000000",
    cummulativeQuoteQty: "1000.10000000",
    fills: [
      { price: "100010.00000000", qty: "0.01000000", commission: "0.00001000", commissionAsset: "BTC" },
    ],
  });
  expect([free("BTC"), free("USDT")]).toEqual(["1.00999", "8999.9"]);
});

test("a sale pays its commission in the money that it brings", async () => {
  const { json } = await client.order({ side: "SELL", type: "MARKET", quantity: "0.1" });
  expect(json.fills[0]).toMatchObject({ commission: "9.99900000", commissionAsset: "USDT" });
  expect(free("USDT")).toBe("19989.001");
});

test.each([
  ["a quantity between two steps", { quantity: "0.010001" }, "Filter failure: LOT_SIZE"],
  ["a price between two ticks", { price: "90000.001" }, "Filter failure: PRICE_FILTER"],
  ["too little value", { quantity: "0.00005" }, "Filter failure: NOTIONAL"],
  ["a price far from the market", { price: "10" }, "Filter failure: PERCENT_PRICE_BY_SIDE"],
])("%s is a filter's failure", async (_name, change, msg) => {
  const answer = await client.order({ ...LIMIT, ...change });
  expect(answer).toMatchObject({ status: 400, json: { code: -1013, msg } });
  expect(sim.control.state().orders).toEqual([]);
});

test.each([
  ["a limit order without a price", { ...LIMIT, price: "" }, -1105],
  ["a market order with a price", { side: "BUY", type: "MARKET", quantity: "0.01", price: "1" }, -1106],
  ["an unknown type", { ...LIMIT, type: "ICEBERG" }, -1116],
  ["an unknown side", { ...LIMIT, side: "buy" }, -1117],
  ["too many places", { ...LIMIT, quantity: "0.0100000001" }, -1111],
  ["words for numbers", { ...LIMIT, quantity: "1e-2" }, -1100],
  ["a parameter that is not known", { ...LIMIT, takeProfitPrice: "1" }, -1104],
  ["a name that is too long", { ...LIMIT, newClientOrderId: "x".repeat(37) }, -1100],
])("%s is refused with its own code", async (_name, values, code) => {
  expect((await client.order(values)).json.code).toBe(code);
});

test("a symbol that does not trade takes no orders, but cancels", async () => {
  await client.order({ ...LIMIT, newClientOrderId: "a" });
  sim.control.setHalted("BTC/USDT", true);
  expect((await client.order(LIMIT)).json).toEqual({ code: -1013, msg: "Market is closed." });
  const cancel = await client.signed("DELETE", "/api/v3/order", {
    symbol: "BTCUSDT",
    origClientOrderId: "a",
  });
  expect(cancel.json.status).toBe("CANCELED");
});

test("a client id is taken only while an order of that name is open", async () => {
  await client.order({ ...LIMIT, newClientOrderId: "same" });
  expect((await client.order({ ...LIMIT, newClientOrderId: "same" })).json).toEqual({
    code: -2010,
    msg: "Duplicate order sent.",
  });
  await client.signed("DELETE", "/api/v3/order", { symbol: "BTCUSDT", origClientOrderId: "same" });
  expect((await client.order({ ...LIMIT, newClientOrderId: "same" })).status).toBe(200);
  // H8: twice at the market with one name are two orders.
  const market = { side: "BUY", type: "MARKET", quantity: "0.001", newClientOrderId: "twice" };
  await client.order(market);
  await client.order(market);
  expect(statuses()).toEqual(["CANCELED", "NEW", "FILLED", "FILLED"]);
});

test("order numbers are unique within a symbol only", async () => {
  const first = await client.order(LIMIT);
  const other = await client.order({ ...LIMIT, symbol: "ETHUSDT", quantity: "0.1", price: "2900" });
  expect(other.json.orderId).toBe(first.json.orderId);
});

test("what rests is locked and cannot be spent twice", async () => {
  await client.order({ ...LIMIT, quantity: "0.1" });
  expect(free("USDT")).toBe("1000");
  expect((await client.order({ ...LIMIT, quantity: "0.02" })).json).toEqual({
    code: -2010,
    msg: "Account has insufficient balance for requested action.",
  });
  await client.order({ side: "SELL", type: "STOP_LOSS", quantity: "0.7", stopPrice: "90000" });
  expect((await client.order({ side: "SELL", type: "MARKET", quantity: "0.4" })).json.code).toBe(-2010);
  const { json } = await client.signed("GET", "/api/v3/account");
  expect(json.balances.find(({ asset }: { asset: string }) => asset === "BTC")).toEqual({
    asset: "BTC",
    free: "0.30000000",
    locked: "0.70000000",
  });
});

test.each([
  ["a sell stop above the market", { side: "SELL", type: "STOP_LOSS", stopPrice: "100000" }],
  ["a buy stop below it", { side: "BUY", type: "STOP_LOSS", stopPrice: "99000" }],
  ["a sell target below it", { side: "SELL", type: "TAKE_PROFIT", stopPrice: "99000" }],
])("%s would trigger immediately", async (_name, values) => {
  expect((await client.order({ quantity: "0.01", ...values })).json).toEqual({
    code: -2010,
    msg: "Order would trigger immediately.",
  });
});

test("a trailing stop with an activation price follows only from there on, and one way", async () => {
  const trailing = {
    side: "SELL",
    type: "STOP_LOSS",
    quantity: "0.1",
    trailingDelta: 100,
    stopPrice: "102000",
  };
  expect((await client.order({ ...trailing, trailingDelta: 5 })).json.msg).toBe(
    "Filter failure: TRAILING_DELTA",
  );
  const { json } = await client.order(trailing);
  expect(json).toMatchObject({ orderId: expect.any(Number), clientOrderId: expect.any(String) });
  // Far below a percent from where it began, and still waiting for its activation.
  sim.control.setPrice("BTC/USDT", { last: 90_000 });
  expect(statuses()).toEqual(["NEW"]);
  sim.control.setPrice("BTC/USDT", { last: 102_000 });
  sim.control.setPrice("BTC/USDT", { last: 103_000 });
  sim.control.setPrice("BTC/USDT", { last: 102_500 });
  expect(sim.control.state().orders).toMatchObject([{ status: "NEW", stopPrice: "101970" }]);
  sim.control.setPrice("BTC/USDT", { last: 101_970 });
  expect(statuses()).toEqual(["FILLED"]);
});

test("post-only, immediate-or-cancel and fill-or-kill", async () => {
  const maker = { side: "BUY", type: "LIMIT_MAKER", quantity: "0.01", price: "100010" };
  expect((await client.order(maker)).json.msg).toBe("Order would immediately match and take.");
  sim.control.setPrice("BTC/USDT", { last: 100_000, ask: 100_010, askSize: 0.004 });
  const taking = { ...LIMIT, price: "100010" };
  const kill = await client.order({ ...taking, timeInForce: "FOK" });
  expect(kill.json).toMatchObject({ status: "EXPIRED", executedQty: "0.00000000" });
  const part = await client.order({ ...taking, timeInForce: "IOC" });
  expect(part.json).toMatchObject({ status: "EXPIRED", executedQty: "0.00400000" });
});

test("a market order takes what is there, and the rest expires", async () => {
  sim.control.setPrice("BTC/USDT", { last: 100_000, ask: 100_010, askSize: 0.004 });
  const { json } = await client.order({ side: "BUY", type: "MARKET", quantity: "0.01" });
  expect(json).toMatchObject({ status: "EXPIRED", executedQty: "0.00400000", origQty: "0.01000000" });
});

test("an amount to spend is never exceeded", async () => {
  const { json } = await client.order({ side: "BUY", type: "MARKET", quoteOrderQty: "500" });
  expect(json).toMatchObject({
    status: "FILLED",
    executedQty: "0.00499000",
    origQuoteOrderQty: "500.00000000",
  });
  expect(Number(json.cummulativeQuoteQty)).toBeLessThanOrEqual(500);
});

test("a buy stop above what the account can pay buys what it can", async () => {
  await client.order({ side: "BUY", type: "STOP_LOSS", quantity: "0.09", stopPrice: "105000" });
  sim.control.setPrice("BTC/USDT", { last: 120_000, ask: 120_000 });
  expect(sim.control.state().orders).toMatchObject([{ status: "EXPIRED", filled: "0.08333" }]);
  expect(Number(free("USDT"))).toBeGreaterThanOrEqual(0);
});

test("cancel-replace can lose the old order without getting the new one", async () => {
  const { json: order } = await client.order(LIMIT);
  const answer = await client.signed("POST", "/api/v3/order/cancelReplace", {
    ...LIMIT,
    symbol: "BTCUSDT",
    quantity: "5",
    cancelReplaceMode: "STOP_ON_FAILURE",
    cancelOrderId: order.orderId,
  });
  expect(answer).toMatchObject({
    status: 409,
    json: {
      code: -2021,
      data: {
        cancelResult: "SUCCESS",
        newOrderResult: "FAILURE",
        newOrderResponse: { code: -2010 },
      },
    },
  });
  expect(statuses()).toEqual(["CANCELED"]);
});

test("cancel-replace of an order that is gone places nothing, unless it is told to", async () => {
  const replace = (mode: string) =>
    client.signed("POST", "/api/v3/order/cancelReplace", {
      ...LIMIT,
      symbol: "BTCUSDT",
      cancelReplaceMode: mode,
      cancelOrderId: 77,
    });
  const stopped = await replace("STOP_ON_FAILURE");
  expect(stopped.json).toMatchObject({ code: -2022, data: { newOrderResult: "NOT_ATTEMPTED" } });
  expect(sim.control.state().orders).toEqual([]);
  const allowed = await replace("ALLOW_FAILURE");
  expect(allowed.json).toMatchObject({ code: -2021, data: { newOrderResult: "SUCCESS" } });
  expect(statuses()).toEqual(["NEW"]);
});

test("queries may lag behind, cancels do not", async () => {
  sim.control.configure({ ordersLag: 2_000 });
  const { json } = await client.order(LIMIT);
  const query = () => client.signed("GET", "/api/v3/order", { symbol: "BTCUSDT", orderId: json.orderId });
  expect((await query()).json).toEqual({ code: -2013, msg: "Order does not exist." });
  expect((await client.signed("GET", "/api/v3/openOrders")).json).toEqual([]);
  sim.control.advance(2_000);
  expect((await query()).json.status).toBe("NEW");
});

test("a list may be stale or empty for one request, whatever is true", async () => {
  await client.order(LIMIT);
  sim.control.advance(1_000);
  const open = async () => (await client.signed("GET", "/api/v3/openOrders")).json.length;
  sim.control.faults.add({ path: "openOrders", action: { type: "empty-list" } });
  expect([await open(), await open()]).toEqual([0, 1]);
  sim.control.faults.add({ path: "openOrders", action: { type: "stale-list", milliseconds: 2_000 } });
  expect([await open(), await open()]).toEqual([0, 1]);
});

test("during maintenance prices go on and orders are refused", async () => {
  sim.control.configure({ status: "maintenance" });
  expect((await client.open("/sapi/v1/system/status")).json.status).toBe(1);
  expect((await client.open("/api/v3/ticker/price?symbol=BTCUSDT")).status).toBe(200);
  expect((await client.order(LIMIT)).json.msg).toBe("Market is closed.");
});

test("a walk of prices goes on where a pin is taken away", async () => {
  const last = async () => (await client.open("/api/v3/ticker/price?symbol=BTCUSDT")).json.price;
  expect(await last()).toBe("100000.00000000");
  sim.control.unpinPrice("BTC/USDT");
  const before = await last();
  sim.control.advance(3_600_000);
  expect(await last()).not.toBe(before);
});

test("a key without the right to trade can only read", async () => {
  sim.control.configure({ canTrade: false });
  expect((await client.order(LIMIT)).json.code).toBe(-2015);
  expect((await client.signed("GET", "/api/v3/account")).json.canTrade).toBe(false);
});
