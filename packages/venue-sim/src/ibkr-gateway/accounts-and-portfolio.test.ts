import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

const SPY = 756733;
const PORTFOLIO = "portfolio/DU1234567";

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({
    pacing: false,
    accounts: [{ positions: [{ symbol: "SPY", quantity: 44, averageCost: "652.47" }] }],
  });
  client = createTestClient(gateway);
  gateway.control.setPrice("SPY", { last: 660, close: 650 });
  gateway.control.setPrice("AAPL", { last: 200 });
  await client.get("iserver/accounts");
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

async function buy(quantity: number): Promise<void> {
  const ticket = { conid: 265598, orderType: "LMT", price: 201, side: "BUY", tif: "DAY", quantity };
  await client.post("iserver/account/DU1234567/orders", { orders: [ticket] });
  gateway.control.tick();
}

async function sellAll(quantity: number): Promise<void> {
  const ticket = { conid: 265598, orderType: "LMT", price: 199, side: "SELL", tif: "DAY", quantity };
  await client.post("iserver/account/DU1234567/orders", { orders: [ticket] });
  gateway.control.tick();
}

const keysOf = (value: object) => Object.keys(value).sort();

test("the brokerage accounts", async () => {
  const { json } = await client.get("iserver/accounts");
  expect(keysOf(json)).toEqual(
    [
      "accounts acctProps aliases allowFeatures chartPeriods groups isFT isPaper profiles",
      "selectedAccount serverInfo sessionId",
    ]
      .join(" ")
      .split(" ")
      .sort(),
  );
  expect(json).toMatchObject({
    accounts: ["DU1234567"],
    acctProps: { DU1234567: { supportsCashQty: true, supportsFractions: true } },
    aliases: { DU1234567: "DU1234567" },
    selectedAccount: "DU1234567",
    isFT: false,
    isPaper: true,
  });
});

test("switching accounts", async () => {
  expect((await client.post("iserver/account", { acctId: "DU1234567" })).json).toEqual({
    success: "Account already set",
  });
  expect((await client.post("iserver/account", { acctId: "INVALID999" })).status).toBe(500);
  expect((await client.post("iserver/account", {})).status).toBe(400);
});

test("the account summary has whole numbers", async () => {
  gateway.control.setCash("1000000.04");
  const { json } = await client.get("iserver/account/DU1234567/summary");
  expect(json).toMatchObject({
    accountType: "",
    netLiquidationValue: 1_029_040,
    totalCashValue: 1_000_000,
    securitiesGVP: 29_040,
    initialMargin: 7_260,
    availableFunds: 1_021_780,
    buyingPower: 4_087_120,
    cashBalances: [{ currency: "USD", balance: 1_000_000, settledCash: 1_000_000 }, expect.anything()],
  });
  const unknown = await client.get("iserver/account/INVALID999/summary");
  expect([unknown.status, unknown.json]).toEqual([
    400,
    { error: "Bad Request: accountId is not valid: INVALID999", statusCode: 400 },
  ]);
});

test("profit and loss by account is empty at first, then counts from yesterday's close", async () => {
  expect((await client.get("iserver/account/pnl/partitioned")).json).toEqual({ upnl: {} });
  const { json } = await client.get("iserver/account/pnl/partitioned");
  expect(keysOf(json.upnl["DU1234567.Core"])).toEqual(["dpl", "el", "mv", "nl", "rowType", "uel", "upl"]);
  expect(json.upnl["DU1234567.Core"]).toMatchObject({ rowType: 1, dpl: 440, upl: 331, mv: 29_040 });
});

test("a day's loss includes what was sold and what it cost", async () => {
  await buy(10);
  gateway.control.setPrice("AAPL", { last: 199.5, bid: 199.5, ask: 199.6 });
  await sellAll(10);
  await client.get("iserver/account/pnl/partitioned");
  const { json } = await client.get("iserver/account/pnl/partitioned");
  // SPY gained 440; ten shares bought at 200.01 and sold at 199.50, two commissions of 1.
  expect(json.upnl["DU1234567.Core"].dpl).toBe(440 - 5.1 - 2);
});

test("the portfolio wants its accounts read first; an unknown account looks like no login", async () => {
  for (const path of [`${PORTFOLIO}/ledger`, `${PORTFOLIO}/positions/0`]) {
    const answer = await client.get(path);
    expect([answer.status, answer.text]).toEqual([401, ""]);
  }
  const [account] = (await client.get("portfolio/accounts")).json;
  expect(account).toMatchObject({
    id: "DU1234567",
    accountId: "DU1234567",
    type: "DEMO",
    currency: "USD",
    clearingStatus: "O",
  });
  expect((await client.get(`${PORTFOLIO}/meta`)).json).toEqual(account);
  expect((await client.get(`${PORTFOLIO}/ledger`)).status).toBe(200);
  const unknown = await client.get("portfolio/INVALID999/ledger");
  expect([unknown.status, unknown.text]).toEqual([401, ""]);
});

test("positions come short first and long later", async () => {
  await client.get("portfolio/accounts");
  const [short] = (await client.get(`${PORTFOLIO}/positions/0`)).json;
  expect(short).toEqual({
    acctId: "DU1234567",
    conid: SPY,
    contractDesc: "SPY",
    position: 44,
    mktPrice: 660,
    mktValue: 29_040,
    currency: "USD",
    avgCost: 652.47,
    avgPrice: 652.47,
    realizedPnl: 0,
    unrealizedPnl: 331.32,
    exchs: null,
    expiry: null,
    putOrCall: null,
    multiplier: null,
    strike: 0,
    exerciseStyle: null,
    conExchMap: [],
    assetClass: "STK",
    undConid: 0,
    model: "",
  });
  const [long] = (await client.get(`${PORTFOLIO}/positions/0`)).json;
  expect(long).toMatchObject({
    ticker: "SPY",
    strike: "0",
    multiplier: 0,
    name: "SS SPDR S&amp;P 500 ETF TRUST-US",
    isUS: true,
  });
  expect(long).not.toHaveProperty("symbol");
  expect((await client.get(`${PORTFOLIO}/positions/999?sort=position&direction=d`)).json).toEqual([]);
});

test("the position cache lags behind a fill, the ledger does not", async () => {
  await client.get("portfolio/accounts");
  await buy(5);
  const conids = async () =>
    (await client.get(`${PORTFOLIO}/positions/0`)).json.map((row: { conid: number }) => row.conid);
  expect(await conids()).toEqual([SPY]);
  const { USD } = (await client.get(`${PORTFOLIO}/ledger`)).json;
  expect(USD.cashbalance).toBe(998_998.95);
  expect((await client.post(`${PORTFOLIO}/positions/invalidate`)).json).toEqual({ message: "success" });
  expect(await conids()).toEqual([SPY]);
  gateway.clock.advance(600);
  await client.post(`${PORTFOLIO}/positions/invalidate`);
  expect(await conids()).toEqual([SPY, 265598]);
});

test("without an invalidate the cache takes two seconds", async () => {
  await client.get("portfolio/accounts");
  await buy(5);
  gateway.clock.advance(1_900);
  expect((await client.get(`${PORTFOLIO}/positions/0`)).json).toHaveLength(1);
  gateway.clock.advance(100);
  expect((await client.get(`${PORTFOLIO}/positions/0`)).json).toHaveLength(2);
});

test("a closed position leaves a row of zero for the day", async () => {
  await client.get("portfolio/accounts");
  await buy(5);
  await sellAll(5);
  gateway.clock.advance(2_000);
  const rows = (await client.get(`${PORTFOLIO}/position/265598`)).json;
  expect(rows).toMatchObject([{ conid: 265598, position: 0 }]);
  expect((await client.get(`portfolio2/DU1234567/positions`)).json).toHaveLength(1);
  gateway.clock.advance(24 * 60 * 60_000);
  await client.get("portfolio/accounts");
  expect((await client.get(`${PORTFOLIO}/position/265598`)).json).toEqual([]);
});

test("the newer positions endpoint is not cached, and has its conid as text and its time in seconds", async () => {
  await client.get("portfolio/accounts");
  await buy(5);
  const rows = (await client.get("portfolio2/DU1234567/positions")).json;
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({
    position: 5,
    conid: "265598",
    description: "AAPL",
    secType: "STK",
    timestamp: Math.floor(gateway.clock.now() / 1_000),
  });
});

test("one contract's position, in one account and across them", async () => {
  await client.get("portfolio/accounts");
  expect((await client.get(`${PORTFOLIO}/position/${SPY}`)).json).toMatchObject([{ position: 44 }]);
  expect((await client.get(`${PORTFOLIO}/position/999999999`)).json).toEqual([]);
  expect((await client.get(`portfolio/positions/${SPY}`)).json).toMatchObject({
    DU1234567: [{ position: 44 }],
  });
});

test("the ledger has a row per currency and a total, with times in seconds", async () => {
  await client.get("portfolio/accounts");
  const { json } = await client.get(`${PORTFOLIO}/ledger`);
  expect(keysOf(json)).toEqual(["BASE", "USD"]);
  expect(json.USD).toMatchObject({
    cashbalance: 1_000_000,
    stockmarketvalue: 29_040,
    netliquidationvalue: 1_029_040,
    exchangerate: 1,
    acctcode: "DU1234567",
    key: "LedgerList",
    secondkey: "USD",
    endofbundle: 1,
    timestamp: Math.floor(gateway.clock.now() / 1_000),
  });
  expect(json.BASE).toMatchObject({ currency: "BASE", secondkey: "BASE" });
  expect(json.BASE).not.toHaveProperty("endofbundle");
});

test("the portfolio summary wraps every amount, with times in milliseconds", async () => {
  await client.get("portfolio/accounts");
  const { json } = await client.get(`${PORTFOLIO}/summary`);
  expect(json.netliquidation).toEqual({
    amount: 1_029_040,
    currency: "USD",
    isNull: false,
    timestamp: gateway.clock.now(),
    value: null,
    severity: 0,
  });
  expect(json.accountcode).toMatchObject({ value: "DU1234567" });
  for (const key of ["buyingpower", "totalcashvalue-s", "availablefunds-c", "cushion"])
    expect(json).toHaveProperty([key]);
  // Not every amount is split by segment.
  for (const key of ["buyingpower-s", "settledcash-c", "grosspositionvalue-c"])
    expect(json).not.toHaveProperty([key]);
});

test("the allocation", async () => {
  await client.get("portfolio/accounts");
  const { json } = await client.get(`${PORTFOLIO}/allocation`);
  expect(json).toMatchObject({
    assetClass: { long: { STK: 29_040, CASH: 1_000_000 }, short: {} },
    sector: { long: { Funds: 29_040 } },
  });
  gateway.control.setPosition("SPY", 0);
  expect((await client.get(`${PORTFOLIO}/allocation`)).status).toBe(500);
});

test("several accounts: endpoints without one in their path mean the selected one", async () => {
  await client.close();
  await gateway.close();
  gateway = await startSimulatedGateway({ pacing: false, accounts: [{ id: "DU1" }, { id: "DU2" }] });
  client = createTestClient(gateway);
  await client.get("iserver/accounts");
  await client.get("iserver/account/orders");
  gateway.control.setPrice("AAPL", { last: 200 });
  const ticket = { conid: 265598, orderType: "LMT", price: 199, side: "BUY", tif: "DAY", quantity: 1 };
  const [{ order_id }] = (await client.post("iserver/account/DU2/orders", { orders: [ticket] })).json;
  gateway.clock.advance(1_000);
  expect((await client.get("iserver/account/orders")).json.orders).toEqual([]);
  expect((await client.get(`iserver/account/order/status/${order_id}`)).status).toBe(503);
  expect((await client.post("iserver/account", { acctId: "DU2" })).json).toEqual({
    set: true,
    acctId: "DU2",
  });
  expect((await client.get("iserver/account/orders")).json.orders).toHaveLength(1);
  expect((await client.get(`iserver/account/order/status/${order_id}`)).status).toBe(200);
});
