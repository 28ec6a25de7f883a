import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";
import { PLACES } from "./testing/faulty-venue.ts";
import { tradingOn } from "./testing/raw-server.ts";

/** The built server over stdio, on a simulated gateway over real HTTPS: what works is taken away, what got lost is found. */
const folder = temporaryFolder();
let gateway: SimulatedGateway;
let server: BuiltServer;
let env: Record<string, string>;

beforeAll(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPrice("AAPL", { last: 50 });
  gateway.control.setPrice("MSFT", { last: 50 });
  env = { ...tradingOn(gateway.baseUrl, folder.path), DUPLICATE_WINDOW_SECONDS: "0" };
  server = await startBuiltServer({ env });
});

afterAll(async () => {
  await server.close();
  await gateway.close();
  folder.remove();
});

const working = () =>
  gateway.control.state().orders.filter((order) => !["Filled", "Cancelled"].includes(order.status));
const rest = (symbol: string) => server.call("buy", { symbol, quantity: 1, limit_price: "49" });

test("S31: cancel_all_orders takes the entries away, each at its final status", async () => {
  await rest("AAPL");
  await rest("MSFT");
  expect(working()).toHaveLength(2);
  const one = await server.call("cancel_all_orders", { symbol: "MSFT" });
  expect(one.data).toMatchObject({ scope: "entries", complete: true, entries_left: 1, foreign_left: 0 });
  expect(working()).toMatchObject([{ symbol: "AAPL" }]);
  const all = await server.call("cancel_all_orders");
  expect(all.data).toMatchObject({
    complete: true,
    message: "All 1 orders are over.",
    orders: [{ symbol: "AAPL", cancel_confirmed: true, status: "cancelled" }],
  });
  expect(working()).toEqual([]);
});

test("S31: the stop stays with the entries' sweep, and its loss is told with the exits'", async () => {
  const bought = await server.call("buy", { symbol: "AAPL", quantity: 1 });
  await server.call("wait_for_fill", { order_id: bought.data.order_id, timeout_seconds: 60 });
  await server.call("stop_order", { symbol: "AAPL", side: "SELL", quantity: 1, stop_price: "40" });
  expect((await server.call("cancel_all_orders")).data).toMatchObject({ complete: true, exits_left: 1 });
  expect(working()).toHaveLength(1);
  const { data } = await server.call("cancel_all_orders", { scope: "exits" });
  expect(data).toMatchObject({ complete: true, exits_left: 0 });
  expect(data.warnings.join()).toContain("unprotected");
  expect(working()).toEqual([]);
});

test("S32: an order of unknown fate is looked for in read mode too, told with its next step, and never sent again", async () => {
  gateway.control.faults.add({ ...PLACES.order, action: { type: "503-before" } });
  const lost = await rest("MSFT");
  expect(lost.error.code).toBe("outcome_unknown");
  const sent = gateway.control.requests(PLACES.order).length;
  const reader = await startBuiltServer({ env: { ...env, TRADING_TOOLS: "read" } });
  expect(await reader.tools()).toContain("reconcile_pending");
  expect(await reader.tools()).not.toContain("cancel_all_orders");
  const { data } = await reader.call("reconcile_pending");
  expect(data).toMatchObject({
    complete: true,
    open: 1,
    orders: [{ symbol: "MSFT", status: "unknown", settled: false }],
  });
  expect(data.orders[0].next_step).toContain(`resolve ${data.orders[0].client_order_id}`);
  await reader.close();
  expect(gateway.control.requests(PLACES.order)).toHaveLength(sent);
  // What may exist may still work: a sweep that cannot cancel it is not complete.
  expect((await server.call("cancel_all_orders")).data).toMatchObject({
    complete: false,
    orders: [{ order_id: null, cancel_confirmed: false }],
  });
});
