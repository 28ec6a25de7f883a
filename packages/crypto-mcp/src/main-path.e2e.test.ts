import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";
import { PATIENCE_MS } from "./testing/server-world.ts";

/** What an agent does with the built server, on the exchange that it starts itself. */
vi.setConfig({ testTimeout: PATIENCE_MS });

let folder: ReturnType<typeof temporaryFolder>;
let server: BuiltServer;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await server.close();
  folder.remove();
});

describe.each([
  ["binance", "BTC/USDT"],
  ["kraken", "BTC/USD"],
] as const)("on %s", (kind, pair) => {
  const env = () => ({
    HOME: folder.path,
    TRADING_STATE_DIR: join(folder.path, "state"),
    CRYPTO_EXCHANGE: kind,
    MAX_DAILY_VALUE: "1000",
  });
  const start = async () => {
    server = await startBuiltServer({ args: ["--sim"], env: env() });
  };

  test("buys by cash, protects, is killed, goes on, and closes: nothing is lost and nothing is doubled", async () => {
    await start();
    expect((await server.call("session_status")).data).toMatchObject({
      venue: `crypto-${kind}`,
      mode: "sim",
      can_trade: true,
      account_type: "PAPER",
      dry_run: false,
    });
    const bought = await server.call("buy", { symbol: "BTC", cash_amount: 50, idempotency_key: "first" });
    expect(bought.data).toMatchObject({ symbol: pair, side: "BUY", cash_amount: "50" });
    const filled = await server.call("wait_for_fill", {
      order_id: bought.data.order_id,
      timeout_seconds: 60,
    });
    expect(filled.data).toMatchObject({ status: "filled", timed_out: false });
    const spent = Number(filled.data.filled_quantity) * Number(filled.data.average_price);
    expect(spent).toBeGreaterThan(40);
    expect(spent).toBeLessThanOrEqual(50);

    process.kill(server.pid(), "SIGKILL");
    await server.close();
    await start();
    const replayed = await server.call("buy", { symbol: "BTC", cash_amount: 50, idempotency_key: "first" });
    expect(replayed.data).toMatchObject({ replayed: true, order_id: bought.data.order_id });

    const [held] = (await server.call("positions")).data.positions;
    expect(held.symbol).toBe(pair);
    const { bid } = (await server.call("get_quote", { symbol: "BTC" })).data;
    const quantity = String(Math.floor(Number(held.quantity) * 100_000) / 100_000);
    const stop = await server.call("stop_order", {
      symbol: "BTC",
      side: "SELL",
      quantity,
      stop_price: (Number(bid) * 0.9).toFixed(1),
    });
    expect(stop.data).toMatchObject({ order_type: "stop", time_in_force: "GTC" });
    // Kraken acknowledges with an id and nothing else.
    expect(["pending", "submitted"]).toContain(stop.data.status);
    const twice = await server.call("sell", { symbol: "BTC", quantity });
    expect(twice).toMatchObject({ ok: false, error: { code: "oversell" } });
    expect(twice.error.next_step).toContain("close_position");

    process.kill(server.pid(), "SIGKILL");
    await server.close();
    await start();
    const { orders } = (await server.call("open_orders")).data;
    expect(orders).toMatchObject([{ order_id: stop.data.order_id, side: "SELL", symbol: pair }]);
    const closed = await server.call("close_position", { symbol: "BTC" });
    expect(closed.data.cancelled).toEqual([stop.data.order_id]);
    const sold = await server.call("wait_for_fill", {
      order_id: closed.data.order.order_id,
      timeout_seconds: 60,
    });
    expect(sold.data.status).toBe("filled");
    expect((await server.call("open_orders")).data.orders).toEqual([]);
    const { records } = (await server.call("trade_history", { limit: 500 })).data;
    const kinds = records.map((record: { kind: string }) => record.kind);
    expect(kinds.filter((each: string) => each === "intent")).toHaveLength(3);
    expect(kinds).toContain("refusal");
  });

  test("with no configuration at all it starts, lists its tools, and trades where nothing is real", async () => {
    server = await startBuiltServer({
      env: { HOME: folder.path, CRYPTO_EXCHANGE: kind },
    });
    expect(await server.tools()).toEqual(expect.arrayContaining(["session_status", "buy", "close_position"]));
    expect((await server.call("session_status")).data).toMatchObject({ mode: "sim", account_type: "PAPER" });
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    ["no such pair", "buy", { symbol: "NOSUCH", cash_amount: 50 }, "unknown_symbol"],
    ["a perpetual", "buy", { symbol: `${pair}:${pair.split("/")[1]}`, cash_amount: 50 }, "not_spot"],
    ["both sizes", "buy", { symbol: "BTC", cash_amount: 50, quantity: 1 }, "size_conflict"],
    ["more than the limit", "buy", { symbol: "BTC", cash_amount: 5000 }, "order_value_exceeded"],
    ["what is not held", "sell", { symbol: "BTC", quantity: 1 }, "oversell"],
    ["an id that never was", "order_status", { order_id: "999" }, "invalid_order_id"],
  ])("%s gets a coded error with the next step", async (_what, tool, args, code) => {
    await start();
    const answer = await server.call(tool, args);
    expect(answer).toMatchObject({ ok: false, isError: true, error: { code } });
    expect(answer.error.next_step).not.toBe("");
    expect((await server.call("open_orders")).data.orders).toEqual([]);
  });
});
