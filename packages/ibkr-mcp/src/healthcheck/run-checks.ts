import { TradingError } from "trading-core/domain/errors";
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
import { type LoadedIbkrSettings, stateDirOf } from "../settings.ts";
import { createIbkrVenue, type IbkrVenue } from "../venue.ts";
import { accountCheck, BALANCE_STEPS, flagsCheck } from "./account-checks.ts";
import { askMarket } from "./ask-market.ts";
import { CHECK_NAMES } from "./check-names.ts";
import { look, type Seen } from "./look.ts";
import { gatewayCheck, isPortfolioReadable, obstacleOf, sessionCheck } from "./session-checks.ts";

export interface RunOptions {
  /** Of this server. */
  version: string;
  loaded: LoadedIbkrSettings;
  machine: Machine;
  clock: Clock;
  /** Whose quote is looked at. */
  symbol: string;
  /** Opens the brokerage session first, as the server's next call would. */
  revive: boolean;
}

/** What every check is asked with. */
interface Asked extends RunOptions {
  venue: IbkrVenue;
  stateDir: string;
  bound: TimeBound;
}

/** What all checks may take together, a slow gateway and the simulator's start included. */
const TOTAL_MS = 30_000;
const FAREWELL_MS = 1_000;
const SLOW_STEP = "Run it again; if it stays so, restart the gateway and log in once more.";

/**
 * Every check, in the order of CHECK_NAMES. Ends in about 30 s whatever the venue does, and sends no order:
 * it reads through the same composition that the server trades with.
 */
export async function runChecks(options: RunOptions): Promise<HealthCheck[]> {
  const { loaded, machine, clock } = options;
  const stateDir = stateDirOf(loaded.values, machine);
  const settings = settingsCheck({
    version: options.version,
    server: "ibkr",
    mode: loaded.values.IBKR_TRADING_MODE,
    sources: loaded.sources,
    stateDir,
    machine,
  });
  if (settings.status === "fail") return settingsOnly(settings, CHECK_NAMES);
  // What an operator has to know is in the checks; the log is for whoever looks for a fault.
  const level = loaded.values.LOG_LEVEL === "debug" ? "debug" : "silent";
  const logger = createLogger({ name: "ibkr-healthcheck", level, secrets: loaded.secrets });
  const venue = createIbkrVenue({ settings: loaded.values, stateDir, clock, logger });
  try {
    const bound = timeBound(clock, TOTAL_MS, SLOW_STEP);
    return [settings, ...(await venueChecks({ ...options, venue, stateDir, bound }))];
  } finally {
    await farewell(venue, clock);
  }
}

async function farewell(venue: IbkrVenue, clock: Clock): Promise<void> {
  try {
    await timeBound(clock, FAREWELL_MS, SLOW_STEP).within(venue.close());
  } catch {
    // Serves neither: everything was asked, and the process ends with whatever is still open.
  }
}

async function venueChecks(asked: Asked): Promise<HealthCheck[]> {
  let seen: Seen;
  try {
    seen = await look(asked.venue, asked.loaded.values, asked.revive, asked.bound);
  } catch (error) {
    // Serves neither: what is known on this machine is told all the same.
    return withoutVenue(error, asked);
  }
  const { found, posture, marketData } = seen;
  const { policy } = asked.venue;
  const needs = obstacleOf(found);
  const [balance, market] = await Promise.all([
    askBalance(seen, asked),
    askMarket({ ...asked, marketData, policy, needs }),
  ]);
  const hasAccount = needs === null || needs === "the account";
  const checks = [
    gatewayCheck(found),
    sessionCheck({ ...found, evidence: found.evidence ?? balance.trouble }),
    clockCheck(found.clockSkew, "the gateway"),
    hasAccount ? accountCheck(posture, policy) : skipped("account", needs),
    needs === null ? flagsCheck(posture.flags) : skipped("account_flags", needs),
    balance.check,
    ...market,
    ...(await localChecks(posture, localOf(asked))),
  ];
  return heedObstacles(checks, posture.obstacles);
}

async function withoutVenue(error: unknown, asked: Asked): Promise<HealthCheck[]> {
  const asking = CHECK_NAMES.slice(CHECK_NAMES.indexOf("session"), CHECK_NAMES.indexOf("trading_state"));
  return [
    failedBy("gateway", error),
    ...asking.map((name) => skipped(name, "the gateway")),
    ...(await localChecks(null, localOf(asked))),
  ];
}

interface Balance {
  check: HealthCheck;
  /** Why it could not be read. */
  trouble: TradingError | null;
}

/** Without a brokerage session the portfolio may still answer; when it does not, that is the session's trouble. */
async function askBalance({ found, marketData }: Seen, { bound }: Asked): Promise<Balance> {
  const needs = obstacleOf(found);
  const none = { check: skipped("balance", needs ?? "the account"), trouble: null };
  if (!isPortfolioReadable(found)) return none;
  try {
    return {
      check: balanceCheck(await bound.within(marketData.accountSummary()), BALANCE_STEPS),
      trouble: null,
    };
  } catch (error) {
    if (needs === null || !(error instanceof TradingError)) {
      return { check: failedBy("balance", error), trouble: null };
    }
    return { ...none, trouble: error };
  }
}

function localOf({ venue, stateDir, clock, loaded }: Asked): LocalOptions {
  const { TRADING_TOOLS, TRADE_JOURNAL_PATH: journalPath } = loaded.values;
  return { policy: venue.policy, stateDir, clock, journalPath, readOnly: TRADING_TOOLS === "read" };
}
