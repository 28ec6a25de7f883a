import { join } from "node:path";
import {
  type BuiltServer,
  startBuilt,
  type ToolAnswer,
  temporaryFolder,
} from "trading-mcp/testing/built-server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

/**
 * One agent's script, word for word the same on every built server; what differs is data. Whoever has learnt
 * one server knows the others: same tools, same arguments, answers of the same shape.
 */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const root = new URL("../", import.meta.url).pathname;

interface Venue {
  name: string;
  launcher: string;
  env: Record<string, string>;
  /** What is bought, and the step in which its quantity is counted. */
  symbol: string;
  decimals: number;
}

const VENUES: Venue[] = [
  { name: "ibkr", launcher: "ibkr-mcp/bin/ibkr-mcp.mjs", env: {}, symbol: "AAPL", decimals: 4 },
  ...(["binance", "kraken"] as const).map((exchange) => ({
    name: exchange,
    launcher: "crypto-mcp/bin/crypto-mcp.mjs",
    env: { CRYPTO_EXCHANGE: exchange },
    symbol: "BTC",
    decimals: 5,
  })),
];

const SECONDS = 60;

/** The script. Answers what every call was answered with, by the call's place in it. */
async function runScript(server: BuiltServer, { symbol, decimals }: Venue): Promise<Map<string, ToolAnswer>> {
  const answers = new Map<string, ToolAnswer>();
  const call = async (step: string, tool: string, args: Record<string, unknown> = {}) => {
    const answer = await server.call(tool, args);
    answers.set(step, answer);
    return answer;
  };
  await call("posture", "session_status");
  await call("hours", "market_status", { symbol });
  const quote = await call("quote", "get_quote", { symbol });
  await call("quotes", "get_quotes", { symbols: [symbol, "NOSUCH"] });
  await call("account", "account_summary");
  await call("preview", "preview_order", { symbol, side: "BUY", cash_amount: 50 });
  const bought = await call("buy", "buy", { symbol, cash_amount: 50, idempotency_key: "k1" });
  const filled = await call("fill", "wait_for_fill", {
    order_id: bought.data.order_id,
    timeout_seconds: SECONDS,
  });
  await call("status", "order_status", { order_id: bought.data.order_id });
  await call("replay", "buy", { symbol, cash_amount: 50, idempotency_key: "k1" });
  await call("positions", "positions");
  await call("portfolio", "portfolio");
  // A fee may have been taken in what was bought: what is protected is surely held.
  const steps = 10 ** decimals;
  const quantity = String(Math.floor(Number(filled.data.filled_quantity) * 0.99 * steps) / steps);
  const stop = await call("stop", "stop_order", {
    symbol,
    side: "SELL",
    quantity,
    stop_price: (Number(quote.data.bid) * 0.9).toFixed(1),
  });
  await call("open", "open_orders");
  await call("oversell", "sell", { symbol, quantity });
  await call("too much", "buy", { symbol, cash_amount: 5_000 });
  await call("unknown symbol", "buy", { symbol: "NOSUCH", cash_amount: 50 });
  await call("bad argument", "buy", { symbol, cash_ammount: 50 });
  const cancelled = await call("cancel", "cancel_order", { order_id: stop.data.order_id });
  if (cancelled.data.outcome === "requested") {
    await server.call("wait_for_fill", { order_id: stop.data.order_id, timeout_seconds: SECONDS });
  }
  const closed = await call("close", "close_position", { symbol });
  await call("sold", "wait_for_fill", {
    order_id: closed.data.order.order_id,
    timeout_seconds: SECONDS,
  });
  await call("history", "trade_history", { limit: 500 });
  await call("halt", "halt_trading", { reason: "the script is over" });
  await call("after the halt", "buy", { symbol, cash_amount: 20 });
  return answers;
}

/** What belongs to a venue: its own request, its words and warnings, and how many of them there are. */
const OWN = new Set(["request", "questions", "warnings", "checks", "details", "venue"]);

/** Names of all fields, to any depth; a list counts by what all of its members have together. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [mergedShape(value)];
  if (typeof value !== "object" || value === null) return "value";
  const common = Object.entries(value).filter(([name]) => !OWN.has(name));
  const fields = common.map(([name, each]) => [name, shapeOf(each)] as const);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mergedShape(members: unknown[]): unknown {
  const names = members.flatMap((each) =>
    typeof each === "object" && each !== null ? Object.keys(each) : [],
  );
  return [...new Set(names)].sort();
}

function mirrored({ ok, data, error }: ToolAnswer): unknown {
  const answer = ok ? data : error;
  return { ok, ...(ok ? {} : { code: error.code, retryable: error.retryable }), shape: shapeOf(answer) };
}

describe("the same script on every server", () => {
  const folder = temporaryFolder();
  const servers = new Map<string, BuiltServer>();
  const told = new Map<string, Map<string, ToolAnswer>>();

  beforeAll(async () => {
    for (const venue of VENUES) {
      const server = await startBuilt({
        server: join(root, "packages", venue.launcher),
        args: ["--sim"],
        env: {
          HOME: folder.path,
          TRADING_STATE_DIR: join(folder.path, venue.name),
          MAX_DAILY_VALUE: "1000",
          ...venue.env,
        },
      });
      servers.set(venue.name, server);
    }
    // Side by side: a stock's list of orders is asked for every five seconds only.
    await Promise.all(
      VENUES.map(async (venue) => {
        const server = servers.get(venue.name);
        if (server) told.set(venue.name, await runScript(server, venue));
      }),
    );
  });

  afterAll(async () => {
    for (const server of servers.values()) await server.close();
    folder.remove();
  });

  test("all tools are listed by each, with the same names, arguments, answers and annotations", async () => {
    const [first, ...others] = await Promise.all([...servers.values()].map((server) => server.listed()));
    expect(first?.length).toBeGreaterThan(15);
    for (const other of others) expect(other).toEqual(first);
  });

  const answersOf = (name: string) => [...(told.get(name) ?? new Map<string, ToolAnswer>())];

  test.each(VENUES.slice(1))("$name answers every step in the shape in which ibkr does", ({ name }) => {
    const wanted = Object.fromEntries(answersOf("ibkr").map(([step, answer]) => [step, mirrored(answer)]));
    const found = Object.fromEntries(answersOf(name).map(([step, answer]) => [step, mirrored(answer)]));
    expect(found).toEqual(wanted);
  });

  test.each(VENUES)("$name: what the script is for is what happened", ({ name }) => {
    const answers = told.get(name);
    const dataOf = (step: string) => answers?.get(step)?.data;
    const codeOf = (step: string) => answers?.get(step)?.error.code;
    expect(dataOf("posture")).toMatchObject({ mode: "sim", can_trade: true, account_type: "PAPER" });
    expect(dataOf("preview").allowed).toBe(true);
    expect(dataOf("fill")).toMatchObject({ status: "filled", timed_out: false });
    expect(dataOf("replay")).toMatchObject({ replayed: true, order_id: dataOf("buy").order_id });
    expect(["pending", "submitted"]).toContain(dataOf("stop").status);
    expect(dataOf("stop")).toMatchObject({ order_type: "stop", time_in_force: "GTC", side: "SELL" });
    expect(dataOf("open").orders).toMatchObject([{ order_id: dataOf("stop").order_id }]);
    expect(dataOf("sold").status).toBe("filled");
    expect(dataOf("halt").state).toBe("REDUCING");
    expect(["oversell", "too much", "unknown symbol", "bad argument", "after the halt"].map(codeOf)).toEqual([
      "oversell",
      "order_value_exceeded",
      "unknown_symbol",
      "invalid_arguments",
      "trading_reducing",
    ]);
  });
});
