import type { FlagHelp } from "../cli/command-line.ts";
import { EXIT } from "./report.ts";

interface Described {
  name: string;
  version: string;
  server: string;
  symbol: string;
  flags: Record<string, FlagHelp>;
}

const EXITS: [number, string][] = [
  [EXIT.ready, "ready; there may be warnings"],
  [EXIT.notReady, "not ready: somebody has to do something, and the report says what"],
  [EXIT.unusable, "the command line or the settings cannot be used"],
  [EXIT.warnings, "ready with warnings, and --strict was given"],
];

export function helpText({ name, version, server, symbol, flags }: Described): string {
  const options: [string, string][] = [
    ["--sim", "Check the embedded simulator: no account, no network."],
    ["--json", "One JSON object on stdout and nothing else."],
    ["--symbol <symbol>", `Whose quote to look at; ${symbol} unless given.`],
    ...Object.entries(flags).map(([flag, { description }]): [string, string] => [`--${flag}`, description]),
    ["--strict", `End with ${EXIT.warnings} when there are warnings.`],
    ["--env-file <path>", "Read settings from this file, as the server does."],
    ["--help, --version", "Show this help, or the version."],
  ];
  return [
    `${name} ${version}: says whether the ${server} server can trade now, and what to do if not.`,
    "It reads with the server's own settings, may run beside it, and never sends an order.",
    "",
    `Usage: ${name} [flags]`,
    "",
    ...options.map(([flag, text]) => `  ${flag.padEnd(17)}  ${text}`),
    "",
    "Ends with:",
    ...EXITS.map(([code, text]) => `  ${code}  ${text}`),
    "",
    "LOG_LEVEL=debug tells every request on stderr.",
    "",
  ].join("\n");
}
