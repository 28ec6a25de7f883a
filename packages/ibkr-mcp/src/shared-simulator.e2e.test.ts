import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type BuiltServer,
  bareEnvironment,
  SERVER,
  startBuiltServer,
  temporaryFolder,
} from "./testing/built-server.ts";
import { PATIENCE_MS } from "./testing/world.ts";

// Each test starts up to five programs one after the other; what it waits for is they, and never a time.
vi.setConfig({ testTimeout: PATIENCE_MS });

/** `--sim`: the embedded venue is one process for each state folder, and outlives whoever started it. */
let folder: ReturnType<typeof temporaryFolder>;
const started: BuiltServer[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
  try {
    process.kill(simulatorPid(), "SIGKILL");
  } catch {
    // It has ended by itself.
  }
  folder.remove();
});

async function start(env: Record<string, string> = {}): Promise<BuiltServer> {
  const server = await startBuiltServer({ args: ["--sim"], env: { TRADING_STATE_DIR: folder.path, ...env } });
  started.push(server);
  return server;
}

function simulatorPid(): number {
  const file = readFileSync(join(folder.path, "simulator", "simulator.json"), "utf8");
  return (JSON.parse(file) as { pid: number }).pid;
}

test("S38: two servers trade on one simulator, and see one account and one journal", async () => {
  const [first, second] = [await start(), await start()];
  const bought = await first.call("buy", { symbol: "MSFT", cash_amount: 40 });
  expect(bought.ok).toBe(true);
  const pid = simulatorPid();
  const seen = await second.call("order_status", { order_id: bought.data.client_order_id });
  expect(seen.data).toMatchObject({ order_id: bought.data.order_id, symbol: "MSFT" });
  expect(simulatorPid()).toBe(pid);
});

test("the same order through another server within the window is a duplicate", async () => {
  const [first, second] = [
    await start({ DUPLICATE_WINDOW_SECONDS: "600" }),
    await start({ DUPLICATE_WINDOW_SECONDS: "600" }),
  ];
  expect((await first.call("buy", { symbol: "KO", cash_amount: 20 })).ok).toBe(true);
  const again = await second.call("buy", { symbol: "KO", cash_amount: 20 });
  expect(again.error).toMatchObject({ code: "duplicate_order" });
});

test("sim reset opens a fresh account with a journal of its own; a server of the old one stops trading", async () => {
  const server = await start();
  expect((await server.call("buy", { symbol: "AAPL", cash_amount: 30 })).ok).toBe(true);
  const before = await server.call("session_status");
  const reset = spawnSync(process.execPath, [SERVER, "sim", "reset"], {
    env: bareEnvironment({ TRADING_STATE_DIR: folder.path }),
    encoding: "utf8",
  });
  expect(reset).toMatchObject({ status: 0, stdout: expect.stringContaining("begins anew") });

  const fresh = await start();
  const posture = await fresh.call("session_status");
  expect(posture.data.account_id).not.toBe(before.data.account_id);
  expect(posture.data).toMatchObject({ can_trade: true, limits: { committed_today: "0.00" } });
  const { data } = await fresh.call("account_summary");
  expect(Number(data.cash)).toBe(1_000_000);
  // The old server still thinks of the old account: whatever stops it first, nothing reaches the new one.
  expect((await server.call("buy", { symbol: "MSFT", cash_amount: 30 })).ok).toBe(false);
  expect((await fresh.call("open_orders")).data.orders).toEqual([]);
  expect((await fresh.call("positions")).data.positions).toEqual([]);
});

test("a SIGKILL of the simulator is an outage that loses no acknowledged order", async () => {
  const server = await start();
  const bought = await server.call("buy", { symbol: "AAPL", cash_amount: 30 });
  process.kill(simulatorPid(), "SIGKILL");
  let seen = await server.call("order_status", { order_id: bought.data.order_id });
  // The call that meets the outage may report it; the next one finds the simulator started anew.
  if (!seen.ok) {
    expect(seen.error.retryable).toBe(true);
    seen = await server.call("order_status", { order_id: bought.data.order_id });
  }
  expect(seen.data).toMatchObject({ client_order_id: bought.data.client_order_id, symbol: "AAPL" });
  const filled = await server.call("wait_for_fill", { order_id: bought.data.order_id, timeout_seconds: 60 });
  expect(filled.data.status).toBe("filled");
});
