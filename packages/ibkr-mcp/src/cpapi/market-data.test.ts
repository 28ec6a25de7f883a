import { afterEach, beforeEach, expect, test } from "vitest";
import { startVenue, type TestVenue } from "./test-venue.ts";

let venue: TestVenue;
beforeEach(async () => {
  venue = await startVenue();
});
afterEach(async () => {
  // Whatever a test did, the adapter must not have run into the venue's limits.
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

const paths = (filter = {}) => venue.gateway.control.requests(filter).map(({ path }) => path);

async function ready() {
  const cpapi = venue.connect();
  await cpapi.session.ensureReady();
  return cpapi;
}

test("a symbol is its US listing, with name, currency, ticks and what may be ordered", async () => {
  const { marketData } = await ready();
  const instrument = await marketData.resolve(" aapl ");
  expect(instrument).toMatchObject({
    id: "265598",
    symbol: "AAPL",
    name: "APPLE INC",
    kind: "stock",
    currency: "USD",
    exchange: expect.stringContaining("NASDAQ"),
    usListed: true,
    tradable: true,
    takesCashAmount: true,
  });
  expect(instrument.quantityStep.toFixed()).toBe("0.0001");
  expect(instrument.priceSteps[0]?.increment.toFixed()).toBe("0.01");
  const before = paths().length;
  await marketData.resolve("AAPL");
  expect(paths()).toHaveLength(before);
});

test("a share class may be written with a dot", async () => {
  const { marketData } = await ready();
  expect(await marketData.resolve("brk.b")).toMatchObject({ symbol: "BRK B" });
});

test("an account without fractions trades whole shares", async () => {
  venue.gateway.control.configure({ identity: { supportsFractions: false, supportsCashQuantity: false } });
  const instrument = await (await ready()).marketData.resolve("AAPL");
  expect(instrument.quantityStep.toFixed()).toBe("1");
  expect(instrument.takesCashAmount).toBe(false);
});

test("L15: what is not listed in the United States is not found, wherever else it is", async () => {
  const { marketData } = await ready();
  await expect(marketData.resolve("ZZZZ")).rejects.toMatchObject({ code: "unknown_symbol" });
  for (const text of ["", "AAPL/../x", "AAPL&symbols=IBM", "LS 1X AMZN", "a".repeat(30)]) {
    await expect(marketData.resolve(text)).rejects.toMatchObject({ code: "unknown_symbol" });
  }
  expect(paths({ path: "trsrv" })).toHaveLength(1);
});

test("an instrument whose rules cannot be read is usable, and looked up again soon", async () => {
  const { marketData } = await ready();
  venue.gateway.control.faults.add({ path: "info-and-rules", count: 2, action: { type: "503-before" } });
  expect(await marketData.resolve("AAPL")).toMatchObject({ tradable: null, takesCashAmount: false });
  venue.gateway.control.advance(31_000);
  expect(await marketData.resolve("AAPL")).toMatchObject({ tradable: true, takesCashAmount: true });
});

test("a cold quote is asked for until its prices are there; a warm one costs one request", async () => {
  const { marketData } = await ready();
  const apple = await marketData.resolve("AAPL");
  venue.gateway.control.setPrice("AAPL", { last: 187.5 });
  venue.gateway.control.clearRequests();
  const [cold] = await marketData.quotes([apple]);
  expect(cold).toMatchObject({ kind: "read", value: { symbol: "AAPL", delayed: false, halted: false } });
  if (cold?.kind !== "read") return;
  expect(cold.value.last?.toFixed()).toBe("187.5");
  expect(cold.value.bid?.toFixed()).toBe("187.49");
  expect(cold.value.ask?.toFixed()).toBe("187.51");
  expect(cold.value.asOf).toBeGreaterThan(venue.clock.now() - 5000);
  expect(paths({ path: "snapshot" }).length).toBeGreaterThan(1);
  venue.gateway.control.clearRequests();
  await marketData.quotes([apple]);
  expect(paths()).toHaveLength(1);
});

test("M23: halted, delayed and missing data are said, not passed off as a live price", async () => {
  const { marketData } = await ready();
  const [apple, spy, ko] = await Promise.all(
    ["AAPL", "SPY", "KO"].map((symbol) => marketData.resolve(symbol)),
  );
  if (!apple || !spy || !ko) throw new Error("unresolved");
  venue.gateway.control.setHalted("AAPL", true);
  venue.gateway.control.setMarketData("SPY", "D");
  venue.gateway.control.setMarketData("KO", "N");
  const quotes = await marketData.quotes([apple, spy, ko]);
  expect(quotes[0]).toMatchObject({ kind: "read", value: { halted: true } });
  expect(quotes[1]).toMatchObject({ kind: "read", value: { delayed: true } });
  expect(quotes[2]).toMatchObject({ kind: "unread", reason: expect.stringContaining("subscription") });
});

test("market data lines are given back: at most twenty stay open", async () => {
  const { marketData } = await ready();
  const known = ["AAPL", "MSFT", "SPY", "QQQ", "KO"];
  const instruments = await Promise.all(known.map((symbol) => marketData.resolve(symbol)));
  const first = instruments[0];
  if (!first) throw new Error("unresolved");
  const many = Array.from({ length: 18 }, (_, index) => ({
    ...first,
    id: String(900_000 + index),
    symbol: `X${index}`,
  }));
  const quotes = await marketData.quotes([...many, ...instruments]);
  expect(quotes).toHaveLength(23);
  expect(quotes.slice(-5).every(({ kind }) => kind === "read")).toBe(true);
  expect(quotes[0]).toMatchObject({ kind: "unread" });
  expect(paths({ path: "unsubscribe" })).toHaveLength(3);
});

test("a quote that fails is unread, with the reason", async () => {
  const { marketData } = await ready();
  const apple = await marketData.resolve("AAPL");
  venue.gateway.control.faults.add({ path: "snapshot", action: { type: "login-page-200" } });
  expect(await marketData.quotes([apple])).toEqual([
    { kind: "unread", reason: expect.stringContaining("login page") },
  ]);
});

test("the venue's schedule gives the regular sessions; silence and errors leave it to the calendar", async () => {
  await venue.close();
  venue = await startVenue({ hours: {} });
  const { marketData } = await ready();
  const apple = await marketData.resolve("AAPL");
  const schedule = await marketData.schedule(apple);
  expect(schedule?.sessions.length ?? 0).toBeGreaterThan(0);
  const session = schedule?.sessions[0];
  expect(session?.date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(session?.closes).toBeGreaterThan(session?.opens ?? 0);
  // Without an instrument it is the market's as a whole.
  expect((await marketData.schedule(null))?.sessions).toEqual(schedule?.sessions);
  const other = venue.connect();
  venue.gateway.control.faults.add({ path: "trading-schedule", count: 2, action: { type: "503-before" } });
  expect(await other.marketData.schedule(apple)).toBeNull();
});

test("the account's money is decimals with cents", async () => {
  const { marketData } = await ready();
  const summary = await marketData.accountSummary();
  expect(summary).toMatchObject({ accountId: "DU1234567", currency: "USD" });
  expect(summary.netLiquidation?.toFixed()).toBe("1000000");
  expect(summary.cash?.toFixed()).toBe("1000000");
});

test("M25: positions are primed, invalidated and complete; a closed one is gone", async () => {
  venue.gateway.control.setPosition("AAPL", "10.5", "150.25");
  venue.gateway.control.setPosition("SPY", -3);
  const { marketData } = await ready();
  const positions = await marketData.positions();
  expect(positions).toMatchObject({ kind: "read", began: expect.any(Number) });
  if (positions.kind !== "read") return;
  const bySymbol = Object.fromEntries(
    positions.value.map(({ symbol, quantity }) => [symbol, quantity.toFixed()]),
  );
  expect(bySymbol).toEqual({ AAPL: "10.5", SPY: "-3" });
  const order = paths({ path: "portfolio" }).map((path) => path.split("?")[0]);
  expect(order).toContain("portfolio/accounts");
  expect(order).toContain("portfolio/DU1234567/positions/invalidate");
  expect(order.indexOf("portfolio/DU1234567/positions/invalidate")).toBeLessThan(
    order.indexOf("portfolio/DU1234567/positions/0"),
  );
  venue.gateway.control.setPosition("SPY", 0);
  const after = await marketData.positions();
  expect(after.kind === "read" && after.value.map(({ symbol }) => symbol)).toEqual(["AAPL"]);
});

test.each([
  ["a row without a quantity", '[{"acctId":"DU1234567","conid":265598,"contractDesc":"AAPL"}]'],
  ["a row that is text", '["AAPL"]'],
  ["an object instead of a list", '{"positions":[]}'],
  ["another account's row", '[{"acctId":"DU7","conid":265598,"position":1}]'],
  ["an error with 200", '{"error":"no session"}'],
])("H4: positions with %s are unread, never flat", async (_what, body) => {
  const { marketData } = await ready();
  venue.gateway.control.faults.add({
    path: "positions/0",
    count: 5,
    action: { type: "status", status: 200, body },
  });
  expect(await marketData.positions()).toMatchObject({ kind: "unread" });
});

test("M12: pages that repeat themselves end as unread, not in a loop", async () => {
  const { marketData } = await ready();
  venue.gateway.control.faults.add({
    path: /positions\/\d/,
    count: 100,
    action: { type: "status", status: 200, body: '[{"acctId":"DU1234567","conid":265598,"position":1}]' },
  });
  expect(await marketData.positions()).toMatchObject({ kind: "unread" });
  expect(paths({ path: /positions\/\d/ })).toHaveLength(2);
});

test("portfolio reads go on while the brokerage session is down", async () => {
  venue.gateway.control.setPosition("AAPL", 5);
  venue.gateway.control.session.set("sso_only");
  const { marketData } = venue.connect();
  expect(await marketData.positions()).toMatchObject({ kind: "read" });
  expect((await marketData.accountSummary()).netLiquidation).not.toBeNull();
});

test("an answer for a wrong account is no answer about ours", async () => {
  const { marketData } = await ready();
  const unknown = venue.connect({ accountId: "DU1234567" });
  await unknown.session.ensureReady();
  venue.gateway.control.faults.add({
    path: "portfolio/DU1234567/summary",
    count: 2,
    action: { type: "status", status: 401, body: "", contentType: null },
  });
  await expect(marketData.accountSummary()).rejects.toMatchObject({ code: "unknown_account" });
});

const listings = (body: object) =>
  venue.gateway.control.faults.add({
    path: "trsrv/stocks",
    action: { type: "status", status: 200, body: JSON.stringify(body) },
  });
const listing = (conid: number, exchange: string, isUS?: boolean) => ({
  name: `COMPANY ${conid}`,
  assetClass: "STK",
  contracts: [{ conid, exchange, ...(isUS !== undefined && { isUS }) }],
});

test("a symbol with two US listings is asked about, with exchange and name; naming the exchange settles it", async () => {
  const { marketData } = await ready();
  const two = { DUAL: [listing(265598, "NASDAQ", true), listing(756733, "ARCA", true)] };
  listings(two);
  await expect(marketData.resolve("DUAL")).rejects.toMatchObject({
    code: "ambiguous_symbol",
    message: expect.stringContaining("COMPANY 756733 (DUAL@ARCA)"),
    details: { candidates: [{ exchange: "NASDAQ" }, { exchange: "ARCA" }] },
  });
  listings(two);
  expect(await marketData.resolve("DUAL@ARCA")).toMatchObject({ id: "756733", symbol: "DUAL" });
});

test("L15: without isUS the definition decides; a foreign one, or two lists that disagree, are not found", async () => {
  const { marketData } = await ready();
  listings({ ONE: [listing(265598, "NASDAQ")] });
  expect(await marketData.resolve("ONE")).toMatchObject({ id: "265598", usListed: true });
  listings({ TWO: [listing(38708077, "MEXI")] });
  await expect(marketData.resolve("TWO")).rejects.toMatchObject({ code: "unknown_symbol" });
  listings({ SIX: [listing(38708077, "NASDAQ", true)] });
  venue.gateway.control.faults.add({
    path: "trsrv/secdef",
    action: {
      type: "status",
      status: 200,
      body: '{"secdef":[{"conid":38708077,"currency":"MXN","isUS":false}]}',
    },
  });
  await expect(marketData.resolve("SIX")).rejects.toMatchObject({ code: "unknown_symbol" });
});
