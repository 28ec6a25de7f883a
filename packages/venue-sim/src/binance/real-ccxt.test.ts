import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type SimulatedExchange, startSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { realCcxt } from "../exchange/test-clients.ts";

// The real class of CCXT over real HTTP: what works here is what a server that uses CCXT relies on.
let sim: SimulatedExchange;
// biome-ignore lint/suspicious/noExplicitAny: CCXT as it comes.
let ccxt: any;

beforeAll(async () => {
  sim = await startSimulatedExchange({ kind: "binance", settings: { pacing: false } });
  ccxt = await realCcxt(sim);
  await ccxt.loadMarkets();
});

beforeEach(() => {
  sim.control.reset();
  sim.control.setPrice("BTC/USDT", { last: 100_000, bid: 99_990, ask: 100_010 });
  sim.control.clearRequests();
});

afterAll(async () => {
  await ccxt.close();
  await sim.close();
});

const CID = { clientOrderId: "t1" };
const BTC = "BTC/USDT";

async function holdBitcoin(quantity: string): Promise<void> {
  sim.control.setBalance("BTC", quantity);
}

test("markets come with steps, minima and states, in one request", async () => {
  await ccxt.loadMarkets(true);
  expect(sim.control.requests()).toHaveLength(1);
  expect(Object.keys(ccxt.markets)).toEqual([
    "BTC/USDT",
    "ETH/USDT",
    "SOL/USDT",
    "ETH/BTC",
    "BTC/EUR",
    "EUR/USDT",
    "USDC/USDT",
    "LUNA/USDT",
  ]);
  expect(ccxt.markets[BTC]).toMatchObject({
    spot: true,
    active: true,
    margin: false,
    precision: { amount: "0.00001000", price: "0.01000000" },
    limits: { amount: { min: "0.00001000" }, cost: { min: "5.00000000" } },
  });
  expect(ccxt.markets["LUNA/USDT"].active).toBe(false);
});

test("quotes, book, candles and trades", async () => {
  expect(await ccxt.fetchTicker(BTC)).toMatchObject({
    symbol: BTC,
    last: "100000.00000000",
    bid: "99990.00000000",
    ask: "100010.00000000",
    timestamp: sim.clock.now(),
  });
  const several = await ccxt.fetchTickers([BTC, "ETH/BTC"]);
  expect(Object.keys(several)).toEqual([BTC, "ETH/BTC"]);
  expect((await ccxt.fetchBidsAsks([BTC]))[BTC].ask).toBe("100010.00000000");
  const book = await ccxt.fetchOrderBook("ETH/USDT", 5);
  expect(book.bids).toHaveLength(5);
  expect(book.bids[0][0]).toBeLessThan(book.asks[0][0]);
  const candles = await ccxt.fetchOHLCV(BTC, "1h", undefined, 3);
  expect(candles).toHaveLength(3);
  // The running candle ends at the price of the moment.
  expect(candles[2][4]).toBe("100000.00000000");
  expect(await ccxt.fetchTrades(BTC, undefined, 2)).toHaveLength(2);
  expect(await ccxt.fetchTime()).toBe(sim.clock.now());
  expect((await ccxt.fetchStatus()).status).toBe("ok");
});

test("a buy by cost takes its fee in what it bought", async () => {
  const order = await ccxt.createMarketBuyOrderWithCost(BTC, "100", CID);
  expect(order).toMatchObject({
    status: "closed",
    clientOrderId: "t1",
    filled: "0.00099000",
    cost: "99.00990000",
    fee: { cost: "0.00000099", currency: "BTC" },
  });
  const balance = await ccxt.fetchBalance();
  expect(balance.USDT.free).toBe("99900.99010000");
  // Less than was filled: who sells `filled` is refused.
  expect(balance.BTC.free).toBe("0.00098901");
  await expect(ccxt.createOrder(BTC, "market", "sell", order.filled)).rejects.toThrow(/insufficient balance/);
});

test("a limit order rests, locks, is found by its client id, and is cancelled by it", async () => {
  const order = await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", CID);
  expect(order).toMatchObject({ status: "open", clientOrderId: "t1", filled: "0.00000000" });
  expect((await ccxt.fetchBalance()).USDT).toMatchObject({ used: "900.00000000", free: "99100.00000000" });
  expect(await ccxt.fetchOrder("", BTC, CID)).toMatchObject({ id: order.id, status: "open", type: "limit" });
  expect(await ccxt.fetchOpenOrders()).toHaveLength(1);
  expect((await ccxt.cancelOrder("", BTC, CID)).status).toBe("canceled");
  expect(await ccxt.fetchOpenOrders(BTC)).toEqual([]);
  expect((await ccxt.fetchBalance()).USDT.used).toBe("0.00000000");
  await expect(ccxt.cancelOrder("", BTC, CID)).rejects.toThrow(/Unknown order/);
  await expect(ccxt.fetchOrder("999", BTC)).rejects.toThrow(/Order does not exist/);
});

test("stops and targets of every form rest as such and fire at their price", async () => {
  await holdBitcoin("1");
  const stop = await ccxt.createOrder(BTC, "market", "sell", "0.1", undefined, { stopLossPrice: "95000" });
  const stopLimit = await ccxt.createOrder(BTC, "limit", "sell", "0.1", "94900", { stopLossPrice: "95000" });
  const target = await ccxt.createOrder(BTC, "market", "sell", "0.1", undefined, {
    takeProfitPrice: "105000",
  });
  const targetLimit = await ccxt.createOrder(BTC, "limit", "sell", "0.1", "104900", {
    takeProfitPrice: "105000",
  });
  const types = sim.control.state().orders.map(({ type, status }) => `${type} ${status}`);
  expect(types).toEqual(["STOP_LOSS NEW", "STOP_LOSS_LIMIT NEW", "TAKE_PROFIT NEW", "TAKE_PROFIT_LIMIT NEW"]);
  expect((await ccxt.fetchBalance()).BTC.used).toBe("0.40000000");
  sim.control.setPrice(BTC, { last: 95_000, bid: 94_950, ask: 95_010 });
  expect((await ccxt.fetchOrder(stop.id, BTC)).average).toBe("94950");
  expect((await ccxt.fetchOrder(stopLimit.id, BTC)).status).toBe("closed");
  expect((await ccxt.fetchOrder(target.id, BTC)).status).toBe("open");
  sim.control.setPrice(BTC, { last: 105_000, bid: 104_990, ask: 105_010 });
  expect((await ccxt.fetchOrder(target.id, BTC)).status).toBe("closed");
  expect((await ccxt.fetchOrder(targetLimit.id, BTC)).status).toBe("closed");
});

test("a trailing stop follows the price", async () => {
  await holdBitcoin("1");
  const order = await ccxt.createOrder(BTC, "market", "sell", "0.5", undefined, {
    trailingPercent: "5",
    stopLossOrTakeProfit: "stopLoss",
  });
  sim.control.setPrice(BTC, { last: 110_000 });
  sim.control.setPrice(BTC, { last: 104_501 });
  expect((await ccxt.fetchOrder(order.id, BTC)).status).toBe("open");
  sim.control.setPrice(BTC, { last: 104_500 });
  expect((await ccxt.fetchOrder(order.id, BTC)).status).toBe("closed");
});

test("a dry order is validated and not placed", async () => {
  await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", { test: true });
  expect(sim.control.requests({ path: "order/test" })).toHaveLength(1);
  await expect(ccxt.createOrder(BTC, "limit", "buy", "0.00002", "90000", { test: true })).rejects.toThrow(
    /NOTIONAL/,
  );
  expect(sim.control.state().orders).toEqual([]);
});

test("cancel-replace gives a new order for the old one", async () => {
  const order = await ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", CID);
  const edited = await ccxt.editOrder(order.id, BTC, "limit", "buy", "0.02", "91000", {
    clientOrderId: "t2",
  });
  expect(edited).toMatchObject({ status: "open", price: "91000.00000000", amount: "0.02000000" });
  expect(edited.id).not.toBe(order.id);
  expect((await ccxt.fetchOrder(order.id, BTC)).status).toBe("canceled");
});

test("OCO and OTOCO through the raw endpoints", async () => {
  await holdBitcoin("0.1");
  const oco = await ccxt.privatePostOrderListOco({
    symbol: "BTCUSDT",
    side: "SELL",
    quantity: "0.1",
    aboveType: "LIMIT_MAKER",
    abovePrice: "110000",
    belowType: "STOP_LOSS",
    belowStopPrice: "95000",
  });
  expect(oco.orderReports.map(({ type }: { type: string }) => type)).toEqual(["STOP_LOSS", "LIMIT_MAKER"]);
  // One lock for both.
  expect((await ccxt.fetchBalance()).BTC).toMatchObject({ used: "0.10000000", free: "0.00000000" });
  expect(await ccxt.privateGetOpenOrderList()).toHaveLength(1);
  await ccxt.privateDeleteOrderList({ symbol: "BTCUSDT", orderListId: oco.orderListId });

  const bracket = await ccxt.privatePostOrderListOtoco({
    symbol: "BTCUSDT",
    workingType: "LIMIT",
    workingTimeInForce: "GTC",
    workingSide: "BUY",
    workingPrice: "99000",
    workingQuantity: "0.01",
    pendingSide: "SELL",
    pendingQuantity: "0.00999",
    pendingAboveType: "LIMIT_MAKER",
    pendingAbovePrice: "110000",
    pendingBelowType: "STOP_LOSS",
    pendingBelowStopPrice: "95000",
  });
  expect(bracket.orderReports.map(({ status }: { status: string }) => status)).toEqual([
    "NEW",
    "PENDING_NEW",
    "PENDING_NEW",
  ]);
  sim.control.setPrice(BTC, { last: 98_999 });
  const open = await ccxt.fetchOpenOrders(BTC);
  expect(open.map(({ status }: { status: string }) => status)).toEqual(["open", "open"]);
  sim.control.setPrice(BTC, { last: 95_000 });
  expect(await ccxt.fetchOpenOrders(BTC)).toEqual([]);
});

test("fills are found by symbol and by order", async () => {
  const order = await ccxt.createOrder(BTC, "market", "buy", "0.01");
  await ccxt.createOrder(BTC, "market", "sell", "0.005");
  const trades = await ccxt.fetchMyTrades(BTC);
  expect(trades.map(({ side }: { side: string }) => side)).toEqual(["buy", "sell"]);
  expect(trades[1].fee).toEqual({ cost: "0.49995000", currency: "USDT" });
  expect(await ccxt.fetchOrderTrades(order.id, BTC)).toHaveLength(1);
  await expect(ccxt.fetchMyTrades()).rejects.toThrow(/symbol/);
});

test("the key's rights and the fees can be read", async () => {
  const rights = await ccxt.sapiGetAccountApiRestrictions();
  expect(rights).toMatchObject({ enableWithdrawals: false, enableSpotAndMarginTrading: true });
  expect((await ccxt.fetchTradingFee(BTC)).taker).toBe("0.001");
});

test("a parameter that the exchange does not know is refused, and nothing is placed", async () => {
  await expect(
    ccxt.createOrder(BTC, "limit", "buy", "0.01", "90000", { stopLoss: { triggerPrice: "80000" } }),
  ).rejects.toThrow(/-1104/);
  expect(sim.control.state().orders).toEqual([]);
});

test("a clock that is off is refused until it is set", async () => {
  sim.control.configure({ clockSkew: 20_000 });
  await expect(ccxt.fetchBalance()).rejects.toThrow(/outside of the recvWindow/);
  const answer = await ccxt.publicGetTime();
  expect(Number(answer.serverTime)).toBe(sim.clock.now() + 20_000);
  sim.control.configure({ clockSkew: 0 });
});
