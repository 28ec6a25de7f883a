import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, initialize } from "trading-mcp/testing/child";
import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { expect, vi } from "vitest";
import { temporaryFolder } from "./built-server.ts";
import { startRawServer, tradingOn } from "./raw-server.ts";

/** One record of the journal, as far as tests about processes look at it. */
export interface JournalRecord {
  kind: string;
  clientOrderId?: string;
  outcome?: string;
}

/** A gateway and a state folder of one's own, and the servers on them. */
export interface World {
  gateway: SimulatedGateway;
  /** The state folder. */
  folder: string;
  env: Record<string, string>;
  /** Starts the built server; `initialize` is the caller's. */
  start: (options?: { env?: Record<string, string>; unread?: "stderr"[] }) => Child;
  /** The same, with `initialize` answered. */
  serve: () => Promise<Child>;
  /** The records of orders' lives: intent, dispatch, outcome. */
  life: () => JournalRecord[];
}

/** Runs a test in a world of its own; afterwards no stdout in it has held anything but answers. */
export async function inWorld(run: (world: World) => Promise<void>): Promise<void> {
  const gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPrice("AAPL", { last: 50 });
  const folder = temporaryFolder();
  const children: Child[] = [];
  const env = tradingOn(gateway.baseUrl, folder.path);
  const world: World = {
    gateway,
    folder: folder.path,
    env,
    start({ env: changed = {}, ...options } = {}) {
      const child = startRawServer({ ...env, ...changed }, options);
      children.push(child);
      return child;
    },
    async serve() {
      const child = world.start();
      await initialize(child);
      return child;
    },
    life: () => journalIn(folder.path).filter(({ kind }) => ["intent", "dispatch", "outcome"].includes(kind)),
  };
  try {
    await run(world);
  } catch (error) {
    process.stderr.write(`${remains(world, children)}\n`);
    throw error;
  } finally {
    for (const child of children) child.process.kill("SIGKILL");
    await Promise.all(children.map((child) => child.ended()));
    await gateway.close();
    folder.remove();
  }
  for (const { stdout, messages, unfinished } of children) {
    expect(messages).toHaveLength(stdout.length);
    for (const message of messages) expect(message).toMatchObject({ jsonrpc: "2.0" });
    expect(unfinished()).toBe("");
  }
}

/** What a failed test leaves to look at: these worlds are gone afterwards, and some failures are rare. */
function remains({ gateway, life }: World, children: Child[]): string {
  const requests = gateway.control
    .requests()
    .map(({ time, method, path, status }) => `${new Date(time).toISOString()} ${method} ${path} ${status}`);
  const servers = children.flatMap(({ messages, stderr }) => [
    ...messages.map((message) => JSON.stringify(message).slice(0, 1_000)),
    stderr().slice(-5_000),
  ]);
  return ["a test failed in this world:", ...requests, JSON.stringify(life()), ...servers].join("\n");
}

function journalIn(folder: string): JournalRecord[] {
  const path = join(folder, "journals", "ibkr-DU1234567-paper.jsonl");
  if (!existsSync(path)) return [];
  // What follows the last newline is a record that is being written right now.
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

/**
 * How long a test of whole processes may take, and a wait in it. It tells a hang and nothing else: an idle
 * machine takes seconds, and one on which all of it competes for two cores many times that.
 */
export const PATIENCE_MS = 180_000;

/** Waits for what other processes do; nothing here waits for a time. */
export function eventually(look: () => void): Promise<void> {
  return vi.waitFor(look, { interval: 5, timeout: PATIENCE_MS });
}
