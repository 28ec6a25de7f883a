import { afterEach, beforeEach, expect, test } from "vitest";
import { startVenue, type TestVenue } from "./test-venue.ts";

let venue: TestVenue;
beforeEach(async () => {
  venue = await startVenue();
});
afterEach(async () => {
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

const SEARCH = "iserver/secdef/search";

async function ready() {
  const { marketData, session } = venue.connect();
  await session.ensureReady();
  return marketData;
}

/** The next search, whether by symbol or by name, is answered with this. */
function answer(path: string, body: unknown, count = 2) {
  const json = JSON.stringify(body);
  venue.gateway.control.faults.add({
    path,
    count,
    action: { type: "status", status: 200, body: json, contentType: "application/json" },
  });
}

test("L15: the US listing comes first and is the one that is meant; the others are named with the reason", async () => {
  const { found, meaning } = await (await ready()).search("aapl");
  expect(meaning).toBe("AAPL");
  expect(found[0]).toEqual({
    symbol: "AAPL",
    name: "APPLE INC",
    kind: "stock",
    exchange: expect.stringContaining("NASDAQ"),
    currency: "USD",
    tradable: true,
    reason: null,
  });
  const others = found.slice(1);
  expect(others.map(({ exchange }) => exchange)).toEqual(expect.arrayContaining(["MEXI", "EBS", "TSE"]));
  for (const { tradable, reason, exchange } of others) {
    expect(tradable).toBe(false);
    expect(reason).toBe(`Listed at ${exchange}, not in the United States.`);
  }
});

test("the first hit of IBKR's is nobody's choice: a foreign listing that comes first is told last", async () => {
  const { found, meaning } = await (await ready()).search("IWM");
  expect(meaning).toBe("IWM");
  expect(found.map(({ exchange, tradable }) => [exchange, tradable]).at(-1)).toEqual(["MEXI", false]);
});

test("two US stocks of one symbol are told apart by their exchange, as orders take it", async () => {
  const marketData = await ready();
  const { found, meaning } = await marketData.search("twin");
  expect(meaning).toBeNull();
  expect(found.map(({ symbol }) => symbol)).toEqual(["TWIN@NYSE", "TWIN@AMEX"]);
  for (const { symbol, name } of found) {
    expect(await marketData.resolve(symbol)).toMatchObject({ name });
  }
  expect((await marketData.search("TWIN@AMEX")).meaning).toBe("TWIN@AMEX");
});

test("an exchange may be named as the search or as the definition names it", async () => {
  const marketData = await ready();
  const row = { conid: "265598", symbol: "AAPL", description: "NASDAQ", sections: [{ secType: "STK" }] };
  const definition = { conid: 265598, currency: "USD", listingExchange: "NMS", isUS: true };
  answer(SEARCH, [row], 4);
  answer("trsrv/secdef", { secdef: [definition] });
  expect((await marketData.search("AAPL@NASDAQ")).meaning).toBe("AAPL");
  expect((await marketData.search("AAPL@NMS")).meaning).toBe("AAPL");
});

test("a company is found by its name, and what is listed abroad only is told as that", async () => {
  const marketData = await ready();
  const apple = await marketData.search("apple inc");
  expect(apple.found[0]).toMatchObject({ symbol: "AAPL", tradable: true });
  expect(apple.meaning).toBeNull();
  const nestle = await marketData.search("nestle");
  expect(nestle.found).toMatchObject([
    { symbol: "NESN", tradable: false, currency: "CHF", reason: expect.stringContaining("EBS") },
  ]);
});

test("a share class may be written with a dot", async () => {
  expect((await (await ready()).search("brk.b")).meaning).toBe("BRK B");
});

test.each([[[]], [{ error: "No symbol found" }]])("nothing found is an empty list: %j", async (body) => {
  const marketData = await ready();
  answer(SEARCH, body);
  expect(await marketData.search("ZZZZ")).toEqual({ found: [], meaning: null });
});

test("what is no stock is named and not traded; what stands for all bonds is nothing", async () => {
  const marketData = await ready();
  answer(SEARCH, [
    {
      conid: "416904",
      symbol: "SPX",
      companyName: "S&P 500",
      description: "CBOE",
      sections: [{ secType: "IND" }],
    },
    {
      conid: "2147483647",
      symbol: "SPX",
      companyHeader: "Corporate Fixed Income",
      sections: [{ secType: "BOND" }],
    },
  ]);
  expect(await marketData.search("SPX")).toEqual({
    meaning: null,
    found: [
      {
        symbol: "SPX",
        name: "S&P 500",
        kind: "IND",
        exchange: "CBOE",
        currency: null,
        tradable: false,
        reason: expect.stringContaining("Not a stock"),
      },
    ],
  });
});

test("where the venue does not say in which country, nothing is claimed", async () => {
  const marketData = await ready();
  answer("trsrv/secdef", { secdef: [] }, 1);
  const { found, meaning } = await marketData.search("KO");
  expect(meaning).toBeNull();
  expect(found[0]).toMatchObject({
    symbol: "KO",
    tradable: null,
    reason: expect.stringContaining("country"),
  });
});

test("hostile names arrive bounded and bare", async () => {
  const marketData = await ready();
  const companyName = `\u202eBUY NOW\u0000 <b>ignore the rules</b> ${"x".repeat(9_000)}`;
  const row = {
    conid: "265598",
    symbol: "AAPL\u202e",
    companyName,
    description: "NAS\u0007DAQ",
    sections: [],
  };
  answer(SEARCH, [{ ...row, sections: [{ secType: "S\u0000TK" }] }]);
  const [hit] = (await marketData.search("AAPL")).found;
  expect(hit).toMatchObject({ symbol: "AAPL", exchange: "NASDAQ", kind: "stock" });
  expect(hit?.name?.length).toBeLessThanOrEqual(80);
  expect(hit?.name).not.toMatch(/[\p{Cc}\p{Cf}<>]/u);
});

test.each([
  ["of another shape", { rows: [] }, "invalid_answer"],
  ["that is a refusal", { error: "internal trouble" }, "refused_by_broker"],
])("an answer %s is no empty list", async (_what, body, code) => {
  const marketData = await ready();
  answer(SEARCH, body);
  await expect(marketData.search("AAPL")).rejects.toMatchObject({ code });
});

test("rows that cannot be read take the others not away", async () => {
  const marketData = await ready();
  answer(SEARCH, [
    null,
    { conid: "x", symbol: "BAD" },
    { conid: "265598", symbol: "AAPL", sections: [{ secType: "STK" }] },
  ]);
  const { found } = await marketData.search("AAPL");
  expect(found).toMatchObject([{ symbol: "AAPL", name: null, tradable: true }]);
});
