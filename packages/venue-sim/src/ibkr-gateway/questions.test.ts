import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

const AAPL = 265598;
const ACCOUNT = "iserver/account/DU1234567";

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  client = createTestClient(gateway);
  await client.get("iserver/accounts");
  await client.get("iserver/account/orders");
  gateway.control.setPrice("AAPL", { last: 200 });
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

const BUY = { conid: AAPL, orderType: "LMT", price: 200, side: "BUY", tif: "DAY", quantity: 1 };
const FAR = { ...BUY, price: 150 };

const place = (ticket: object) => client.post(`${ACCOUNT}/orders`, { orders: [ticket] });
const reply = (id: string, confirmed = true) => client.post(`iserver/reply/${id}`, { confirmed });
const transmitted = () => gateway.control.state().orders.length;

/** Confirms everything and tells what was asked. */
async function conversation(ticket: object): Promise<{ asked: string[][]; last: unknown }> {
  const asked: string[][] = [];
  let answer = await place(ticket);
  while (answer.json?.[0]?.messageIds !== undefined) {
    asked.push(answer.json[0].messageIds);
    answer = await reply(answer.json[0].id);
  }
  return { asked, last: answer.json };
}

test("a question's shape", async () => {
  const [question] = (await place(FAR)).json;
  expect(question).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
    message: [
      'The following order "BUY 1 AAPL NASDAQ @ 150.00" price exceeds \nthe Percentage constraint of 3%.\nAre you sure you want to submit this order?',
    ],
    isSuppressed: false,
    messageIds: ["o163"],
    messageOptions: ["Yes", "No"],
  });
  const [next] = (await place({ ...BUY, orderType: "MKT", price: undefined })).json;
  expect(next).toMatchObject({
    isSuppressible: true,
    defaultSuppressionOption: "Accept and Continue",
    messageOptions: ["Decline", "Accept and Continue"],
  });
});

test.each([
  ["a limit near the market", BUY, []],
  ["a limit just within three percent", { ...BUY, price: 194 }, []],
  ["a limit beyond three percent", { ...BUY, price: 193.99 }, [["o163"]]],
  ["a limit nobody means", { ...BUY, price: 1 }, [["o163"], ["o10153"]]],
  ["a market order", { ...BUY, orderType: "MKT", price: undefined }, [["o10151"], ["o10153"]]],
  [
    "a cash order",
    { ...BUY, orderType: "MKT", price: undefined, quantity: undefined, cashQty: 50 },
    [["o10223"], ["o10164"], ["o10153"]],
  ],
  ["many shares", { ...BUY, quantity: 501 }, [["o383", "o451"]]],
  ["much money", { ...BUY, quantity: 500.5 }, [["o383", "o451"]]],
  ["a stop", { ...BUY, orderType: "STP", price: 210 }, [["o10331"], ["o10152"]]],
  [
    "a stop that is touched already",
    { ...BUY, orderType: "STP", price: 190 },
    [["o403"], ["o10331"], ["o10152"]],
  ],
  [
    "a stop-limit",
    { ...BUY, orderType: "STOP_LIMIT", price: 211, auxPrice: 210 },
    [["o163"], ["o10331"], ["o10152"]],
  ],
  ["a sale of what is not held", { ...BUY, side: "SELL" }, [["o2137"]]],
])("%s is asked about as it should be", async (_name, ticket, expected) => {
  const { asked, last } = await conversation(ticket);
  expect(asked).toEqual(expected);
  expect(last).toEqual([
    { order_id: expect.stringMatching(/^\d+$/), order_status: "PreSubmitted", encrypt_message: "1" },
  ]);
});

test("a contract without data is asked about", async () => {
  const { asked } = await conversation({ ...BUY, conid: 990000031, price: 12 });
  expect(asked.flat()).toContain("o354");
});

test("some confirmations come with the session's first order of a kind only", async () => {
  const stop = { ...BUY, orderType: "STP", price: 210 };
  await conversation(stop);
  expect((await conversation(stop)).asked).toEqual([["o10152"]]);
});

test("while its question is open, a ticket is seen but not there", async () => {
  await place(FAR);
  const [id] = gateway.control.state().unansweredTickets;
  const [row] = (await client.get("iserver/account/orders")).json.orders;
  expect(row).toMatchObject({
    orderId: id,
    status: "Inactive",
    order_ccp_status: "Pending Submit",
    timeInForce: "CLOSE",
  });
  expect((await client.get(`iserver/account/order/status/${id}`)).status).toBe(404);
  gateway.clock.advance(15_000);
  const late = await client.get(`iserver/account/order/status/${id}`);
  expect([late.status, late.json]).toEqual([503, { error: `Order ${id} is not found`, statusCode: 503 }]);
  const cancel = await client.delete(`${ACCOUNT}/order/${id}`);
  expect([cancel.status, cancel.json]).toEqual([400, { error: "Order is inactive" }]);
  gateway.clock.advance(60_000);
  expect((await client.get("iserver/account/orders")).json.orders).toEqual([]);
  expect(transmitted()).toBe(0);
});

test.each([
  ["another order", () => place(BUY)],
  ["a preview", () => client.post(`${ACCOUNT}/orders/whatif`, { orders: [BUY] })],
  ["the orders list", () => client.get("iserver/account/orders")],
  ["a cancel", () => client.delete(`${ACCOUNT}/order/1`)],
  ["an order's status", () => client.get("iserver/account/order/status/1")],
])("%s between question and reply ends the conversation", async (_name, between) => {
  const [question] = (await place(FAR)).json;
  await between();
  const before = transmitted();
  const answer = await reply(question.id);
  expect([answer.status, answer.json]).toEqual([400, { error: `reply id not found: '${question.id}'` }]);
  expect(transmitted()).toBe(before);
});

test("tickles and quotes do not", async () => {
  const [question] = (await place(FAR)).json;
  await client.get("tickle");
  await client.get(`iserver/marketdata/snapshot?conids=${AAPL}&fields=31`);
  expect((await reply(question.id)).json[0].order_id).toBeDefined();
});

test("a declined order is gone", async () => {
  const [question] = (await place(FAR)).json;
  expect((await reply(question.id, false)).json).toEqual({ error: "Order not confirmed " });
  expect((await reply(question.id)).status).toBe(400);
  expect(gateway.control.state()).toMatchObject({ orders: [], unansweredTickets: [] });
});

test("a reply that comes after the ticket vanished finds nothing", async () => {
  const [question] = (await place(FAR)).json;
  gateway.clock.advance(61_000);
  expect((await reply(question.id)).status).toBe(400);
  expect(transmitted()).toBe(0);
});

test("every question of a chain has an id of its own", async () => {
  const first = await place({ ...BUY, orderType: "MKT", price: undefined });
  const second = await reply(first.json[0].id);
  expect(second.json[0].id).not.toBe(first.json[0].id);
  expect((await reply(first.json[0].id)).status).toBe(400);
});

test("suppressed questions are not asked until they are reset or the session ends", async () => {
  const suppress = (messageIds: string[]) => client.post("iserver/questions/suppress", { messageIds });
  expect((await suppress(["o163", "ZZZZZ"])).json).toEqual({ status: "submitted" });
  expect((await conversation(FAR)).asked).toEqual([]);
  await client.post("iserver/questions/suppress/reset");
  expect((await conversation(FAR)).asked).toEqual([["o163"]]);
  await suppress(["o163"]);
  gateway.control.session.set("ready");
  await client.get("iserver/accounts");
  expect((await conversation(FAR)).asked).toEqual([["o163"]]);
  expect((await suppress([])).status).toBe(500);
});

test("a modification asks as well", async () => {
  const [{ order_id }] = (await place({ ...BUY, price: 198 })).json;
  const asked = await client.post(`${ACCOUNT}/order/${order_id}`, { ...BUY, price: 150 });
  expect(asked.json[0].messageIds).toEqual(["o163"]);
  expect(gateway.control.state().orders[0]?.limitPrice).toBe("198");
  const done = await reply(asked.json[0].id);
  expect(done.json).toMatchObject([{ order_id }]);
  expect(gateway.control.state().orders[0]?.limitPrice).toBe("150");
});

test("ids may be paired with other texts, or missing: only the text tells", async () => {
  const cash = { ...BUY, orderType: "MKT", price: undefined, quantity: undefined, cashQty: 50 };
  gateway.control.configure({ identity: { messageIds: "observed" } });
  expect((await conversation(cash)).asked).toEqual([["o10153"], ["o10151"], ["o10223"]]);
  gateway.control.configure({ identity: { messageIds: "none" } });
  const { asked, last } = await conversation(FAR);
  expect(asked).toEqual([[]]);
  expect(last).toMatchObject([{ order_id: expect.any(String) }]);
});

test("sizes that the venue can not trade", async () => {
  expect((await place({ ...BUY, quantity: 0.00001 })).json.error).toMatch(/size increment/);
  const crumbs = { ...BUY, orderType: "MKT", price: undefined, quantity: undefined, cashQty: 0.001 };
  expect((await place(crumbs)).json.error).toMatch(/smallest part/);
});
