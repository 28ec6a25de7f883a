import { EXIT } from "./report.ts";

export const FLAGS = {
  json: { type: "boolean", description: "One JSON object on stdout and nothing else." },
  symbol: {
    type: "string",
    placeholder: "symbol",
    description: "Whose quote to look at; AAPL unless given.",
  },
  revive: {
    type: "boolean",
    description: "Open the brokerage session first if it is down, as the server would.",
  },
  strict: { type: "boolean", description: `End with ${EXIT.warnings} when there are warnings.` },
} as const;

const OPTIONS: [string, string][] = [
  ["--sim", "Check the embedded simulator: no account, no network."],
  ["--json", FLAGS.json.description],
  ["--symbol <symbol>", FLAGS.symbol.description],
  ["--revive", FLAGS.revive.description],
  ["--strict", FLAGS.strict.description],
  ["--env-file <path>", "Read settings from this file, as the server does."],
  ["--help, --version", "Show this help, or the version."],
];

const EXITS: [number, string][] = [
  [EXIT.ready, "ready; there may be warnings"],
  [EXIT.notReady, "not ready: somebody has to do something, and the report says what"],
  [EXIT.unusable, "the command line or the settings cannot be used"],
  [EXIT.warnings, "ready with warnings, and --strict was given"],
];

export function help(name: string, version: string): string {
  return [
    `${name} ${version}: says whether the ibkr server can trade now, and what to do if not.`,
    "It reads with the server's own settings, may run beside it, and never sends an order.",
    "",
    `Usage: ${name} [flags]`,
    "",
    ...OPTIONS.map(([flag, text]) => `  ${flag.padEnd(17)}  ${text}`),
    "",
    "Ends with:",
    ...EXITS.map(([code, text]) => `  ${code}  ${text}`),
    "",
    "LOG_LEVEL=debug tells every request on stderr.",
    "",
  ].join("\n");
}
