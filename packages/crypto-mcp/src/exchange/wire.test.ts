import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { type CaptureServer, type Reply, startCaptureServer } from "../testing/capture-server.ts";
import { createWire, WireError } from "./wire.ts";

let server: CaptureServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function ask(reply: Reply, timeoutMs: number, fresh = true) {
  server = await startCaptureServer(reply);
  const wire = createWire([server.base], { now: () => Date.parse("2026-03-02T15:00:00Z") });
  const url = `${server.base}/order`;
  try {
    const answer = await wire.exchange({ url, method: "POST", headers: {}, body: "a=1", timeoutMs, fresh });
    return { answer, skew: wire.clockSkew() };
  } finally {
    wire.close();
  }
}

it("counts a server that never answers as asked", async () => {
  await expect(ask(() => {}, 60)).rejects.toMatchObject({ code: "timeout", sent: true });
});

it("ends an answer that never ends: the time is for all of it", async () => {
  const endless: Reply = (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"orderId":');
  };
  await expect(ask(endless, 60)).rejects.toMatchObject({ code: "timeout", sent: true });
});

it("knows that nothing left where nobody listens", async () => {
  const wire = createWire(["http://127.0.0.1:1"], Date);
  const request = { url: "http://127.0.0.1:1/x", method: "GET", headers: {}, body: null };
  await expect(wire.exchange({ ...request, timeoutMs: 2_000, fresh: true })).rejects.toMatchObject({
    code: "unreachable",
    sent: false,
  });
});

it("goes to no other host", async () => {
  const wire = createWire(["https://api.kraken.com"], Date);
  const request = { url: "https://api.kraken.com.evil.test/x", method: "GET", headers: {}, body: null };
  await expect(wire.exchange({ ...request, timeoutMs: 2_000, fresh: true })).rejects.toThrow(WireError);
});

it("follows no redirect", async () => {
  const { answer } = await ask((_request, response) => {
    response.writeHead(302, { location: "/else" }).end();
  }, 2_000);
  expect(answer.status).toBe(302);
  expect(server?.requests).toHaveLength(1);
});

it("asks once where the connection is closed, on a kept connection too", async () => {
  await expect(ask((_request, response) => void response.destroy(), 2_000, false)).rejects.toMatchObject({
    code: "connection_lost",
    sent: true,
  });
  expect(server?.requests).toHaveLength(1);
});

it("reads what is compressed, and the venue's clock", async () => {
  const { answer, skew } = await ask((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip", date: "Mon, 02 Mar 2026 15:01:30 GMT" });
    response.end(gzipSync('{"ok":true}'));
  }, 2_000);
  expect(answer.body).toBe('{"ok":true}');
  expect(skew).toBe(90_500);
});
