import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SIMULATED_KEYS } from "../exchange/options.ts";
import { binanceClient, krakenClient } from "../exchange/test-clients.ts";
import { connectSimulator, type SimulatorConnection } from "./connect-simulator.ts";
import { remoteExchangeControl } from "./remote-control.ts";
import { resetSimulator } from "./reset-simulator.ts";
import { runningSimulator, type SimulatorKind } from "./state-folder.ts";

// Needs the package built: a process runs dist/, not sources.
const main = fileURLToPath(new URL("../../dist/process/simulator-process-main.js", import.meta.url));

let stateDir: string;
let connections: SimulatorConnection[];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "venue-sim-"));
  connections = [];
});

afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.release()));
  await until(() => runningSimulator(stateDir) === null);
  rmSync(stateDir, { recursive: true, force: true });
});

async function connect(kind: SimulatorKind): Promise<SimulatorConnection> {
  const connection = await connectSimulator({
    stateDir,
    kind,
    command: [process.execPath, main, "--linger", "200", "--options", '{"settings":{"pacing":false}}'],
  });
  connections.push(connection);
  return connection;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    if (condition()) return;
    await sleep(25);
  }
  throw new Error("it did not happen within ten seconds");
}

/** What the signing test clients need to know of an exchange in another process, whose clock is ours. */
function clientsOf(connection: SimulatorConnection) {
  const exchange = {
    baseUrl: connection.baseUrl,
    keys: SIMULATED_KEYS,
    clock: { now: () => Date.now() },
  };
  return { binance: binanceClient(exchange), kraken: krakenClient(exchange) };
}

const FAR = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "50000" };

test("S38: servers share one exchange; a kill in a burst loses no acknowledged order and doubles none", async () => {
  const [first, same] = await Promise.all([connect("binance"), connect("binance")]);
  expect(same.pid).toBe(first.pid);
  expect(first).toMatchObject({ kind: "binance", certificate: "" });
  const { binance } = clientsOf(first);
  const acknowledged: string[] = [];
  const burst = Array.from({ length: 4 }, async (_, lane) => {
    for (let i = 0; i < 60; i += 1) {
      const newClientOrderId = `burst${lane}x${i}`;
      const values = { ...FAR, quantity: "0.0002", newClientOrderId };
      const answer = await binance.order(values);
      expect(answer.status).toBe(200);
      acknowledged.push(newClientOrderId);
    }
  });
  await until(() => acknowledged.length > 20);
  process.kill(first.pid, "SIGKILL");
  await Promise.allSettled(burst);
  await binance.close();
  await until(() => !first.connected());
  const second = await connect("binance");
  expect(second.pid).not.toBe(first.pid);
  const kept = (await remoteExchangeControl(second).state()).orders.map(({ clientOrderId }) => clientOrderId);
  expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([]);
  expect(new Set(kept).size).toBe(kept.length);
});

test("a folder whose simulator plays another venue is refused, with the reason", async () => {
  await connect("kraken");
  await expect(connect("binance")).rejects.toThrow(/plays kraken, not binance/);
});

test("a reset opens the account under another number, running or not, and reuses no order number", async () => {
  const first = await connect("binance");
  const before = await remoteExchangeControl(first).state();
  const { binance } = clientsOf(first);
  const placed = await binance.order(FAR);
  await resetSimulator(stateDir);
  const after = await remoteExchangeControl(first).state();
  expect(Number(after.account)).toBe(Number(before.account) + 1);
  expect(after.orders).toEqual([]);
  const again = await binance.order(FAR);
  expect(again.json.orderId).toBeGreaterThan(placed.json.orderId);
  await binance.close();
  await Promise.all(connections.map((connection) => connection.release()));
  await until(() => runningSimulator(stateDir) === null);
  await resetSimulator(stateDir);
  const later = await connect("binance");
  const state = await remoteExchangeControl(later).state();
  expect(state.orders).toEqual([]);
  expect(Number(state.account)).toBe(Number(before.account) + 2);
});

test("the other kind runs the same way", async () => {
  const { kraken, binance } = clientsOf(await connect("kraken"));
  const answer = await kraken.order({ type: "buy", ordertype: "limit", volume: "0.01", price: "50000" });
  expect(answer.json.error).toEqual([]);
  await Promise.all([kraken.close(), binance.close()]);
});
