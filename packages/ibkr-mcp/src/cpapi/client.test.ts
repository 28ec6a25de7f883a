import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gatewayAddress } from "./address.ts";
import { createClient, type GatewayClient } from "./client.ts";
import { startVenue, type TestVenue } from "./test-venue.ts";
import { createTransport } from "./transport.ts";

let venue: TestVenue;
let client: GatewayClient;
beforeEach(async () => {
  venue = await startVenue();
  client = clientFor(venue.gateway.baseUrl, venue.gateway.certificate);
});
afterEach(async () => {
  await client.close();
  await venue.close();
});

function clientFor(baseUrl: string, ca?: string): GatewayClient {
  return createClient({
    baseUrl,
    ...(ca !== undefined && { ca }),
    stateDir: venue.stateDir,
    timeoutMs: 2000,
    clock: venue.clock,
  });
}

const STATUS = { method: "POST", path: "/iserver/auth/status" } as const;
const SUMMARY = { method: "GET", path: "/iserver/account/DU1234567/summary" } as const;

test("the certificate that was given is verified: the simulator's is taken, another's is not", async () => {
  expect(await client.read(STATUS)).toMatchObject({ authenticated: true });
  const other = await startVenue();
  const stranger = clientFor(venue.gateway.baseUrl, other.gateway.certificate);
  await expect(stranger.read(STATUS)).rejects.toMatchObject({ code: "gateway_unreachable" });
  await stranger.close();
  await other.close();
});

test("M1: without a certificate a self-signed one is taken on loopback, and refused beyond it", async () => {
  const local = clientFor(venue.gateway.baseUrl);
  expect(await local.read(STATUS)).toMatchObject({ authenticated: true });
  await local.close();
  const named = clientFor(venue.gateway.baseUrl.replace("127.0.0.1", "localhost"));
  expect(await named.read(STATUS)).toMatchObject({ authenticated: true });
  await named.close();
  expect(() => clientFor("http://192.168.1.5:5000")).toThrow(/plain http/);
  expect(() => clientFor("http://localhost.example.com:5000")).toThrow(/plain http/);
  expect(() => clientFor("https://user:secret@localhost:5000")).toThrow(/credentials/);
});

test("bodies have a length, every request has a user agent, and the path is what was built", async () => {
  await client.read(STATUS);
  await client.call({ method: "POST", path: "/iserver/account", body: { acctId: "DU1234567" } });
  const [first, second] = venue.gateway.control.requests();
  expect(first?.headers["content-length"]).toBe("0");
  expect(first?.headers["user-agent"]).toBe("ibkr-mcp");
  expect(second?.headers["content-length"]).toBe("22");
  expect(second?.headers["transfer-encoding"]).toBeUndefined();
  expect(second?.path).toBe("iserver/account");
});

test("S26: the Date header tells how far the local clock is off", async () => {
  await client.read(STATUS);
  expect(Math.abs(client.clockSkew() ?? Number.NaN)).toBeLessThan(1500);
  venue.gateway.control.faults.add({ action: { type: "clock-skew", milliseconds: 120_000 } });
  await client.read(STATUS);
  expect(Math.abs((client.clockSkew() ?? 0) - 120_000)).toBeLessThan(1500);
});

test.each([
  ["login-page-200", { type: "login-page-200" }, "not_logged_in"],
  ["an empty 200", { type: "empty-200" }, "invalid_answer"],
  ["a JSON body that breaks off", { type: "body-cut" }, "connection_lost"],
  ["a reset", { type: "reset" }, "connection_lost"],
  ["200 with an error", { type: "error-200", error: "not allowed\u202e here" }, "refused_by_broker"],
  [
    "no bridge",
    { type: "status", status: 400, body: '{"error":"Bad Request: no bridge"}' },
    "brokerage_session_down",
  ],
  [
    "a 400",
    { type: "status", status: 400, body: '{"error":"Bad Request: accountId is not valid: X"}' },
    "bad_request",
  ],
  ["401", { type: "status", status: 401, body: "", contentType: null }, "not_logged_in"],
  [
    "the edge",
    { type: "status", status: 403, body: "<html>Access Denied</html>", contentType: "text/html" },
    "blocked_by_edge",
  ],
  [
    "a wrong path",
    {
      type: "status",
      status: 404,
      body: "<html><h1>Resource not found</h1></html>",
      contentType: "text/html",
    },
    "not_found",
  ],
  [
    "an address that is not allowed",
    { type: "status", status: 404, body: "Access Denied", contentType: "text/plain" },
    "blocked_by_edge",
  ],
  ["a redirect to the login", { type: "status", status: 302, body: "" }, "invalid_answer"],
  ["JSON that is no JSON", { type: "status", status: 200, body: '{"a":' }, "invalid_answer"],
  [
    "a 500 with JSON in its error",
    { type: "status", status: 500, body: '{"error":"{\\"reason\\":\\"Details currently unavailable\\"}"}' },
    "upstream_unavailable",
  ],
] as const)("%s is told apart and named", async (_name, action, code) => {
  await client.read({ method: "GET", path: "/iserver/accounts" });
  venue.gateway.control.faults.add({ path: "summary", count: 2, action });
  const error = await client.read(SUMMARY).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code });
  const { message, nextStep } = error as { message: string; nextStep: string };
  expect(message).not.toMatch(/[<\u202e]/u);
  expect(nextStep.length).toBeGreaterThan(10);
});

test("M2: what IBKR said is in the message", async () => {
  venue.gateway.control.faults.add({
    action: {
      type: "status",
      status: 500,
      body: '{"error":"{\\"reason\\":\\"Details currently unavailable\\"}"}',
    },
  });
  await expect(client.read(SUMMARY)).rejects.toThrow("IBKR says: Details currently unavailable");
});

test("a 503 to a read is asked again once; one to a write is not", async () => {
  await client.read({ method: "GET", path: "/iserver/accounts" });
  venue.gateway.control.faults.add({ path: "summary", action: { type: "503-before" } });
  expect(await client.read(SUMMARY)).toMatchObject({ cashBalances: expect.anything() });
  venue.gateway.control.faults.add({ path: "iserver/account", action: { type: "503-before" } });
  await expect(
    client.read({ method: "POST", path: "/iserver/account", body: { acctId: "DU1234567" } }),
  ).rejects.toMatchObject({ code: "upstream_unavailable", retryable: true });
  expect(venue.gateway.control.requests({ method: "POST" })).toHaveLength(1);
});

test("no gateway: the next step says to start it", async () => {
  const nobody = clientFor("https://127.0.0.1:1");
  await expect(nobody.read(STATUS)).rejects.toMatchObject({
    code: "gateway_unreachable",
    retryable: true,
    nextStep: expect.stringContaining("Start"),
  });
  await nobody.close();
});

test("a gateway that says nothing ends in a timeout, not in a wait without end", async () => {
  venue.gateway.control.faults.add({ action: { type: "silence" } });
  await expect(client.read({ ...STATUS, timeoutMs: 150 })).rejects.toMatchObject({ code: "timeout" });
});

test("a port that takes connections and does not answer them ends in a timeout", async () => {
  const mute = createTcpServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const client2 = clientFor(`https://127.0.0.1:${(mute.address() as AddressInfo).port}`);
  await expect(client2.read({ ...STATUS, timeoutMs: 200 })).rejects.toMatchObject({ code: "timeout" });
  await client2.close();
  mute.close();
});

test("redirects are not followed and a proxy of the environment is not asked", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.writeHead(302, { location: "/sso/Login?forwardTo=22" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  process.env.HTTPS_PROXY = process.env.HTTP_PROXY = "http://127.0.0.1:1";
  const plainClient = clientFor(`http://127.0.0.1:${port}`);
  await expect(plainClient.read(STATUS)).rejects.toMatchObject({ code: "not_logged_in" });
  delete process.env.HTTPS_PROXY;
  delete process.env.HTTP_PROXY;
  expect(seen).toEqual(["/v1/api/iserver/auth/status"]);
  await plainClient.close();
  server.close();
});

test("beyond loopback a self-signed certificate is refused", async () => {
  const address = { ...gatewayAddress(venue.gateway.baseUrl), loopback: false };
  const transport = createTransport(address, undefined, venue.clock);
  const request = { method: "GET", path: "/iserver/accounts", body: null, timeoutMs: 2000 } as const;
  expect(await transport.exchange(request)).toMatchObject({ sent: false, cause: "certificate" });
  expect(await transport.connect()).toMatchObject({ sent: false, cause: "certificate" });
  await transport.close();
  expect(venue.gateway.control.requests()).toHaveLength(0);
});

test("at most four reads are under way at once: the gateway has five places, and an order needs one", async () => {
  await client.read({ method: "GET", path: "/iserver/accounts" });
  venue.gateway.control.clearRequests();
  venue.gateway.control.faults.add({
    path: "summary",
    count: 4,
    action: { type: "delay", milliseconds: 200 },
  });
  const reads = Array.from({ length: 6 }, () => client.read(SUMMARY));
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(venue.gateway.control.requests()).toHaveLength(4);
  await Promise.all(reads);
  expect(venue.gateway.control.requests()).toHaveLength(6);
});
