import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

const AAPL = 265598;
const ACCOUNT = "iserver/account/DU1234567";
const BUY = { conid: AAPL, orderType: "LMT", price: 199, side: "BUY", tif: "GTC", quantity: 5 };

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  client = createTestClient(gateway);
  gateway.control.setPrice("AAPL", { last: 200 });
  await client.get("iserver/accounts");
  await client.post("iserver/questions/suppress", {
    messageIds: ["o163", "o10331", "o10152", "o10151", "o10153", "o2137"],
  });
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

async function place(ticket: object): Promise<string> {
  const { json } = await client.post(`${ACCOUNT}/orders`, { orders: [ticket] });
  return json[0].order_id;
}

const list = async (query = "") => (await client.get(`iserver/account/orders${query}`)).json.orders;
const status = async (id: string) => (await client.get(`iserver/account/order/status/${id}`)).json;

test("the list's row of a working order", async () => {
  const id = await place({ ...BUY, cOID: "ref1" });
  gateway.clock.advance(1_000);
  expect(await list()).toEqual([]);
  const [row] = await list();
  expect(row).toEqual({
    acct: "DU1234567",
    conidex: "265598",
    conid: AAPL,
    account: "DU1234567",
    orderId: Number(id),
    cashCcy: "USD",
    sizeAndFills: "0/5",
    orderDesc: "Buy 5 AAPL Limit 199.00, GTC",
    description1: "AAPL",
    ticker: "AAPL",
    secType: "STK",
    listingExchange: "NASDAQ",
    remainingQuantity: 5,
    filledQuantity: 0,
    totalSize: 5,
    companyName: "APPLE INC",
    status: "Submitted",
    order_ccp_status: "Submitted",
    origOrderType: "LIMIT",
    supportsTaxOpt: "1",
    lastExecutionTime: "261118153000",
    orderType: "Limit",
    bgColor: "#00F000",
    fgColor: "#000000",
    isEventTrading: "0",
    price: "199.00",
    order_ref: "ref1",
    timeInForce: "GTC",
    lastExecutionTime_r: Date.UTC(2026, 10, 18, 15, 30),
    outsideRTH: false,
    side: "BUY",
  });
});

test("market orders have an empty price, DAY reads CLOSE, stops name their trigger", async () => {
  await list();
  await place({ ...BUY, orderType: "MKT", price: undefined, tif: "DAY" });
  await place({ ...BUY, side: "SELL", orderType: "STP", price: 190 });
  gateway.clock.advance(2_000);
  const rows = await list();
  expect(rows[0]).toMatchObject({
    price: "",
    timeInForce: "CLOSE",
    status: "Filled",
    avgPrice: "200.01",
    sizeAndFills: "5",
    orderDesc: "Bought 5 AAPL Market, Day",
  });
  expect(rows[1]).toMatchObject({
    orderType: "Stop",
    auxPrice: "190.00",
    stop_price: "190.00",
    status: "PreSubmitted",
  });
});

test("the list is a second behind, and force empties it", async () => {
  await list();
  await place(BUY);
  expect(await list()).toEqual([]);
  gateway.clock.advance(1_000);
  expect(await list()).toMatchObject([{ status: "Submitted" }]);
  gateway.control.setPrice("AAPL", { last: 198 });
  expect(await list()).toMatchObject([{ status: "Submitted" }]);
  expect(await list("?force=true")).toEqual([]);
  gateway.clock.advance(1_000);
  expect(await list()).toMatchObject([{ status: "Filled" }]);
});

test("filters pick by status, sort_by_time sorts", async () => {
  await list();
  await place(BUY);
  gateway.clock.advance(1_000);
  await place({ ...BUY, price: 200.5 });
  gateway.clock.advance(2_000);
  expect(await list("?filters=filled")).toMatchObject([{ status: "Filled" }]);
  expect(await list("?filters=submitted,pre_submitted")).toMatchObject([{ status: "Submitted" }]);
  expect((await list("?filters=sort_by_time")).map((row: { status: string }) => row.status)).toEqual([
    "Filled",
    "Submitted",
  ]);
});

test("the status of a working order is snake case with numbers as text", async () => {
  const id = await place({ ...BUY, cOID: "ref2" });
  gateway.clock.advance(1_000);
  expect(await status(id)).toMatchObject({
    order_id: Number(id),
    conid: AAPL,
    symbol: "AAPL",
    side: "B",
    size: "5.0",
    total_size: "5.0",
    cum_fill: "0.0",
    currency: "USD",
    account: "DU1234567",
    order_type: "LIMIT",
    limit_price: "199.00",
    order_status: "Submitted",
    order_ccp_status: "0",
    order_status_description: "Order Submitted",
    tif: "GTC",
    order_ref: "ref2",
    size_and_fills: "0/5",
    order_time: "261118153000",
  });
});

test("a partly filled order stays submitted, its size is what remains", async () => {
  gateway.control.setPrice("AAPL", { last: 200, ask: 200, askSize: 2 });
  const id = await place({ ...BUY, price: 200 });
  gateway.clock.advance(1_000);
  expect(await status(id)).toMatchObject({
    order_status: "Submitted",
    size: "3.0",
    total_size: "5.0",
    cum_fill: "2.0",
    average_price: "200",
    size_and_fills: "2/3",
  });
});

test("orders of an earlier brokerage session are unknown once they are done", async () => {
  const done = await place({ ...BUY, price: 200.5 });
  const working = await place(BUY);
  gateway.clock.advance(1_000);
  gateway.clock.advance(1_000);
  gateway.control.session.set("ready");
  await client.get("iserver/accounts");
  expect((await client.get(`iserver/account/order/status/${done}`)).status).toBe(503);
  expect(await status(working)).toMatchObject({ order_status: "Submitted" });
  expect((await client.get("iserver/account/order/status/000000000")).status).toBe(400);
});

test("an unknown order takes the venue five seconds to miss", async () => {
  const answer = await client.get("iserver/account/order/status/999999999");
  expect([answer.status, answer.json, answer.headers["x-response-time"]]).toEqual([
    503,
    { error: "Order 999999999 is not found", statusCode: 503 },
    "5010ms",
  ]);
});

test("trades are empty at first, name the order, and remember their days", async () => {
  const id = await place({ ...BUY, price: 200.5, quantity: 0.38, cOID: "trade1" });
  gateway.clock.advance(1_000);
  expect((await client.get("iserver/account/trades?days=3")).json).toEqual([]);
  expect((await client.get("iserver/account/trades?days=3")).json).toEqual([
    {
      execution_id: expect.stringMatching(/^[0-9a-f]{8}\.[0-9a-f]{8}\.01\.01$/),
      symbol: "AAPL",
      supports_tax_opt: "1",
      side: "B",
      order_description: "Bot 0.38 @ 200.01 on NASDAQ",
      trade_time: "20261118-15:30:01",
      trade_time_r: Date.UTC(2026, 10, 18, 15, 30, 1),
      size: 0.38,
      price: "200.01",
      order_ref: "trade1",
      submitter: "simuser",
      exchange: "NASDAQ",
      commission: "0.35",
      net_amount: 76.0038,
      account: "DU1234567",
      accountCode: "DU1234567",
      account_allocation_name: "DU1234567",
      company_name: "APPLE INC",
      contract_description_1: "AAPL",
      sec_type: "STK",
      listing_exchange: "NASDAQ",
      conid: AAPL,
      conidEx: "265598",
      position: "0.38",
      clearing_id: "IB",
      clearing_name: "IB",
      liquidation_trade: "0",
      is_event_trading: "0",
      order_id: Number(id),
    },
  ]);
  gateway.control.configure({ timings: { idleTimeout: Number.POSITIVE_INFINITY } });
  gateway.control.session.set("ready");
  await client.get("iserver/accounts");
  await client.get("iserver/account/trades?days=3");
  gateway.clock.advance(2 * 24 * 60 * 60_000);
  expect((await client.get("iserver/account/trades")).json).toHaveLength(1);
  expect((await client.get("iserver/account/trades?days=1")).json).toEqual([]);
  expect((await client.get("iserver/account/trades")).json).toEqual([]);
});
