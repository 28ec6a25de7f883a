import { type Child, initialize, startChild } from "trading-mcp/testing/child";
import {
  argumentsOf,
  ask,
  call,
  expectRefusal,
  hostileCalls,
  validArguments,
  validFor,
} from "trading-mcp/testing/hostile-calls";
import { canBeMeant, EXTRA_NAMES, HOSTILE_VALUES, misspellings } from "trading-mcp/testing/hostile-values";
import { catalog } from "trading-mcp/tools/catalog";
import { SIMULATED_KEYS, type SimulatedExchange, startSimulatedExchange } from "venue-sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bareEnvironment, SERVER, temporaryFolder } from "./testing/built-server.ts";

/**
 * Every hostile value in every argument of every tool, on both exchanges: what a schema can refuse is refused
 * before the exchange hears anything, and what could be meant is answered and becomes no order.
 */
describe.each(["binance", "kraken"] as const)("on %s", (kind) => {
  const folder = temporaryFolder();
  let exchange: SimulatedExchange;
  let server: Child;

  beforeAll(async () => {
    exchange = await startSimulatedExchange({ kind, clock: "real", settings: { pacing: false } });
    server = startChild({
      command: [SERVER],
      env: bareEnvironment({
        HOME: folder.path,
        TRADING_STATE_DIR: folder.path,
        CRYPTO_EXCHANGE: kind,
        CRYPTO_API_BASE_URL: exchange.baseUrl,
        CRYPTO_API_KEY: SIMULATED_KEYS.apiKey,
        CRYPTO_API_SECRET: SIMULATED_KEYS.apiSecret,
      }),
    });
    await initialize(server);
  });

  afterAll(async () => {
    server.process.stdin.end();
    await server.ended();
    await exchange.close();
    folder.remove();
    for (const line of server.stdout) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
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
    for (const answer of answers) expect(expectRefusal(answer).code, answer.what).toBe("invalid_arguments");
  });

  test("after all of it the exchange has not seen a single request", () => {
    expect(exchange.control.requests()).toEqual([]);
  });

  test("what could be a symbol or an id somewhere is unknown here, and no order comes of it", async () => {
    const meant = (argument: "symbol" | "order_id") =>
      HOSTILE_VALUES.filter((value) => canBeMeant(value, argument)).map(({ json }) => json);
    const calls = catalog.flatMap((tool) => {
      const [argument] = (["symbol", "order_id"] as const).filter((name) => argumentsOf(tool).includes(name));
      if (argument === undefined) return [];
      // What a tool needs beyond its schema, or it is refused for the lack of it first.
      const size = argumentsOf(tool).includes("quantity") && { quantity: "1" };
      const distance = tool.name === "trailing_stop" && { trail_percent: "1" };
      return meant(argument).map((json) =>
        call(tool.name, { ...validArguments(tool), ...size, ...distance, [argument]: json }),
      );
    });
    for (const asked of calls) {
      const [answer] = await ask(server, [asked]);
      const envelope = answer?.reply.result?.structuredContent as { ok: boolean } | undefined;
      if (answer && envelope?.ok !== true) expectRefusal(answer);
    }
    expect(exchange.control.state().orders).toEqual([]);
    for (const { path } of exchange.control.requests()) expect(path).not.toMatch(/\.\.|%2e|constructor/i);
    const [status] = await ask(server, [call("session_status", {})]);
    expect(status?.reply.result?.structuredContent).toMatchObject({ ok: true, data: { can_trade: true } });
  });
});
