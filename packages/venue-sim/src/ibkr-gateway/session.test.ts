import { afterEach, expect, test } from "vitest";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";
import type { SimulatedGatewayOptions } from "./options.ts";

let gateway: SimulatedGateway;
let client: TestClient;

async function start(options: SimulatedGatewayOptions = {}) {
  gateway = await startSimulatedGateway({ pacing: false, ...options });
  client = createTestClient(gateway);
}

afterEach(async () => {
  await client.close();
  await gateway.close();
});

const SNAPSHOT = "iserver/marketdata/snapshot?conids=265598&fields=31";

test("the status of a session that is up", async () => {
  await start();
  for (const answer of [await client.get("iserver/auth/status"), await client.post("iserver/auth/status")]) {
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      authenticated: true,
      established: true,
      competing: false,
      connected: true,
      message: "",
      MAC: expect.any(String),
      serverInfo: { serverName: expect.any(String), serverVersion: expect.stringMatching(/^Build /) },
      hardware_info: expect.any(String),
      fail: "",
    });
  }
});

test("without a login everything is an empty 401", async () => {
  await start({ session: "no_login" });
  for (const path of [
    "iserver/auth/status",
    "tickle",
    "portfolio/accounts",
    "iserver/accounts",
    "nonsense",
  ]) {
    const answer = await client.get(path);
    expect([answer.status, answer.text]).toEqual([401, ""]);
  }
  expect((await client.post("iserver/reauthenticate")).json).toEqual({ error: "not logged in" });
});

test("a login without a brokerage session serves the portfolio and has no bridge", async () => {
  await start({ session: "sso_only" });
  expect((await client.get("iserver/auth/status")).json).toMatchObject({
    authenticated: false,
    connected: false,
  });
  expect((await client.get("portfolio/accounts")).status).toBe(200);
  const answer = await client.get("iserver/accounts");
  expect([answer.status, answer.json]).toEqual([400, { error: "Bad Request: no bridge", statusCode: 400 }]);
});

test("init bridges for a while before it works, and wants accounts first", async () => {
  await start({ session: "sso_only" });
  const init = await client.post("iserver/auth/ssodh/init", { publish: true, compete: true });
  expect(init.json).toMatchObject({ passed: true, authenticated: true });
  expect((await client.get("iserver/accounts")).json.error).toBe("Bad Request: no bridge");
  gateway.clock.advance(2_000);
  const early = await client.get(SNAPSHOT);
  expect([early.status, early.json]).toEqual([
    400,
    { error: "Bad Request: Please query /accounts first", statusCode: 400 },
  ]);
  expect((await client.get("iserver/accounts")).status).toBe(200);
  expect((await client.get(SNAPSHOT)).status).toBe(200);
});

test("init without publish is an error", async () => {
  await start({ session: "sso_only" });
  expect((await client.post("iserver/auth/ssodh/init", {})).status).toBe(500);
  expect((await client.post("iserver/auth/ssodh/init", { publish: false })).status).toBe(200);
});

test("another platform's session is only taken when told to compete", async () => {
  await start();
  gateway.control.session.set("competed");
  expect((await client.get("iserver/auth/status")).json).toMatchObject({
    authenticated: false,
    competing: true,
  });
  const shy = await client.post("iserver/auth/ssodh/init", { publish: true, compete: false });
  expect(shy.json).toMatchObject({
    passed: false,
    fail: "Force compete capability must be used together with compete flag",
  });
  expect(gateway.control.session.state()).toBe("competed");
  await client.post("iserver/auth/ssodh/init", { publish: true, compete: true });
  gateway.clock.advance(2_000);
  expect(gateway.control.session.state()).toBe("ready");
});

test("six silent minutes end the brokerage session, a tickle a minute keeps it", async () => {
  await start();
  for (let minute = 0; minute < 10; minute += 1) {
    gateway.clock.advance(60_000);
    await client.post("tickle");
  }
  expect(gateway.control.session.state()).toBe("ready");
  gateway.clock.advance(6 * 60_000 + 1);
  expect((await client.get("iserver/auth/status")).json).toMatchObject({
    authenticated: false,
    connected: true,
  });
  expect((await client.get("portfolio/accounts")).status).toBe(200);
});

test("tickle tells the session's key and its time left", async () => {
  await start();
  gateway.clock.advance(10_000);
  const answer = await client.post("tickle");
  expect(answer.json).toEqual({
    session: expect.stringMatching(/^[0-9a-f]{32}$/),
    ssoExpires: 590_000,
    collission: false,
    userId: expect.any(Number),
    hmds: { error: "no bridge" },
    iserver: { authStatus: expect.objectContaining({ authenticated: true }) },
  });
  expect(answer.headers["set-cookie"]).toMatch(/^x-sess-uuid=/);
});

test("validation tells a paper login from a live one", async () => {
  await start();
  expect((await client.get("sso/validate")).json).toMatchObject({ RESULT: true, LOGIN_TYPE: 2 });
  await client.close();
  await gateway.close();
  await start({ live: true });
  expect((await client.get("sso/validate")).json).toMatchObject({ LOGIN_TYPE: 1 });
  expect((await client.get("iserver/accounts")).json).toMatchObject({
    accounts: ["U1234567"],
    isPaper: false,
  });
  expect((await client.get("portfolio/accounts")).json[0]).toMatchObject({ type: "INDIVIDUAL" });
});

test("after a logout only the status answers", async () => {
  await start();
  const out = await client.post("logout");
  expect([out.status, out.json, out.headers["content-type"]]).toEqual([200, { status: true }, undefined]);
  expect((await client.get("iserver/auth/status")).json).toEqual({
    authenticated: false,
    established: false,
    competing: false,
    connected: false,
    MAC: null,
  });
  expect((await client.get("tickle")).status).toBe(401);
  expect((await client.post("iserver/auth/ssodh/init", { publish: true, compete: true })).status).toBe(410);
});

test("maintenance: the brokerage side times out, the portfolio goes on", async () => {
  await start({ session: "maintenance" });
  const answer = await client.get("iserver/accounts");
  expect([answer.status, answer.text, answer.headers["x-response-time"]]).toEqual([503, "", "10000ms"]);
  expect((await client.get("portfolio/accounts")).status).toBe(200);
});

test("what lies outside the API", async () => {
  await start();
  const root = await client.raw("GET", "/");
  expect([root.status, root.headers.location]).toEqual([302, "/sso/Login?forwardTo=22&RL=1&ip2loc=US"]);
  const page = await client.raw("GET", "/sso/Login");
  expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html"]);
  expect((await client.raw("GET", "/elsewhere?a=1")).headers.location).toBe(
    "https://api.ibkr.com/elsewhere?a=1",
  );
  const wrong = await client.get("iserver/nothing/here");
  expect([wrong.status, wrong.text]).toEqual([404, "<html><body><h1>Resource not found</h1></body></html>"]);
});

test("the edge blocks what looks odd to it", async () => {
  await start();
  expect((await client.raw("GET", "/v1/api/tickle", { headers: { "user-agent": "" } })).status).toBe(403);
  expect((await client.post("iserver/notification", { text: "a >= b" })).status).toBe(403);
  const bad = await client.raw("POST", "/v1/api/iserver/questions/suppress", { body: "{" });
  expect([bad.status, bad.json.error]).toEqual([
    400,
    expect.stringContaining("Failed to parse body as JSON"),
  ]);
});

test("every answer bears the venue's headers and the simulator's time", async () => {
  await start();
  const { headers } = await client.get("iserver/auth/status");
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(headers["x-response-time"]).toMatch(/^\d+ms$/);
  expect(headers.date).toBe("Wed, 18 Nov 2026 15:30:00 GMT");
});
