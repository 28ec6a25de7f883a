import { afterAll, beforeAll, expect, test } from "vitest";
import { type SimulatedExchange, startSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { binanceClient } from "../exchange/test-clients.ts";

// Field names as Binance's REST documentation shows them in its examples.
let sim: SimulatedExchange;
let client: ReturnType<typeof binanceClient>;

beforeAll(async () => {
  sim = await startSimulatedExchange({ kind: "binance", balances: { USDT: 10_000, BTC: 1 } });
  client = binanceClient(sim);
  sim.control.setPrice("BTC/USDT", { last: 100_000 });
});

afterAll(async () => {
  await client.close();
  await sim.close();
});

const fieldsOf = (value: object) => Object.keys(value).sort();
const words = (text: string) => text.trim().split(/\s+/).sort();

const ACKNOWLEDGED = "symbol orderId orderListId clientOrderId transactTime";
const STATE =
  "price origQty executedQty origQuoteOrderQty cummulativeQuoteQty status timeInForce type side selfTradePreventionMode";
const LIST =
  "orderListId contingencyType listStatusType listOrderStatus listClientOrderId transactionTime symbol orders";

test("the answers to an order, by how much was asked for", async () => {
  const order = (newOrderRespType: string) =>
    client.order({ side: "BUY", type: "MARKET", quantity: "0.001", newOrderRespType });
  expect(fieldsOf((await order("ACK")).json)).toEqual(words(ACKNOWLEDGED));
  expect(fieldsOf((await order("RESULT")).json)).toEqual(words(`${ACKNOWLEDGED} ${STATE} workingTime`));
  const full = (await order("FULL")).json;
  expect(fieldsOf(full)).toEqual(words(`${ACKNOWLEDGED} ${STATE} workingTime fills`));
  expect(fieldsOf(full.fills[0])).toEqual(words("price qty commission commissionAsset tradeId"));
});

test("a market or limit order is answered in full, any other with an acknowledgement", async () => {
  const market = await client.order({ side: "BUY", type: "MARKET", quantity: "0.001" });
  expect(market.json.fills).toHaveLength(1);
  const stop = await client.order({ side: "SELL", type: "STOP_LOSS", quantity: "0.001", stopPrice: "90000" });
  expect(fieldsOf(stop.json)).toEqual(words(ACKNOWLEDGED));
});

test("an order as queries tell it", async () => {
  const { json } = await client.signed("GET", "/api/v3/allOrders", { symbol: "BTCUSDT" });
  const fields = `symbol orderId orderListId clientOrderId ${STATE} stopPrice icebergQty time updateTime isWorking workingTime`;
  for (const row of json) expect(fieldsOf(row)).toEqual(words(fields));
  const stops = json.map(({ stopPrice }: { stopPrice: string }) => stopPrice);
  expect(stops.at(0)).toBe("0.00000000");
  expect(stops.at(-1)).toBe("90000.00000000");
});

test("a cancel names the order and itself", async () => {
  const values = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.001", price: "90000" };
  await client.order({ ...values, newClientOrderId: "mine" });
  const { json } = await client.signed("DELETE", "/api/v3/order", {
    symbol: "BTCUSDT",
    origClientOrderId: "mine",
    newClientOrderId: "the-cancel",
  });
  expect(fieldsOf(json)).toEqual(words(`${ACKNOWLEDGED} origClientOrderId ${STATE}`));
  expect(json).toMatchObject({ origClientOrderId: "mine", clientOrderId: "the-cancel" });
});

test("a list with its orders' reports", async () => {
  const { json } = await client.signed("POST", "/api/v3/orderList/oco", {
    symbol: "BTCUSDT",
    side: "SELL",
    quantity: "0.1",
    aboveType: "LIMIT_MAKER",
    abovePrice: "110000",
    belowType: "STOP_LOSS",
    belowStopPrice: "95000",
  });
  expect(fieldsOf(json)).toEqual(words(`${LIST} orderReports`));
  expect(fieldsOf(json.orders[0])).toEqual(words("symbol orderId clientOrderId"));
  expect(fieldsOf(json.orderReports[0])).toEqual(words(`${ACKNOWLEDGED} ${STATE} workingTime stopPrice`));
  const open = await client.signed("GET", "/api/v3/openOrderList");
  expect(fieldsOf(open.json[0])).toEqual(words(LIST));
});

test("a fill, and the account", async () => {
  const trades = await client.signed("GET", "/api/v3/myTrades", { symbol: "BTCUSDT", limit: 1 });
  expect(fieldsOf(trades.json[0])).toEqual(
    words(
      "symbol id orderId orderListId price qty quoteQty commission commissionAsset time isBuyer isMaker isBestMatch",
    ),
  );
  const account = await client.signed("GET", "/api/v3/account");
  expect(fieldsOf(account.json)).toEqual(
    words(
      `makerCommission takerCommission buyerCommission sellerCommission commissionRates canTrade canWithdraw
       canDeposit brokered requireSelfTradePrevention preventSor updateTime accountType balances permissions uid`,
    ),
  );
  expect(fieldsOf(account.json.commissionRates)).toEqual(words("maker taker buyer seller"));
});

test("quotes", async () => {
  const day = await client.open("/api/v3/ticker/24hr?symbol=BTCUSDT");
  expect(fieldsOf(day.json)).toEqual(
    words(
      `symbol priceChange priceChangePercent weightedAvgPrice prevClosePrice lastPrice lastQty bidPrice bidQty
       askPrice askQty openPrice highPrice lowPrice volume quoteVolume openTime closeTime firstId lastId count`,
    ),
  );
  const candles = await client.open("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2");
  expect(candles.json.map((row: unknown[]) => row.length)).toEqual([12, 12]);
  const depth = await client.open("/api/v3/depth?symbol=ETHUSDT");
  expect(fieldsOf(depth.json)).toEqual(words("lastUpdateId bids asks"));
});
