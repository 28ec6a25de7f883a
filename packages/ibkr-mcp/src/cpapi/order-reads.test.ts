import { decimal } from "trading-core/domain/money";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Cpapi } from "./create-cpapi.ts";
import { readListedOrder, readOrderStatus, readTrade } from "./order-rows.ts";
import { readOrderType, readSide, readStatus } from "./order-status.ts";
import { intentOf, openGate, startVenue, type TestVenue } from "./test-venue.ts";

let venue: TestVenue;
let cpapi: Cpapi;
beforeEach(async () => {
  venue = await startVenue({ pacing: true });
  venue.gateway.control.setPrice("AAPL", { last: 187.5 });
  cpapi = venue.connect();
  await cpapi.session.ensureReady();
});
afterEach(async () => {
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

const count = (path: RegExp | string) => venue.gateway.control.requests({ method: "GET", path }).length;

async function place(limitPrice = "180") {
  const intent = intentOf({ limitPrice: decimal(limitPrice) });
  const outcome = await cpapi.broker.submit(cpapi.broker.prepare(intent), openGate());
  if (outcome.kind !== "acknowledged") throw new Error(JSON.stringify(outcome));
  return { intent, orderId: outcome.orderId };
}

test("L4: the session's first, empty order list is not believed; the second one is", async () => {
  const { intent, orderId } = await place();
  const orders = await cpapi.broker.orders();
  expect(count(/account\/orders/)).toBe(2);
  expect(orders).toMatchObject({
    kind: "read",
    value: [
      {
        orderId,
        clientOrderId: intent.clientOrderId,
        status: "submitted",
        side: "BUY",
        instrumentId: "265598",
      },
    ],
  });
  if (orders.kind !== "read") return;
  expect(orders.value[0]?.limitPrice?.toFixed()).toBe("180");
  expect(orders.value[0]?.quantity?.toFixed()).toBe("1");
  expect(orders.value[0]?.filledQuantity?.toFixed()).toBe("0");
});

test("H16: a list is asked for once in five seconds; in between the last reading is served with its own time", async () => {
  const first = await cpapi.broker.orders();
  const before = count(/account\/orders/);
  const again = await Promise.all([cpapi.broker.orders(), cpapi.broker.orders()]);
  expect(again).toEqual([first, first]);
  expect(count(/account\/orders/)).toBe(before);
  venue.gateway.control.advance(6000);
  const later = await cpapi.broker.orders();
  expect(later.kind === "read" && first.kind === "read" && later.began > first.began).toBe(true);
  expect(count(/account\/orders/)).toBe(before + 1);
});

test("S2: a reading from before an order says so by its time; after a fate unknown it is read anew", async () => {
  const before = await cpapi.broker.orders();
  const { orderId } = await place();
  expect(await cpapi.broker.orders()).toEqual(before);
  venue.gateway.control.faults.add({ path: /\/orders$/, action: { type: "503-after-landing" } });
  const prepared = cpapi.broker.prepare(intentOf({ limitPrice: decimal("187.00") }));
  expect(await cpapi.broker.submit(prepared, openGate())).toMatchObject({ kind: "unknown" });
  venue.gateway.control.advance(2000);
  const after = await cpapi.broker.orders();
  expect(after.kind === "read" && after.value.map((order) => order.orderId)).toContain(orderId);
  expect(after.kind === "read" && after.value).toHaveLength(2);
});

test("a new brokerage session is cold again", async () => {
  const { orderId } = await place();
  await cpapi.broker.orders();
  venue.gateway.control.session.set("ready");
  venue.gateway.control.advance(6000);
  const orders = await cpapi.broker.orders();
  expect(orders.kind === "read" && orders.value.map((order) => order.orderId)).toEqual([orderId]);
});

test.each([
  ["no list", "{}"],
  ["a row that cannot be read", '{"orders":[{"orderId":"x","conid":1,"side":"BUY"}]}'],
  ["a side that is none", '{"orders":[{"orderId":1,"conid":1,"side":"?"}]}'],
  ["another account's order", '{"orders":[{"orderId":1,"conid":1,"side":"BUY","acct":"DU7"}]}'],
  ["text", '"busy"'],
])("S3: an order list with %s is unread, not empty", async (_name, body) => {
  venue.gateway.control.faults.add({ path: "account/orders", action: { type: "status", status: 200, body } });
  expect(await cpapi.broker.orders()).toMatchObject({ kind: "unread" });
});

test("fills carry the venue's execution id, our order id and the fee; days are always sent", async () => {
  const { intent, orderId } = await place("190");
  venue.gateway.control.advance(6000);
  const fills = await cpapi.broker.fills(2);
  expect(fills).toMatchObject({
    kind: "read",
    value: [
      { orderId, clientOrderId: intent.clientOrderId, side: "BUY", instrumentId: "265598", symbol: "AAPL" },
    ],
  });
  if (fills.kind !== "read") return;
  expect(fills.value[0]?.fee?.gt(0)).toBe(true);
  expect(fills.value[0]?.quantity.toFixed()).toBe("1");
  expect(Math.abs((fills.value[0]?.executedAt ?? 0) - venue.clock.now())).toBeLessThan(20_000);
  const asked = venue.gateway.control.requests({ path: "account/trades" }).map(({ path }) => path);
  expect(asked.every((path) => path.endsWith("?days=2"))).toBe(true);
  await expect(cpapi.broker.fills(8)).rejects.toThrow(/1 to 7/);
});

test("L12: one order is read by its id, in the venue's other vocabulary", async () => {
  const { orderId } = await place("190");
  venue.gateway.control.advance(2000);
  const order = await cpapi.broker.order(orderId);
  expect(order).toMatchObject({ orderId, status: "filled", side: "BUY", orderType: "limit" });
  expect(order?.filledQuantity?.toFixed()).toBe("1");
  expect(order?.averagePrice?.gt(0)).toBe(true);
});

test("an order that the venue does not know is null, in both forms of saying so; an outage is not", async () => {
  expect(await cpapi.broker.order("999999999")).toBeNull();
  venue.gateway.control.faults.add({
    path: "order/status",
    action: { type: "status", status: 404, body: "" },
  });
  expect(await cpapi.broker.order("999999998")).toBeNull();
  venue.gateway.control.faults.add({ path: "order/status", action: { type: "503-before" } });
  await expect(cpapi.broker.order("999999997")).rejects.toMatchObject({ code: "upstream_unavailable" });
  expect(count("order/status")).toBe(3);
});

test("an order id that cannot exist is refused before any request", async () => {
  const before = venue.gateway.control.requests().length;
  for (const id of ["-1", "1/../orders", "", "0"]) {
    expect(() => cpapi.broker.checkOrderId(id)).toThrow(
      expect.objectContaining({ code: "invalid_order_id" }),
    );
    await expect(cpapi.broker.order(id)).rejects.toMatchObject({ code: "invalid_order_id" });
    await expect(cpapi.broker.cancel(id, openGate())).rejects.toMatchObject({ code: "invalid_order_id" });
  }
  expect(venue.gateway.control.requests()).toHaveLength(before);
});

test("L57: a cancellation is done when the venue reports it, not when it was submitted", async () => {
  const { orderId } = await place();
  const outcome = await cpapi.broker.cancel(orderId, openGate());
  expect(outcome).toMatchObject({ kind: "done", order: { orderId, status: "cancelled" } });
});

test("H6: an order that stays PendingCancel is requested, not done", async () => {
  const { orderId } = await place();
  venue.gateway.control.faults.add({
    path: "order/status",
    count: 20,
    action: {
      type: "status",
      status: 200,
      body: JSON.stringify({
        order_id: Number(orderId),
        conid: 265598,
        side: "B",
        order_status: "PendingCancel",
        account: "DU1234567",
      }),
    },
  });
  expect(await cpapi.broker.cancel(orderId, openGate())).toMatchObject({
    kind: "requested",
    order: { status: "pending" },
  });
});

test("a fill that wins the race against the cancellation is reported as the fill", async () => {
  const { orderId } = await place("190");
  venue.gateway.control.advance(1000);
  expect(await cpapi.broker.cancel(orderId, openGate())).toMatchObject({
    kind: "done",
    order: { status: "filled" },
  });
});

test("cancelling what does not exist is rejected with IBKR's words", async () => {
  expect(await cpapi.broker.cancel("999999999", openGate())).toMatchObject({
    kind: "rejected",
    reason: expect.stringContaining("IBKR says"),
    order: null,
  });
});

test("a cancellation whose answer is lost is looked up: done when the order is over, else unknown", async () => {
  const first = await place();
  venue.gateway.control.faults.add({ method: "DELETE", action: { type: "503-after-landing" } });
  expect(await cpapi.broker.cancel(first.orderId, openGate())).toMatchObject({ kind: "done" });
  const second = await place();
  venue.gateway.control.faults.add({ method: "DELETE", action: { type: "503-before" } });
  expect(await cpapi.broker.cancel(second.orderId, openGate())).toMatchObject({ kind: "unknown" });
});

test("an order that the exchange refused is over: there is nothing to cancel, and it holds nothing back", async () => {
  const { orderId } = await place();
  venue.gateway.control.rejectOrder(Number(orderId), "No trading permission");
  expect(await cpapi.broker.cancel(orderId, openGate())).toMatchObject({
    kind: "done",
    order: { orderId, status: "rejected" },
  });
});

test("a stopped gate and a missing gateway cancel nothing", async () => {
  const { orderId } = await place();
  const stop = {
    isExit: true,
    begin: () => Promise.resolve({ kind: "stop" as const, reason: "no", code: "shutting_down" }),
  };
  expect(await cpapi.broker.cancel(orderId, stop)).toMatchObject({ kind: "not_sent", code: "shutting_down" });
  expect(venue.gateway.control.requests({ method: "DELETE" })).toEqual([]);
});

test("the venue's words for status, side and type", () => {
  const one = decimal(1);
  expect(
    [
      "PreSubmitted",
      "Submitted",
      "PendingSubmit",
      "Pending Cancel",
      "Inactive",
      "ApiCancelled",
      "Filled",
      "Odd",
    ].map((word) => readStatus(word, null, null)),
  ).toEqual(["submitted", "submitted", "pending", "pending", "inactive", "cancelled", "filled", "unknown"]);
  expect(readStatus("Submitted", one, decimal(2))).toBe("partially_filled");
  expect(["BUY", "b", "S", "SELL", "", "X", 1].map(readSide)).toEqual([
    "BUY",
    "BUY",
    "SELL",
    "SELL",
    null,
    null,
    null,
  ]);
  expect(
    ["MARKET", "Limit", "STP", "Stop Limit", "STOP_LIMIT", "TRAIL", "TRAILLMT", null].map(readOrderType),
  ).toEqual(["market", "limit", "stop", "stop_limit", "stop_limit", "trailing_stop", null, null]);
});

test("recorded rows of both vocabularies are the same order", () => {
  const listed = readListedOrder(
    {
      acct: "U1",
      conid: 756733,
      orderId: 1210386759,
      ticker: "SPY",
      side: "BUY",
      totalSize: 1.0,
      filledQuantity: 0.0,
      avgPrice: "",
      price: "457.00",
      status: "PreSubmitted",
      origOrderType: "LIMIT",
      timeInForce: "GTC",
      order_ref: "abc",
      orderDesc: "Buy 1 Limit 457.00, GTC",
    },
    "U1",
  );
  const status = readOrderStatus(
    {
      order_id: 1210386759,
      conid: 756733,
      symbol: "SPY",
      side: "B",
      size: "1.0",
      total_size: "1.0",
      account: "U1",
      order_type: "LIMIT",
      limit_price: "457.00",
      cum_fill: "0.0",
      order_status: "PreSubmitted",
      tif: "GTC",
    },
    "U1",
  );
  for (const order of [listed, status]) {
    expect(order).toMatchObject({
      orderId: "1210386759",
      instrumentId: "756733",
      symbol: "SPY",
      orderType: "limit",
      status: "submitted",
      timeInForce: "GTC",
      averagePrice: null,
    });
  }
  expect(readOrderStatus({ order_id: 1, conid: 1, side: "S", account: "U2" }, "U1")).toBe("foreign");
  const stop = readListedOrder(
    { conid: 1, orderId: 2, side: "SELL", origOrderType: "STOP", auxPrice: "170.00", price: "" },
    "U1",
  );
  expect(stop !== "foreign" && stop?.stopPrice?.toFixed()).toBe("170");
});

test("a currency conversion is no trade; a trade without an id or a price makes the list unreadable", () => {
  const row = {
    execution_id: "e1",
    conid: 1,
    symbol: "A",
    side: "B",
    size: 0.38,
    price: "1,257.80",
    commission: "0.35",
    trade_time: "20260831-14:13:36",
    account: "U1",
  };
  expect(readTrade(row, "U1")).toMatchObject({
    executionId: "e1",
    executedAt: Date.UTC(2026, 7, 31, 14, 13, 36),
  });
  expect(readTrade({ ...row, sec_type: "CASH", conid: undefined }, "U1")).toBe("skip");
  expect(readTrade({ ...row, account: "U2" }, "U1")).toBe("foreign");
  for (const broken of [
    { execution_id: "" },
    { price: "N/A" },
    { size: 0 },
    { trade_time: "?" },
    { side: "" },
  ]) {
    expect(readTrade({ ...row, ...broken }, "U1")).toBeNull();
  }
});

test("writes without an account are not sent, and do not throw", async () => {
  const prepared = cpapi.broker.prepare(intentOf());
  venue.gateway.control.session.set("no_login");
  const blind = venue.connect();
  expect(await blind.broker.submit(prepared, openGate())).toMatchObject({ kind: "not_sent" });
  expect(await blind.broker.cancel("123", openGate())).toMatchObject({
    kind: "not_sent",
    code: "not_logged_in",
  });
});

test("the status of another order than the one asked for is no answer", async () => {
  const { orderId } = await place();
  const body = JSON.stringify({ order_id: Number(orderId) + 1, conid: 1, side: "B", order_status: "Filled" });
  venue.gateway.control.faults.add({ path: "order/status", action: { type: "status", status: 200, body } });
  await expect(cpapi.broker.order(orderId)).rejects.toMatchObject({ code: "invalid_answer" });
});
