import { join } from "node:path";
import { decimal } from "trading-core/domain/money";
import type { Policy } from "trading-core/guard/policy";
import {
  type ConfigProblem,
  type LoadedSettings,
  loadSettings,
  type SettingValues,
} from "trading-mcp/config";
import { readEnvFiles } from "trading-mcp/env-files";
import { type Machine, stateFolder } from "trading-mcp/folders";
import { LOG_LEVELS } from "trading-mcp/logger";
import { absolutePath, amount, flag, number, oneOf, symbolList, text, url } from "trading-mcp/settings";
import { isLoopback } from "./cpapi/address.ts";

/** Every setting of the ibkr server. The README's table and `.env.example` are made from this. */
export const settingsSchema = {
  IBKR_TRADING_MODE: oneOf(["sim", "paper", "live"])({
    group: "Account",
    default: "paper",
    description:
      "Which account is meant: the embedded simulator, IBKR's paper account, or real money. The account that the gateway is logged into has to agree.",
  }),
  IBKR_ACCOUNT_ID: text(
    "an account id such as DU1234567",
    /^[A-Za-z]{1,3}\d{4,12}$/,
  )({
    group: "Account",
    description: "The one account that may be traded. Unset takes the login's only account.",
    example: "DU1234567",
  }),
  IBKR_API_BASE_URL: url({
    group: "Account",
    default: "https://localhost:5000/v1/api",
    description:
      "Where the Client Portal Gateway listens. A certificate that nobody signed is accepted on loopback hosts only.",
  }),
  IBKR_COMPETE: flag({
    group: "Account",
    default: "false",
    description: "Whether reviving the session may end the same user's TWS or phone session.",
  }),
  REQUEST_TIMEOUT_SECONDS: number({ min: 1, max: 60 })({
    group: "Account",
    default: "15",
    description: "How long one read from the gateway may take.",
  }),
  TICKLE_INTERVAL_SECONDS: number({ min: 10, max: 180 })({
    group: "Keep-alive",
    default: "60",
    description:
      "How often IBKR is told that somebody is still there, by one process of this machine for all. IBKR ends a session after some six minutes without a request.",
  }),
  REAUTH_WEBHOOK_URL: url({
    group: "Keep-alive",
    secret: true,
    description:
      "Where a message goes when the session needs a person, and when it is back: a webhook of Discord or Slack, or a topic of ntfy; https, or http on this machine. It carries no account data.",
    example: "https://ntfy.sh/a-topic-that-nobody-guesses",
  }),
  TRADING_ALLOW_LIVE: flag({
    group: "Arms",
    default: "false",
    description: "The arm for real money. Without it no order reaches a real-money account.",
  }),
  TRADING_DRY_RUN: flag({
    group: "Arms",
    description:
      "Orders go to the venue's validation and are not sent. Unset is on in paper and live, off in sim.",
    example: "true",
  }),
  TRADING_ALLOW_SHORT: flag({
    group: "Arms",
    default: "false",
    description: "Lets a sell open a short; it is then capped like any entry.",
  }),
  TRADING_TOOLS: oneOf(["all", "read"])({
    group: "Arms",
    default: "all",
    description: "`read` takes away every tool that could write to the venue.",
  }),
  RISK_CURRENCY: text(
    "a currency code such as USD or EUR",
    /^[A-Za-z]{3}$/,
  )({
    group: "Limits",
    default: "USD",
    description:
      "The currency that the limits are in. What is priced in another one counts at IBKR's exchange rate; without a fresh rate nothing is entered.",
  }),
  MAX_ORDER_VALUE: amount()({
    group: "Limits",
    default: "100",
    description: "The most that one entry may cost at its worst, in RISK_CURRENCY.",
  }),
  MAX_DAILY_VALUE: amount()({
    group: "Limits",
    description:
      "The most that a day's entries may add up to, filled and working, in RISK_CURRENCY. Unset is no limit.",
    example: "500",
  }),
  MAX_POSITION_VALUE: amount()({
    group: "Limits",
    description:
      "The most that one symbol's position may be worth, long or short: what is held, what works, and the new entry, in RISK_CURRENCY. Unset is no limit.",
    example: "1000",
  }),
  MAX_DAILY_LOSS: amount()({
    group: "Limits",
    description:
      "Once the account's loss of the day, as IBKR counts it, has reached this in RISK_CURRENCY, only exits go through until the next trading day. Unset is no limit.",
    example: "200",
  }),
  MAX_ORDERS_PER_MINUTE: number({ min: 1, max: 1000, whole: true })({
    group: "Limits",
    default: "10",
    description: "So many orders within 60 seconds, of all servers of the account, and entries have to wait.",
  }),
  DUPLICATE_WINDOW_SECONDS: number({ min: 0, max: 86_400 })({
    group: "Limits",
    default: "5",
    description: "The same order again within this time is refused; 0 is off.",
  }),
  SYMBOL_ALLOWLIST: symbolList({
    group: "Limits",
    description: "Only these symbols may be entered. Unset allows all that are not denied.",
    example: "AAPL,MSFT,SPY",
  }),
  SYMBOL_DENYLIST: symbolList({
    group: "Limits",
    description: "These symbols may not be entered. Exits are always possible.",
    example: "GME",
  }),
  MAX_PRICE_DEVIATION_PERCENT: amount({ above: "0", max: "50" })({
    group: "Limits",
    default: "5",
    description:
      "How far on the losing side of the quote a limit or stop may be, by how much a market or stop entry is valued above the ask, and where a market buy is limited.",
  }),
  MAX_QUOTE_AGE_SECONDS: number({ min: 1, max: 3_600 })({
    group: "Limits",
    default: "60",
    description: "An entry that needs a quote needs one no older than this.",
  }),
  TRADING_STATE_DIR: absolutePath({
    group: "Files",
    description: "Journals, locks and the simulator's account. Unset is the per-user state folder.",
    example: "/home/me/trading-state",
  }),
  TRADE_JOURNAL_PATH: absolutePath({
    group: "Files",
    description: "Moves this venue's journals; each account's file is named after this one.",
    example: "/home/me/journals/trades.jsonl",
  }),
  LOG_LEVEL: oneOf(LOG_LEVELS)({
    group: "Files",
    default: "info",
    description: "How much goes to stderr.",
  }),
};

export type IbkrSettings = SettingValues<typeof settingsSchema>;
export type LoadedIbkrSettings = LoadedSettings<typeof settingsSchema>;

/** Beginnings that only settings of these servers have: an unknown key with one of them is a mistake. */
const PREFIXES = [
  "IBKR_",
  "TRADING_",
  "TRADE_",
  "SYMBOL_",
  "DUPLICATE_",
  "MAX_ORDER",
  "MAX_DAILY",
  "MAX_PRICE",
  "MAX_QUOTE",
  "MAX_POSITION",
  "REQUEST_TIMEOUT",
  "TICKLE_",
  "REAUTH_",
  "RISK_",
];

const NO_CLOCK =
  "is no setting: hours come from IBKR's own schedule, and from the NYSE calendar where it is silent";

/** What users of earlier systems, or of a later version, may set: silence would be taken for obedience. */
const UNSUPPORTED = {
  MARKET_TIMEZONE: NO_CLOCK,
  MARKET_OPEN_TIME: NO_CLOCK,
  MARKET_CLOSE_TIME: NO_CLOCK,
};

/**
 * Reads the settings from the environment, the named file and the user's own. `--sim` on the command line
 * stands for `IBKR_TRADING_MODE=sim`. Throws a ConfigError that names every problem.
 */
export function loadIbkrSettings(machine: Machine, envFile: string | null, sim: boolean): LoadedIbkrSettings {
  return loadSettings({
    schema: settingsSchema,
    env: machine.env,
    overrides: sim ? { IBKR_TRADING_MODE: "sim" } : {},
    envFiles: readEnvFiles("ibkr", envFile, machine),
    prefixes: PREFIXES,
    unsupported: UNSUPPORTED,
    contradictions,
  });
}

function contradictions(values: IbkrSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { IBKR_TRADING_MODE: mode, IBKR_ACCOUNT_ID: account } = values;
  const isPaperId = account !== null && /^D[UF]/i.test(account);
  if (mode === "live" && isPaperId) {
    problems.push({
      key: "IBKR_ACCOUNT_ID",
      message: `${account} is a paper account, but IBKR_TRADING_MODE is live`,
    });
  }
  if (mode === "paper" && account !== null && !isPaperId) {
    problems.push({
      key: "IBKR_ACCOUNT_ID",
      message: `${account} is no paper account (those begin with DU), but IBKR_TRADING_MODE is paper`,
    });
  }
  const most = values.MAX_DAILY_VALUE;
  if (most?.lt(values.MAX_ORDER_VALUE)) {
    problems.push({
      key: "MAX_DAILY_VALUE",
      message: "is less than MAX_ORDER_VALUE: no order of the allowed size could ever be sent",
    });
  }
  const webhook = values.REAUTH_WEBHOOK_URL;
  if (webhook?.protocol === "http:" && !isLoopback(webhook.hostname)) {
    problems.push({
      key: "REAUTH_WEBHOOK_URL",
      message: "takes https, because the address is a secret that http shows to every machine on the way",
    });
  }
  return problems;
}

export function stateDirOf(values: IbkrSettings, machine: Machine): string {
  return values.TRADING_STATE_DIR ?? stateFolder(machine);
}

/** The simulator's own folder, so that its books and the servers' journals cannot be mixed up. */
export function simulatorDirOf(stateDir: string): string {
  return join(stateDir, "simulator");
}

export function policyOf(values: IbkrSettings): Policy {
  return {
    venue: "ibkr",
    mode: values.IBKR_TRADING_MODE,
    allowLive: values.TRADING_ALLOW_LIVE,
    dryRun: values.TRADING_DRY_RUN ?? values.IBKR_TRADING_MODE !== "sim",
    accountId: values.IBKR_ACCOUNT_ID?.toUpperCase() ?? null,
    allowShort: values.TRADING_ALLOW_SHORT,
    maxOrderValue: values.MAX_ORDER_VALUE,
    maxDailyValue: values.MAX_DAILY_VALUE,
    maxPositionValue: values.MAX_POSITION_VALUE,
    maxDailyLoss: values.MAX_DAILY_LOSS,
    maxOrdersPerMinute: values.MAX_ORDERS_PER_MINUTE,
    riskCurrency: values.RISK_CURRENCY.toUpperCase(),
    cashCurrencies: [],
    duplicateWindowMs: values.DUPLICATE_WINDOW_SECONDS * 1000,
    allowlist: values.SYMBOL_ALLOWLIST ?? [],
    denylist: values.SYMBOL_DENYLIST ?? [],
    maxPriceDeviationPercent: decimal(values.MAX_PRICE_DEVIATION_PERCENT),
    maxQuoteAgeMs: values.MAX_QUOTE_AGE_SECONDS * 1000,
    calendar: "nyse",
    settings: {
      mode: "IBKR_TRADING_MODE",
      allowLive: "TRADING_ALLOW_LIVE",
      dryRun: "TRADING_DRY_RUN",
      accountId: "IBKR_ACCOUNT_ID",
      allowShort: "TRADING_ALLOW_SHORT",
    },
  };
}
