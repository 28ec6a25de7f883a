import { plain } from "trading-core/domain/money";
import { describe, expect, test } from "vitest";
import { ConfigError, type ConfigProblem, type EnvFile, loadSettings } from "./config.ts";
import { absolutePath, amount, flag, number, oneOf, symbolList, text, url } from "./settings.ts";

const group = "Group";
const schema = {
  IBKR_TRADING_MODE: oneOf(["sim", "paper", "live"])({ description: "Mode.", group, default: "paper" }),
  TRADING_DRY_RUN: flag({ description: "Dry run.", group, default: "true" }),
  MAX_ORDER_VALUE: amount()({ description: "Cap.", group, default: "100" }),
  MAX_DAILY_VALUE: amount()({ description: "Day cap.", group }),
  SYMBOL_DENYLIST: symbolList({ description: "Denied.", group, default: "" }),
  IBKR_API_BASE_URL: url({ description: "Gateway.", group }),
  IBKR_API_SECRET: text("a secret", /^\S{8,}$/)({ description: "Secret.", group, secret: true }),
  TRADING_STATE_DIR: absolutePath({ description: "State.", group }),
  DUPLICATE_WINDOW_SECONDS: number({ min: 0, max: 3600 })({ description: "Window.", group, default: "5" }),
  LOG_LEVEL: oneOf(["debug", "info"])({ description: "Log.", group, default: "info" }),
};

function load(
  env: Record<string, string | undefined>,
  envFiles: EnvFile[] = [],
  more: { overrides?: Record<string, string>; contradictions?: () => ConfigProblem[] } = {},
) {
  return loadSettings({
    schema,
    env,
    envFiles,
    prefixes: ["IBKR_", "TRADING_"],
    alsoKnown: ["CRYPTO_DRY_RUN"],
    ...more,
  });
}

function problems(...args: Parameters<typeof load>): readonly ConfigProblem[] {
  try {
    load(...args);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("with no configuration at all, every setting has its default or is null", () => {
  const { values, sources, secrets } = load({});
  expect(values).toMatchObject({
    IBKR_TRADING_MODE: "paper",
    TRADING_DRY_RUN: true,
    MAX_DAILY_VALUE: null,
    SYMBOL_DENYLIST: [],
    IBKR_API_BASE_URL: null,
    DUPLICATE_WINDOW_SECONDS: 5,
  });
  expect(plain(values.MAX_ORDER_VALUE)).toBe("100");
  expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
  expect(secrets).toEqual([]);
});

test("L19: the strongest source that says something wins, and blank says nothing", () => {
  const files: EnvFile[] = [
    { path: "/a.env", values: { MAX_ORDER_VALUE: "20", MAX_DAILY_VALUE: "", LOG_LEVEL: "debug" } },
    { path: "/b.env", values: { MAX_ORDER_VALUE: "30", MAX_DAILY_VALUE: "300" } },
  ];
  const { values, sources } = load({ MAX_ORDER_VALUE: "10", LOG_LEVEL: "  " }, files, {
    overrides: { IBKR_TRADING_MODE: "sim" },
  });
  expect(plain(values.MAX_ORDER_VALUE)).toBe("10");
  expect(values.MAX_DAILY_VALUE?.toFixed()).toBe("300");
  expect(sources).toMatchObject({
    IBKR_TRADING_MODE: "command line",
    MAX_ORDER_VALUE: "environment",
    MAX_DAILY_VALUE: "/b.env",
    LOG_LEVEL: "/a.env",
    TRADING_DRY_RUN: "default",
  });
});

describe("M19: what cannot be read refuses to start, and says what it takes", () => {
  test.each([
    ["IBKR_TRADING_MODE", "liv", 'takes sim, paper or live, got "liv" (environment)'],
    ["TRADING_DRY_RUN", "flase", 'takes true or false, got "flase" (environment)'],
    [
      "MAX_ORDER_VALUE",
      "-1",
      'takes a plain number such as 250 or 0.5, greater than 0, got "-1" (environment)',
    ],
    [
      "MAX_ORDER_VALUE",
      "NaN",
      'takes a plain number such as 250 or 0.5, greater than 0, got "NaN" (environment)',
    ],
    [
      "MAX_ORDER_VALUE",
      "1,000",
      'takes a plain number such as 250 or 0.5, greater than 0, got "1,000" (environment)',
    ],
    ["DUPLICATE_WINDOW_SECONDS", "1e9", 'takes a number from 0 to 3600, got "1e9" (environment)'],
    [
      "SYMBOL_DENYLIST",
      "AAPL;MSFT",
      'takes symbols separated by commas, such as AAPL,MSFT, got "AAPL;MSFT" (environment)',
    ],
    ["IBKR_API_BASE_URL", "localhost:5000", 'takes an http or https URL, got "localhost:5000" (environment)'],
    ["TRADING_STATE_DIR", "./state", 'takes an absolute path, got "./state" (environment)'],
    ["IBKR_API_SECRET", "hunter2", "takes a secret, got a secret of 7 characters (environment)"],
  ])("%s=%s", (key, value, message) => {
    expect(problems({ [key]: value })).toEqual([{ key, message }]);
  });
});

test("all problems are told at once", () => {
  const found = problems({ MAX_ORDER_VALUE: "x", LOG_LEVEL: "loud", IBKR_ACOUNT: "1" });
  expect(found.map(({ key }) => key)).toEqual(["IBKR_ACOUNT", "MAX_ORDER_VALUE", "LOG_LEVEL"]);
});

describe("L41: a misspelt key is an error", () => {
  test.each([
    ["MAX_ORDER_VALU", "MAX_ORDER_VALUE"],
    ["MAX_ODRER_VALUE", "MAX_ORDER_VALUE"],
    ["max_order_value", "MAX_ORDER_VALUE"],
    ["TRADING_DRYRUN", "TRADING_DRY_RUN"],
    ["IBKR_MODE_TRADING_X", null],
  ])("%s in the environment", (key, meant) => {
    const hint = meant === null ? "" : `; did you mean ${meant}?`;
    expect(problems({ [key]: "1" })).toEqual([{ key, message: `unknown setting (environment)${hint}` }]);
  });

  test("in a file, where the first word of one of our keys is enough", () => {
    const file = { path: "/a.env", values: { MAX_ORDERS: "1", LOGLEVEL: "debug", LOG_FILE: "x" } };
    expect(problems({}, [file]).map(({ key }) => key)).toEqual(["MAX_ORDERS", "LOGLEVEL", "LOG_FILE"]);
  });

  test("but other programs' variables, and the sibling server's, are not ours", () => {
    const env = {
      PATH: "/bin",
      MAX_OLD_SPACE: "1",
      LOG_FILE: "x",
      LOGLEVEL: "x",
      MAX_JOBS: "2",
      npm_config_x: "1",
      CRYPTO_DRY_RUN: "true",
    };
    expect(
      problems(env, [{ path: "/a.env", values: { ANTHROPIC_API_KEY: "x", CRYPTO_DRY_RUN: "x" } }]),
    ).toEqual([]);
  });
});

test("contradictions are the server's to find, among values that can be read", () => {
  const contradictions = () => [{ key: "MAX_DAILY_VALUE", message: "is less than MAX_ORDER_VALUE" }];
  expect(problems({}, [], { contradictions })).toEqual(contradictions());
  expect(problems({ LOG_LEVEL: "loud" }, [], { contradictions }).map(({ key }) => key)).toEqual([
    "LOG_LEVEL",
  ]);
});

test("secrets are named for the log's redaction", () => {
  expect(load({ IBKR_API_SECRET: " long-enough " }).secrets).toEqual(["long-enough"]);
});
