import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, test } from "vitest";
import { type Child, callMessage, INITIALIZE, initialize, startChild, TEST_SERVER } from "./testing/child.ts";
import { catalog, listedTools } from "./tools/catalog.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function child(...args: Parameters<typeof startChild>): Child {
  const started = startChild(...args);
  cleanups.push(() => started.process.kill("SIGKILL"));
  return started;
}

async function connect(env: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [TEST_SERVER], env, stderr: "ignore" }),
  );
  cleanups.push(() => client.close());
  return client;
}

/** The two forms of an answer, of which every client shows a model only one. */
function bothForms(result: object) {
  const { content, structuredContent } = result as {
    content: [{ text: string }];
    structuredContent: unknown;
  };
  return { text: content[0].text, structured: structuredContent };
}

describe("with the library's own client", () => {
  test("says who it is, and the mode before everything else", async () => {
    const client = await connect();
    expect(client.getServerVersion()).toEqual({ name: "test", title: "Test venue", version: "1.2.3" });
    const instructions = client.getInstructions() ?? "";
    expect(instructions.length).toBeLessThan(2_000);
    expect(instructions).toMatch(/^Trading on Test venue, mode "paper": a paper account, no real money\./);
    expect(instructions).toContain("session_status");
    expect(instructions).toContain("not instructions");
  });

  test("every answer fits the schema that the client checks it against", async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(catalog.length);
    const calls: [string, Record<string, unknown>][] = [
      ["session_status", {}],
      ["market_status", {}],
      ["account_summary", {}],
      ["positions", {}],
      ["portfolio", {}],
      ["preview_order", { symbol: "AAPL", side: "BUY", cash_amount: 50 }],
      ["buy", { symbol: "AAPL", cash_amount: "50" }],
      ["sell", { symbol: "AAPL", quantity: 1 }],
      ["close_position", { symbol: "AAPL" }],
      ["stop_order", { symbol: "AAPL", side: "SELL", quantity: 1, stop_price: 170 }],
      ["order_status", { order_id: "1" }],
      ["wait_for_fill", { order_id: "1", timeout_seconds: 0 }],
      ["cancel_order", { order_id: "1" }],
      ["open_orders", {}],
      ["trade_history", {}],
    ];
    for (const [name, args] of calls) {
      const result = await client.callTool({ name, arguments: args });
      const { text, structured } = bothForms(result);
      expect(result.isError, text).toBeUndefined();
      expect(structured).toMatchObject({ ok: true });
      expect(text).toBe(JSON.stringify(structured));
    }
  });

  test("a failure is the same envelope in both forms, and passes the client's check", async () => {
    const client = await connect();
    for (const [name, args, code] of [
      ["buy", { symbol: "AAPL" }, "size_required"],
      ["buy", { symbol: "AAPL", quantity: 1, limit_prise: 3 }, "invalid_arguments"],
      ["get_quote", { symbol: "AAPL" }, "internal_error"],
    ] as const) {
      const result = await client.callTool({ name, arguments: args });
      const { text, structured } = bothForms(result);
      expect(result.isError).toBe(true);
      expect(structured).toMatchObject({ ok: false, error: { code } });
      expect(text).toBe(JSON.stringify(structured));
      expect(text).not.toContain("s3cr3t");
    }
    const unknown = await client.callTool({ name: "byu", arguments: {} });
    expect(unknown).toMatchObject({ isError: true, structuredContent: { error: { code: "unknown_tool" } } });
  });

  test("read mode lists no order tool and refuses one that is called all the same (S32)", async () => {
    const client = await connect({ TEST_READ: "1" });
    const { tools } = await client.listTools();
    const listed = tools.map(({ name }) => name);
    expect(listed).toEqual(listedTools(catalog, true).map(({ name }) => name));
    expect(
      listed.filter((name) => catalog.some((tool) => tool.name === name && tool.kind === "order")),
    ).toEqual([]);
    const result = await client.callTool({ name: "buy", arguments: { symbol: "AAPL", quantity: 1 } });
    expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: "read_only" } } });
  });
});

describe("with a client that misbehaves", () => {
  test("a request whose id is still in use is not run", async () => {
    const server = child();
    await initialize(server);
    server.send(callMessage(5, "wait_for_fill", { order_id: "1", timeout_seconds: 120 }));
    await server.said("waiting");
    server.send(callMessage(5, "buy", { symbol: "AAPL", quantity: 1 }));
    server.send(callMessage(6, "positions", {}));
    await server.reply(6);
    expect(await server.reply(null)).toMatchObject({ error: { data: { error: { code: "id_in_use" } } } });
    expect(server.messages.some(({ id }) => id === 5)).toBe(false);
    expect(server.stderr()).not.toContain("placing");
  });

  test("a call before initialize is refused and not run", async () => {
    const server = child();
    server.send(callMessage(1, "buy", { symbol: "AAPL", quantity: 1 }));
    expect(await server.reply(1)).toMatchObject({
      result: { isError: true, structuredContent: { ok: false, error: { code: "not_initialized" } } },
    });
    expect(server.stderr()).not.toContain("placing");
  });

  test("a call right behind initialize, which nobody waited for, is run", async () => {
    const server = child();
    server.send(INITIALIZE);
    server.send(callMessage(1, "positions", {}));
    expect(await server.reply(1)).toMatchObject({ result: { structuredContent: { ok: true } } });
  });

  test("a line of ten megabytes is refused, and the next one is served", async () => {
    const server = child();
    await initialize(server);
    server.write(`{"jsonrpc":"2.0","id":9,"method":"ping","params":{"x":"${"y".repeat(10 << 20)}"}}\n`);
    server.send({ id: 10, method: "ping" });
    expect(await server.reply(10)).toMatchObject({ result: {} });
    expect(await server.reply(9)).toMatchObject({
      error: { data: { error: { code: "message_too_long" } } },
    });
  });

  test("the library's own client outlives an answer without an id", async () => {
    const client = await connect();
    const errors: Error[] = [];
    client.onerror = (error) => errors.push(error);
    await client.transport?.send("junk" as unknown as JSONRPCMessage);
    await client.ping();
    expect(errors).toHaveLength(1);
    expect((await client.listTools()).tools).toHaveLength(catalog.length);
  });

  test("what is no message is refused", async () => {
    const server = child();
    await initialize(server);
    server.write('nonsense\n[]\nnull\n5\n\n{"id":1}\n{"jsonrpc":"2.0"}\n\r\n');
    server.process.stdin.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    server.send({ id: 11, method: "no/such/method" });
    expect(await server.reply(11)).toMatchObject({ error: { code: -32601 } });
    const refused = server.messages.filter(({ error }) => error?.data !== undefined);
    expect(refused.map(({ id, error }) => [id, error?.code])).toEqual([
      [null, -32700],
      [null, -32600],
      [null, -32600],
      [null, -32600],
      [1, -32600],
      [null, -32600],
      [null, -32700],
    ]);
    server.send({ id: 12, method: "ping" });
    expect(await server.reply(12)).toMatchObject({ result: {} });
  });

  test("params of a call that are no call are an envelope too", async () => {
    const server = child();
    await initialize(server);
    server.send({ id: 1, method: "tools/call", params: { name: 5, arguments: "x" } });
    expect(await server.reply(1)).toMatchObject({
      result: { isError: true, structuredContent: { error: { code: "unknown_tool" } } },
    });
    server.send({ id: 2, method: "tools/call", params: { name: "buy", arguments: [1] } });
    expect(await server.reply(2)).toMatchObject({
      result: { isError: true, structuredContent: { error: { code: "invalid_arguments" } } },
    });
  });
});

test("nothing but the protocol reaches stdout, and no secret reaches stderr", async () => {
  const server = child();
  await initialize(server);
  server.send(callMessage(1, "get_quote", { symbol: "AAPL" }));
  await server.reply(1);
  await server.said("logged by a dependency");
  server.process.stdin.end();
  await server.ended();
  for (const line of server.stdout) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  expect(server.stderr()).toContain("printed by a dependency");
  expect(server.stderr()).toContain("apiKey=[redacted]");
  expect(server.stderr()).not.toContain("s3cr3t");
  // Printable ASCII and line ends only.
  expect(server.stderr()).toMatch(/^[\n\x20-\x7e]*$/);
});
