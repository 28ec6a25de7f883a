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
