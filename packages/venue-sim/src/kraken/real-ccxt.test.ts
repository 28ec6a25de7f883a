import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type SimulatedExchange, startSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { realCcxt } from "../exchange/test-clients.ts";

// The real class of CCXT over real HTTP, against the exchange that is the other one's opposite.
let sim: SimulatedExchange;
// biome-ignore lint/suspicious/noExplicitAny: CCXT as it comes.
let ccxt: any;

beforeAll(async () => {
  sim = await startSimulatedExchange({
    kind: "kraken",
    settings: { pacing: false },
    balances: { USD: 100_000, BTC: 1 },
  });
  ccxt = await realCcxt(sim);
  await ccxt.loadMarkets();
});

beforeEach(() => {
  sim.control.reset();
  sim.control.setPrice("BTC/USD", { last: 100_000, bid: 99_990, ask: 100_010 });
  sim.control.clearRequests();
});

afterAll(async () => {
  await ccxt.close();
  await sim.close();
});

const BTC = "BTC/USD";
const CID = { clientOrderId: "t1" };

test("markets under the exchange's own names", () => {
  expect(ccxt.markets[BTC]).toMatchObject({
    id: "XXBTZUSD",
    spot: true,
    active: true,
    taker: "0.004",
    precision: { amount: "0.00000001", price: "0.1" },
    limits: { amount: { min: "0.00005" }, cost: { min: "0.5" } },
  });
  expect(ccxt.markets["SOL/USD"].id).toBe("SOLUSD");
  expect(ccxt.markets["MATIC/USD"].active).toBe(false);
});

test("quotes, book, candles and trades", async () => {
  expect(await ccxt.fetchTicker(BTC)).toMatchObject({ last: "100000.0", bid: "99990.0", ask: "100010.0" });
  expect(Object.keys(await ccxt.fetchTickers([BTC, "ETH/BTC"]))).toEqual([BTC, "ETH/BTC"]);
  const book = await ccxt.fetchOrderBook("ETH/USD", 5);
  expect(book.asks).toHaveLength(5);
  const candles = await ccxt.fetchOHLCV(BTC, "1h");
  expect(candles.at(-1)[4]).toBe("100000.0");
  expect((await ccxt.fetchTrades(BTC, undefined, 3)).length).toBeGreaterThan(0);
  expect((await ccxt.fetchStatus()).status).toBe("ok");
  expect(await ccxt.fetchTime()).toBe(sim.clock.now());
});

test("an order is answered with its id alone; what became of it has to be asked", async () => {
  const order = await ccxt.createOrder(BTC, "market", "buy", "0.01", undefined, CID);
  expect(order).toMatchObject({ id: expect.stringMatching(/^O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/) });
  expect([order.status, order.filled, order.clientOrderId]).toEqual([undefined, undefined, undefined]);
  expect(await ccxt.fetchOrder(order.id, BTC)).toMatchObject({
    status: "closed",
    filled: "0.01000000",
    clientOrderId: "t1",
    // 0.4 % of 1000.10, in dollars.
    fee: { cost: "4.00040", currency: "USD" },
  });
  const balance = await ccxt.fetchBalance();
  expect([balance.BTC.free, balance.USD.free]).toEqual(["1.01", "98995.8996"]);
});

test("a buy by cost spends the amount, and its fee on top", async () => {
  const order = await ccxt.createMarketBuyOrderWithCost(BTC, "100", CID);
  const found = await ccxt.fetchOrder(order.id, BTC);
  expect(found.filled).toBe("0.00099990");
  expect((await ccxt.fetchBalance()).USD.free).toBe("99899.6");
});

test("an open order is found and cancelled by its client id, through the lists", async () => {
  await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", CID);
  const open = await ccxt.fetchOpenOrders(undefined, undefined, undefined, CID);
  expect(open).toMatchObject([{ clientOrderId: "t1", status: "open", type: "limit", price: "90000" }]);
  // What a fee may take is locked with it.
  expect((await ccxt.fetchBalance()).USD.used).toBe("903.6000");
  await ccxt.cancelOrder("", BTC, CID);
  expect(await ccxt.fetchOpenOrders()).toEqual([]);
  const closed = await ccxt.fetchClosedOrders(undefined, undefined, undefined, CID);
  expect(closed).toMatchObject([{ clientOrderId: "t1", status: "canceled", filled: "0.00000000" }]);
  await expect(ccxt.cancelOrder("", BTC, CID)).rejects.toThrow(/Unknown order/);
});

test("stops, targets and trails of every form rest as such", async () => {
  const forms: [string, string | undefined, object][] = [
    ["market", undefined, { stopLossPrice: "95000" }],
    ["limit", "94900", { stopLossPrice: "95000" }],
    ["market", undefined, { takeProfitPrice: "105000" }],
    ["limit", "104900", { takeProfitPrice: "105000" }],
    ["market", undefined, { trailingPercent: "5" }],
  ];
  for (const [type, price, params] of forms) await ccxt.createOrder(BTC, type, "sell", "0.1", price, params);
  expect(sim.control.state().orders.map(({ type, status }) => `${type} ${status}`)).toEqual([
    "stop-loss open",
    "stop-loss-limit open",
    "take-profit open",
    "take-profit-limit open",
    "trailing-stop open",
  ]);
  sim.control.setPrice(BTC, { last: 95_000, bid: 94_950, ask: 95_010 });
  expect(sim.control.state().orders.map(({ status }) => status)).toEqual([
    "closed",
    "closed",
    "open",
    "open",
    "closed",
  ]);
});

test("a trigger under a name that the exchange does not know is ignored: the order sells at once", async () => {
  await ccxt.createOrder(BTC, "market", "sell", "0.1", undefined, { triggerPrice: "80000" });
  expect(sim.control.state().orders).toMatchObject([{ type: "market", status: "closed" }]);
});

test("an order is changed in place and keeps its id", async () => {
  const order = await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", CID);
  await ccxt.editOrder(order.id, BTC, "limit", "buy", "0.02", "91000");
  expect(await ccxt.fetchOrder(order.id, BTC)).toMatchObject({ amount: "0.02000000", status: "open" });
  expect(sim.control.state().orders).toMatchObject([{ quantity: "0.02", limitPrice: "91000" }]);
});

test("a closing order appears with the fill of the order that it closes", async () => {
  await ccxt.createOrder(BTC, "limit", "buy", "0.01", "99000", {
    close: { ordertype: "stop-loss", price: "95000" },
  });
  expect(await ccxt.fetchOpenOrders()).toHaveLength(1);
  sim.control.setPrice(BTC, { last: 98_000 });
  const open = await ccxt.fetchOpenOrders();
  expect(open).toMatchObject([{ side: "sell", triggerPrice: "95000" }]);
  sim.control.setPrice(BTC, { last: 95_000 });
  expect(await ccxt.fetchOpenOrders()).toEqual([]);
});

test("an order that is only to be validated is not placed", async () => {
  const answer = await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", { validate: true });
  expect(answer.id).toBeUndefined();
  expect(sim.control.state().orders).toEqual([]);
});

test("fills of all symbols come in one list", async () => {
  await ccxt.createOrder(BTC, "market", "buy", "0.01");
  await ccxt.createOrder("ETH/USD", "market", "buy", "0.1");
  const trades = await ccxt.fetchMyTrades();
  expect(trades.map(({ symbol }: { symbol: string }) => symbol).sort()).toEqual([BTC, "ETH/USD"]);
  expect((await ccxt.fetchTradingFee(BTC)).taker).toBe("0.004");
});

test("all orders are cancelled at once", async () => {
  await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000");
  await ccxt.createOrder(BTC, "limit", "sell", "0.01", "110000");
  await ccxt.cancelAllOrders();
  expect(await ccxt.fetchOpenOrders()).toEqual([]);
});
