import type { TradingMode } from "trading-core/guard/policy";
import { type SimulatedExchange, startSimulatedExchange } from "venue-sim";
import { afterEach, describe, expect, it } from "vitest";
import { createConnection } from "./connection.ts";
import { loadExchange } from "./load-exchange.ts";
import { createMarkets } from "./markets.ts";
import { type ExchangeId, profiles } from "./profile.ts";
import { createSession } from "./session.ts";
import { createWire } from "./wire.ts";

let simulator: SimulatedExchange;
afterEach(() => simulator.close());

/** A session in any mode whose requests really go to a simulator, as if its address were the exchange's. */
async function sessionIn(
  mode: TradingMode,
  options: {
    kind?: ExchangeId;
    as?: "live" | "sandbox" | "none";
    insists?: boolean;
    canWithdraw?: boolean;
  } = {},
) {
  const kind = options.kind ?? "binance";
  simulator = await startSimulatedExchange({
    kind,
    start: "2026-03-02T15:00:00Z",
    settings: { canWithdraw: options.canWithdraw ?? false },
  });
  const base = simulator.baseUrl;
  const clock = {
    now: () => simulator.clock.now(),
    monotonic: () => simulator.clock.now(),
    sleep: async () => {},
  };
  const profile = {
    ...profiles[kind],
    ...(options.as === "live" && { liveBase: base }),
    ...(options.as === "sandbox" && { sandboxBase: base }),
  };
  const credentials = { apiKey: simulator.keys.apiKey, secret: simulator.keys.apiSecret, password: null };
  const wire = createWire([base], clock);
  const exchange = await loadExchange({ profile, base, credentials, wire, clock });
  return createSession({
    connection: createConnection(exchange, clock),
    markets: createMarkets(exchange, { cachePath: "/nowhere/markets.json", source: base, clock }),
    mode,
    base,
    credentials,
    accountName: "main",
    allowWithdrawalKey: options.insists ?? false,
    clockSkew: wire.clockSkew,
    close: wire.close,
  });
}

describe("paper or real money", () => {
  it.each<[TradingMode, "live" | "sandbox" | "none", boolean | null]>([
    ["sim", "none", true],
    ["sandbox", "sandbox", true],
    ["live", "live", false],
    // The label says test system, the host is the exchange: the host counts (L32).
    ["sandbox", "live", false],
    ["sim", "live", false],
    ["live", "sandbox", true],
    // A program on this machine may pass on to anywhere.
    ["sandbox", "none", null],
    ["live", "none", null],
  ])("in mode %s with requests that go to the %s address", async (mode, as, isPaper) => {
    const session = await sessionIn(mode, { as });
    const identity = await session.identity();
    expect(identity.isPaper).toBe(isPaper);
    expect(identity.evidence).toContain(simulator.baseUrl);
  });

  it("S34: is of the account that the exchange names, else of the operator's name for it", async () => {
    expect((await (await sessionIn("sim")).identity()).accountId).toBe("354937868");
    await simulator.close();
    expect((await (await sessionIn("sim", { kind: "kraken" })).identity()).accountId).toBe("main");
  });
});

describe("a key that can withdraw", () => {
  it("is refused for real money, with what to do", async () => {
    const session = await sessionIn("live", { as: "live", canWithdraw: true });
    await expect(session.ensureReady()).rejects.toMatchObject({
      code: "key_can_withdraw",
      nextStep: expect.stringContaining("CRYPTO_ALLOW_WITHDRAWAL_KEY"),
    });
    expect(await session.status()).toMatchObject({ ready: false, state: "key_can_withdraw" });
  });

  it("is taken where the operator insists, and pointed out", async () => {
    const session = await sessionIn("live", { as: "live", canWithdraw: true, insists: true });
    await expect(session.ensureReady()).resolves.toBeUndefined();
    expect((await session.status()).message).toMatch(/WARNING.*withdraw/);
  });

  it("is pointed out where no money is real", async () => {
    const session = await sessionIn("sim", { canWithdraw: true });
    expect(await session.status()).toMatchObject({ ready: true, message: expect.stringMatching(/WARNING/) });
  });
});

describe("a session", () => {
  it("is not ready with a key that the exchange does not take, and tells no secret", async () => {
    const session = await sessionIn("sim");
    simulator.control.faults.add({
      path: "account",
      count: Number.POSITIVE_INFINITY,
      action: {
        type: "error",
        code: -2015,
        message: "Invalid API-key, IP, or permissions for action.",
        status: 401,
      },
    });
    const status = await session.status();
    expect(status).toMatchObject({ ready: false, state: "key_refused" });
    expect(JSON.stringify(status)).not.toMatch(/signature=|simulated-exchange-api-key/);
  });

  it("keeps no failure: the next call asks again", async () => {
    const session = await sessionIn("sim");
    simulator.control.faults.add({ path: "exchangeInfo", action: { type: "reset" } });
    expect((await session.status()).ready).toBe(false);
    expect((await session.status()).ready).toBe(true);
  });

  it("asks who it is once: neither the key nor the host changes while a server runs", async () => {
    const session = await sessionIn("sim");
    await session.identity();
    const asked = simulator.control.requests().length;
    await session.identity();
    await session.ensureReady();
    expect(simulator.control.requests()).toHaveLength(asked);
  });

  it("S26: says by how much the exchange's clock differs", async () => {
    const session = await sessionIn("sim");
    simulator.control.configure({ clockSkew: 90_000 });
    await session.status();
    expect(Math.abs((session.clockSkew() ?? 0) - 90_000)).toBeLessThan(1_500);
  });
});
