import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";

/**
 * The built server with a real client over stdio, on a simulated gateway over real HTTPS, whose truth the
 * test can look at. One server and one gateway for the whole path: each step stands on the one before.
 */
const folder = temporaryFolder();
let gateway: SimulatedGateway;
let server: BuiltServer;

beforeAll(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPrice("AAPL", { last: 250 });
  server = await startBuiltServer({
    env: {
      TRADING_STATE_DIR: folder.path,
      IBKR_API_BASE_URL: gateway.baseUrl,
      IBKR_TRADING_MODE: "paper",
      TRADING_DRY_RUN: "false",
      MAX_DAILY_VALUE: "1000",
    },
  });
});

afterAll(async () => {
  await server.close();
  await gateway.close();
  folder.remove();
});

const orders = () => gateway.control.state().orders;
const journal = () =>
  readFileSync(join(folder.path, "journals", "ibkr-DU1234567-paper.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("an agent buys, protects and closes a position", () => {
  let bought: { order_id: string; filled_quantity: string };

  test("the posture says who, where and how much", async () => {
    const { data } = await server.call("session_status");
    expect(data).toMatchObject({
      venue: "ibkr",
      mode: "paper",
      can_trade: true,
      account_id: "DU1234567",
      account_type: "PAPER",
      dry_run: false,
      trading_state: "ACTIVE",
      limits: { max_order_value: "100", max_daily_value: "1000" },
    });
  });

  test("a buy by amount fills in fractions and spends no more than its amount", async () => {
    const placed = await server.call("buy", { symbol: "AAPL", cash_amount: 50 });
    expect(placed).toMatchObject({ ok: true, data: { symbol: "AAPL", side: "BUY", cash_amount: "50" } });
    const filled = await server.call("wait_for_fill", {
      order_id: placed.data.order_id,
      timeout_seconds: 60,
    });
    expect(filled.data).toMatchObject({ status: "filled", timed_out: false });
    bought = filled.data;
    const [truth] = orders();
    expect(truth).toMatchObject({ symbol: "AAPL", side: "BUY", cashQuantity: "50", status: "Filled" });
    expect(truth?.filled).toBe(bought.filled_quantity);
    expect(truth?.clientOrderId).toBe(placed.data.client_order_id);
    expect(Number(truth?.filled) * Number(truth?.averagePrice)).toBeLessThanOrEqual(50);
  });

  test("S1: the stop is taken at once, while the venue's positions may still lag", async () => {
    const stop = await server.call("stop_order", {
      symbol: "AAPL",
      side: "SELL",
      quantity: bought.filled_quantity,
      stop_price: "200",
    });
    expect(stop.data).toMatchObject({ order_type: "stop", stop_price: "200", time_in_force: "GTC" });
    expect(orders()[1]).toMatchObject({ side: "SELL", quantity: bought.filled_quantity, stopPrice: "200" });
  });

  test("H2: what the stop holds cannot be sold a second time, and the refusal says how it can", async () => {
    const refused = await server.call("sell", { symbol: "AAPL", quantity: bought.filled_quantity });
    expect(refused).toMatchObject({
      ok: false,
      isError: true,
      error: { code: "oversell", retryable: false },
    });
    expect(refused.error.next_step).toContain("close_position");
    expect(refused.error.checks).toMatchObject([{ rule: "oversell", verdict: "refuse", limit: "0" }]);
    expect(orders()).toHaveLength(2);
  });

  test("an order over the limit is refused with every reason, and nothing is sent", async () => {
    const refused = await server.call("buy", { symbol: "AAPL", cash_amount: 5000 });
    expect(refused.error.code).toBe("order_value_exceeded");
    expect(refused.error.checks.map((check: { rule: string }) => check.rule)).toEqual([
      "order-value",
      "daily-value",
    ]);
    expect(orders()).toHaveLength(2);
  });

  test("open_orders shows the stop", async () => {
    const { data } = await server.call("open_orders");
    expect(data.orders).toHaveLength(1);
    expect(data.orders[0]).toMatchObject({ side: "SELL", stop_price: "200", status: "submitted" });
  });

  test("close_position cancels the stop first, then sells all of it", async () => {
    const closed = await server.call("close_position", { symbol: "AAPL" });
    expect(closed.data.cancelled).toEqual([String(orders()[1]?.orderId)]);
    const sold = await server.call("wait_for_fill", {
      order_id: closed.data.order.order_id,
      timeout_seconds: 60,
    });
    expect(sold.data).toMatchObject({ status: "filled", filled_quantity: bought.filled_quantity });
    expect(orders().map((order) => order.status)).toEqual(["Filled", "Cancelled", "Filled"]);
    expect(gateway.control.state().accounts[0]?.positions).toEqual([]);
    const { data } = await server.call("positions");
    expect(data.positions).toEqual([]);
  });

  test("the history tells it, and the journal holds each intent before its dispatch and its outcome after", async () => {
    const { data } = await server.call("trade_history", { limit: 100 });
    const told = data.records.map((record: { kind: string }) => record.kind);
    expect(told).toContain("refusal");
    expect(told.filter((kind: string) => kind === "fill")).toHaveLength(2);
    for (const { clientOrderId } of orders()) {
      const kinds = journal()
        .filter((record) => record.clientOrderId === clientOrderId)
        .map((record) => record.kind);
      expect(kinds.slice(0, 3)).toEqual(["intent", "dispatch", "outcome"]);
    }
  });
});

describe("what bad input gets: a coded error with the next step, nothing sent, the server up", () => {
  const cases: [string, string, Record<string, unknown>, string, RegExp][] = [
    ["a misspelt argument", "buy", { symbol: "AAPL", cash_ammount: 50 }, "invalid_arguments", /cash_amount/],
    ["an argument too many", "sell", { symbol: "AAPL", quantity: 1, note: "x" }, "invalid_arguments", /note/],
    ["no size", "buy", { symbol: "AAPL" }, "size_required", /cash_amount|quantity/],
    ["both sizes", "buy", { symbol: "AAPL", cash_amount: 50, quantity: 1 }, "size_conflict", /one/],
    ["a size of nothing", "buy", { symbol: "AAPL", quantity: 0 }, "invalid_arguments", /quantity/],
    ["a negative size", "buy", { symbol: "AAPL", cash_amount: -5 }, "invalid_arguments", /cash_amount/],
    ["an exponent", "buy", { symbol: "AAPL", quantity: "1e3" }, "invalid_arguments", /quantity/],
    ["an unknown symbol", "buy", { symbol: "NOSUCH", cash_amount: 50 }, "unknown_symbol", /NOSUCH/],
    ["an id that is a path", "order_status", { order_id: "../../logout" }, "invalid_arguments", /order_id/],
    ["an order id that never was", "order_status", { order_id: "999" }, "order_not_found", /999/],
    ["a tool that is none", "place_order", { symbol: "AAPL" }, "unknown_tool", /place_order/],
  ];
  test.each(cases)("%s", async (_what, tool, args, code, words) => {
    const before = orders().length;
    const answer = await server.call(tool, args);
    expect(answer).toMatchObject({ ok: false, isError: true, error: { code } });
    expect(`${answer.error.message} ${answer.error.next_step}`).toMatch(words);
    expect(answer.error.next_step).not.toBe("");
    expect(orders()).toHaveLength(before);
    expect((await server.call("session_status")).data.can_trade).toBe(true);
  });

  test("a logged-out gateway", async () => {
    gateway.control.session.set("no_login");
    const answer = await server.call("buy", { symbol: "MSFT", cash_amount: 50 });
    expect(answer).toMatchObject({ ok: false, error: { code: "not_logged_in" } });
    expect(answer.error.next_step).toMatch(/log in/i);
    const posture = await server.call("session_status");
    expect(posture.data).toMatchObject({ can_trade: false, session: { ready: false } });
    gateway.control.session.set("ready");
    expect((await server.call("session_status")).data.can_trade).toBe(true);
  });
});
