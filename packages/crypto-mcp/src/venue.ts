import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messageOf, TradingError } from "trading-core/domain/errors";
import { createGuardedBroker } from "trading-core/guard/guarded-broker";
import type { Policy } from "trading-core/guard/policy";
import type { OperatorGuard } from "trading-core/guard/resolve";
import type { Clock } from "trading-core/ports/clock";
import type { Logger } from "trading-mcp/logger";
import type { Venue } from "trading-mcp/tools/context";
import type { ComposedExchange } from "./exchange/create-exchange.ts";
import type { Credentials } from "./exchange/load-exchange.ts";
import { type CryptoSettings, policyOf, quoteCurrencyOf, simulatorDirOf } from "./settings.ts";

/** The venue, and what a person who looks after it asks besides. */
export interface OpenVenue extends Venue {
  guard: OperatorGuard;
  exchange: Pick<ComposedExchange, "base" | "markets" | "session">;
}

export interface CryptoVenue {
  /** Made on first use; joins or starts the simulator first in sim mode. Throws `venue_unavailable`. */
  venue(): Promise<OpenVenue>;
  policy: Policy;
  busy(): boolean;
  drain(): Promise<void>;
  hurry(): void;
  close(): Promise<void>;
}

interface Composed extends OpenVenue {
  /** False when the simulator that it was made for is gone for good. */
  usable(): boolean;
  close(): Promise<void>;
}

/** What a venue in mode sim talks to. */
interface Simulator {
  base: string;
  credentials: Credentials;
  connected(): boolean;
  release(): Promise<void>;
}

/** Puts the crypto venue together. Loads no exchange and contacts nothing until `venue()` is called. */
export function createCryptoVenue(options: {
  settings: CryptoSettings;
  stateDir: string;
  clock: Clock;
  logger: Logger;
}): CryptoVenue {
  const { settings, stateDir, clock, logger } = options;
  const policy = policyOf(settings);
  let composed: Promise<Composed> | null = null;
  let current: Composed | null = null;
  let draining = false;

  async function compose(): Promise<Composed> {
    const simulator = policy.mode === "sim" ? await joinSimulator(settings, stateDir) : null;
    const { createExchange } = await import("./exchange/create-exchange.ts");
    const exchange = await createExchange({
      exchange: settings.CRYPTO_EXCHANGE,
      mode: policy.mode,
      simulatorBase: simulator?.base ?? null,
      credentials: simulator?.credentials ?? credentialsOf(settings),
      accountName: settings.CRYPTO_ACCOUNT_NAME,
      allowWithdrawalKey: settings.CRYPTO_ALLOW_WITHDRAWAL_KEY,
      quoteCurrency: quoteCurrencyOf(settings),
      cashCurrencies: policy.cashCurrencies,
      stateDir,
      clock,
    });
    const { broker, marketData, session } = exchange;
    const guard = createGuardedBroker({
      broker,
      marketData,
      session,
      policy,
      clock,
      log: logger,
      stateDir,
      journalPath: settings.CRYPTO_TRADE_JOURNAL_PATH,
    });
    return {
      guard,
      marketData,
      session,
      exchange,
      usable: () => simulator?.connected() ?? true,
      async close() {
        exchange.close();
        guard.close();
        await simulator?.release();
      },
    };
  }

  async function replaceDead(): Promise<void> {
    if (current === null || current.usable() || current.guard.busy()) return;
    logger.warn({}, "the simulator is gone; starting it again from its books");
    const dead = current;
    current = null;
    composed = null;
    await dead.close();
  }

  return {
    policy,
    async venue() {
      await replaceDead();
      composed ??= compose();
      try {
        current = await composed;
      } catch (error) {
        // Serves both: the next call tries again from the start.
        composed = null;
        throw error;
      }
      if (draining) await current.guard.drain();
      return current;
    },
    busy: () => current?.guard.busy() ?? false,
    async drain() {
      draining = true;
      await current?.guard.drain();
    },
    hurry: () => current?.guard.hurry(),
    async close() {
      const last = await composed?.catch(() => null);
      await last?.close();
    },
  };
}

function credentialsOf(settings: CryptoSettings): Credentials | null {
  const { CRYPTO_API_KEY: apiKey, CRYPTO_API_SECRET: secret, CRYPTO_API_PASSWORD: password } = settings;
  return apiKey === null || secret === null ? null : { apiKey, secret, password };
}

async function joinSimulator(settings: CryptoSettings, stateDir: string): Promise<Simulator> {
  const { connectSimulator, SIMULATED_KEYS } = await import("venue-sim");
  const credentials = credentialsOf(settings) ?? {
    apiKey: SIMULATED_KEYS.apiKey,
    secret: SIMULATED_KEYS.apiSecret,
    password: null,
  };
  const byHand = settings.CRYPTO_API_BASE_URL;
  if (byHand !== null) {
    return { base: byHand.origin, credentials, connected: () => true, release: () => Promise.resolve() };
  }
  const folder = simulatorDirOf(stateDir, settings);
  try {
    const simulator = await connectSimulator({
      stateDir: folder,
      kind: settings.CRYPTO_EXCHANGE,
      command: [process.execPath, simulatorProgram()],
    });
    return {
      base: simulator.baseUrl,
      credentials,
      connected: () => simulator.connected(),
      release: () => simulator.release(),
    };
  } catch (error) {
    throw new TradingError(
      "venue_unavailable",
      `The simulator could not be started: ${messageOf(error)}`,
      `Look into ${folder}; \`crypto-mcp sim reset\` begins with a fresh account.`,
      { retryable: true, cause: error },
    );
  }
}

/** The simulator's program: beside the bundle, or in the build when run from the sources. */
function simulatorProgram(): string {
  const candidates = ["./crypto-sim.js", "../dist/bundle/crypto-sim.js"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error("the simulator's program is not built; run the build first");
  return found;
}
