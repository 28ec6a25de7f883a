import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";

const AAPL = 265598;
const ORDERS = "iserver/account/DU1234567/orders";

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  client = createTestClient(gateway);
  await client.get("iserver/accounts");
  gateway.control.setPrice("AAPL", { last: 200, bid: 199.99, ask: 200.01 });
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

async function confirmAll(first: Awaited<ReturnType<TestClient["post"]>>) {
  const asked: string[] = [];
  let answer = first;
  while (Array.isArray(answer.json) && answer.json[0]?.id !== undefined) {
    asked.push(...answer.json[0].messageIds);
    answer = await client.post(`iserver/reply/${answer.json[0].id}`, { confirmed: true });
  }
  return { answer, asked };
}

test("a limit order near the market is taken without a question and fills on the next tick", async () => {
  const answer = await client.post(ORDERS, {
    orders: [
      { conid: AAPL, orderType: "LMT", price: 200.5, side: "BUY", tif: "DAY", quantity: 5, cOID: "a1" },
    ],
  });
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual([
    { order_id: expect.stringMatching(/^\d+$/), order_status: "PreSubmitted", encrypt_message: "1" },
  ]);
  gateway.control.advance(1_000);
  const [account] = gateway.control.state().accounts;
  expect(account?.positions).toEqual([{ symbol: "AAPL", conid: AAPL, quantity: "5", averageCost: "200.21" }]);
  expect(account?.cash).toBe("998998.95");
  const status = await client.get(`iserver/account/order/status/${answer.json[0].order_id}`);
  expect(status.json).toMatchObject({
    order_status: "Filled",
    cum_fill: "5.0",
    total_size: "5.0",
    side: "B",
    order_ref: "a1",
  });
});

test("a market order asks, and is taken after its answers", async () => {
  const first = await client.post(ORDERS, {
    orders: [{ conid: AAPL, orderType: "MKT", side: "BUY", tif: "DAY", quantity: 1 }],
  });
  const { answer, asked } = await confirmAll(first);
  expect(asked).toEqual(["o10151", "o10153"]);
  expect(answer.json[0].order_id).toMatch(/^\d+$/);
});

test("a cash order spends no more than its amount", async () => {
  const first = await client.post(ORDERS, {
    orders: [{ conid: AAPL, orderType: "MKT", side: "BUY", tif: "DAY", cashQty: 100 }],
  });
  const { asked } = await confirmAll(first);
  expect(asked).toEqual(["o10223", "o10164", "o10153"]);
  gateway.control.advance(1_000);
  const [order] = gateway.control.state().orders;
  expect(order).toMatchObject({ status: "Filled", filled: "0.4999", commission: "0.35" });
});

test("the orders list and trades are empty at first, then show what happened", async () => {
  await client.post(ORDERS, {
    orders: [{ conid: AAPL, orderType: "LMT", price: 200.5, side: "BUY", tif: "GTC", quantity: 5 }],
  });
  gateway.control.advance(2_000);
  expect((await client.get("iserver/account/orders")).json).toEqual({ orders: [], snapshot: false });
  expect((await client.get("iserver/account/orders")).json.orders[0]).toMatchObject({
    status: "Filled",
    side: "BUY",
    filledQuantity: 5,
  });
  expect((await client.get("iserver/account/trades?days=2")).json).toEqual([]);
  expect((await client.get("iserver/account/trades")).json[0]).toMatchObject({
    side: "B",
    size: 5,
    price: "200.01",
    commission: "1.00",
  });
});
