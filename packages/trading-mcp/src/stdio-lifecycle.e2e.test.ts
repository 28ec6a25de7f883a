import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Child,
  type ChildOptions,
  callMessage,
  INITIALIZE,
  initialize,
  startChild,
  TEST_SERVER,
} from "./testing/child.ts";

const children: Child[] = [];
afterEach(() => {
  for (const { process } of children.splice(0)) process.kill("SIGKILL");
});

async function served(options: ChildOptions = {}): Promise<Child> {
  const child = startChild(options);
  children.push(child);
  if (!options.unread?.includes("stdout")) await initialize(child);
  return child;
}

/** Far more than the budget of 300 ms, which a loaded machine stretches; a server that hangs takes for ever. */
const PROMPT_MS = 1_500;

describe("a server without an order in flight ends at once", () => {
  test("at the end of input, with code 0", async () => {
    const server = await served();
    const end = server.ended();
    server.process.stdin.end();
    expect(await end).toMatchObject({ code: 0 });
    expect((await end).ms).toBeLessThan(PROMPT_MS);
    expect(server.stderr()).toContain('"msg":"closed"');
  });

  test("at the end of input before initialize", async () => {
    const server = startChild();
    children.push(server);
    server.process.stdin.end();
    expect(await server.ended()).toMatchObject({ code: 0 });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("on %s, with code %i", async (signal, code) => {
    const server = await served();
    const end = server.ended();
    server.process.kill(signal);
    expect(await end).toMatchObject({ code, signal: null });
    expect((await end).ms).toBeLessThan(PROMPT_MS);
  });

  test("on SIGINT and SIGTERM one after the other, once", async () => {
    const server = await served();
    server.process.kill("SIGINT");
    server.process.kill("SIGTERM");
    expect(await server.ended()).toMatchObject({ signal: null });
    expect(server.stderr().match(/"msg":"stopping"/g)).toHaveLength(1);
  });

  test("when stdout is closed, with code 0", async () => {
    const server = await served();
    const end = server.ended();
    server.process.stdout.destroy();
    server.send({ id: 1, method: "ping" });
    expect(await end).toMatchObject({ code: 0 });
    expect(server.stderr()).toContain("stdout closed");
  });

  test("when its parent was killed and stdin stays open", async () => {
    const folder = mkdtempSync(join(tmpdir(), "orphan-"));
    const fifo = join(folder, "stdin");
    execFileSync("mkfifo", [fifo]);
    // Both ends: nobody sees an end of input while this test holds them.
    const stdin = openSync(fifo, "r+");
    const parent = `require("node:child_process").spawn(process.execPath, [process.argv[1]], { stdio: "inherit" })`;
    const child = spawn(process.execPath, ["-e", parent, TEST_SERVER], { stdio: [stdin, "pipe", "pipe"] });
    const closed = once(child, "close");
    let log = "";
    child.stderr?.on("data", (chunk) => {
      log += String(chunk);
    });
    writeSync(stdin, `${JSON.stringify({ jsonrpc: "2.0", ...INITIALIZE })}\n`);
    await once(child.stdout ?? child, "data");
    child.kill("SIGKILL");
    // The pipes close when the last process that holds them is gone.
    await closed;
    closeSync(stdin);
    rmSync(folder, { recursive: true });
    expect(log).toContain("parent died");
  });

  test("while a wait still runs, whose reply goes out", async () => {
    const server = await served();
    server.send(callMessage(1, "wait_for_fill", { order_id: "1", timeout_seconds: 120 }));
    await server.said("waiting");
    const end = server.ended();
    server.process.stdin.end();
    expect(await end).toMatchObject({ code: 0 });
    expect((await end).ms).toBeLessThan(PROMPT_MS);
    expect(await server.reply(1)).toMatchObject({
      result: { structuredContent: { data: { timed_out: true } } },
    });
  });

  test("when nobody reads a flooded stderr", async () => {
    const server = await served({ unread: ["stderr"], env: { TEST_FLOOD: "1" } });
    // Each of these replies comes after many more lines than a pipe holds.
    for (let id = 1; id <= 20; id++) {
      server.send({ id, method: "ping" });
      await server.reply(id);
    }
    const end = server.ended();
    server.process.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 143 });
    expect((await end).ms).toBeLessThan(PROMPT_MS);
  });

  test("when nobody reads a full stdout", async () => {
    const server = await served({ unread: ["stdout"] });
    server.send(INITIALIZE);
    for (let id = 1; id <= 20; id++) server.send({ id, method: "tools/list" });
    server.send(callMessage(21, "wait_for_fill", { order_id: "1", timeout_seconds: 120 }));
    await server.said("waiting");
    const end = server.ended();
    server.process.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 143 });
    expect((await end).ms).toBeLessThan(PROMPT_MS);
  });

  test("on an error that nobody caught, with code 1", async () => {
    const server = await served();
    server.send(callMessage(1, "get_quote", { symbol: "CRASH" }));
    expect(await server.ended()).toMatchObject({ code: 1 });
    expect(server.stderr()).toContain("uncaughtException");
  });
});

describe("an order in flight runs to its end (S13)", () => {
  const SLOW = { symbol: "SLOW", quantity: 1 };

  async function withOrderInFlight(): Promise<Child> {
    const server = await served();
    server.send(callMessage(1, "buy", SLOW));
    await server.said("placing SLOW");
    return server;
  }

  test("at the end of input, and its reply goes out", async () => {
    const server = await withOrderInFlight();
    server.process.stdin.end();
    expect(await server.ended()).toMatchObject({ code: 0 });
    expect(server.stderr()).toContain("placed SLOW");
    expect(await server.reply(1)).toMatchObject({ result: { structuredContent: { ok: true } } });
  });

  test("on SIGTERM", async () => {
    const server = await withOrderInFlight();
    server.process.kill("SIGTERM");
    expect(await server.ended()).toMatchObject({ code: 143 });
    expect(server.stderr()).toContain("placed SLOW");
  });

  test("when the client is gone", async () => {
    const server = await withOrderInFlight();
    server.process.stdout.destroy();
    server.process.stdin.destroy();
    expect(await server.ended()).toMatchObject({ code: 0 });
    expect(server.stderr()).toContain("placed SLOW");
  });

  test("when the client cancels the request", async () => {
    const server = await withOrderInFlight();
    server.send({ method: "notifications/cancelled", params: { requestId: 1, reason: "timeout" } });
    await server.said("placed SLOW");
    server.send({ id: 2, method: "ping" });
    await server.reply(2);
    expect(server.stdout.some((line) => line.includes('"id":1,') || line.endsWith('"id":1}'))).toBe(false);
  });
});
