import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkOf, runProgram, type Told, troubles } from "trading-mcp/testing/built-healthcheck";
import {
  SIMULATED_KEYS,
  type SimulatedExchange,
  type SimulatedExchangeOptions,
  startSimulatedExchange,
} from "venue-sim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startBuiltServer, temporaryFolder } from "../testing/built-server.ts";
import { CHECK_NAMES } from "./check-names.ts";

/** The built program: its two forms, its exit codes, and what it says of an exchange, a key and an account. */
const PROGRAM = fileURLToPath(new URL("../../bin/crypto-healthcheck.mjs", import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let exchange: SimulatedExchange | null = null;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  const sent = exchange?.control
    .requests()
    .filter(({ method, path }) => method !== "GET" && ORDERS.test(path));
  await exchange?.close();
  exchange = null;
  folder.remove();
  expect(sent ?? []).toEqual([]);
});

/** What could become, change or end an order. */
const ORDERS = /\/order(?!s)|openOrders|AddOrder|CancelOrder|CancelAll|AmendOrder|EditOrder|cancelReplace/;

function run(args: string[], env: Record<string, string> = {}) {
  const home = { HOME: folder.path, TRADING_STATE_DIR: join(folder.path, "state") };
  const at: Record<string, string> = exchange === null ? {} : { CRYPTO_API_BASE_URL: exchange.baseUrl };
  return runProgram(PROGRAM, args, { ...home, ...at, ...env });
}

async function report(args: string[] = [], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run(["--json", ...args], env);
  expect(stderr).toBe("");
  return { ...(JSON.parse(stdout) as Told), code };
}

async function open(options: Partial<SimulatedExchangeOptions> = {}): Promise<SimulatedExchange> {
  exchange = await startSimulatedExchange({ kind: "binance", clock: "real", ...options });
  return exchange;
}

describe("an exchange that answers", () => {
  test("it is ready, tells every check, and sends no order", async () => {
    await open({ balances: { USDT: "1234.5", BTC: "0.25" } });
    const told = await report([], { MAX_DAILY_VALUE: "500" });
    expect(told).toMatchObject({
      ok: true,
      code: 0,
      verdict: "Ready to trade on the simulator (dry run off).",
    });
    expect(told.checks.map(({ name }) => name)).toEqual([...CHECK_NAMES]);
    expect(troubles(told)).toEqual({});
    expect(checkOf(told, "settings")).toMatchObject({ server_version: expect.stringMatching(/^\d+\.\d+/) });
    expect(checkOf(told, "exchange")).toMatchObject({ exchange: "Binance", host: exchange?.baseUrl });
    expect(checkOf(told, "markets")).toMatchObject({ count: expect.any(Number), age_minutes: 0 });
    expect(checkOf(told, "account")).toMatchObject({ account_type: "PAPER" });
    expect(checkOf(told, "balance")).toMatchObject({
      available_funds: "1234.50",
      holdings: [{ asset: "BTC", quantity: "0.25" }],
    });
    expect(checkOf(told, "quote")).toMatchObject({ symbol: "BTC/USDT" });
    expect(checkOf(told, "limits")).toMatchObject({ risk_currency: "USDT", remaining_today: "500.00" });
    expect(checkOf(told, "journal")).toMatchObject({ records: 0, complete: true });
  });

  test("the text fits 100 columns but for paths, has no colours in a pipe, and says the verdict first", async () => {
    await open();
    const { code, stdout, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("Ready to trade on the simulator (dry run off).");
    for (const line of lines.filter((each) => !each.includes("/")))
      expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).not.toContain("\u001b");
    for (const name of CHECK_NAMES) expect(stdout).toContain(`  ok    ${name.replaceAll("_", " ")}`);
  });

  test("markets that are kept are told with their age, and are not asked for again", async () => {
    const { control } = await open();
    await report();
    const kept = join(folder.path, "state", "exchanges", "binance-sim-markets.json");
    const file = JSON.parse(readFileSync(kept, "utf8")) as { readAt: number };
    writeFileSync(kept, JSON.stringify({ ...file, readAt: file.readAt - 3 * 3_600_000 }));
    control.clearRequests();
    expect(checkOf(await report(), "markets")).toMatchObject({
      age_minutes: 180,
      message: expect.stringContaining("3 h ago"),
    });
    expect(control.requests({ path: "exchangeInfo" })).toEqual([]);
  });

  test("a key that can withdraw is pointed out, with what to do", async () => {
    const { control } = await open();
    control.configure({ canWithdraw: true });
    const told = await report(["--strict"]);
    expect(told).toMatchObject({
      ok: true,
      code: 3,
      next_step: expect.stringContaining("may read and trade"),
    });
    expect(checkOf(told, "key")).toMatchObject({
      status: "warn",
      can_withdraw: true,
      message: expect.stringContaining("CAN WITHDRAW"),
    });
  });

  test("a key that the exchange does not take is not ready, and neither it nor its secret is told", async () => {
    await open();
    const keys = { CRYPTO_API_KEY: "wrong-key-0123456789", CRYPTO_API_SECRET: "wrong-secret-0123456789" };
    const told = await report([], keys);
    expect(told).toMatchObject({ ok: false, code: 1, next_step: expect.stringContaining("CRYPTO_API_KEY") });
    expect(checkOf(told, "key")).toMatchObject({ status: "fail", configured: true });
    expect(checkOf(told, "exchange").status).toBe("ok");
    expect(checkOf(told, "quote").status).toBe("ok");
    const { stdout } = await run([], keys);
    for (const secret of Object.values(keys)) expect(stdout + JSON.stringify(told)).not.toContain(secret);
  });

  test("LOG_LEVEL=debug tells more, and never the key or its secret", async () => {
    await open();
    const { stderr, stdout } = await run([], {
      LOG_LEVEL: "debug",
      CRYPTO_API_KEY: SIMULATED_KEYS.apiKey,
      CRYPTO_API_SECRET: SIMULATED_KEYS.apiSecret,
    });
    for (const secret of Object.values(SIMULATED_KEYS)) expect(stderr + stdout).not.toContain(secret);
  });

  test("a clock that is five minutes ahead is not ready", async () => {
    const { control } = await open();
    control.configure({ clockSkew: -300_000 });
    control.faults.add({
      count: Number.POSITIVE_INFINITY,
      action: { type: "clock-skew", milliseconds: -300_000 },
    });
    const told = await report();
    expect(told.code).toBe(1);
    expect(checkOf(told, "clock")).toMatchObject({
      status: "fail",
      next_step: expect.stringContaining("NTP"),
    });
  });

  test("a pair that is not listed is not ready, and the flag is named", async () => {
    await open();
    expect(checkOf(await report(["--symbol", "eth/usdt"]), "quote")).toMatchObject({ symbol: "ETH/USDT" });
    const told = await report(["--symbol", "NOSUCH"]);
    expect(told).toMatchObject({ code: 1, next_step: expect.stringContaining("--symbol") });
    expect(told.verdict).toContain("Binance");
  });

  test("a halted desk is not ready, and says why", async () => {
    await open();
    await report();
    writeFileSync(
      join(folder.path, "state", "crypto-binance.trading-state.json"),
      JSON.stringify({ state: "HALTED", reason: "the operator said so", since: "2026-11-20T15:00:00Z" }),
    );
    const told = await report();
    expect(told).toMatchObject({ ok: false, code: 1 });
    expect(told.verdict).toContain("the operator said so");
  });
});

describe("an exchange that does not answer", () => {
  test("is named with its address and no stack trace, and what needs it is skipped", async () => {
    const { code, stdout, stderr } = await run([], { CRYPTO_API_BASE_URL: "http://127.0.0.1:1" });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^Not ready: Binance did not give /);
    expect(stdout).toContain("http://127.0.0.1:1");
    expect(stdout).not.toMatch(/\bat .*\.(?:js|ts):\d+/);
    const told = await report([], { CRYPTO_API_BASE_URL: "http://127.0.0.1:1" });
    const failed = Object.entries(troubles(told)).filter(([, status]) => status === "fail");
    expect(failed.map(([name]) => name)).toEqual(["exchange"]);
  });

  test("maintenance of its trading", async () => {
    const { control } = await open();
    control.faults.add({ count: Number.POSITIVE_INFINITY, action: { type: "status", status: 503 } });
    const told = await report();
    expect(told.code).toBe(1);
    expect(checkOf(told, "exchange")).toMatchObject({
      status: "fail",
      next_step: expect.stringMatching(/status/),
    });
  });
});

describe("settings", () => {
  test("half a key is named, and not shown", async () => {
    const told = await report([], { CRYPTO_API_KEY: "only-this" });
    expect(told).toMatchObject({ ok: false, code: 2 });
    expect(checkOf(told, "settings").message).toContain("CRYPTO_API_SECRET");
    expect(JSON.stringify(told)).not.toContain("only-this");
  });

  test.each([
    [["--simm"], /Unknown flag --simm/],
    [["--symbol", "$BTC"], /--symbol has to be/],
  ])("%j ends with 2", async (args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(words);
  });
});

test.each(["binance", "kraken"] as const)(
  "--sim on %s is ready without any configuration, beside a server that trades there",
  async (kind) => {
    const env = { HOME: folder.path, TRADING_STATE_DIR: join(folder.path, "state"), CRYPTO_EXCHANGE: kind };
    const server = await startBuiltServer({ args: ["--sim"], env });
    try {
      expect((await server.call("buy", { symbol: "BTC", cash_amount: 30 })).ok).toBe(true);
      const told = await report(["--sim"], { CRYPTO_EXCHANGE: kind });
      expect(told).toMatchObject({
        ok: true,
        code: 0,
        verdict: "Ready to trade on the simulator (dry run off).",
      });
      expect(checkOf(told, "limits").committed_today).not.toBe("0.00");
      expect(checkOf(told, "balance").holdings).toMatchObject([{ asset: "BTC" }]);
      expect((await server.call("session_status")).data.can_trade).toBe(true);
    } finally {
      await server.close();
    }
  },
);
