import type { Position } from "trading-core/domain/account";
import { plain } from "trading-core/domain/money";
import type { Reading } from "trading-core/domain/reading";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { Clock } from "trading-core/ports/clock";
import type { Machine } from "trading-mcp/folders";
import { balanceCheck } from "trading-mcp/healthcheck/balance-check";
import { failedBy, type HealthCheck, skipped } from "trading-mcp/healthcheck/check";
import { clockCheck } from "trading-mcp/healthcheck/clock-check";
import { heedObstacles } from "trading-mcp/healthcheck/judge";
import { type LocalOptions, localChecks } from "trading-mcp/healthcheck/local-checks";
import { settingsOnly } from "trading-mcp/healthcheck/program";
import { settingsCheck } from "trading-mcp/healthcheck/settings-check";
import { type TimeBound, timeBound } from "trading-mcp/healthcheck/time-bound";
import { createLogger } from "trading-mcp/logger";
import { profiles } from "../exchange/profile.ts";
import { type LoadedCryptoSettings, stateDirOf } from "../settings.ts";
import { type CryptoVenue, createCryptoVenue, type OpenVenue } from "../venue.ts";
import { CHECK_NAMES } from "./check-names.ts";
import {
  accountCheck,
  exchangeCheck,
  isOutOfReach,
  keyCheck,
  marketsCheck,
  type Place,
  priceCheck,
} from "./exchange-checks.ts";
import { look, type Seen } from "./look.ts";

export interface RunOptions {
  /** Of this server. */
  version: string;
  loaded: LoadedCryptoSettings;
  machine: Machine;
  clock: Clock;
  /** Whose quote is looked at. */
  symbol: string;
}

/** What all checks may take together, a slow exchange and the simulator's start included. */
const TOTAL_MS = 30_000;
const FAREWELL_MS = 1_000;
const SLOW_STEP = "Run it again; if it stays so, look at the network and the exchange's status page.";

/**
 * Every check, in the order of CHECK_NAMES. Ends in about 30 s whatever the exchange does, and sends no order:
 * it reads through the same composition that the server trades with.
 */
export async function runChecks(options: RunOptions): Promise<HealthCheck[]> {
  const { loaded, machine, clock } = options;
  const { values } = loaded;
  const stateDir = stateDirOf(values, machine);
  const settings = settingsCheck({
    version: options.version,
    server: "crypto",
    place: profiles[values.CRYPTO_EXCHANGE].name,
    mode: values.CRYPTO_TRADING_MODE,
    sources: loaded.sources,
    stateDir,
    machine,
  });
  if (settings.status === "fail") return settingsOnly(settings, CHECK_NAMES);
  // What an operator has to know is in the checks; the log is for whoever looks for a fault.
  const level = values.LOG_LEVEL === "debug" ? "debug" : "silent";
  const logger = createLogger({ name: "crypto-healthcheck", level, secrets: loaded.secrets });
  const crypto = createCryptoVenue({ settings: values, stateDir, clock, logger });
  try {
    const bound = timeBound(clock, TOTAL_MS, SLOW_STEP);
    return [settings, ...(await venueChecks(crypto, { ...options, stateDir, bound }))];
  } finally {
    await farewell(crypto, clock);
  }
}

async function farewell(crypto: CryptoVenue, clock: Clock): Promise<void> {
  try {
    await timeBound(clock, FAREWELL_MS, SLOW_STEP).within(crypto.close());
  } catch {
    // Serves neither: everything was asked, and the process ends with whatever is still open.
  }
}

interface Asked extends RunOptions {
  stateDir: string;
  bound: TimeBound;
}

async function venueChecks(crypto: CryptoVenue, asked: Asked): Promise<HealthCheck[]> {
  const { policy } = crypto;
  const { loaded, clock, bound, symbol } = asked;
  const { values } = loaded;
  const local: LocalOptions = {
    policy,
    stateDir: asked.stateDir,
    clock,
    journalPath: values.CRYPTO_TRADE_JOURNAL_PATH,
    readOnly: values.TRADING_TOOLS === "read",
  };
  let venue: OpenVenue;
  let seen: Seen;
  try {
    venue = await bound.within(crypto.venue());
    seen = await look(venue, symbol, bound);
  } catch (error) {
    // Serves neither: what is known on this machine is told all the same.
    const unasked = CHECK_NAMES.slice(CHECK_NAMES.indexOf("markets"), CHECK_NAMES.indexOf("trading_state"));
    return [
      failedBy("exchange", error),
      ...unasked.map((name) => skipped(name, "the exchange")),
      ...(await localChecks(null, local)),
    ];
  }
  const place: Place = {
    name: profiles[values.CRYPTO_EXCHANGE].name,
    policy,
    hasKey: values.CRYPTO_API_KEY !== null,
    maxQuoteAgeMs: policy.maxQuoteAgeMs,
  };
  const checks = [
    exchangeCheck(seen, place),
    marketsCheck(seen, clock.now()),
    clockCheck(seen.clockSkew, "the exchange"),
    keyCheck(seen, place),
    accountCheck(seen, place),
    await askBalance(venue, seen, bound),
    isOutOfReach(seen) ? skipped("quote", "the exchange") : priceCheck(seen, place, clock.now()),
    ...(await localChecks(seen.posture, local)),
  ];
  return heedObstacles(checks, seen.posture.obstacles);
}

const BALANCE_STEPS = {
  untold: "Look at the account on the exchange's own site: it does not tell what is free.",
  empty: "Put some of the quote currency into the account, or name another one in CRYPTO_QUOTE_CCY.",
};

const MOST_TOLD = 5;

/** The coins that are held, besides money. */
function withHoldings(balance: HealthCheck, positions: Reading<Position[]>): HealthCheck {
  if (positions.kind === "unread") return balance;
  const held = positions.value.map(({ instrumentId, quantity }) => ({
    asset: untrustedText(instrumentId, 20),
    quantity: plain(quantity),
  }));
  const more = held.length > MOST_TOLD ? ` and ${held.length - MOST_TOLD} more` : "";
  const told = held.slice(0, MOST_TOLD).map(({ asset, quantity }) => `${quantity} ${asset}`);
  const message = held.length === 0 ? "No coin is held." : `Held: ${told.join(", ")}${more}.`;
  return {
    ...balance,
    message: `${balance.message} ${message}`,
    data: { ...balance.data, holdings: held.slice(0, 100) },
  };
}

async function askBalance({ marketData }: OpenVenue, seen: Seen, bound: TimeBound): Promise<HealthCheck> {
  if (!seen.posture.session.ready) return skipped("balance", "a key that the exchange takes");
  try {
    const [summary, positions] = await bound.within(
      Promise.all([marketData.accountSummary(), marketData.positions()]),
    );
    return withHoldings(balanceCheck(summary, BALANCE_STEPS), positions);
  } catch (error) {
    // Serves neither: it becomes the check's finding.
    return failedBy("balance", error);
  }
}
