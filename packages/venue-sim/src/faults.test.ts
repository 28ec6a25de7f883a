import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "./simulated-gateway.ts";
import { createTestClient, type TestClient } from "./test-client.ts";

const ORDERS = "iserver/account/DU1234567/orders";
const PLACE = { method: "POST", path: /\/orders$/ };
const TICKET = { conid: 265598, orderType: "LMT", price: 200, side: "BUY", tif: "DAY", quantity: 1 };

let gateway: SimulatedGateway;
let client: TestClient;

beforeEach(async () => {
  gateway = await startSimulatedGateway({ pacing: false });
  client = createTestClient(gateway);
  await client.get("iserver/accounts");
  gateway.control.setPrice("AAPL", { last: 200 });
});

afterEach(async () => {
  await client.close();
  await gateway.close();
});

const place = (cOID?: string) =>
  client.post(ORDERS, { orders: [{ ...TICKET, ...(cOID === undefined ? {} : { cOID }) }] });
const orders = () => gateway.control.state().orders;

test("503 after landing: the order is there although the answer says nothing", async () => {
  gateway.control.faults.add({ ...PLACE, action: { type: "503-after-landing" } });
  const answer = await place("landed");
  expect([answer.status, answer.text]).toEqual([503, ""]);
  expect(orders()).toMatchObject([{ clientOrderId: "landed" }]);
  expect((await place("next")).status).toBe(200);
});

test("503 before: nothing landed", async () => {
  gateway.control.faults.add({ ...PLACE, action: { type: "503-before" } });
  expect((await place()).status).toBe(503);
  expect(orders()).toEqual([]);
});

test("connections that break before and after the order landed", async () => {
  gateway.control.faults.add({ ...PLACE, action: { type: "reset" } });
  await expect(place()).rejects.toThrow();
  expect(orders()).toEqual([]);
  gateway.control.faults.add({ ...PLACE, action: { type: "reset-after-landing" } });
  await expect(place()).rejects.toThrow();
  expect(orders()).toHaveLength(1);
});

test("a body that breaks off in the middle", async () => {
  gateway.control.faults.add({ ...PLACE, action: { type: "body-cut" } });
  await expect(place()).rejects.toThrow();
  expect(orders()).toHaveLength(1);
});

test("silence, before and after", async () => {
  for (const type of ["silence", "silence-after-landing"] as const) {
    gateway.control.faults.add({ ...PLACE, action: { type } });
    const answer = place().then(
      () => "answered",
      () => "broken",
    );
    await expect.poll(() => gateway.control.requests(PLACE).length).toBeGreaterThan(0);
    expect(
      await Promise.race([answer, new Promise((resolve) => setTimeout(() => resolve("silent"), 50))]),
    ).toBe("silent");
    gateway.control.clearRequests();
  }
  expect(orders()).toHaveLength(1);
});

test("answers that are no answers", async () => {
  const path = "portfolio/accounts";
  gateway.control.faults.add({ path, action: { type: "empty-200" } });
  gateway.control.faults.add({ path, from: 2, action: { type: "login-page-200" } });
  gateway.control.faults.add({ path, from: 3, action: { type: "error-200", error: "no session" } });
  gateway.control.faults.add({
    path,
    from: 4,
    action: { type: "status", status: 502, body: "<html>", contentType: "text/html" },
  });
  expect(await client.get(path)).toMatchObject({ status: 200, text: "" });
  expect(await client.get(path)).toMatchObject({ status: 200, headers: { "content-type": "text/html" } });
  expect(await client.get(path)).toMatchObject({ status: 200, json: { error: "no session" } });
  expect(await client.get(path)).toMatchObject({ status: 502, text: "<html>" });
  expect((await client.get(path)).json).toHaveLength(1);
});

test("429 shuts everything", async () => {
  gateway.control.faults.add({ path: "tickle", action: { type: "429" } });
  expect((await client.get("tickle")).status).toBe(429);
  expect((await client.get("portfolio/accounts")).status).toBe(429);
});

test("lists that lie", async () => {
  await client.get("iserver/account/orders");
  await place();
  gateway.clock.advance(5_000);
  const all = { count: Number.POSITIVE_INFINITY };
  const remove = gateway.control.faults.add({
    path: /account\/orders$/,
    ...all,
    action: { type: "empty-list" },
  });
  expect((await client.get("iserver/account/orders")).json.orders).toEqual([]);
  remove();
  expect((await client.get("iserver/account/orders")).json.orders).toHaveLength(1);
  gateway.control.faults.add({
    path: /account\/orders$/,
    ...all,
    action: { type: "stale-list", milliseconds: 60_000 },
  });
  expect((await client.get("iserver/account/orders")).json.orders).toEqual([]);
  gateway.control.setPrice("AAPL", { last: 198 });
  await client.get("portfolio/accounts");
  gateway.clock.advance(5_000);
  gateway.control.faults.add({ path: "positions", action: { type: "positions-lag", milliseconds: 60_000 } });
  expect((await client.get("portfolio/DU1234567/positions/0")).json).toEqual([]);
  expect((await client.get("portfolio/DU1234567/positions/0")).json).toHaveLength(1);
});

test("odd proofs of identity", async () => {
  for (const value of ["true", 1, null, "yes"]) {
    gateway.control.faults.add({ path: "iserver/accounts", action: { type: "is-paper", value } });
    expect((await client.get("iserver/accounts")).json.isPaper).toBe(value);
  }
  gateway.control.faults.add({
    path: "iserver/accounts",
    action: { type: "wrong-account", account: "U7654321" },
  });
  expect((await client.get("iserver/accounts")).json.accounts).toEqual(["U7654321"]);
  gateway.control.configure({ identity: { isPaper: false } });
  expect((await client.get("iserver/accounts")).json).toMatchObject({
    accounts: ["DU1234567"],
    isPaper: false,
  });
});

test("a clock that is off", async () => {
  gateway.control.faults.add({ path: "tickle", action: { type: "clock-skew", milliseconds: 120_000 } });
  expect((await client.get("tickle")).headers.date).toBe("Wed, 18 Nov 2026 15:32:00 GMT");
});

test("the session drops between question and reply", async () => {
  const asked = await client.post(ORDERS, { orders: [{ ...TICKET, price: 150 }] });
  gateway.control.faults.add({ path: "reply", action: { type: "session-lost" } });
  const answer = await client.post(`iserver/reply/${asked.json[0].id}`, { confirmed: true });
  expect(answer.json).toEqual({ error: "Bad Request: no bridge", statusCode: 400 });
  expect(orders()).toEqual([]);
});

test("orders that are refused, or fill in part, or never", async () => {
  gateway.control.faults.add({ ...PLACE, action: { type: "reject", text: "No trading permissions." } });
  expect((await place()).json).toEqual({ error: "No trading permissions." });
  gateway.control.setPrice("AAPL", { last: 198 });
  gateway.control.faults.add({ ...PLACE, action: { type: "no-fill" } });
  await place();
  gateway.control.faults.add({ ...PLACE, action: { type: "partial-fill", quantity: "0.25" } });
  await place();
  await place();
  gateway.clock.advance(60_000);
  expect(orders().map(({ filled }) => filled)).toEqual(["0", "0.25", "1"]);
});

test("the request log says what was sent, and what was not", async () => {
  gateway.control.clearRequests();
  await place("logged");
  expect(gateway.control.requests(PLACE)).toMatchObject([
    { method: "POST", path: ORDERS, status: 200, body: expect.stringContaining('"cOID":"logged"') },
  ]);
  expect(gateway.control.requests({ method: "DELETE" })).toEqual([]);
});

test("the control surface wants its token", async () => {
  expect((await client.raw("GET", "/sim/state")).status).toBe(403);
  const headers = { "x-sim-token": gateway.token };
  expect((await client.raw("GET", "/sim/health", { headers })).json).toMatchObject({ ok: true });
  const body = JSON.stringify({ path: { pattern: "tickle$" }, count: null, action: { type: "503-before" } });
  await client.raw("POST", "/sim/faults", { headers, body });
  expect((await client.get("tickle")).status).toBe(503);
  expect((await client.get("tickle")).status).toBe(503);
  await client.raw("DELETE", "/sim/faults", { headers });
  expect((await client.get("tickle")).status).toBe(200);
  expect(gateway.control.requests({ path: "sim" })).toEqual([]);
});

test("a reset opens the account anew", async () => {
  gateway.control.setPrice("AAPL", { last: 198 });
  await place();
  gateway.clock.advance(1_000);
  expect(gateway.control.state().accounts[0]?.positions).toHaveLength(1);
  gateway.control.reset();
  expect(gateway.control.state()).toMatchObject({
    orders: [],
    accounts: [{ cash: "1000000", positions: [] }],
  });
});
