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

const OCO = {
  symbol: "BTCUSDT",
  side: "SELL",
  quantity: "0.5",
  aboveType: "LIMIT_MAKER",
  abovePrice: "110000",
  belowType: "STOP_LOSS_LIMIT",
  belowStopPrice: "95000",
  belowPrice: "94900",
  belowTimeInForce: "GTC",
};
const sendOco = (change: object = {}) =>
  client.signed("POST", "/api/v3/orderList/oco", { ...OCO, ...change });

test("S7: of two exclusive orders one lock is held, and the fill of one ends the other", async () => {
  const { json } = await sendOco({ listClientOrderId: "exits" });
  expect(json).toMatchObject({
    contingencyType: "OCO",
    listStatusType: "EXEC_STARTED",
    listOrderStatus: "EXECUTING",
    listClientOrderId: "exits",
  });
  expect(free("BTC")).toBe("0.5");
  sim.control.setPrice("BTC/USDT", { last: 110_000, bid: 110_000, ask: 110_010, bidSize: 0.1 });
  expect(sim.control.state().orders).toMatchObject([
    { type: "STOP_LOSS_LIMIT", status: "EXPIRED", filled: "0" },
    { type: "LIMIT_MAKER", status: "PARTIALLY_FILLED", filled: "0.1" },
  ]);
});

test("the trigger of one exclusive order ends the other before it has filled", async () => {
  await sendOco();
  sim.control.setPrice("BTC/USDT", { last: 95_000, bid: 90_000, ask: 95_010 });
  expect(statuses()).toEqual(["NEW", "EXPIRED"]);
});

test("the cancel of one leg cancels the list", async () => {
  const { json } = await sendOco();
  const { orderId } = json.orders[0];
  const cancel = await client.signed("DELETE", "/api/v3/order", { symbol: "BTCUSDT", orderId });
  expect(cancel.json).toMatchObject({ orderId, status: "CANCELED", orderListId: json.orderListId });
  expect(statuses()).toEqual(["CANCELED", "CANCELED"]);
  const list = await client.signed("GET", "/api/v3/orderList", { orderListId: json.orderListId });
  expect(list.json.listOrderStatus).toBe("ALL_DONE");
  expect(free("BTC")).toBe("1");
});

test.each([
  ["a stop above a sale", { aboveType: "STOP_LOSS", aboveStopPrice: "110000", abovePrice: "" }, -1105],
  ["a limit below a sale", { belowType: "LIMIT_MAKER", belowStopPrice: "", belowTimeInForce: "" }, -1105],
  ["prices the wrong way round", { abovePrice: "94000" }, -2010],
])("%s is refused, and neither leg is placed", async (_name, change, code) => {
  expect((await sendOco(change)).json.code).toBe(code);
  expect(sim.control.state().orders).toEqual([]);
});

test("an exclusive pair knows which leg belongs on which side", async () => {
  const { aboveType: _a, abovePrice: _p, ...below } = OCO;
  const stopAbove = { ...below, aboveType: "STOP_LOSS", aboveStopPrice: "110000" };
  expect((await client.signed("POST", "/api/v3/orderList/oco", stopAbove)).json.code).toBe(-1197);
  const { belowType: _b, belowStopPrice: _s, belowTimeInForce: _t, ...above } = OCO;
  const limitBelow = { ...above, belowType: "LIMIT_MAKER" };
  expect((await client.signed("POST", "/api/v3/orderList/oco", limitBelow)).json.code).toBe(-1168);
});

const BRACKET = {
  symbol: "BTCUSDT",
  workingType: "LIMIT",
  workingTimeInForce: "GTC",
  workingSide: "BUY",
  workingPrice: "99000",
  workingQuantity: "0.02",
  pendingSide: "SELL",
  pendingQuantity: "0.01998",
  pendingAboveType: "LIMIT_MAKER",
  pendingAbovePrice: "110000",
  pendingBelowType: "STOP_LOSS",
  pendingBelowStopPrice: "95000",
};
const sendBracket = (change: object = {}) =>
  client.signed("POST", "/api/v3/orderList/otoco", { ...BRACKET, ...change });

test("a bracket's exits lock nothing until the entry is filled whole", async () => {
  sim.control.setBalance("BTC", 0);
  await sendBracket();
  expect(statuses()).toEqual(["NEW", "PENDING_NEW", "PENDING_NEW"]);
  sim.control.setPrice("BTC/USDT", { last: 98_900, bid: 98_890, ask: 98_900, askSize: 0.01 });
  expect(statuses()).toEqual(["PARTIALLY_FILLED", "PENDING_NEW", "PENDING_NEW"]);
  expect(free("BTC")).toBe("0.00999");
  sim.control.setPrice("BTC/USDT", { last: 98_900, bid: 98_890, ask: 98_900 });
  expect(statuses()).toEqual(["FILLED", "NEW", "NEW"]);
  expect(free("BTC")).toBe("0");
  sim.control.setPrice("BTC/USDT", { last: 95_000, bid: 94_990, ask: 95_010 });
  expect(statuses()).toEqual(["FILLED", "FILLED", "EXPIRED"]);
});

test("exits do not fire while the entry is half filled, however far the price falls", async () => {
  sim.control.setBalance("BTC", 0);
  await sendBracket();
  sim.control.setPrice("BTC/USDT", { last: 98_900, ask: 98_900, askSize: 0.01 });
  sim.control.setPrice("BTC/USDT", { last: 94_000, bid: 93_990, ask: 99_500 });
  expect(statuses()).toEqual(["PARTIALLY_FILLED", "PENDING_NEW", "PENDING_NEW"]);
  expect(free("BTC")).toBe("0.00999");
});

test("S31: exits of an entry that was cancelled half filled are gone, and what it bought is bare", async () => {
  await sendBracket();
  sim.control.setPrice("BTC/USDT", { last: 98_900, ask: 98_900, askSize: 0.01 });
  await client.signed("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
  expect(sim.control.state().orders).toMatchObject([
    { status: "CANCELED", filled: "0.01" },
    { status: "CANCELED", filled: "0" },
    { status: "CANCELED", filled: "0" },
  ]);
});

test("exits for more than the entry brought, its commission taken, are rejected when their time comes", async () => {
  sim.control.setBalance("BTC", 0);
  await sendBracket({ pendingQuantity: "0.02" });
  sim.control.setPrice("BTC/USDT", { last: 98_900, ask: 98_900 });
  expect(statuses()).toEqual(["FILLED", "REJECTED", "REJECTED"]);
  expect(free("BTC")).toBe("0.01998");
});

test("an order that triggers another", async () => {
  await client.signed("POST", "/api/v3/orderList/oto", {
    symbol: "BTCUSDT",
    workingType: "LIMIT",
    workingTimeInForce: "GTC",
    workingSide: "BUY",
    workingPrice: "99000",
    workingQuantity: "0.02",
    pendingType: "STOP_LOSS",
    pendingSide: "SELL",
    pendingQuantity: "0.01",
    pendingStopPrice: "95000",
  });
  sim.control.setPrice("BTC/USDT", { last: 98_900 });
  expect(statuses()).toEqual(["FILLED", "NEW"]);
});

test("cancelling all answers single orders and lists, and -2011 when nothing was open", async () => {
  await client.order(LIMIT);
  await sendOco();
  const all = () => client.signed("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
  const { json } = await all();
  expect(json).toHaveLength(2);
  expect(json[1].orderReports).toHaveLength(2);
  expect((await all()).json.code).toBe(-2011);
});
