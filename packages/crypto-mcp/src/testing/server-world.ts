import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, initialize, startChild } from "trading-mcp/testing/child";
import { type ExchangeKind, SIMULATED_KEYS, type SimulatedExchange, startSimulatedExchange } from "venue-sim";
import { expect, vi } from "vitest";
import { bareEnvironment, SERVER, temporaryFolder } from "./built-server.ts";

/** One record of the journal, as far as tests about processes look at it. */
export interface JournalRecord {
  kind: string;
  clientOrderId?: string;
  outcome?: string;
}

/** An exchange and a state folder of one's own, and the built servers on them. */
export interface ServerWorld {
  exchange: SimulatedExchange;
  folder: string;
  env: Record<string, string>;
  /** Starts a built server and waits for its `initialize`. */
  serve: (env?: Record<string, string>) => Promise<Child>;
  /** The records of orders' lives: intent, dispatch, outcome. */
  life: () => JournalRecord[];
  /** Requests that place an order. */
  placed: () => { path: string }[];
}

/** How an order goes to each exchange. */
export const PLACE: Record<ExchangeKind, { method: string; path: RegExp }> = {
  binance: { method: "POST", path: /\/order(?:\?|$)/ },
  kraken: { method: "POST", path: /AddOrder/ },
};

/** Runs a test in a world of its own; afterwards no stdout in it has held anything but answers. */
export async function inServerWorld(
  kind: ExchangeKind,
  run: (world: ServerWorld) => Promise<void>,
): Promise<void> {
  const exchange = await startSimulatedExchange({ kind, clock: "real" });
  const folder = temporaryFolder();
  const children: Child[] = [];
  const env = {
    HOME: folder.path,
    TRADING_STATE_DIR: folder.path,
    CRYPTO_EXCHANGE: kind,
    CRYPTO_API_BASE_URL: exchange.baseUrl,
    CRYPTO_API_KEY: SIMULATED_KEYS.apiKey,
    CRYPTO_API_SECRET: SIMULATED_KEYS.apiSecret,
    MAX_DAILY_VALUE: "1000",
  };
  const world: ServerWorld = {
    exchange,
    folder: folder.path,
    env,
    async serve(changed = {}) {
      const child = startChild({ command: [SERVER], env: bareEnvironment({ ...env, ...changed }) });
      children.push(child);
      await initialize(child);
      return child;
    },
    life: () => journalIn(folder.path).filter(({ kind }) => ["intent", "dispatch", "outcome"].includes(kind)),
    placed: () => exchange.control.requests(PLACE[kind]),
  };
  try {
    await run(world);
  } finally {
    for (const child of children) child.process.kill("SIGKILL");
    await Promise.all(children.map((child) => child.ended()));
    await exchange.close();
    folder.remove();
  }
  for (const { stdout, messages, unfinished } of children) {
    expect(messages).toHaveLength(stdout.length);
    for (const message of messages) expect(message).toMatchObject({ jsonrpc: "2.0" });
    expect(unfinished()).toBe("");
  }
}

/** The answer's envelope. */
export async function answerOf(child: Child, id: unknown) {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  return (await child.reply(id)).result?.structuredContent as any;
}

function journalIn(folder: string): JournalRecord[] {
  const journals = join(folder, "journals");
  if (!existsSync(journals)) return [];
  const [name] = readdirSync(journals).filter((each) => each.endsWith(".jsonl") && !each.includes("unbound"));
  if (name === undefined) return [];
  // What follows the last newline is a record that is being written right now.
  const lines = readFileSync(join(journals, name), "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** It tells a hang and nothing else: an idle machine takes seconds. */
export const PATIENCE_MS = 120_000;

/** Waits for what other processes do; nothing here waits for a time. */
export function eventually(look: () => void): Promise<void> {
  return vi.waitFor(look, { interval: 5, timeout: PATIENCE_MS });
}
