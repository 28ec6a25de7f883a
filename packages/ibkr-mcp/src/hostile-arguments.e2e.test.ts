import fc from "fast-check";
import { type Child, initialize } from "trading-mcp/testing/child";
import {
  argumentsOf,
  ask,
  call,
  callsMade,
  expectRefusal,
  hostileCalls,
  validArguments,
  validFor,
} from "trading-mcp/testing/hostile-calls";
import { EXTRA_NAMES, HOSTILE_VALUES, KINDS, misspellings, VALID } from "trading-mcp/testing/hostile-values";
import { catalog } from "trading-mcp/tools/catalog";
import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "./testing/built-server.ts";
import { NO_GATEWAY, startRawServer, tradingOn } from "./testing/raw-server.ts";

/**
 * Every hostile value in every argument of every tool, sent to the built server in raw lines. What the
 * schemas refuse must never reach a venue, so nothing has asked the gateway for anything when the first
 * half of this file is through: not even who we are.
 */
const folder = temporaryFolder();
let gateway: SimulatedGateway;
let server: Child;

beforeAll(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPrice("AAPL", { last: 250 });
  server = startRawServer(tradingOn(gateway.baseUrl, folder.path));
  await initialize(server);
});

afterAll(async () => {
  server.process.stdin.end();
  await server.ended();
  await gateway.close();
  folder.remove();
  process.stderr.write(`hostile calls over the built server: ${callsMade()}\n`);
  for (const line of server.stdout) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
});

const orders = () => gateway.control.state().orders;
const writes = () =>
  gateway.control
    .requests()
    .filter(({ method, path }) => method !== "GET" && /order|reply/.test(path))
    .map(({ method, path }) => `${method} ${path}`);

describe("what a schema can refuse is refused before the gateway is asked anything at all", () => {
  test("every argument is known to this table", () => {
    const names = new Set(catalog.flatMap(argumentsOf));
    expect([...names].filter((name) => KINDS[name] === undefined || VALID[name] === undefined)).toEqual([]);
  });

  test.each(catalog.filter((tool) => argumentsOf(tool).length > 0))("hostile values: $name", async (tool) => {
    const cells = hostileCalls(tool);
    const answers = await ask(
      server,
      cells.map((cell) => cell.call),
    );
    for (const [index, answer] of answers.entries()) {
      const { code, message } = expectRefusal(answer);
      expect(code, answer.what).toBe("invalid_arguments");
      expect(message, answer.what).toContain(`"${cells[index]?.name}`);
    }
  });

  test.each(catalog)("misspelt and extra arguments: $name", async (tool) => {
    const names = [...argumentsOf(tool).flatMap(misspellings), ...EXTRA_NAMES];
    const wrong = names.filter((name) => !argumentsOf(tool).includes(name));
    const answers = await ask(
      server,
      wrong.map((name) =>
        call(tool.name, { ...validArguments(tool), [name]: validFor(name.trim()) ?? '"1"' }),
      ),
    );
    for (const answer of answers) {
      const { code, message } = expectRefusal(answer);
      expect(code, answer.what).toBe("invalid_arguments");
      expect(message, answer.what).toContain("unknown argument");
    }
  });

  test.each(catalog)("a missing argument, and arguments that are none: $name", async (tool) => {
    const required = Object.keys(validArguments(tool));
    const missing = required.map((name) => {
      const { [name]: _, ...rest } = validArguments(tool);
      return call(tool.name, rest);
    });
    const withArguments = (json: string) => ({
      what: `${tool.name} with ${json}`,
      json: `{"name":"${tool.name}","arguments":${json}}`,
    });
    if (required.length > 0) missing.push(withArguments("null"), withArguments("{}"));
    for (const answer of await ask(server, missing)) {
      const { code, message } = expectRefusal(answer);
      expect(code, answer.what).toBe("invalid_arguments");
      expect(message, answer.what).toContain("is missing");
    }
    const noObject = ["[]", "[{}]", '"AAPL"', '"{}"', "5", "true"].map(withArguments);
    for (const answer of await ask(server, noObject)) {
      const { code, message } = expectRefusal(answer);
      expect(code, answer.what).toBe("invalid_arguments");
      expect(message, answer.what).toContain("the arguments have to be an object");
    }
  });

  test("sizes that do not fit together", async () => {
    const sizes: [string, Record<string, string>, string][] = [
      ["buy", {}, "size_required"],
      ["preview_order", { side: '"SELL"' }, "size_required"],
      ["buy", { cash_amount: "1", quantity: "1" }, "size_conflict"],
      ["buy", { cash_amount: "1", limit_price: "1" }, "cash_amount_market_only"],
      ["preview_order", { side: '"SELL"', cash_amount: "1" }, "cash_amount_buy_only"],
      ["preview_order", { side: '"BUY"', quantity: "1", take_profit: "2" }, "bracket_incomplete_arguments"],
      [
        "preview_order",
        { side: '"SELL"', quantity: "1", trail_amount: "1", trail_percent: "1" },
        "trail_conflict",
      ],
      ["trailing_stop", { side: '"SELL"', quantity: "1" }, "trail_required"],
      ["preview_order", { side: '"BUY"', cash_amount: "1", stop_price: "1" }, "cash_amount_market_only"],
      ["buy", { quantity: "1", time_in_force: '"GTC"' }, "time_in_force_unused"],
    ];
    const answers = await ask(
      server,
      sizes.map(([tool, args]) => call(tool, { symbol: '"AAPL"', ...args })),
    );
    expect(answers.map((answer) => expectRefusal(answer).code)).toEqual(sizes.map(([, , code]) => code));
  });

  test("tools that are none", async () => {
    const names = [...EXTRA_NAMES, "BUY", "buy ", "place_order", "../buy", "buy\u200b"].map((name) =>
      JSON.stringify(name),
    );
    const answers = await ask(
      server,
      [...names, "null", "5", "{}", "[]", '["buy"]', "true"].map((name) => ({
        what: `tool ${name.slice(0, 100)}`,
        json: `{"name":${name},"arguments":{"symbol":"AAPL","quantity":1}}`,
      })),
    );
    answers.push(...(await ask(server, [{ what: "no tool", json: "{}" }])));
    for (const answer of answers) expect(expectRefusal(answer).code, answer.what).toBe("unknown_tool");
  });

  test("after all of it the gateway has not seen a single request", () => {
    expect(gateway.control.requests()).toEqual([]);
    expect(callsMade()).toBeGreaterThan(3_000);
  });
});

describe("what looks like an id or a symbol and is none here", () => {
  const withId = catalog.filter((tool) => argumentsOf(tool).includes("order_id"));
  // Text that could be the id of an order somewhere. IBKR's are up to 19 digits.
  const impossible = HOSTILE_VALUES.filter(({ means }) => means?.includes("order_id"))
    .map(({ json }) => json)
    .filter((json) => !/^"[1-9]\d{0,18}"$/.test(json));
  const idCalls = () =>
    withId.flatMap((tool) =>
      [...impossible, '"ab12cd34ef56"', '"99999999999999999999"'].map((json) =>
        call(tool.name, { ...validArguments(tool), order_id: json }),
      ),
    );

  test("an order id that cannot exist is refused as such, though no gateway is there to ask", async () => {
    const offline = temporaryFolder();
    const alone = startRawServer(tradingOn(NO_GATEWAY, offline.path));
    await initialize(alone);
    for (const answer of await ask(alone, idCalls())) {
      expect(expectRefusal(answer).code, answer.what).toBe("invalid_order_id");
    }
    alone.process.stdin.end();
    await alone.ended();
    offline.remove();
  });

  test("and with a gateway no request carries it", async () => {
    for (const answer of await ask(server, idCalls())) {
      expect(expectRefusal(answer).code, answer.what).toBe("invalid_order_id");
    }
    const paths = gateway.control.requests().map(({ path }) => path);
    expect(paths.filter((path) => path.includes("order/status"))).toEqual([]);
    expect(writes()).toEqual([]);
  });

  test("a symbol of another venue is unknown here, and no request carries it", async () => {
    const withSymbol = catalog.filter((tool) => argumentsOf(tool).includes("symbol"));
    const names = ['"BTC/USDT:USDT"', '"BTC/USDT"', '"A-B-C"', '"1000000000001"'];
    const answers = await ask(
      server,
      withSymbol.flatMap((tool) =>
        names.map((symbol) => {
          // What a tool needs beyond its schema, or it is refused for the lack of it first.
          const size = argumentsOf(tool).includes("quantity") && { quantity: "1" };
          const distance = tool.name === "trailing_stop" && { trail_amount: "1" };
          return call(tool.name, { ...validArguments(tool), symbol, ...size, ...distance });
        }),
      ),
    );
    for (const answer of answers) expect(expectRefusal(answer).code, answer.what).toBe("unknown_symbol");
    const [listed] = await ask(server, [call("get_quotes", { symbols: `[${names.join(",")}]` })]);
    const envelope = listed?.reply.result?.structuredContent as { data: { unavailable: unknown[] } };
    expect(envelope.data.unavailable).toHaveLength(names.length);
    for (const { path } of gateway.control.requests()) expect(path).not.toMatch(/BTC|USDT|A-B|100000000/i);
    expect(writes()).toEqual([]);
  });

  test("sizes that are numbers and no sense are refused by the guard", async () => {
    const answers = await ask(server, [
      call("buy", { symbol: '"AAPL"', quantity: "1e12" }),
      call("buy", { symbol: '"AAPL"', cash_amount: '"1000000000000"' }),
      call("buy", { symbol: '"AAPL"', quantity: '"0.000000000001"', limit_price: "1" }),
      call("sell", { symbol: '"AAPL"', quantity: '"0.000000000001"' }),
      call("stop_order", { symbol: '"AAPL"', side: '"SELL"', quantity: "1e12", stop_price: "1e-12" }),
    ]);
    for (const answer of answers)
      expect(expectRefusal(answer).code, answer.what).not.toBe("invalid_arguments");
    expect(writes()).toEqual([]);
    expect(orders()).toEqual([]);
  });
});

describe("fuzzed over the built server", () => {
  const word = fc.constantFrom("AAPL", "BUY", "SELL", "DAY", "1", "187.50", "../x", "NaN", "");
  const wild = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: "binary" }), word, fc.double());
  // A halt that got through would leave nothing that the rest could reach.
  const tools = catalog.filter(({ kind }) => kind !== "control");
  const names = [...new Set(tools.flatMap(argumentsOf)), "__proto__", "note"];
  const anyCall = fc.record({
    tool: fc.oneof(fc.constantFrom(...tools.map(({ name }) => name)), fc.string()),
    args: fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...names), wild, { minKeys: 1, maxKeys: 5 }) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null) },
    ),
  });

  test("400 calls out of nowhere: an envelope each, at most one order each, and the server stays up", async () => {
    const before = orders().length;
    let placed = 0;
    await fc.assert(
      fc.asyncProperty(anyCall, async ({ tool, args }) => {
        const json = JSON.stringify({ name: tool, arguments: args });
        const [answer] = await ask(server, [{ what: json, json }]);
        const result = answer?.reply.result;
        const envelope = result?.structuredContent as { ok: boolean; data?: { order_id?: unknown } };
        if (answer && !envelope.ok) expectRefusal(answer);
        else expect(result?.isError).toBeUndefined();
        if (envelope.ok && envelope.data?.order_id != null) placed += 1;
      }),
      { seed: 20_261_120, numRuns: 400 },
    );
    expect(orders().length - before).toBe(placed);
    const [last] = await ask(server, [call("session_status", {})]);
    expect(last?.reply.result?.structuredContent).toMatchObject({ ok: true, data: { can_trade: true } });
  });
});
