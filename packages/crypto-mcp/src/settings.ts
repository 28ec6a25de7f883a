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
import { isLoopback } from "./exchange/loopback.ts";
import { profiles } from "./exchange/profile.ts";

/** Every setting of the crypto server. The documentation's table is made from this. */
export const settingsSchema = {
  CRYPTO_TRADING_MODE: oneOf(["sim", "sandbox", "live"])({
    group: "Account",
    default: "sim",
    description:
      "Which account is meant: the embedded simulator, the exchange's test system, or real money. What counts is the host that signed requests go to.",
  }),
  CRYPTO_EXCHANGE: oneOf(["binance", "kraken"])({
    group: "Account",
    default: "binance",
    description: "The spot exchange. Each one here has order forms that are verified by captured requests.",
  }),
  CRYPTO_API_KEY: text("an API key without the right to withdraw")({
    group: "Account",
    secret: true,
    description: "The exchange's API key. The simulator needs none.",
  }),
  CRYPTO_API_SECRET: text("the API key's secret")({
    group: "Account",
    secret: true,
    description: "The API key's secret.",
  }),
  CRYPTO_API_PASSWORD: text("the API key's passphrase")({
    group: "Account",
    secret: true,
    description: "The API key's passphrase, for exchanges that have one.",
  }),
  CRYPTO_API_BASE_URL: url({
    group: "Account",
    description: "A simulator that was started by hand, in mode sim. On this machine only.",
    example: "http://127.0.0.1:8089",
  }),
  CRYPTO_ACCOUNT_NAME: text(
    "1 to 40 letters, digits, - or _",
    /^[A-Za-z0-9_-]{1,40}$/,
  )({
    group: "Account",
    default: "main",
    description:
      "Names the account's journal where the exchange tells no account id. Keep it when the key changes.",
  }),
  CRYPTO_QUOTE_CCY: text(
    "a currency such as USDT",
    /^[A-Za-z0-9]{2,10}$/,
  )({
    group: "Account",
    description:
      "What a symbol without a slash is traded against: BTC is BTC/USDT. Unset is the exchange's own habit: USDT on Binance, USD on Kraken.",
    example: "USDT",
  }),
  CRYPTO_CASH_CURRENCIES: symbolList({
    group: "Account",
    default: "USD,USDT,USDC,EUR",
    description: "What is money and no position. Selling into anything else is an entry into that.",
  }),
  CRYPTO_ALLOW_LIVE: flag({
    group: "Arms",
    default: "false",
    description: "The arm for real money. Without it no order reaches the exchange itself.",
  }),
  CRYPTO_ALLOW_WITHDRAWAL_KEY: flag({
    group: "Arms",
    default: "false",
    description: "Insists on live trading with a key that could also withdraw.",
  }),
  CRYPTO_DRY_RUN: flag({
    group: "Arms",
    description:
      "Orders go to the exchange's validation and are not sent. Unset is on in sandbox and live, off in sim.",
    example: "true",
  }),
  TRADING_TOOLS: oneOf(["all", "read"])({
    group: "Arms",
    default: "all",
    description: "`read` takes away every tool that could write to the venue.",
  }),
  RISK_CURRENCY: text(
    "a currency such as USDT",
    /^[A-Za-z0-9]{2,10}$/,
  )({
    group: "Limits",
    description:
      "What the limits are in. Unset is what symbols are traded against: many exchanges list no price of a stablecoin in dollars.",
    example: "USDT",
  }),
  MAX_ORDER_VALUE: amount()({
    group: "Limits",
    default: "100",
    description: "The most that one entry may cost at its worst, in the risk currency.",
  }),
  MAX_DAILY_VALUE: amount()({
    group: "Limits",
    description:
      "The most that a UTC day's entries may add up to, filled and working, in the risk currency. Unset is no limit.",
    example: "500",
  }),
  MAX_POSITION_VALUE: amount()({
    group: "Limits",
    description:
      "The most that one coin's position may be worth: what is held, what works, and the new entry. Unset is no limit.",
    example: "1000",
  }),
  MAX_DAILY_LOSS: amount()({
    group: "Limits",
    description:
      "Once the day's own trades and what was held when the day began have lost this much at the bid, only exits go through until the next UTC day. Unset is no limit.",
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
    description:
      "Only these may be entered; BTC covers every pair of BTC. Unset allows all that are not denied.",
    example: "BTC,ETH",
  }),
  SYMBOL_DENYLIST: symbolList({
    group: "Limits",
    description: "These may not be entered. Exits are always possible.",
    example: "DOGE",
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
    description: "Journals, locks, markets and the simulator's account. Unset is the per-user state folder.",
    example: "/home/me/trading-state",
  }),
  CRYPTO_TRADE_JOURNAL_PATH: absolutePath({
    group: "Files",
    description: "Moves this venue's journals; each account's file is named after this one.",
    example: "/home/me/journals/crypto.jsonl",
  }),
  LOG_LEVEL: oneOf(LOG_LEVELS)({
    group: "Files",
    default: "info",
    description: "How much goes to stderr.",
  }),
};

export type CryptoSettings = SettingValues<typeof settingsSchema>;
export type LoadedCryptoSettings = LoadedSettings<typeof settingsSchema>;

/** Beginnings that only settings of these servers have: an unknown key with one of them is a mistake. */
const PREFIXES = [
  "CRYPTO_",
  "TRADING_STATE",
  "TRADING_TOOLS",
  "SYMBOL_",
  "DUPLICATE_",
  "RISK_",
  "MAX_ORDER",
  "MAX_DAILY",
  "MAX_PRICE",
  "MAX_QUOTE",
  "MAX_POSITION",
];

/** What users of earlier systems, or of the other server, may set: silence would be taken for obedience. */
const UNSUPPORTED = {
  CRYPTO_ALLOW_MARGIN: "is not a setting of this version: spot only, nothing is ever lent",
};

/**
 * Reads the settings from the environment, the named file and the user's own. `--sim` on the command line
 * stands for `CRYPTO_TRADING_MODE=sim`. Throws a ConfigError that names every problem.
 */
export function loadCryptoSettings(
  machine: Machine,
  envFile: string | null,
  sim: boolean,
): LoadedCryptoSettings {
  return loadSettings({
    schema: settingsSchema,
    env: machine.env,
    overrides: sim ? { CRYPTO_TRADING_MODE: "sim" } : {},
    envFiles: readEnvFiles("crypto", envFile, machine),
    prefixes: PREFIXES,
    unsupported: UNSUPPORTED,
    contradictions,
  });
}

function contradictions(values: CryptoSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { CRYPTO_TRADING_MODE: mode, CRYPTO_API_BASE_URL: base, CRYPTO_API_KEY: key } = values;
  const profile = profiles[values.CRYPTO_EXCHANGE];
  if (base !== null && !isLoopback(base.hostname)) {
    const message = `takes an address of this machine such as http://127.0.0.1:8089, got ${base.host}`;
    problems.push({ key: "CRYPTO_API_BASE_URL", message });
  }
  if (base !== null && mode !== "sim") {
    problems.push({
      key: "CRYPTO_API_BASE_URL",
      message: `is for CRYPTO_TRADING_MODE=sim; in ${mode} the exchange's own address is used`,
    });
  }
  if (mode === "sandbox" && profile.sandboxBase === null) {
    problems.push({
      key: "CRYPTO_TRADING_MODE",
      message: `${profile.name} has no test system for spot trading; use sim`,
    });
  }
  if ((key === null) !== (values.CRYPTO_API_SECRET === null)) {
    problems.push({
      key: key === null ? "CRYPTO_API_KEY" : "CRYPTO_API_SECRET",
      message: "is missing: a key and its secret go together",
    });
  }
  if (values.MAX_DAILY_VALUE?.lt(values.MAX_ORDER_VALUE)) {
    problems.push({
      key: "MAX_DAILY_VALUE",
      message: "is less than MAX_ORDER_VALUE: no order of the allowed size could ever be sent",
    });
  }
  return problems;
}

export function stateDirOf(values: CryptoSettings, machine: Machine): string {
  return values.TRADING_STATE_DIR ?? stateFolder(machine);
}

/** The simulated exchange's own folder: one for each kind, apart from the servers' journals. */
export function simulatorDirOf(stateDir: string, values: Pick<CryptoSettings, "CRYPTO_EXCHANGE">): string {
  return join(stateDir, `simulator-${values.CRYPTO_EXCHANGE}`);
}

/** What a bare "BTC" is bought with: no exchange lists every coin against every dollar. */
export function quoteCurrencyOf(
  values: Pick<CryptoSettings, "CRYPTO_QUOTE_CCY" | "CRYPTO_EXCHANGE">,
): string {
  return (values.CRYPTO_QUOTE_CCY ?? profiles[values.CRYPTO_EXCHANGE].quoteCurrency).toUpperCase();
}

export function policyOf(values: CryptoSettings): Policy {
  return {
    venue: `crypto-${values.CRYPTO_EXCHANGE}`,
    mode: values.CRYPTO_TRADING_MODE,
    allowLive: values.CRYPTO_ALLOW_LIVE,
    dryRun: values.CRYPTO_DRY_RUN ?? values.CRYPTO_TRADING_MODE !== "sim",
    accountId: null,
    allowShort: false,
    maxOrderValue: values.MAX_ORDER_VALUE,
    maxDailyValue: values.MAX_DAILY_VALUE,
    maxPositionValue: values.MAX_POSITION_VALUE,
    maxDailyLoss: values.MAX_DAILY_LOSS,
    maxOrdersPerMinute: values.MAX_ORDERS_PER_MINUTE,
    riskCurrency: values.RISK_CURRENCY?.toUpperCase() ?? quoteCurrencyOf(values),
    cashCurrencies: values.CRYPTO_CASH_CURRENCIES,
    duplicateWindowMs: values.DUPLICATE_WINDOW_SECONDS * 1000,
    allowlist: values.SYMBOL_ALLOWLIST ?? [],
    denylist: values.SYMBOL_DENYLIST ?? [],
    maxPriceDeviationPercent: decimal(values.MAX_PRICE_DEVIATION_PERCENT),
    maxQuoteAgeMs: values.MAX_QUOTE_AGE_SECONDS * 1000,
    calendar: "always_open",
    settings: {
      mode: "CRYPTO_TRADING_MODE",
      allowLive: "CRYPTO_ALLOW_LIVE",
      dryRun: "CRYPTO_DRY_RUN",
      accountId: "CRYPTO_ACCOUNT_NAME",
      allowShort: "CRYPTO_ALLOW_MARGIN",
    },
  };
}
