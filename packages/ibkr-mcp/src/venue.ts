import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messageOf, TradingError } from "trading-core/domain/errors";
import { createGuardedBroker } from "trading-core/guard/guarded-broker";
import type { Policy } from "trading-core/guard/policy";
import type { OperatorGuard } from "trading-core/guard/resolve";
import type { Clock } from "trading-core/ports/clock";
import type { Logger } from "trading-mcp/logger";
import type { Venue } from "trading-mcp/tools/context";
import type { SimulatorConnection } from "venue-sim";
import type { Cpapi } from "./cpapi/create-cpapi.ts";
import type { Watch } from "./keepalive/watch.ts";
import { type IbkrSettings, policyOf, simulatorDirOf } from "./settings.ts";

export interface IbkrVenue {
  /** Made on first use; joins or starts the simulator first in sim mode. Throws `venue_unavailable`. */
  venue(): Promise<Venue & { guard: OperatorGuard }>;
  policy: Policy;
  busy(): boolean;
  drain(): Promise<void>;
  hurry(): void;
  close(): Promise<void>;
}

/** One composition: an adapter, and the guard in front of it. */
interface Composed extends Venue {
  guard: OperatorGuard;
  /** False when the gateway it was made for is gone for good, which only the simulator can be. */
  usable(): boolean;
  /** Ends what nobody waits for. */
  rest(): void;
  close(): Promise<void>;
}

interface Connecting {
  settings: IbkrSettings;
  stateDir: string;
  clock: Clock;
  logger: Logger;
}

/** An adapter on the gateway that the settings mean. */
export interface GatewayConnection {
  cpapi: Cpapi;
  /** "https://localhost:5000", "the embedded simulator". */
  gateway: string;
  usable(): boolean;
  close(): Promise<void>;
}

/** Joins or starts the simulator first in sim mode (throws `venue_unavailable`); contacts nothing otherwise. */
export async function connectGateway({
  settings,
  stateDir,
  clock,
  logger,
}: Connecting): Promise<GatewayConnection> {
  const policy = policyOf(settings);
  const simulator = policy.mode === "sim" ? await joinSimulator(stateDir) : null;
  // Loaded on first need: the protocol is answered before anything of a venue is read from disk.
  const { createCpapi } = await import("./cpapi/create-cpapi.ts");
  const cpapi = createCpapi({
    baseUrl: simulator?.baseUrl ?? settings.IBKR_API_BASE_URL.href,
    ca: simulator?.certificate,
    accountId: policy.accountId,
    compete: settings.IBKR_COMPETE,
    stateDir,
    timeoutMs: settings.REQUEST_TIMEOUT_SECONDS * 1000,
    clock,
    logger,
  });
  return {
    cpapi,
    gateway: simulator === null ? settings.IBKR_API_BASE_URL.origin : "the embedded simulator",
    usable: () => simulator?.connected() ?? true,
    async close() {
      await cpapi.close();
      await simulator?.release();
    },
  };
}

/** What is told goes to the log; it ends with `stop`, and keeps no process alive. */
async function keepAlive(
  { cpapi }: GatewayConnection,
  { settings, clock, logger }: Connecting,
): Promise<Watch> {
  const { createWatch } = await import("./keepalive/watch.ts");
  const watch = createWatch({
    cpapi,
    settings,
    clock,
    changed: ({ state, message, nextStep }) =>
      logger.info({ state, message, nextStep }, "the session's state"),
    alert: (text) => logger.warn({}, text),
    warn: (text) => logger.warn({}, text),
  });
  void watch.run();
  return watch;
}

/** Puts the ibkr venue together. Contacts nothing until `venue()` is called. */
export function createIbkrVenue(
  options: Connecting & {
    /** Keeps the session alive from the first use to the end; a server does, a program that asks once does not. */
    keepAlive?: boolean;
  },
): IbkrVenue {
  const { settings, stateDir, clock, logger } = options;
  const policy = policyOf(settings);
  let composed: Promise<Composed> | null = null;
  let current: Composed | null = null;
  let draining = false;

  async function compose(): Promise<Composed> {
    const connection = await connectGateway(options);
    const { cpapi } = connection;
    const { marketData, session } = cpapi;
    void warmUp(cpapi, policy);
    const guard = createGuardedBroker({
      ...cpapi,
      policy,
      clock,
      log: logger,
      stateDir,
      journalPath: settings.TRADE_JOURNAL_PATH,
      readOnly: settings.TRADING_TOOLS === "read",
    });
    const watch = options.keepAlive === true ? await keepAlive(connection, options) : null;
    return {
      guard,
      marketData,
      session,
      usable: () => connection.usable(),
      rest: () => watch?.stop(),
      async close() {
        watch?.stop();
        await connection.close();
        guard.close();
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
      current?.rest();
      await current?.guard.drain();
    },
    hurry: () => current?.guard.hurry(),
    async close() {
      const last = await composed?.catch(() => null);
      await last?.close();
    },
  };
}

/**
 * IBKR's first list of orders of a session is empty, as is its first result of the day, and the next may be
 * asked for 5 s later: asked for now, they are there when the first order needs them. Changes nothing,
 * revives nothing.
 */
async function warmUp({ session, broker, marketData }: Cpapi, policy: Policy): Promise<void> {
  try {
    if (!(await session.status()).ready) return;
    await Promise.all([broker.orders(), policy.maxDailyLoss !== null && marketData.dailyPnl()]);
  } catch {
    // Serves neither: whoever needs the list asks for it again, and is told what is wrong.
  }
}

async function joinSimulator(stateDir: string): Promise<SimulatorConnection> {
  try {
    const { connectSimulator } = await import("venue-sim");
    return await connectSimulator({
      stateDir: simulatorDirOf(stateDir),
      command: [process.execPath, simulatorProgram()],
    });
  } catch (error) {
    throw new TradingError(
      "venue_unavailable",
      `The simulator could not be started: ${messageOf(error)}`,
      `Look into ${simulatorDirOf(stateDir)}; \`ibkr-mcp sim reset\` begins with a fresh account.`,
      { retryable: true, cause: error },
    );
  }
}

/** The simulator's program: beside the bundle, or in the build when run from the sources. */
function simulatorProgram(): string {
  const candidates = ["./ibkr-sim.js", "../dist/bundle/ibkr-sim.js"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error("the simulator's program is not built; run the build first");
  return found;
}
