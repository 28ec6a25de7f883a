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
import {
  type LoadedIbkrSettings,
  loadIbkrSettings,
  policyOf,
  settingsSchema,
  simulatorDirOf,
  stateDirOf,
} from "./settings.ts";
import { createIbkrVenue } from "./venue.ts";

const program: Program = {
  name: "ibkr-mcp",
  version: process.env.SERVER_VERSION ?? "0.0.0",
  summary: "an MCP server for Interactive Brokers behind a guard",
  commands: {
    config: "Print every effective setting, where it came from, and the files in use.",
    "sim reset": "Give the simulated venue a fresh account.",
    ...operatorCommands,
  },
  flags: operatorFlags,
};

/** Bad settings and a bad command line end with this; scripts can tell them from a crash. */
const USAGE_EXIT = 2;

/** The `ibkr-mcp` program: serves MCP on stdin and stdout, or runs one command and ends. */
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
  const loaded = loadIbkrSettings(machine, envFile, flags.sim === true);
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
function roomOf(loaded: LoadedIbkrSettings, machine: Machine): RoomOptions {
  const { values, secrets } = loaded;
  const stateDir = stateDirOf(values, machine);
  return {
    policy: policyOf(values),
    venueName: "IBKR",
    stateDir,
    journalPath: values.TRADE_JOURNAL_PATH,
    connect() {
      const logger = createLogger({ name: "ibkr", level: values.LOG_LEVEL, secrets });
      return createIbkrVenue({ settings: values, stateDir, clock: systemClock, logger });
    },
  };
}

async function serve(loaded: LoadedIbkrSettings, machine: Machine, argv: readonly string[]): Promise<void> {
  const { values } = loaded;
  if (process.stdin.isTTY) {
    process.stderr.write(terminalNotice({ name: "ibkr", command: ["npx", program.name, ...argv] }));
  }
  const logger = createLogger({ name: "ibkr", level: values.LOG_LEVEL, secrets: loaded.secrets });
  const stateDir = stateDirOf(values, machine);
  const ibkr = createIbkrVenue({ settings: values, stateDir, clock: systemClock, logger, keepAlive: true });
  const { policy } = ibkr;
  logger.info(
    { mode: policy.mode, dryRun: policy.dryRun, liveArmed: policy.allowLive, stateDir },
    "starting",
  );
  if (isLiveWithoutDailyLimit(policy)) {
    logger.warn({}, "LIVE TRADING IS ARMED WITHOUT MAX_DAILY_VALUE: nothing bounds what a day adds up to");
  }
  await startServer({
    title: "Interactive Brokers",
    tools: catalog,
    context: {
      venue: () => ibkr.venue(),
      clock: systemClock,
      server: {
        name: "ibkr",
        version: program.version,
        readOnly: values.TRADING_TOOLS === "read",
        problems: [],
        mode: policy.mode,
      },
    },
    busy: () => ibkr.busy(),
    drain: () => ibkr.drain(),
    hurry: () => ibkr.hurry(),
    close: () => ibkr.close(),
    logger,
    secrets: loaded.secrets,
  });
}

function describeConfig(loaded: LoadedIbkrSettings, machine: Machine): string {
  const stateDir = stateDirOf(loaded.values, machine);
  const policy = policyOf(loaded.values);
  const journals = openJournals({
    stateDir,
    path: loaded.values.TRADE_JOURNAL_PATH,
    venue: policy.venue,
    mode: policy.mode,
    clock: systemClock,
  });
  const lines = [
    printConfig(settingsSchema, loaded),
    "# In use",
    `dry run        ${policy.dryRun ? "on: orders are validated and not sent" : "off: orders are sent"}`,
    `state folder   ${stateDir}`,
    `journal        ${journals.pathOf(policy.accountId ?? "ACCOUNT")}`,
    `settings file  ${configFolder(machine)}/ibkr.env (read when it exists)`,
  ];
  return `${lines.join("\n")}\n`;
}

async function simulator(
  rest: readonly string[],
  loaded: LoadedIbkrSettings,
  machine: Machine,
): Promise<void> {
  if (rest.length !== 1 || rest[0] !== "reset") throw new UsageError("Usage: ibkr-mcp sim reset");
  const folder = simulatorDirOf(stateDirOf(loaded.values, machine));
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
