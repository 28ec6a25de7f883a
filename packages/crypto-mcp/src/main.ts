import { isLiveWithoutDailyLimit } from "trading-core/guard/policy";
import { openJournals } from "trading-core/journal/journals";
import { systemClock } from "trading-core/ports/clock";
import { takeOnly } from "trading-mcp/cli/command-flags";
import { helpText, type Program, parseCommandLine, UsageError } from "trading-mcp/cli/command-line";
import { printConfig } from "trading-mcp/cli/print-config";
import { terminalNotice } from "trading-mcp/cli/terminal-notice";
import { ConfigError } from "trading-mcp/config";
import { configFolder, type Machine, thisMachine } from "trading-mcp/folders";
import { createLogger } from "trading-mcp/logger";
import { operatorCommands, operatorFlags, runOperator } from "trading-mcp/operator/commands";
import type { RoomOptions } from "trading-mcp/operator/room";
import { writeStdout } from "trading-mcp/quiet-stdout";
import { startServer } from "trading-mcp/start-server";
import { catalog } from "trading-mcp/tools/catalog";
import { profiles } from "./exchange/profile.ts";
import {
  type LoadedCryptoSettings,
  loadCryptoSettings,
  policyOf,
  settingsSchema,
  simulatorDirOf,
  stateDirOf,
} from "./settings.ts";
import { createCryptoVenue } from "./venue.ts";

const program: Program = {
  name: "crypto-mcp",
  version: process.env.SERVER_VERSION ?? "0.0.0",
  summary: "an MCP server for spot crypto behind a guard",
  commands: {
    config: "Print every effective setting, where it came from, and the files in use.",
    "sim reset": "Give the simulated exchange a fresh account.",
    ...operatorCommands,
  },
  flags: operatorFlags,
};

/** Bad settings and a bad command line end with this; scripts can tell them from a crash. */
const USAGE_EXIT = 2;

/** The `crypto-mcp` program: serves MCP on stdin and stdout, or runs one command and ends. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await run(argv);
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message);
    if (error instanceof ConfigError) return fail(explain(error));
    throw error;
  }
}

async function run(argv: readonly string[]): Promise<void> {
  // The parser knows commands by their first word.
  const firstWords = Object.keys(program.commands).map((words) => [words.split(" ")[0] ?? "", ""]);
  const line = parseCommandLine({ ...program, commands: Object.fromEntries(firstWords) }, argv);
  const { command, rest, flags } = line;
  if (flags.help === true) return print(helpText(program));
  if (flags.version === true) return print(`${program.version}\n`);
  const machine = thisMachine();
  const envFile = typeof flags["env-file"] === "string" ? flags["env-file"] : null;
  const loaded = loadCryptoSettings(machine, envFile, flags.sim === true);
  switch (command) {
    case null:
      takeOnly("Serving", line, {});
      return serve(loaded, machine, argv);
    case "config":
      takeOnly("config", line, {});
      return print(describeConfig(loaded, machine));
    case "sim":
      takeOnly("sim", line, { words: [0, Number.POSITIVE_INFINITY] });
      return simulator(rest, loaded, machine);
    default:
      process.exitCode = await runOperator(command, line, roomOf(loaded, machine));
  }
}

/** What the operator's commands work on. Contacts nothing. */
function roomOf(loaded: LoadedCryptoSettings, machine: Machine): RoomOptions {
  const { values, secrets } = loaded;
  const stateDir = stateDirOf(values, machine);
  return {
    policy: policyOf(values),
    venueName: profiles[values.CRYPTO_EXCHANGE].name,
    stateDir,
    journalPath: values.CRYPTO_TRADE_JOURNAL_PATH,
    connect() {
      const logger = createLogger({ name: "crypto", level: values.LOG_LEVEL, secrets });
      return createCryptoVenue({ settings: values, stateDir, clock: systemClock, logger });
    },
  };
}

async function serve(loaded: LoadedCryptoSettings, machine: Machine, argv: readonly string[]): Promise<void> {
  const { values } = loaded;
  if (process.stdin.isTTY) {
    process.stderr.write(terminalNotice({ name: "crypto", command: ["npx", program.name, ...argv] }));
  }
  const logger = createLogger({ name: "crypto", level: values.LOG_LEVEL, secrets: loaded.secrets });
  const stateDir = stateDirOf(values, machine);
  const crypto = createCryptoVenue({ settings: values, stateDir, clock: systemClock, logger });
  const { policy } = crypto;
  logger.info(
    {
      exchange: values.CRYPTO_EXCHANGE,
      mode: policy.mode,
      dryRun: policy.dryRun,
      liveArmed: policy.allowLive,
      stateDir,
    },
    "starting",
  );
  if (isLiveWithoutDailyLimit(policy)) {
    logger.warn({}, "LIVE TRADING IS ARMED WITHOUT MAX_DAILY_VALUE: nothing bounds what a day adds up to");
  }
  await startServer({
    title: `${profiles[values.CRYPTO_EXCHANGE].name} spot`,
    tools: catalog,
    context: {
      venue: () => crypto.venue(),
      clock: systemClock,
      server: {
        name: "crypto",
        version: program.version,
        readOnly: values.TRADING_TOOLS === "read",
        problems: [],
        mode: policy.mode,
      },
    },
    busy: () => crypto.busy(),
    hurry: () => crypto.hurry(),
    drain: () => crypto.drain(),
    close: () => crypto.close(),
    logger,
    secrets: loaded.secrets,
  });
}

function describeConfig(loaded: LoadedCryptoSettings, machine: Machine): string {
  const { values } = loaded;
  const stateDir = stateDirOf(values, machine);
  const policy = policyOf(values);
  const journals = openJournals({
    stateDir,
    path: values.CRYPTO_TRADE_JOURNAL_PATH,
    venue: policy.venue,
    mode: policy.mode,
    clock: systemClock,
  });
  const lines = [
    printConfig(settingsSchema, loaded),
    "# In use",
    `dry run        ${policy.dryRun ? "on: orders are validated and not sent" : "off: orders are sent"}`,
    `limits in      ${policy.riskCurrency}`,
    `state folder   ${stateDir}`,
    `journal        ${journals.pathOf("ACCOUNT")}`,
    `settings file  ${configFolder(machine)}/crypto.env (read when it exists)`,
  ];
  return `${lines.join("\n")}\n`;
}

async function simulator(
  rest: readonly string[],
  loaded: LoadedCryptoSettings,
  machine: Machine,
): Promise<void> {
  if (rest.length !== 1 || rest[0] !== "reset") throw new UsageError("Usage: crypto-mcp sim reset");
  const folder = simulatorDirOf(stateDirOf(loaded.values, machine), loaded.values);
  const { resetSimulator } = await import("venue-sim");
  await resetSimulator(folder);
  print(`The simulated account in ${folder} begins anew.\n`);
}

function explain(error: ConfigError): string {
  const problems = error.problems.map(({ key, message }) => `  ${key} ${message}`);
  return ["The settings cannot be used:", ...problems, "Nothing was started."].join("\n");
}

function print(text: string): void {
  writeStdout(text);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = USAGE_EXIT;
}
