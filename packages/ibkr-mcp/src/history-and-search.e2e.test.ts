import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";

/** From a name to the right symbol to its past, on the built server over stdio, with nothing to trade by. */
const folder = temporaryFolder();
let gateway: SimulatedGateway;
let server: BuiltServer;

beforeAll(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  server = await startBuiltServer({
    env: {
      TRADING_STATE_DIR: folder.path,
      IBKR_API_BASE_URL: gateway.baseUrl,
      IBKR_TRADING_MODE: "paper",
      TRADING_TOOLS: "read",
    },
  });
});

afterAll(async () => {
  await server.close();
  await gateway.close();
  folder.remove();
});

test("search_instruments shows the US listing first, the foreign ones with the reason, and what to do", async () => {
  const { data } = await server.call("search_instruments", { query: "apple inc" });
  expect(data.matches[0]).toMatchObject({ symbol: "AAPL", name: "APPLE INC", tradable: true, reason: null });
  expect(data.matches.at(-1)).toMatchObject({
    tradable: false,
    reason: expect.stringContaining("Listed at"),
  });
  expect(data).toMatchObject({ message: expect.stringContaining("AAPL"), omitted: 0 });
});

test("L15: an ambiguous symbol is shown as two, and each of them leads on", async () => {
  const { data } = await server.call("search_instruments", { query: "TWIN" });
  expect(data).toMatchObject({ meaning: null, message: expect.stringContaining("Ask the user") });
  const [first] = data.matches;
  const history = await server.call("price_history", { symbol: first.symbol, period: "1w" });
  expect(history).toMatchObject({ ok: true, data: { bar: "1h", currency: "USD" } });
});

test("price_history answers in columns of one length, newest last, the rest counted", async () => {
  const { data } = await server.call("price_history", { symbol: "AAPL", period: "3mo", limit: 20 });
  const columns = ["time", "open", "high", "low", "close", "volume"].map((name) => data[name]);
  for (const column of columns) expect(column).toHaveLength(20);
  expect(data.omitted).toBeGreaterThan(30);
  const starts: number[] = data.time.map(Date.parse);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(data.time[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/);
  for (const text of data.close) expect(text).toMatch(/^\d+(\.\d+)?$/);
  expect(data).toMatchObject({ symbol: "AAPL", period: "3mo", bar: "1d", last_bar_final: false });
});

test.each([
  ["price_history", { symbol: "AAPL", period: "5y", bar: "1min" }, "bar_not_offered"],
  ["price_history", { symbol: "AAPL", period: "1M" }, "invalid_arguments"],
  ["price_history", { symbol: "NESN" }, "unknown_symbol"],
  ["price_history", { symbol: "AAPL", limit: 501 }, "invalid_arguments"],
  ["search_instruments", { query: "../../logout" }, "invalid_arguments"],
])("%s with %j is refused with the next step", async (tool, args, code) => {
  const answer = await server.call(tool, args);
  expect(answer).toMatchObject({ ok: false, isError: true, error: { code } });
  expect(answer.error.next_step).not.toBe("");
});

test("a chart that IBKR does not have is an error with its words", async () => {
  gateway.control.setMarketData("KO", "N");
  const answer = await server.call("price_history", { symbol: "KO" });
  expect(answer).toMatchObject({
    ok: false,
    error: { code: "no_history", message: expect.stringContaining("No data.") },
  });
});

test("neither reaches the gateway as anything but a read", () => {
  const written = gateway.control
    .requests()
    .filter(({ method, path }) => method !== "GET" && /order|reply/.test(path));
  expect(written).toEqual([]);
  expect(gateway.control.state().orders).toEqual([]);
});
