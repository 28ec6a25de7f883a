import { type Child, callMessage, INITIALIZE, initialize, type Reply } from "trading-mcp/testing/child";
import { catalog } from "trading-mcp/tools/catalog";
import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "./testing/built-server.ts";
import { startRawServer, tradingOn } from "./testing/raw-server.ts";

/**
 * What no client library would send, on the stdin of the built server. One server takes all of it; after
 * each piece it answers a plain call, and its stdout has held nothing but answers.
 */
const folder = temporaryFolder();
let gateway: SimulatedGateway;
let server: Child;
let lastId = 1_000_000;

beforeAll(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPrice("AAPL", { last: 250 });
  server = startRawServer(tradingOn(gateway.baseUrl, folder.path));
  // Under an id that no test uses.
  server.send({ ...INITIALIZE, id: "initialize" });
  await server.reply("initialize");
});

afterEach(async () => {
  lastId += 1;
  server.send(callMessage(lastId, "market_status", {}));
  expect(await server.reply(lastId)).toMatchObject({
    result: { structuredContent: { ok: true, data: { open: true } } },
  });
  expectOnlyAnswers(server);
});

afterAll(async () => {
  server.process.stdin.end();
  expect(await server.ended()).toMatchObject({ code: 0 });
  expect(server.unfinished()).toBe("");
  await gateway.close();
  folder.remove();
});

/** Nothing but JSON-RPC on stdout, and no id answered twice. */
function expectOnlyAnswers({ stdout, messages }: Child): void {
  expect(messages).toHaveLength(stdout.length);
  for (const message of messages) expect(message).toMatchObject({ jsonrpc: "2.0" });
  const ids = messages.filter(({ id }) => id !== null).map(({ id }) => JSON.stringify(id));
  expect(new Set(ids).size).toBe(ids.length);
}

const placed = () => gateway.control.state().orders.length;
const orderPosts = () => gateway.control.requests({ method: "POST", path: /\/orders$/ }).length;
const BUY = { symbol: "AAPL", quantity: 0.1 };

/** Sends lines as they are, and answers what came back without an id, in order. */
async function refusalsTo(...lines: string[]): Promise<Reply[]> {
  const already = server.messages.length;
  server.write(lines.map((line) => `${line}\n`).join(""));
  lastId += 1;
  server.send({ id: lastId, method: "ping" });
  await server.reply(lastId);
  return server.messages.slice(already).filter(({ id }) => id === null);
}

/** The envelope that an error carries: a client reads it like that of a failed call. */
function expectRefused(reply: Reply, code: string): void {
  expect(reply).toMatchObject({
    error: { code: expect.any(Number), data: { ok: false, error: { code, retryable: false } } },
  });
  const { message, data } = reply.error as { message: string; data: { error: Record<string, string> } };
  expect(data.error.message).toBe(message);
  expect(data.error.next_step).not.toBe("");
  expect(message.length).toBeLessThan(300);
}

describe("ids", () => {
  test("a second call under the id of one in flight is not run, and not answered in its place", async () => {
    gateway.control.faults.add({
      method: "POST",
      path: /\/orders$/,
      action: { type: "delay", milliseconds: 600 },
    });
    const before = placed();
    const posts = orderPosts();
    server.send(callMessage(1, "buy", BUY));
    await expect.poll(() => orderPosts(), { interval: 5, timeout: 10_000 }).toBe(posts + 1);
    const refused = await refusalsTo(
      JSON.stringify({ jsonrpc: "2.0", ...callMessage(1, "sell", BUY) }),
      JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
    );
    expect(refused).toHaveLength(2);
    for (const reply of refused) expectRefused(reply, "id_in_use");
    expect(await server.reply(1)).toMatchObject({ result: { structuredContent: { ok: true } } });
    expect([placed(), orderPosts()]).toEqual([before + 1, posts + 1]);
  });

  test("text and a number are two ids, and a free id may be used again", async () => {
    server.send({ id: 2, method: "ping" });
    server.send({ id: "2", method: "ping" });
    expect([await server.reply(2), await server.reply("2")]).toMatchObject([{ result: {} }, { result: {} }]);
    const already = server.messages.length;
    server.send({ id: 2, method: "ping" });
    await server.until(() => server.messages.length > already);
    expect(server.messages.splice(already, 1)).toMatchObject([{ id: 2, result: {} }]);
    server.stdout.splice(already, 1);
  });

  test.each([
    ["empty text", ""],
    ["a word", "a"],
    ["a prototype", "__proto__"],
    ["a constructor", "constructor"],
    ["a mark that nobody sees", "\u202e"],
    ["half a character", "\ud800"],
    ["a number as text", "1.5"],
    ["long text", "x".repeat(10_000)],
    ["nothing", 0],
    ["a negative number", -1],
    ["the greatest number", 2 ** 53 - 1],
  ])("%s is an id, and is answered as it came", async (_what, id) => {
    server.send(callMessage(id, "order_status", { order_id: "NaN" }));
    expect(await server.reply(id)).toMatchObject({
      id,
      result: { isError: true, structuredContent: { error: { code: "invalid_order_id" } } },
    });
  });

  test.each(["null", "{}", "[]", "[1]", "true", "1.5", "1e300", "1e999", "-1e999", '{"toString":1}'])(
    "%s is none, and nothing is run",
    async (id) => {
      const before = orderPosts();
      const call = JSON.stringify(callMessage(0, "buy", BUY)).replace('"id":0', `"jsonrpc":"2.0","id":${id}`);
      const [reply, ...more] = await refusalsTo(call);
      expectRefused(reply ?? {}, "invalid_request");
      expect(more).toEqual([]);
      expect(orderPosts()).toBe(before);
    },
  );

  test("a call without an id asks for no answer, and is not run", async () => {
    const before = orderPosts();
    const already = server.messages.length;
    server.send({ method: "tools/call", params: { name: "buy", arguments: BUY } });
    server.send({ method: "tools/call", params: [] });
    server.send({ method: "no/such/notification" });
    expect(await refusalsTo()).toEqual([]);
    expect(server.messages.length).toBe(already + 1);
    expect(orderPosts()).toBe(before);
  });

  test("cancels of nothing, and hostile ones, are ignored", async () => {
    const already = server.messages.length;
    for (const params of [
      { requestId: 99 },
      { requestId: {} },
      { requestId: null },
      {},
      [],
      "x",
      null,
      undefined,
    ]) {
      server.send({ method: "notifications/cancelled", params });
    }
    await refusalsTo();
    expect(server.messages.length).toBe(already + 1);
  });

  test("answers to questions that nobody asked are ignored", async () => {
    const already = server.messages.length;
    server.send({ id: 1, result: {} });
    server.send({ id: "x", error: { code: 1, message: "m" } });
    server.send({ id: null, result: null });
    await refusalsTo();
    expect(server.messages.length).toBe(already + 1);
  });
});

describe("lines", () => {
  const padding = "y".repeat(10 << 20);
  const long = (id: string) => ({
    first: `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"buy","arguments":{"symbol":"AAPL","quantity":0.1},"_meta":{"x":"${padding}"}}}`,
    last: `{"method":"tools/call","params":{"_meta":{"x":"${padding}"},"name":"buy","arguments":{"symbol":"AAPL","quantity":0.1}},"jsonrpc":"2.0","id":${id}}`,
  });

  test("of ten megabytes, a whole call: refused under its id, not run", async () => {
    const before = orderPosts();
    server.write(`${long("20").first}\n${long('"long-1"').last}\n`);
    for (const id of [20, "long-1"]) expectRefused(await server.reply(id), "message_too_long");
    expect(orderPosts()).toBe(before);
  });

  test("of ten megabytes of nothing: refused", async () => {
    const [reply, ...more] = await refusalsTo(padding);
    expectRefused(reply ?? {}, "message_too_long");
    expect(more).toEqual([]);
  });

  test("of a little less than a megabyte: read", async () => {
    const text = "z".repeat(1_000_000);
    server.send(callMessage(21, "order_status", { order_id: text }));
    expect(await server.reply(21)).toMatchObject({
      result: { structuredContent: { error: { code: "invalid_arguments" } } },
    });
    server.send(callMessage(22, "buy", { ...BUY, [text]: 1 }));
    const refused = (await server.reply(22)).result?.structuredContent as { error: { message: string } };
    expect(refused.error.message).toMatch(/^buy was not run: unknown argument "z{39}…"\.$/);
  });

  test.each([
    ["junk", "hello"],
    ["HTTP", "GET / HTTP/1.1"],
    ["half a message", '{"jsonrpc":"2.0","id":30,"method":"pi'],
    [
      "two messages in one line",
      '{"jsonrpc":"2.0","id":31,"method":"ping"}{"jsonrpc":"2.0","id":32,"method":"ping"}',
    ],
    [
      "NaN",
      '{"jsonrpc":"2.0","id":33,"method":"tools/call","params":{"name":"buy","arguments":{"quantity":NaN}}}',
    ],
    ["single quotes", "{'jsonrpc':'2.0','id':34,'method':'ping'}"],
    ["a comment", '{"jsonrpc":"2.0","id":35,"method":"ping"} // hello'],
    ["controls", "\u0000\u0001\u001b[2J"],
  ])("that are no JSON: %s", async (_what, line) => {
    const [reply, ...more] = await refusalsTo(line);
    expectRefused(reply ?? {}, "not_json");
    expect(reply?.error?.code).toBe(-32700);
    expect(more).toEqual([]);
  });

  test("that are no UTF-8", async () => {
    const already = server.messages.length;
    server.process.stdin.write(Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]));
    await server.until(() => server.messages.length > already);
    expectRefused(server.messages[already] ?? {}, "not_json");
  });

  test("with a byte order mark, with CRLF, with blanks around, empty ones between, and in single bytes", async () => {
    const ping = (id: number) => JSON.stringify({ jsonrpc: "2.0", id, method: "ping" });
    server.write(`\ufeff${ping(40)}\n${ping(41)}\r\n  ${ping(42)}\t\n\n\r\n \n`);
    for (const byte of Buffer.from(`${ping(43)}\n`)) server.process.stdin.write(Buffer.from([byte]));
    for (const id of [40, 41, 42, 43]) expect(await server.reply(id)).toMatchObject({ result: {} });
  });

  test.each([
    "[]",
    "[1]",
    '[{"jsonrpc":"2.0","id":50,"method":"ping"}]',
    "null",
    "5",
    '"text"',
    "true",
    "{}",
  ])("that are JSON and no message: %s", async (line) => {
    const [reply, ...more] = await refusalsTo(line);
    expectRefused(reply ?? {}, "invalid_request");
    expect(reply?.error?.code).toBe(-32600);
    expect(more).toEqual([]);
  });
});

describe("shapes", () => {
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

  test.each([10_000, 400_000])("nested %i levels deep, anywhere", async (levels) => {
    const id = levels;
    const lines = [
      `"id":${id + 1},"method":"tools/call","params":{"name":"get_quote","arguments":{"symbol":${deep(levels)}}}`,
      `"id":${id + 2},"method":"tools/call","params":{"name":"get_quote","arguments":${deep(levels)}}`,
      `"id":${id + 3},"method":"tools/call","params":{"name":${deep(levels)}}`,
      `"id":${id + 4},"method":"ping","params":{"x":${deepObject(levels / 5)}}`,
      `"id":${id + 5},"method":"ping","extra":${deepObject(levels / 5)}`,
      `"id":${id + 6},"method":${deep(levels)}`,
      `"id":${id + 7},"method":"ping","params":{"_meta":{"progressToken":${deep(levels)}}}`,
    ];
    server.write(lines.map((line) => `{"jsonrpc":"2.0",${line}}\n`).join(""));
    const codes = [];
    for (let index = 1; index <= lines.length; index++) {
      const reply = await server.reply(id + index);
      const envelope = (reply.result?.structuredContent ?? reply.error?.data) as { error?: { code: string } };
      codes.push(envelope?.error?.code ?? "answered");
    }
    expect(codes).toEqual([
      "invalid_arguments",
      "invalid_arguments",
      "unknown_tool",
      "answered",
      "invalid_request",
      "invalid_request",
      "invalid_request",
    ]);
    const without = await refusalsTo(
      `{"jsonrpc":"2.0","id":${deep(levels)},"method":"ping"}`,
      deep(levels),
      `{"jsonrpc":"2.0","method":"x","extra":${deep(levels)}}`,
      `{"jsonrpc":"2.0","id":1,"result":${deepObject(levels / 5)},"extra":1}`,
    );
    expect(without).toHaveLength(2);
  });

  test.each([
    ["params as a list", '"method":"tools/call","params":["buy",{"symbol":"AAPL","quantity":1}]'],
    ["params as text", '"method":"tools/call","params":"buy"'],
    ["params as null", '"method":"tools/call","params":null'],
    ["_meta as text", '"method":"tools/call","params":{"name":"buy","_meta":"x"}'],
    ["a method that is none", '"method":5'],
    ["no method", '"params":{}'],
    ["more than a request", '"method":"ping","result":{}'],
    ["an unknown member", '"method":"ping","auth":"x"'],
    ["a prototype", '"method":"ping","__proto__":{"id":7}'],
    ["a constructor", '"method":"ping","constructor":{"prototype":{}}'],
    ["another version", '"jsonrpc":"1.0","method":"ping"'],
    ["a version as a number", '"jsonrpc":2.0,"method":"ping"'],
  ])("%s: refused under its id", async (_what, members) => {
    lastId += 1;
    server.write(`{"jsonrpc":"2.0","id":${lastId},${members}}\n`);
    expectRefused(await server.reply(lastId), "invalid_request");
  });

  test.each([
    ["no params", "", "unknown_tool"],
    ["no name", ',"params":{}', "unknown_tool"],
    ["no arguments", ',"params":{"name":"buy"}', "invalid_arguments"],
    [
      "a prototype for a name",
      ',"params":{"__proto__":{"name":"buy"},"arguments":{"symbol":"AAPL"}}',
      "unknown_tool",
    ],
    [
      "a prototype for arguments",
      ',"params":{"name":"buy","__proto__":{"arguments":{"symbol":"AAPL","quantity":1}}}',
      "invalid_arguments",
    ],
    [
      "a prototype in arguments",
      ',"params":{"name":"buy","arguments":{"__proto__":{"symbol":"AAPL","quantity":1}}}',
      "invalid_arguments",
    ],
  ])("a call with %s is an envelope", async (_what, members, code) => {
    lastId += 1;
    server.write(`{"jsonrpc":"2.0","id":${lastId},"method":"tools/call"${members}}\n`);
    expect(await server.reply(lastId)).toMatchObject({
      result: { isError: true, structuredContent: { ok: false, error: { code } } },
    });
  });

  test("methods that are none", async () => {
    const methods = ["", "Tools/Call", "tools/call ", "tools/call/../list", "__proto__", "constructor"];
    methods.push("toString", "hasOwnProperty", "resources/read", "prompts/get", "server/discover");
    methods.push("tasks/cancel", "rpc.discover", "x".repeat(5_000), "\u202e");
    for (const method of methods) {
      lastId += 1;
      server.send({ id: lastId, method, params: { name: "buy", arguments: BUY } });
      const reply = await server.reply(lastId);
      expect(reply.error?.code, method).toBe(-32601);
      expect(reply.error?.message.length, method).toBeLessThan(100);
    }
  });

  test("a call as a task, a second initialize, and initialize without anything", async () => {
    const before = orderPosts();
    server.send({ id: 60, method: "tools/call", params: { name: "buy", arguments: BUY, task: { ttl: 1 } } });
    expect((await server.reply(60)).error?.message).toMatch(/task/i);
    server.send({ ...INITIALIZE, id: 61 });
    expect(await server.reply(61)).toMatchObject({ result: { serverInfo: { name: "ibkr" } } });
    for (const [id, params] of [undefined, {}, { protocolVersion: {} }, { capabilities: 5 }].entries()) {
      server.send({ id: 62 + id, method: "initialize", params });
      expect((await server.reply(62 + id)).error?.code).toBeLessThan(-32_000);
    }
    expect(orderPosts()).toBe(before);
  });
});

test("a thousand calls at once are answered once each", async () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `many-${index}`);
  const tools = ["market_status", "order_status", "no_such_tool", "buy"];
  server.write(
    ids
      .map((id, index) => JSON.stringify({ jsonrpc: "2.0", ...callMessage(id, tools[index % 4] ?? "", {}) }))
      .join("\n"),
  );
  server.write("\n");
  const codes = new Map<string, number>();
  for (const id of ids) {
    const envelope = (await server.reply(id)).result?.structuredContent as { error?: { code: string } };
    const code = envelope.error?.code ?? "ok";
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  expect(Object.fromEntries(codes)).toEqual({ ok: 250, invalid_arguments: 500, unknown_tool: 250 });
});

describe("a server of its own", () => {
  async function another(run: (child: Child) => Promise<void>): Promise<void> {
    const state = temporaryFolder();
    const child = startRawServer(tradingOn(gateway.baseUrl, state.path));
    try {
      await run(child);
    } finally {
      child.process.kill("SIGKILL");
      await child.ended();
      state.remove();
    }
    expectOnlyAnswers(child);
  }

  test("calls before initialize are refused, whatever the tool, and the gateway hears nothing", async () => {
    gateway.control.clearRequests();
    await another(async (child) => {
      for (const [id, { name }] of catalog.entries())
        child.send(callMessage(id, name, { ...BUY, order_id: "1" }));
      child.send(callMessage("none", "no_such_tool", {}));
      for (const id of [...catalog.keys(), "none"]) {
        expect(await child.reply(id)).toMatchObject({
          result: { isError: true, structuredContent: { ok: false, error: { code: "not_initialized" } } },
        });
      }
      child.send({ id: "bad", method: "initialize", params: {} });
      child.send(callMessage("after", "positions", {}));
      expect(await child.reply("after")).toMatchObject({ result: { isError: true } });
      expect(gateway.control.requests().filter(({ path }) => !path.includes("tickle"))).toEqual([]);
      child.send({ ...INITIALIZE, id: "init" });
      child.send(callMessage("served", "market_status", {}));
      expect(await child.reply("served")).toMatchObject({ result: { structuredContent: { ok: true } } });
    });
  });

  test("half a line and the end of input: the half is no message, even when it could be read", async () => {
    const before = orderPosts();
    await another(async (child) => {
      await initialize(child);
      child.write(JSON.stringify({ jsonrpc: "2.0", ...callMessage(1, "buy", BUY) }));
      child.process.stdin.end();
      expect(await child.ended()).toMatchObject({ code: 0 });
      expect(child.messages.some(({ id }) => id === 1)).toBe(false);
    });
    expect(orderPosts()).toBe(before);
  });

  test("the end of input in the middle of ten megabytes", async () => {
    await another(async (child) => {
      await initialize(child);
      child.write("x".repeat(10 << 20));
      child.process.stdin.end();
      expect(await child.ended()).toMatchObject({ code: 0 });
    });
  });
});
