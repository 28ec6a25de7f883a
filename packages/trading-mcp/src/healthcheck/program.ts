import type { Policy } from "trading-core/guard/policy";
import { type FlagHelp, parseCommandLine, UsageError } from "../cli/command-line.ts";
import { ConfigError } from "../config.ts";
import { type Machine, thisMachine } from "../folders.ts";
import { writeStdout } from "../quiet-stdout.ts";
import { symbol as symbolArgument } from "../tools/arguments.ts";
import { type HealthCheck, skipped } from "./check.ts";
import { helpText } from "./help.ts";
import { EXIT, exitCodeOf, type Report, reportOf } from "./report.ts";
import { unreadableSettings } from "./settings-check.ts";
import { jsonReport, textReport } from "./write-report.ts";

export type Flags = Record<string, string | boolean>;

/** What is a server's own about its health check. */
export interface HealthcheckProgram<Loaded extends { secrets: readonly string[] }> {
  /** As it is typed: "ibkr-healthcheck". */
  name: string;
  version: string;
  /** "ibkr": whose readiness is told. */
  server: string;
  /** Whose quote is looked at unless told otherwise. */
  symbol: string;
  /** Flags besides those that all health checks take. */
  flags: Record<string, FlagHelp>;
  /** Names of all checks, in the order in which they are told; "settings" is the first. */
  checkNames: readonly string[];
  /** Names that findings may begin with, such as an exchange's. */
  properNames: readonly string[];
  /** Throws a ConfigError. */
  load(machine: Machine, envFile: string | null, sim: boolean): Loaded;
  policyOf(loaded: Loaded): Policy;
  runChecks(options: {
    loaded: Loaded;
    machine: Machine;
    symbol: string;
    flags: Flags;
  }): Promise<HealthCheck[]>;
}

/** Runs a server's health check to its end: looks at everything that trading needs, tells it, and ends. */
export async function runHealthcheck<Loaded extends { secrets: readonly string[] }>(
  program: HealthcheckProgram<Loaded>,
  argv: readonly string[],
): Promise<void> {
  try {
    process.exitCode = await run(program, argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.unusable;
  }
  end();
}

/** The report when the settings do not let anything else be asked. */
export function settingsOnly(settings: HealthCheck, checkNames: readonly string[]): HealthCheck[] {
  return [settings, ...checkNames.slice(1).map((name) => skipped(name, "usable settings"))];
}

async function run<Loaded extends { secrets: readonly string[] }>(
  program: HealthcheckProgram<Loaded>,
  argv: readonly string[],
): Promise<number> {
  const flags = flagsOf(program, argv);
  if (flags.help === true) return print(helpText(program));
  if (flags.version === true) return print(`${program.version}\n`);
  const { report, secrets } = await check(program, flags, symbolOf(flags.symbol ?? program.symbol));
  print(flags.json === true ? jsonReport(report, secrets) : textReport(report, styleOf(), secrets));
  return exitCodeOf(report, flags.strict === true);
}

function flagsOf(
  { name, version, flags: own }: Pick<HealthcheckProgram<never>, "name" | "version" | "flags">,
  argv: readonly string[],
): Flags {
  const flags: Record<string, FlagHelp> = {
    json: { type: "boolean", description: "" },
    symbol: { type: "string", description: "" },
    strict: { type: "boolean", description: "" },
    ...own,
  };
  return parseCommandLine({ name, version, summary: "", commands: {}, flags }, argv).flags;
}

function symbolOf(given: string | boolean): string {
  const parsed = symbolArgument.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--symbol ${parsed.error.issues[0]?.message ?? "cannot be read"}.`);
}

async function check<Loaded extends { secrets: readonly string[] }>(
  program: HealthcheckProgram<Loaded>,
  flags: Flags,
  symbol: string,
): Promise<{ report: Report; secrets: readonly string[] }> {
  const machine = thisMachine();
  const envFile = typeof flags["env-file"] === "string" ? flags["env-file"] : null;
  let loaded: Loaded;
  try {
    loaded = program.load(machine, envFile, flags.sim === true);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const checks = settingsOnly(unreadableSettings(error), program.checkNames);
    return { report: reportOf(checks, null), secrets: [] };
  }
  const checks = await program.runChecks({ loaded, machine, symbol, flags });
  return { report: reportOf(checks, program.policyOf(loaded), program.properNames), secrets: loaded.secrets };
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
