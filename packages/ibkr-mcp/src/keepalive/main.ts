import { TradingError } from "trading-core/domain/errors";
import { systemClock } from "trading-core/ports/clock";
import { type Program, parseCommandLine, UsageError } from "trading-mcp/cli/command-line";
import { ConfigError } from "trading-mcp/config";
import { thisMachine } from "trading-mcp/folders";
import { asciiOnly, createLogger } from "trading-mcp/logger";
import { writeStdout } from "trading-mcp/quiet-stdout";
import { redactText } from "trading-mcp/redact";
import { type LoadedIbkrSettings, loadIbkrSettings, stateDirOf } from "../settings.ts";
import { connectGateway, type GatewayConnection } from "../venue.ts";
import { alertJson, alertLine, EXIT, exitCodeOf, stateJson, stateLines } from "./report.ts";
import { createWatch, type Watch } from "./watch.ts";

const program: Program = {
  name: "ibkr-keepalive",
  version: process.env.SERVER_VERSION ?? "0.0.0",
  summary: "keeps the session of IBKR's gateway alive, and says when a person is needed",
  commands: {},
  flags: {
    once: { type: "boolean", description: "Look once, say what was found, and end; for cron." },
    json: { type: "boolean", description: "One line of JSON on stdout for each change of state and alert." },
  },
};

const HELP = `${program.name} ${program.version}: ${program.summary}.
It works with the server's own settings, may run beside servers, and sends no order. A server that runs keeps
its session alive by itself: this is for the time when none does, and for whoever wants to be told.

Usage: ${program.name} [flags]     runs until it is stopped

  --once             ${program.flags?.once?.description}
  --json             ${program.flags?.json?.description}
  --sim              Watch the embedded simulator: no account, no network.
  --env-file <path>  Read settings from this file, as the server does.
  --help, --version  Show this help, or the version.

With --once it ends with:
  ${EXIT.ready}  the brokerage session is up
  ${EXIT.person}  a person has to do something, and the output says what
  ${EXIT.unusable}  the command line or the settings cannot be used
  ${EXIT.wait}  not up, but there is nothing to do except wait

REAUTH_WEBHOOK_URL sends the alerts to Discord, Slack or ntfy as well. LOG_LEVEL=debug tells every request.
`;

/** The `ibkr-keepalive` program. */
export async function main(argv: readonly string[]): Promise<void> {
  let code: number;
  try {
    code = await run(argv);
  } catch (error) {
    const message = unusable(error);
    if (message === null) throw error;
    process.stderr.write(`${asciiOnly(message)}\n`);
    code = EXIT.unusable;
  }
  end(code);
}

async function run(argv: readonly string[]): Promise<number> {
  const { flags } = parseCommandLine(program, argv);
  if (flags.help === true) return print(HELP);
  if (flags.version === true) return print(`${program.version}\n`);
  const envFile = typeof flags["env-file"] === "string" ? flags["env-file"] : null;
  const machine = thisMachine();
  const loaded = loadIbkrSettings(machine, envFile, flags.sim === true);
  const once = flags.once === true;
  const connection = await connectGateway({
    settings: loaded.values,
    stateDir: stateDirOf(loaded.values, machine),
    clock: systemClock,
    // What a person has to know is told below; the log is for whoever looks for a fault.
    logger: createLogger({
      name: program.name,
      level: loaded.values.LOG_LEVEL === "debug" ? "debug" : "silent",
      secrets: loaded.secrets,
    }),
  });
  const watch = createWatch({
    cpapi: connection.cpapi,
    settings: loaded.values,
    clock: systemClock,
    once,
    ...teller(loaded, flags.json === true),
  });
  return once ? await lookOnce(watch, connection) : await runUntilStopped(watch, connection, loaded);
}

async function lookOnce(watch: Watch, connection: GatewayConnection): Promise<number> {
  const state = await watch.look();
  await watch.settled();
  await connection.close();
  return exitCodeOf(state);
}

async function runUntilStopped(
  watch: Watch,
  connection: GatewayConnection,
  { values }: LoadedIbkrSettings,
): Promise<number> {
  const every = values.TICKLE_INTERVAL_SECONDS;
  process.stderr.write(
    `${program.name}: watching ${connection.gateway} every ${every} s; stop it with Ctrl-C.\n`,
  );
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    // A reader of the lines that is gone reads no more of them.
    process.stdout.on("error", () => resolve());
  });
  const working = watch.look().then(() => watch.run());
  // Not waited for: a gateway that says nothing would keep the program for as long as it likes.
  await Promise.race([stopped, working]);
  watch.stop();
  await connection.close();
  return EXIT.ready;
}

/** Where changes and alerts go: words to stderr, and JSON to stdout where it is asked for. */
function teller({ secrets }: LoadedIbkrSettings, json: boolean) {
  const clean = (text: string) => asciiOnly(redactText(text, secrets));
  const tell = (words: string, line: string) => {
    process.stderr.write(clean(words));
    if (json) writeStdout(redactText(line, secrets));
  };
  const now = () => systemClock.now();
  return {
    changed: (state: Parameters<typeof stateLines>[0]) =>
      tell(stateLines(state, now()), stateJson(state, now())),
    alert: (text: string) => tell(`${BELL}${alertLine(text, now())}`, alertJson(text, now())),
    warn: (text: string) =>
      void process.stderr.write(clean(`${new Date(now()).toISOString()}  WARN  ${text}\n`)),
  };
}

/** Rings where somebody sits at a terminal. */
const BELL = process.stderr.isTTY ? "\u0007" : "";

/** What is wrong with how it was started; null for what nobody expected. */
function unusable(error: unknown): string | null {
  if (error instanceof UsageError) return error.message;
  if (error instanceof TradingError) return `${error.message} ${error.nextStep}`;
  if (!(error instanceof ConfigError)) return null;
  const problems = error.problems.map(({ key, message }) => `  ${key} ${message}`);
  return ["The settings cannot be used:", ...problems, "Nothing was started."].join("\n");
}

function print(text: string): number {
  process.stdout.on("error", () => {});
  writeStdout(text);
  return EXIT.ready;
}

const FLUSH_MS = 1_000;

/** Ends as soon as what was told has left. */
function end(code: number): void {
  process.exitCode = code;
  if (process.stdout.writableLength === 0) process.exit();
  process.stdout.once("drain", () => process.exit());
  setTimeout(() => process.exit(), FLUSH_MS);
}
