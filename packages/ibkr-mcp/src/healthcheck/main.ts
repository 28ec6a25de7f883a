import { systemClock } from "trading-core/ports/clock";
import { parseCommandLine, UsageError } from "trading-mcp/cli/command-line";
import { ConfigError } from "trading-mcp/config";
import { thisMachine } from "trading-mcp/folders";
import { writeStdout } from "trading-mcp/quiet-stdout";
import { symbol as symbolArgument } from "trading-mcp/tools/arguments";
import { type LoadedIbkrSettings, loadIbkrSettings, policyOf } from "../settings.ts";
import { FLAGS, help } from "./help.ts";
import { EXIT, exitCodeOf, type Report, reportOf } from "./report.ts";
import { runChecks, settingsOnly } from "./run-checks.ts";
import { unreadableSettings } from "./settings-check.ts";
import { jsonReport, textReport } from "./write-report.ts";

const NAME = "ibkr-healthcheck";
const VERSION = process.env.SERVER_VERSION ?? "0.0.0";

/** The `ibkr-healthcheck` program: looks at everything that trading needs, tells it, and ends. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await run(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.unusable;
  }
  end();
}

async function run(argv: readonly string[]): Promise<number> {
  const flags = flagsOf(argv);
  if (flags.help === true) return print(help(NAME, VERSION));
  if (flags.version === true) return print(`${VERSION}\n`);
  const symbol = symbolOf(flags.symbol);
  const { report, secrets } = await check(flags, symbol);
  print(flags.json === true ? jsonReport(report, secrets) : textReport(report, styleOf(), secrets));
  return exitCodeOf(report, flags.strict === true);
}

type Flags = Record<string, string | boolean>;

function flagsOf(argv: readonly string[]): Flags {
  const program = { name: NAME, version: VERSION, summary: "", commands: {}, flags: FLAGS };
  return parseCommandLine(program, argv).flags;
}

function symbolOf(given: string | boolean | undefined): string {
  const parsed = symbolArgument.safeParse(given ?? "AAPL");
  if (parsed.success) return parsed.data;
  throw new UsageError(`--symbol ${parsed.error.issues[0]?.message ?? "cannot be read"}.`);
}

async function check(flags: Flags, symbol: string): Promise<{ report: Report; secrets: readonly string[] }> {
  const machine = thisMachine();
  const envFile = typeof flags["env-file"] === "string" ? flags["env-file"] : null;
  let loaded: LoadedIbkrSettings;
  try {
    loaded = loadIbkrSettings(machine, envFile, flags.sim === true);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { report: reportOf(settingsOnly(unreadableSettings(error)), null), secrets: [] };
  }
  const revive = flags.revive === true;
  const checks = await runChecks({ loaded, machine, clock: systemClock, symbol, revive });
  return { report: reportOf(checks, policyOf(loaded.values)), secrets: loaded.secrets };
}

const WIDEST = 100;

function styleOf() {
  const { isTTY, columns } = process.stdout;
  return {
    width: Math.min(WIDEST, columns ?? WIDEST),
    color: isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
  };
}

function print(text: string): number {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on("error", () => {});
  writeStdout(text);
  return EXIT.ready;
}

const FLUSH_MS = 1_000;

/** Ends as soon as what was told has left: a request that was given up does not keep the program. */
function end(): void {
  if (process.stdout.writableLength === 0) process.exit();
  process.stdout.once("drain", () => process.exit());
  setTimeout(() => process.exit(), FLUSH_MS);
}
