import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

const AAPL = 265598;
const ACCOUNT = "iserver/account/DU1234567";
const BUY = { conid: AAPL, orderType: "LMT", price: 199, side: "BUY", tif: "GTC", quantity: 5 };

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  client = createTestClient(gateway);
  gateway.control.setPrice("AAPL", { last: 200 });
  await client.get("iserver/accounts");
  await client.post("iserver/questions/suppress", {
    messageIds: ["o163", "o10331", "o10152", "o10151", "o10153", "o2137"],
  });
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

async function place(ticket: object): Promise<string> {
  const { json } = await client.post(`${ACCOUNT}/orders`, { orders: [ticket] });
  return json[0].order_id;
}

const list = async (query = "") => (await client.get(`iserver/account/orders${query}`)).json.orders;
const status = async (id: string) => (await client.get(`iserver/account/order/status/${id}`)).json;

test("an unknown tif, wrong types and missing fields are told apart", async () => {
  const send = (ticket: object) => client.post(`${ACCOUNT}/orders`, { orders: [ticket] });
  const cases: [object, number, string][] = [
    [{ ...BUY, conid: "265598" }, 400, "orders request includes parameter with incorrect type"],
    [{ ...BUY, price: "199" }, 400, "orders request includes parameter with incorrect type"],
    [{ ...BUY, conid: undefined }, 400, "conid or conidex is required"],
    [{ ...BUY, side: "HOLD" }, 400, "Invalid Side (must be 'BUY' or 'SELL')."],
    [{ ...BUY, orderType: "WISH" }, 400, "Unknown order type"],
    [{ ...BUY, conid: 13297 }, 200, "no sec defs returned forSecDef reqId=resolve ecReqByConid13297"],
    [{ ...BUY, tif: undefined }, 200, "null time in force is not supported for this order"],
    [{ ...BUY, orderType: "STP", auxPrice: 190 }, 200, "Invalid order price fields"],
    [{ ...BUY, price: undefined }, 200, "Invalid order price fields"],
    [{ ...BUY, quantity: 0 }, 500, "Order size 0 is not valid. Please enter size greater than 0."],
    [
      { ...BUY, side: "SELL", quantity: undefined, cashQty: 5 },
      200,
      "Cash order quantity can not be set for sell order",
    ],
    [
      { ...BUY, price: 199.001 },
      200,
      "The price does not conform to the minimum price variation for this contract.",
    ],
  ];
  for (const [ticket, code, error] of cases) {
    const answer = await send(ticket);
    expect([answer.status, answer.json.error]).toEqual([code, error]);
  }
  expect((await client.post(`${ACCOUNT}/orders`, [BUY])).json).toEqual({
    error: "Bad Request: Missing order parameters",
    statusCode: 400,
  });
  expect(gateway.control.state().orders).toEqual([]);
});

test("a limit that gives money away is refused", async () => {
  const answer = await client.post(`${ACCOUNT}/orders`, { orders: [{ ...BUY, price: 400 }] });
  expect(answer.json.error).toMatch(/^We cannot accept an order at the limit price you selected/);
});

test("money that is not there", async () => {
  gateway.control.setCash(100);
  const answer = await client.post(`${ACCOUNT}/orders`, { orders: [BUY] });
  expect([answer.status, answer.json.error]).toEqual([200, expect.stringContaining("Cash needed")]);
  expect(gateway.control.state().orders).toEqual([]);
});

test("a client order id is taken for a day", async () => {
  await place({ ...BUY, cOID: "once" });
  const again = await client.post(`${ACCOUNT}/orders`, { orders: [{ ...BUY, cOID: "once" }] });
  expect([again.status, again.json]).toEqual([
    200,
    { error: "Order couldn't be submitted: Local order ID=once is already registered." },
  ]);
  gateway.control.configure({ timings: { idleTimeout: Number.POSITIVE_INFINITY } });
  gateway.clock.advance(24 * 60 * 60_000);
  gateway.control.session.set("ready");
  await client.get("iserver/accounts");
  expect(
    (await client.post(`${ACCOUNT}/orders`, { orders: [{ ...BUY, cOID: "once" }] })).json[0],
  ).toBeDefined();
});

test("the list's row of a working order", async () => {
  const id = await place({ ...BUY, cOID: "ref1" });
  gateway.clock.advance(1_000);
  expect(await list()).toEqual([]);
  const [row] = await list();
  expect(row).toEqual({
    acct: "DU1234567",
    conidex: "265598",
    conid: AAPL,
    account: "DU1234567",
    orderId: Number(id),
    cashCcy: "USD",
    sizeAndFills: "0/5",
    orderDesc: "Buy 5 AAPL Limit 199.00, GTC",
    description1: "AAPL",
    ticker: "AAPL",
    secType: "STK",
    listingExchange: "NASDAQ",
    remainingQuantity: 5,
    filledQuantity: 0,
    totalSize: 5,
    companyName: "APPLE INC",
    status: "Submitted",
    order_ccp_status: "Submitted",
    origOrderType: "LIMIT",
    supportsTaxOpt: "1",
    lastExecutionTime: "261118153000",
    orderType: "Limit",
    bgColor: "#00F000",
    fgColor: "#000000",
    isEventTrading: "0",
    price: "199.00",
    order_ref: "ref1",
    timeInForce: "GTC",
    lastExecutionTime_r: Date.UTC(2026, 10, 18, 15, 30),
    outsideRTH: false,
    side: "BUY",
  });
});

test("market orders have an empty price, DAY reads CLOSE, stops name their trigger", async () => {
  await list();
  await place({ ...BUY, orderType: "MKT", price: undefined, tif: "DAY" });
  await place({ ...BUY, side: "SELL", orderType: "STP", price: 190 });
  gateway.clock.advance(2_000);
  const rows = await list();
  expect(rows[0]).toMatchObject({
    price: "",
    timeInForce: "CLOSE",
    status: "Filled",
    avgPrice: "200.01",
    sizeAndFills: "5",
    orderDesc: "Bought 5 AAPL Market, Day",
  });
  expect(rows[1]).toMatchObject({
    orderType: "Stop",
    auxPrice: "190.00",
    stop_price: "190.00",
    status: "PreSubmitted",
  });
});

test("the list is a second behind, and force empties it", async () => {
  await list();
  await place(BUY);
  expect(await list()).toEqual([]);
  gateway.clock.advance(1_000);
  expect(await list()).toMatchObject([{ status: "Submitted" }]);
  gateway.control.setPrice("AAPL", { last: 198 });
  expect(await list()).toMatchObject([{ status: "Submitted" }]);
  expect(await list("?force=true")).toEqual([]);
  gateway.clock.advance(1_000);
  expect(await list()).toMatchObject([{ status: "Filled" }]);
});

test("filters pick by status, sort_by_time sorts", async () => {
  await list();
  await place(BUY);
  gateway.clock.advance(1_000);
  await place({ ...BUY, price: 200.5 });
  gateway.clock.advance(2_000);
  expect(await list("?filters=filled")).toMatchObject([{ status: "Filled" }]);
  expect(await list("?filters=submitted,pre_submitted")).toMatchObject([{ status: "Submitted" }]);
  expect((await list("?filters=sort_by_time")).map((row: { status: string }) => row.status)).toEqual([
    "Filled",
    "Submitted",
  ]);
});

test("the status of a working order is snake case with numbers as text", async () => {
  const id = await place({ ...BUY, cOID: "ref2" });
  gateway.clock.advance(1_000);
  expect(await status(id)).toMatchObject({
    order_id: Number(id),
    conid: AAPL,
    symbol: "AAPL",
    side: "B",
    size: "5.0",
    total_size: "5.0",
    cum_fill: "0.0",
    currency: "USD",
    account: "DU1234567",
    order_type: "LIMIT",
    limit_price: "199.00",
    order_status: "Submitted",
    order_ccp_status: "0",
    order_status_description: "Order Submitted",
    tif: "GTC",
    order_ref: "ref2",
    size_and_fills: "0/5",
    order_time: "261118153000",
  });
});

test("a partly filled order stays submitted, its size is what remains", async () => {
  gateway.control.setPrice("AAPL", { last: 200, ask: 200, askSize: 2 });
  const id = await place({ ...BUY, price: 200 });
  gateway.clock.advance(1_000);
  expect(await status(id)).toMatchObject({
    order_status: "Submitted",
    size: "3.0",
    total_size: "5.0",
    cum_fill: "2.0",
    average_price: "200",
    size_and_fills: "2/3",
  });
});

test("orders of an earlier brokerage session are unknown once they are done", async () => {
  const done = await place({ ...BUY, price: 200.5 });
  const working = await place(BUY);
  gateway.clock.advance(1_000);
  gateway.clock.advance(1_000);
  gateway.control.session.set("ready");
  await client.get("iserver/accounts");
  expect((await client.get(`iserver/account/order/status/${done}`)).status).toBe(503);
  expect(await status(working)).toMatchObject({ order_status: "Submitted" });
  expect((await client.get("iserver/account/order/status/000000000")).status).toBe(400);
});

test("an unknown order takes the venue five seconds to miss", async () => {
  const answer = await client.get("iserver/account/order/status/999999999");
  expect([answer.status, answer.json, answer.headers["x-response-time"]]).toEqual([
    503,
    { error: "Order 999999999 is not found", statusCode: 503 },
    "5010ms",
  ]);
});

test("a cancel is a request; the order is gone a tick later", async () => {
  const id = await place(BUY);
  const answer = await client.delete(`${ACCOUNT}/order/${id}`);
  expect([answer.status, answer.json]).toEqual([
    200,
    { msg: "Request was submitted", order_id: Number(id), conid: AAPL, account: "DU1234567" },
  ]);
  expect(await status(id)).toMatchObject({ order_status: "PendingCancel" });
  gateway.clock.advance(1_000);
  expect(await status(id)).toMatchObject({ order_status: "Cancelled" });
  expect((await client.delete(`${ACCOUNT}/order/${id}`)).status).toBe(400);
  const unknown = await client.delete(`${ACCOUNT}/order/1`);
  expect([unknown.status, unknown.json]).toEqual([400, { error: "OrderID 1 doesn't exist" }]);
});

test("a fill can win against a cancel", async () => {
  const id = await place({ ...BUY, price: 200.5 });
  expect((await client.delete(`${ACCOUNT}/order/${id}`)).status).toBe(200);
  gateway.clock.advance(1_000);
  expect(await status(id)).toMatchObject({ order_status: "Filled" });
});

test("minus one cancels everything", async () => {
  await place(BUY);
  await place({ ...BUY, price: 198 });
  expect((await client.delete(`${ACCOUNT}/order/-1`)).json).toEqual({
    msg: "Request was submitted",
    order_id: -1,
    conid: -1,
    account: null,
  });
  gateway.clock.advance(1_000);
  expect(gateway.control.state().orders.map((order) => order.status)).toEqual(["Cancelled", "Cancelled"]);
});

test("a modification changes the order in place", async () => {
  const id = await place({ ...BUY, cOID: "mod" });
  const answer = await client.post(`${ACCOUNT}/order/${id}`, { ...BUY, price: 199.5, quantity: 7 });
  expect(answer.json).toMatchObject([{ order_id: id }]);
  expect(gateway.control.state().orders).toMatchObject([
    { limitPrice: "199.5", quantity: "7", clientOrderId: "mod" },
  ]);
  const unknown = await client.post(`${ACCOUNT}/order/123456`, BUY);
  expect(unknown.json).toEqual({ error: "OrderID 123456 doesn't exist" });
});

test("an order that is refused after all is inactive", async () => {
  const id = await place(BUY);
  gateway.control.rejectOrder(Number(id), "not today");
  expect(await status(id)).toMatchObject({ order_status: "Inactive" });
  const cancel = await client.delete(`${ACCOUNT}/order/${id}`);
  expect([cancel.status, cancel.json]).toEqual([400, { error: "Order is inactive" }]);
});

test("a bracket: one answer per leg, children wait for their parent", async () => {
  const exit = { ...BUY, side: "SELL", parentId: "parent1" };
  const answer = await client.post(`${ACCOUNT}/orders`, {
    orders: [
      { ...BUY, price: 200.5, cOID: "parent1" },
      { ...exit, orderType: "STP", price: 190 },
      { ...exit, price: 210 },
    ],
  });
  const [parent, stop, target] = answer.json;
  expect(parent).toMatchObject({ local_order_id: "parent1" });
  expect([stop.parent_order_id, target.parent_order_id]).toEqual([parent.order_id, parent.order_id]);
  expect(await status(stop.order_id)).toMatchObject({
    parent_order_id: Number(parent.order_id),
    oca_group_id: Number(parent.order_id),
    oca_group_type: "ReduceOnFillNonBlock",
  });
  gateway.clock.advance(1_000);
  gateway.control.setPrice("AAPL", { last: 211 });
  expect(gateway.control.state().orders.map((order) => order.status)).toEqual([
    "Filled",
    "Cancelled",
    "Filled",
  ]);
});

test("trades are empty at first, name the order, and remember their days", async () => {
  const id = await place({ ...BUY, price: 200.5, quantity: 0.38, cOID: "trade1" });
  gateway.clock.advance(1_000);
  expect((await client.get("iserver/account/trades?days=3")).json).toEqual([]);
  expect((await client.get("iserver/account/trades?days=3")).json).toEqual([
    {
      execution_id: expect.stringMatching(/^[0-9a-f]{8}\.[0-9a-f]{8}\.01\.01$/),
      symbol: "AAPL",
      supports_tax_opt: "1",
      side: "B",
      order_description: "Bot 0.38 @ 200.01 on NASDAQ",
      trade_time: "20261118-15:30:01",
      trade_time_r: Date.UTC(2026, 10, 18, 15, 30, 1),
      size: 0.38,
      price: "200.01",
      order_ref: "trade1",
      submitter: "simuser",
      exchange: "NASDAQ",
      commission: "0.35",
      net_amount: 76.0038,
      account: "DU1234567",
      accountCode: "DU1234567",
      account_allocation_name: "DU1234567",
      company_name: "APPLE INC",
      contract_description_1: "AAPL",
      sec_type: "STK",
      listing_exchange: "NASDAQ",
      conid: AAPL,
      conidEx: "265598",
      position: "0.38",
      clearing_id: "IB",
      clearing_name: "IB",
      liquidation_trade: "0",
      is_event_trading: "0",
      order_id: Number(id),
    },
  ]);
  gateway.control.configure({ timings: { idleTimeout: Number.POSITIVE_INFINITY } });
  gateway.control.session.set("ready");
  await client.get("iserver/accounts");
  await client.get("iserver/account/trades?days=3");
  gateway.clock.advance(2 * 24 * 60 * 60_000);
  expect((await client.get("iserver/account/trades")).json).toHaveLength(1);
  expect((await client.get("iserver/account/trades?days=1")).json).toEqual([]);
  expect((await client.get("iserver/account/trades")).json).toEqual([]);
});

test("a preview", async () => {
  const { json, headers } = await client.post(`${ACCOUNT}/orders/whatif`, {
    orders: [{ ...BUY, quantity: 10, price: 197.76 }],
  });
  expect(json).toMatchObject({
    amount: { amount: "1,977.60 USD (10 Shares)", commission: "1 USD", total: "1,978.60 USD" },
    equity: { current: "1,000,000", change: "-1", after: "999,999" },
    position: { current: "0", change: "10", after: "10" },
    warn: expect.stringMatching(/^21\/You are trying to submit an order without having market data/),
    error: null,
  });
  expect(headers["x-response-time"]).toBe("1100ms");
  expect(gateway.control.state().orders).toEqual([]);
});

test("a preview of what would be refused says so with status 200", async () => {
  gateway.control.setCash(100);
  const { status: code, json } = await client.post(`${ACCOUNT}/orders/whatif`, { orders: [BUY] });
  expect(code).toBe(200);
  expect(json).toMatchObject({
    amount: { commission: "NA", total: "NA" },
    equity: null,
    error: expect.stringContaining("Cash needed"),
    cqe: { request_method: "GET" },
  });
  expect((await client.post(`${ACCOUNT}/orders/whatif`, { orders: [{ ...BUY, quantity: 0 }] })).status).toBe(
    500,
  );
  expect((await client.post(`${ACCOUNT}/orders/whatif`, { orders: [{ ...BUY, conid: 0 }] })).status).toBe(
    400,
  );
});
