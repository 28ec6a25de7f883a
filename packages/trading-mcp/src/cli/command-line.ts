import { type ParseArgsConfig, parseArgs } from "node:util";
import { didYouMean } from "../nearest.ts";

export interface FlagHelp {
  type: "boolean" | "string";
  /** Shown for a value: `--env-file <path>`. */
  placeholder?: string;
  description: string;
}

/** What every server program takes. */
export const commonFlags = {
  sim: { type: "boolean", description: "Trade on the embedded simulated venue: no account, no network." },
  "env-file": { type: "string", placeholder: "path", description: "Read settings from this file." },
  help: { type: "boolean", description: "Show this help." },
  version: { type: "boolean", description: "Show the version." },
} as const satisfies Record<string, FlagHelp>;

export interface Program {
  /** The program's name as it is typed. */
  name: string;
  version: string;
  /** One line on what it is. */
  summary: string;
  /** Subcommands besides serving, each with what it does. */
  commands: Record<string, string>;
  /** Flags besides the common ones. */
  flags?: Record<string, FlagHelp>;
}

export interface CommandLine {
  /** Null to serve. */
  command: string | null;
  /** What follows the command. */
  rest: string[];
  flags: Record<string, string | boolean>;
}

/** The command line is not one that the program takes. The message says what was probably meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Strict: an unknown flag is an error, because a flag that is silently ignored may be a safety switch. */
export function parseCommandLine(program: Program, argv: readonly string[]): CommandLine {
  const known: Record<string, FlagHelp> = { ...program.flags, ...commonFlags };
  refuseUnknownFlags(program, known, argv);
  const options: ParseArgsConfig["options"] = {};
  for (const [name, { type }] of Object.entries(known)) options[name] = { type };
  const { values, positionals } = parsed(program, argv, options);
  const [command, ...rest] = positionals;
  if (command !== undefined && !Object.hasOwn(program.commands, command)) {
    const hint = didYouMean(command, Object.keys(program.commands));
    throw new UsageError(`Unknown command "${command}".${hint} Try ${program.name} --help.`);
  }
  return { command: command ?? null, rest, flags: values };
}

function parsed(program: Program, argv: readonly string[], options: ParseArgsConfig["options"]) {
  try {
    const result = parseArgs({
      args: [...argv],
      options: options ?? {},
      allowPositionals: true,
      strict: true,
    });
    return result as { values: Record<string, string | boolean>; positionals: string[] };
  } catch (error) {
    const message = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new UsageError(`${message}. Try ${program.name} --help.`);
  }
}

function refuseUnknownFlags(
  program: Program,
  known: Record<string, FlagHelp>,
  argv: readonly string[],
): void {
  for (const argument of argv) {
    if (argument === "--") return;
    if (!argument.startsWith("--")) continue;
    const name = argument.slice(2).split("=")[0] ?? "";
    if (Object.hasOwn(known, name)) continue;
    throw new UsageError(
      `Unknown flag --${name}.${didYouMean(name, Object.keys(known))} Try ${program.name} --help.`,
    );
  }
}

export function helpText(program: Program): string {
  const flags: Record<string, FlagHelp> = { ...program.flags, ...commonFlags };
  const rows = (entries: [string, string][]) => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return entries.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  };
  return [
    `${program.name} ${program.version}: ${program.summary}`,
    "",
    `Usage: ${program.name} [flags]            serve MCP on stdin and stdout`,
    `       ${program.name} <command> [flags]`,
    "",
    "Commands:",
    ...rows(Object.entries(program.commands)),
    "",
    "Flags:",
    ...rows(
      Object.entries(flags).map(([name, flag]) => [
        flag.type === "string" ? `--${name} <${flag.placeholder ?? "value"}>` : `--${name}`,
        flag.description,
      ]),
    ),
    "",
  ].join("\n");
}
