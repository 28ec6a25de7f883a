import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "trading-core/ports/clock";
import { createLogger } from "trading-mcp/logger";
import type { Venue } from "trading-mcp/tools/context";
import { type SimulatedExchange, type SimulatedExchangeOptions, startSimulatedExchange } from "venue-sim";
import { loadCryptoSettings } from "../settings.ts";
import { createCryptoVenue } from "../venue.ts";

export interface World {
  simulator: SimulatedExchange;
  clock: Clock;
  stateDir: string;
  venue: Venue;
  /** Another server on the same state folder and account. */
  again(settings?: Record<string, string>): Promise<Venue>;
  end(): Promise<void>;
}

/** The whole server without its protocol, on a simulated exchange whose clock it shares; sleeping turns it. */
export async function startWorld(
  options: Partial<SimulatedExchangeOptions> & { env?: Record<string, string> } = {},
): Promise<World> {
  const { env: own, ...simulated } = options;
  const kind = simulated.kind ?? "binance";
  const simulator = await startSimulatedExchange({ kind, start: "2026-03-02T15:00:00Z", ...simulated });
  const stateDir = mkdtempSync(join(tmpdir(), "crypto-world-"));
  const clock: Clock = {
    now: () => simulator.clock.now(),
    monotonic: () => simulator.clock.now(),
    async sleep(milliseconds, signal) {
      if (signal?.aborted) return;
      simulator.control.advance(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const ends: (() => Promise<void>)[] = [];

  async function again(settings: Record<string, string> = {}): Promise<Venue> {
    const env = {
      CRYPTO_TRADING_MODE: "sim",
      CRYPTO_EXCHANGE: kind,
      CRYPTO_QUOTE_CCY: kind === "kraken" ? "USD" : "USDT",
      CRYPTO_API_BASE_URL: simulator.baseUrl,
      TRADING_STATE_DIR: stateDir,
      MAX_ORDER_VALUE: "1000",
      DUPLICATE_WINDOW_SECONDS: "0",
      ...own,
      ...settings,
    };
    const { values } = loadCryptoSettings({ platform: "linux", env, home: stateDir }, null, false);
    const logger = createLogger({ name: "crypto", level: "error", secrets: [] });
    const crypto = createCryptoVenue({ settings: values, stateDir, clock, logger });
    ends.push(() => crypto.close());
    return await crypto.venue();
  }

  return {
    simulator,
    clock,
    stateDir,
    venue: await again(),
    again,
    async end() {
      for (const end of ends) await end();
      await simulator.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
