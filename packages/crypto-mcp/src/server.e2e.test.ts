import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { startSimulatedExchange } from "venue-sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BuiltServer,
  bareEnvironment,
  SERVER,
  startBuiltServer,
  temporaryFolder,
} from "./testing/built-server.ts";

let folder: ReturnType<typeof temporaryFolder>;
let server: BuiltServer | null = null;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await server?.close();
  server = null;
  folder.remove();
});

const state = () => ({ HOME: folder.path, TRADING_STATE_DIR: join(folder.path, "state") });

function run(args: string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [SERVER, ...args], {
    env: bareEnvironment({ ...state(), ...env }),
    input: "",
    encoding: "utf8",
  });
}

describe("the built server", () => {
  it("trades on an exchange of its own that it starts: buys, protects, cancels, closes", async () => {
    server = await startBuiltServer({ args: ["--sim"], env: state() });
    expect(await server.call("session_status")).toMatchObject({
      ok: true,
      data: { can_trade: true, mode: "sim", account_type: "PAPER", dry_run: false },
    });
    const quote = await server.call("get_quote", { symbol: "BTC" });
    expect(quote.data).toMatchObject({ symbol: "BTC/USDT", delayed: false });
    const bought = await server.call("buy", { symbol: "BTC", cash_amount: 50 });
    expect(bought.data).toMatchObject({ status: "filled", symbol: "BTC/USDT", dry_run: false });
    const held = await server.call("positions");
    expect(held.data.positions[0]).toMatchObject({ symbol: "BTC/USDT", currency: "USDT" });
    const stop = await server.call("stop_order", {
      symbol: "BTC",
      side: "SELL",
      quantity: "0.0004",
      stop_price: (Number(quote.data.bid) * 0.9).toFixed(2),
    });
    expect(stop.data).toMatchObject({ status: "submitted", time_in_force: "GTC" });
    expect((await server.call("cancel_order", { order_id: stop.data.order_id })).data).toMatchObject({
      outcome: "done",
    });
    expect((await server.call("close_position", { symbol: "BTC" })).data.order.status).toBe("filled");
    const summary = await server.call("account_summary");
    expect(summary.data).toMatchObject({ currency: "USDT", account_id: expect.stringMatching(/^\d+$/) });
    const refused = await server.call("buy", { symbol: "BTC", cash_amount: 5000 });
    expect(refused).toMatchObject({ ok: false, error: { code: "order_value_exceeded" } });
  });

  it("answers initialize and lists its tools before the exchange's code is loaded or anybody is asked", async () => {
    server = await startBuiltServer({
      env: { ...state(), CRYPTO_TRADING_MODE: "live", CRYPTO_API_KEY: "k", CRYPTO_API_SECRET: "s" },
    });
    expect(await server.tools()).toContain("buy");
    expect(existsSync(join(folder.path, "state", "exchanges"))).toBe(false);
  });

  it("says what is missing where there is no key, and refuses the rest with the way to set it up", async () => {
    server = await startBuiltServer({ env: { ...state(), CRYPTO_TRADING_MODE: "live" } });
    expect(await server.call("session_status")).toMatchObject({
      ok: true,
      data: { can_trade: false, dry_run: true, session: { state: "no_key" } },
    });
    expect(await server.call("buy", { symbol: "BTC", cash_amount: 10 })).toMatchObject({
      ok: false,
      error: { code: "no_key", next_step: expect.stringContaining("CRYPTO_API_KEY") },
    });
  });

  it("tries again after the exchange did not answer, and keeps its markets for the owner alone", async () => {
    const exchange = await startSimulatedExchange({ kind: "binance", clock: "real" });
    try {
      exchange.control.faults.add({ path: "exchangeInfo", action: { type: "status", status: 503 } });
      server = await startBuiltServer({ env: { ...state(), CRYPTO_API_BASE_URL: exchange.baseUrl } });
      expect((await server.call("session_status")).data).toMatchObject({
        can_trade: false,
        session: { state: "exchange_unavailable" },
      });
      expect((await server.call("session_status")).data.can_trade).toBe(true);
      const kept = join(folder.path, "state", "exchanges");
      const [file = ""] = readdirSync(kept);
      expect(statSync(join(kept, file)).mode & 0o777).toBe(0o600);
      const asked = () => exchange.control.requests().filter(({ path }) => path.includes("exchangeInfo"));
      const before = asked().length;
      await server.close();
      server = await startBuiltServer({ env: { ...state(), CRYPTO_API_BASE_URL: exchange.baseUrl } });
      expect((await server.call("session_status")).data.can_trade).toBe(true);
      expect(asked()).toHaveLength(before);
    } finally {
      await exchange.close();
    }
  });
});

describe("the operator's commands", () => {
  it("halt this exchange beside a server that runs, resume only at a terminal, and tell the journal", async () => {
    server = await startBuiltServer({ args: ["--sim"], env: state() });
    const bought = await server.call("buy", { symbol: "BTC", cash_amount: 50 });
    expect(bought.data.status).toBe("filled");
    expect(run(["halt", "--reason", "lunch"])).toMatchObject({ status: 0 });
    expect(await server.call("buy", { symbol: "ETH", cash_amount: 50 })).toMatchObject({
      ok: false,
      error: { code: "trading_reducing" },
    });
    const resumed = run(["resume"]);
    expect(resumed.status).toBe(2);
    expect(resumed.stderr).toMatch(/terminal/);
    expect(run(["journal", "verify"])).toMatchObject({ status: 0 });
    expect(run(["journal", "show", bought.data.order_id]).stdout).toContain("BTC/USDT");
  });
});

describe("settings", () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      "an address that is not this machine's",
      { CRYPTO_API_BASE_URL: "https://evil.test" },
      /CRYPTO_API_BASE_URL.*127\.0\.0\.1/,
    ],
    [
      "an address of one's own for real money",
      { CRYPTO_TRADING_MODE: "live", CRYPTO_API_BASE_URL: "http://127.0.0.1:1" },
      /CRYPTO_API_BASE_URL.*CRYPTO_TRADING_MODE=sim/,
    ],
    [
      "a test system that does not exist",
      { CRYPTO_EXCHANGE: "kraken", CRYPTO_TRADING_MODE: "sandbox" },
      /no test system/,
    ],
    ["an exchange without verified forms", { CRYPTO_EXCHANGE: "mexc" }, /CRYPTO_EXCHANGE.*binance or kraken/],
    ["margin", { CRYPTO_ALLOW_MARGIN: "true" }, /CRYPTO_ALLOW_MARGIN.*spot only/],
    ["half a key", { CRYPTO_API_KEY: "only-this" }, /CRYPTO_API_SECRET is missing/],
    ["a typo in an arm", { CRYPTO_ALLOW_LIVES: "true" }, /did you mean CRYPTO_ALLOW_LIVE\?/],
  ])("start nothing with %s", (_what, env, said) => {
    const ended = run([], env);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toContain("only-this");
  });

  it("are printed without a secret", () => {
    const ended = run(["config"], { CRYPTO_API_KEY: "public-part", CRYPTO_API_SECRET: "the-secret-part" });
    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain("dry run        off");
    expect(ended.stdout).not.toMatch(/the-secret-part|public-part/);
  });
});
