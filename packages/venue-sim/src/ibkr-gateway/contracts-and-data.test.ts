import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

const AAPL = 265598;

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  client = createTestClient(gateway);
  await client.get("iserver/accounts");
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

const snapshot = async (conids: string, fields: string) =>
  (await client.get(`iserver/marketdata/snapshot?conids=${conids}&fields=${fields}`)).json;

test("a search has text conids, foreign listings and bonds in it", async () => {
  const { json } = await client.get("iserver/secdef/search?symbol=AAPL");
  expect(json[0]).toMatchObject({
    conid: "265598",
    companyHeader: "APPLE INC - NASDAQ",
    companyName: "APPLE INC",
    symbol: "AAPL",
    description: "NASDAQ",
  });
  expect(json[0].sections[0]).toEqual({ secType: "STK" });
  expect(json.map((row: { description: string }) => row.description)).toEqual([
    "NASDAQ",
    "MEXI",
    "EBS",
    "TSE",
    null,
  ]);
  expect(json.at(-1)).toMatchObject({ conid: "2147483647", symbol: null, sections: [{ secType: "BOND" }] });
  expect((await client.post("iserver/secdef/search", { symbol: "KO" })).json[0].conid).toBe("8894");
  expect((await client.get("iserver/secdef/search?symbol=ZZZZNOTREAL99")).json).toEqual([]);
});

test("the first hit of a search can be a foreign listing", async () => {
  const { json } = await client.get("iserver/secdef/search?symbol=IWM");
  expect(json.map((row: { description: string }) => row.description)).toEqual(["MEXI", "ARCA"]);
});

test("stocks by symbol: listings by issuer, look-alikes included", async () => {
  const { json } = await client.get("trsrv/stocks?symbols=AAPL,AMZN,TWIN,NESN,BRK%20B,ZZZ");
  expect(json.AAPL).toMatchObject([
    {
      name: "APPLE INC",
      assetClass: "STK",
      contracts: [
        { conid: AAPL, exchange: "NASDAQ", isUS: true },
        { conid: 38708077, exchange: "MEXI", isUS: false },
        { conid: 273982664, exchange: "EBS", isUS: false },
      ],
    },
    { name: "APPLE INC-CDR", contracts: [{ conid: 532640894, exchange: "TSE", isUS: false }] },
  ]);
  expect(json.AMZN.map((issuer: { name: string }) => issuer.name)).toEqual(["AMAZON.COM INC", "LS 1X AMZN"]);
  expect(json.TWIN.flatMap((issuer: { contracts: { isUS: boolean }[] }) => issuer.contracts)).toMatchObject([
    { isUS: true },
    { isUS: true },
  ]);
  expect(json.NESN[0].contracts).toEqual([{ conid: 990000021, exchange: "EBS", isUS: false }]);
  expect(json["BRK B"][0].contracts[0].conid).toBe(72063691);
  expect(json.ZZZ).toEqual([]);
});

test("security definitions", async () => {
  const { json } = await client.get(`trsrv/secdef?conids=${AAPL},999999999`);
  expect(json.secdef).toHaveLength(1);
  expect(json.secdef[0]).toMatchObject({
    conid: AAPL,
    currency: "USD",
    listingExchange: "NASDAQ",
    ticker: "AAPL",
    strike: "0",
    isUS: true,
    incrementRules: [{ lowerEdge: 0, increment: 0.01 }],
  });
});

test("contract details are snake case, with rules on demand", async () => {
  const { json } = await client.get(`iserver/contract/${AAPL}/info`);
  expect(json).toMatchObject({
    con_id: AAPL,
    symbol: "AAPL",
    instrument_type: "STK",
    currency: "USD",
    company_name: "APPLE INC",
  });
  const full = (await client.get(`iserver/contract/${AAPL}/info-and-rules?isBuy=true`)).json;
  expect(full).toMatchObject(json);
  expect(full.rules).toMatchObject({
    canTradeAcctIds: ["DU1234567"],
    orderTypes: expect.arrayContaining(["limit", "market", "stop", "stop_limit", "trailing_stop"]),
    cqtTypes: ["market"],
    fraqInt: 4,
    increment: 0.01,
  });
  const rules = await client.post("iserver/contract/rules", { conid: AAPL, isBuy: true });
  expect(rules.json).toEqual(full.rules);
  expect((await client.get("iserver/contract/999999999/info")).status).toBe(400);
  expect((await client.get("iserver/contract/999999999/info-and-rules?isBuy=true")).status).toBe(400);
  expect((await client.post("iserver/contract/rules", { conid: 0, isBuy: true })).status).toBe(400);
});

test("security info for a stock is an object; its error is JSON inside JSON", async () => {
  expect((await client.get(`iserver/secdef/info?conid=${AAPL}&sectype=STK`)).json).toMatchObject({
    conid: AAPL,
    ticker: "AAPL",
    right: "?",
    strike: 0,
  });
  const bad = await client.get("iserver/secdef/info?conid=1&sectype=STK");
  expect(bad.status).toBe(500);
  expect(JSON.parse(bad.json.error).reason).toContain("Details currently unavailable");
  expect((await client.get(`iserver/secdef/info?conid=${AAPL}&sectype=OPT&month=202701`)).status).toBe(400);
});

test("currencies", async () => {
  expect((await client.get("iserver/exchangerate?source=USD&target=USD")).json).toEqual({ rate: 1 });
  expect((await client.get("iserver/exchangerate?source=USD&target=EUR")).json).toEqual({
    rate: expect.any(Number),
  });
  expect((await client.get("iserver/currency/pairs?currency=USD")).json.USD).toContainEqual({
    symbol: "EUR.USD",
    conid: 12087792,
    ccyPair: "EUR",
  });
});

test("by default the schedule says open around the clock", async () => {
  const { json } = await client.get(`contract/trading-schedule?conid=${AAPL}`);
  const day = json.schedules["20261118"];
  expect(json.exchange_time_zone).toBe("US/Eastern");
  expect(day.liquid_hours).toEqual([
    { opening: Date.UTC(2026, 10, 18, 5) / 1_000, closing: Date.UTC(2026, 10, 19, 5) / 1_000 },
  ]);
  expect(day.extended_hours[0].cancel_daily_orders).toBe(true);
  // Saturdays too.
  expect(json.schedules["20261121"]).toBeDefined();
  expect((await client.get("contract/trading-schedule?conid=0")).status).toBe(400);
});

test("regular hours: half days are short, closed days are absent", async () => {
  gateway.control.setHours({
    mode: "regular",
    dates: { "20261119": null, "20261120": { open: 570, close: 780 } },
  });
  const { json } = await client.get(`contract/trading-schedule?conid=${AAPL}`);
  expect(Object.keys(json.schedules)).toEqual(["20261118", "20261120", "20261123", "20261124"]);
  expect(json.schedules["20261120"].liquid_hours).toEqual([
    { opening: Date.UTC(2026, 10, 20, 14, 30) / 1_000, closing: Date.UTC(2026, 10, 20, 18) / 1_000 },
  ]);
  const venues = (await client.get("trsrv/secdef/schedule?assetClass=STK&symbol=AAPL&exchange=ISLAND")).json;
  expect(venues).toHaveLength(1);
  const days = Object.fromEntries(
    venues[0].schedules.map((day: { tradingScheduleDate: string }) => [day.tradingScheduleDate, day]),
  );
  expect(days["20000101"].tradingtimes).toEqual([]);
  expect(days["20000103"].tradingtimes).toMatchObject([
    { openingTime: "0930", closingTime: "1600", prop: "LIQUID" },
  ]);
  expect(days["20261119"].tradingtimes).toEqual([]);
  expect(days["20261120"].tradingtimes).toMatchObject([{ closingTime: "1300" }]);
});

test("the older schedule wants exactly one of symbol and conid, and knows no SMART", async () => {
  expect((await client.get(`trsrv/secdef/schedule?assetClass=STK&symbol=AAPL&conid=${AAPL}`)).status).toBe(
    400,
  );
  expect((await client.get("trsrv/secdef/schedule?assetClass=STK&symbol=AAPL&exchange=SMART")).json).toEqual(
    [],
  );
});

test("a quote comes in pieces: nothing, prices, the rest", async () => {
  gateway.control.setPrice("AAPL", {
    last: 1300.5,
    bid: 1300,
    ask: 1301,
    bidSize: 300,
    askSize: 200,
    close: 1290,
  });
  const fields = "31,84,86,85,88,82,83,87,7741";
  expect(await snapshot(String(AAPL), fields)).toEqual([{ conid: AAPL, conidEx: "265598" }]);
  expect(await snapshot(String(AAPL), fields)).toEqual([
    {
      conid: AAPL,
      conidEx: "265598",
      server_id: "q2",
      _updated: gateway.clock.now(),
      "6119": "q2",
      "6509": "RpB",
      "31": "1,300.50",
      "84": "1,300.00",
      "86": "1,301.00",
    },
  ]);
  const [full] = await snapshot(String(AAPL), fields);
  expect(full).toMatchObject({ "85": "200", "88": "300", "82": "+10.50", "83": 0.81, "7741": "1290.00" });
  expect(full["87"]).toMatch(/^[\d.]+[KM]$/);
  expect(full["87_raw"]).toEqual(expect.any(Number));
});

test("several contracts, one of them without data, one unknown", async () => {
  await snapshot(`${AAPL},990000031,123`, "31,84");
  const rows = await snapshot(`${AAPL},990000031,123`, "31,84");
  expect(rows[1]).toMatchObject({ conid: 990000031, "31": "N/A", "55": "-", "6509": "NPB" });
  expect(rows[1]).not.toHaveProperty("84");
  expect(rows[2]).toEqual({ conid: 123, conidEx: "123" });
  expect(await snapshot("0", "31")).toEqual([]);
  expect((await client.get("iserver/marketdata/snapshot?fields=31")).status).toBe(400);
});

test("prefixes tell a closed market and a halted stock", async () => {
  gateway.control.setPrice("AAPL", { last: 200 });
  await snapshot(String(AAPL), "31");
  gateway.control.setHalted("AAPL", true);
  expect((await snapshot(String(AAPL), "31"))[0]["31"]).toBe("H200.00");
  gateway.control.setHalted("AAPL", false);
  gateway.control.setHours({ mode: "regular", dates: { "20261118": null } });
  expect((await snapshot(String(AAPL), "31"))[0]).toMatchObject({ "31": "C200.00", "6509": "ZB" });
});

test("delayed data says so", async () => {
  gateway.control.setMarketData("AAPL", "D");
  await snapshot(String(AAPL), "31");
  expect((await snapshot(String(AAPL), "31"))[0]["6509"]).toBe("DPB");
});

test("market data lines run out in silence, and are given back", async () => {
  gateway.control.configure({ limits: { marketDataLines: 1 } });
  await snapshot(`${AAPL},8894`, "31");
  const rows = await snapshot(`${AAPL},8894`, "31");
  expect(rows[0]).toHaveProperty("31");
  expect(rows[1]).toEqual({ conid: 8894, conidEx: "8894" });
  expect((await client.post("iserver/marketdata/unsubscribe", { conid: AAPL })).json).toEqual({
    success: true,
  });
  const again = await client.post("iserver/marketdata/unsubscribe", { conid: AAPL });
  expect([again.status, again.json]).toEqual([500, { error: "unknown" }]);
  await snapshot("8894", "31");
  expect((await snapshot("8894", "31"))[0]).toHaveProperty("31");
  expect((await client.get("iserver/marketdata/unsubscribeall")).json).toEqual({ unsubscribed: true });
  expect(await snapshot("8894", "31")).toEqual([{ conid: 8894, conidEx: "8894" }]);
});

test("history: bars oldest first, times in milliseconds, at most a thousand", async () => {
  const history = (query: string) => client.get(`iserver/marketdata/history?conid=${AAPL}&${query}`);
  const { json } = await history("period=1d&bar=5min");
  expect(json).toMatchObject({
    symbol: "AAPL",
    priceFactor: 100,
    timePeriod: "1d",
    barLength: 300,
    mdAvailability: "S",
    points: 287,
  });
  expect(json.data).toHaveLength(288);
  expect(Object.keys(json.data[0]).sort()).toEqual(["c", "h", "l", "o", "t", "v"]);
  expect(json.data[1].t - json.data[0].t).toBe(300_000);
  expect(json.high).toMatch(/^\d+\/[\d.]+\/\d+$/);
  expect((await history("period=1w&bar=1min")).json.data).toHaveLength(1_000);
  expect((await history("period=INVALID&bar=1h")).json.timePeriod).toBe("1d");
  expect((await history("period=1d&bar=1s")).status).toBe(500);
});

test("a chart counts volumes in units, and tells late data by their delay alone", async () => {
  const history = () => client.get(`iserver/marketdata/history?conid=${AAPL}&period=1d&bar=1h`);
  const { json } = await history();
  expect(json).toMatchObject({ volumeFactor: 40, mdAvailability: "S", mktDataDelay: 0 });
  const shares = json.data.map((bar: { v: number }) => bar.v * 40);
  expect(shares.every((each: number) => Math.abs(each - Math.round(each)) < 1e-6)).toBe(true);
  gateway.control.setMarketData("AAPL", "D");
  expect((await history()).json).toMatchObject({ mdAvailability: "S", mktDataDelay: 900 });
  gateway.control.setHours({ mode: "regular" });
  expect((await history()).json.tradingDayDuration).toBe(390);
});

test("a search by name finds companies and no symbols", async () => {
  const search = (query: string) => client.get(`iserver/secdef/search?symbol=${query}`);
  const { json } = await search("twin&name=true");
  expect(json.map((row: { companyName: string }) => row.companyName)).toEqual([
    "TWIN HARBOR INC",
    "TWIN PEAK HOLDINGS",
  ]);
  expect((await search("harbor")).json).toEqual([]);
  expect((await search("harbor&name=true")).json).toMatchObject([{ symbol: "TWIN", description: "NYSE" }]);
});

test("history ends at startTime, and an empty window has a placeholder", async () => {
  const { json } = await client.get(
    `iserver/marketdata/history?conid=${AAPL}&period=1h&bar=10min&startTime=20261117-12:00:00`,
  );
  expect(json.data.at(-1).t).toBe(Date.UTC(2026, 10, 17, 11, 50));
  gateway.control.setHours({ mode: "regular" });
  const night = await client.get(
    `iserver/marketdata/history?conid=${AAPL}&period=1h&bar=10min&startTime=20261117-08:00:00`,
  );
  expect(night.json).toMatchObject({ points: 0, data: [{ o: 0, c: 0 }] });
});

test("the first chart of a contract may fail once", async () => {
  const ibm = "iserver/marketdata/history?conid=8314&period=1d&bar=1h";
  const first = await client.get(ibm);
  expect([first.status, first.json]).toEqual([500, { error: "Chart data unavailable" }]);
  expect((await client.get(ibm)).status).toBe(200);
});

test("what the simulator has none of", async () => {
  expect((await client.get("trsrv/futures?symbols=ES")).json).toEqual({ ES: [] });
  expect((await client.get(`iserver/secdef/strikes?conid=${AAPL}&sectype=OPT&month=JAN27`)).json).toEqual({
    call: [],
    put: [],
  });
  const dynamic = await client.post("iserver/dynaccount", { acctId: "DU1234567" });
  expect([dynamic.status, dynamic.text]).toEqual([401, ""]);
  expect((await client.get("iserver/account/search/DU")).status).toBe(503);
  expect((await client.get(`md/regsnapshot?conid=${AAPL}`)).status).toBe(404);
});
