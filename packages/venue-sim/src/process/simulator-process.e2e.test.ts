import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestClient } from "../test-client.ts";
import { connectSimulator, type SimulatorConnection } from "./connect-simulator.ts";
import { remoteControl } from "./remote-control.ts";
import { resetSimulator } from "./reset-simulator.ts";
import { runningSimulator } from "./state-folder.ts";

// Needs the package built: a process runs dist/, not sources.
const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const main = join(dist, "process/simulator-process-main.js");
const LINGER = 400;

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

async function connect(...args: string[]): Promise<SimulatorConnection> {
  const connection = await connectSimulator({
    stateDir,
    command: [process.execPath, main, "--linger", String(LINGER), ...args],
  });
  connections.push(connection);
  return connection;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    if (condition()) return;
    await sleep(25);
  }
  throw new Error("it did not happen within ten seconds");
}

async function placeFarOrder(connection: SimulatorConnection, cOID: string): Promise<string> {
  const client = createTestClient(connection);
  try {
    const { json } = await client.get("iserver/accounts");
    await client.post("iserver/questions/suppress", { messageIds: ["o163", "o10153"] });
    const ticket = {
      conid: 265598,
      orderType: "LMT",
      price: 150,
      side: "BUY",
      tif: "GTC",
      quantity: 1,
      cOID,
    };
    const answer = await client.post(`iserver/account/${json.selectedAccount}/orders`, { orders: [ticket] });
    return answer.json[0].order_id;
  } finally {
    await client.close();
  }
}

test("several servers that start at once share one simulator", async () => {
  const all = await Promise.all([connect(), connect(), connect()]);
  expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
  expect(new Set(all.map(({ baseUrl }) => baseUrl)).size).toBe(1);
  expect(statSync(join(stateDir, "simulator.json")).mode & 0o777).toBe(0o600);
});

test("an acknowledged order survives a kill, and the next connect starts anew", async () => {
  const first = await connect();
  const orderId = await placeFarOrder(first, "kept1");
  expect(first.connected()).toBe(true);
  process.kill(first.pid, "SIGKILL");
  await until(() => runningSimulator(stateDir) === null);
  await until(() => !first.connected());
  // The file of the dead is still there, and fools nobody.
  expect(JSON.parse(readFileSync(join(stateDir, "simulator.json"), "utf8")).pid).toBe(first.pid);
  const second = await connect();
  expect(second.pid).not.toBe(first.pid);
  const { orders } = await remoteControl(second).state();
  expect(orders).toMatchObject([{ orderId: Number(orderId), clientOrderId: "kept1" }]);
  expect(Number(await placeFarOrder(second, "kept2"))).toBeGreaterThan(Number(orderId));
});

test("it ends after its last client, not before", async () => {
  const [one, two] = await Promise.all([connect(), connect()]);
  await one.release();
  await sleep(2 * LINGER);
  expect(runningSimulator(stateDir)?.pid).toBe(two.pid);
  await two.release();
  await until(() => runningSimulator(stateDir) === null);
  await until(() => !isAlive(two.pid));
});

test("a kill in the middle of a burst loses no acknowledged order and doubles none", async () => {
  const first = await connect("--options", '{"pacing":false}');
  const client = createTestClient(first);
  await client.get("iserver/accounts");
  await client.post("iserver/questions/suppress", { messageIds: ["o163", "o10153"] });
  const acknowledged: string[] = [];
  const burst = Array.from({ length: 4 }, async (_, lane) => {
    for (let i = 0; i < 500; i += 1) {
      const cOID = `burst${lane}x${i}`;
      const ticket = {
        conid: 265598,
        orderType: "LMT",
        price: 150,
        side: "BUY",
        tif: "GTC",
        quantity: 1,
        cOID,
      };
      const answer = await client.post("iserver/account/DU1234567/orders", { orders: [ticket] });
      expect(answer.json[0].order_id).toBeDefined();
      acknowledged.push(cOID);
    }
  });
  await until(() => acknowledged.length > 60);
  process.kill(first.pid, "SIGKILL");
  await Promise.allSettled(burst);
  await client.close();
  const second = await connect();
  const kept = (await remoteControl(second).state()).orders.map(({ clientOrderId }) => clientOrderId);
  expect(acknowledged.filter((cOID) => !kept.includes(cOID))).toEqual([]);
  expect(new Set(kept).size).toBe(kept.length);
});

test("it outlives a killed server, notices that it is gone, and inherits no secrets", async () => {
  const script = `
    const { connectSimulator } = await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
    const connection = await connectSimulator({
      stateDir: ${JSON.stringify(stateDir)},
      command: [process.execPath, ${JSON.stringify(main)}, "--linger", "${LINGER}"],
    });
    console.log(connection.pid);
    setInterval(() => {}, 1000);`;
  const server = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, SECRET_KEY: "do-not-inherit" },
  });
  const pid = await new Promise<number>((resolve) => {
    server.stdout.once("data", (data: Buffer) => resolve(Number(String(data).trim())));
  });
  server.kill("SIGKILL");
  await sleep(LINGER / 2);
  expect(runningSimulator(stateDir)?.pid).toBe(pid);
  if (process.platform === "linux") {
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("do-not-inherit");
  }
  await until(() => runningSimulator(stateDir) === null);
});

test("an attached server can end by itself", async () => {
  const script = `
    const { connectSimulator } = await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
    await connectSimulator({
      stateDir: ${JSON.stringify(stateDir)},
      command: [process.execPath, ${JSON.stringify(main)}, "--linger", "${LINGER}"],
    });`;
  const server = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const code = await new Promise((resolve) => server.once("exit", resolve));
  expect(code).toBe(0);
});

test("a start that fails says why", async () => {
  await expect(
    connect("--options", '{"accounts":[{"positions":[{"symbol":"NONE","quantity":1}]}]}'),
  ).rejects.toThrow(/lists no NONE/);
});

test("a reset works with and without a running simulator, and reuses no order or account number", async () => {
  const first = await connect();
  const orderId = await placeFarOrder(first, "gone1");
  await resetSimulator(stateDir);
  expect((await remoteControl(first).state()).orders).toEqual([]);
  expect((await remoteControl(first).state()).accounts.map(({ id }) => id)).toEqual(["DU1234568"]);
  const second = await placeFarOrder(first, "gone2");
  expect(Number(second)).toBeGreaterThan(Number(orderId));
  await first.release();
  await until(() => runningSimulator(stateDir) === null);
  await resetSimulator(stateDir);
  const again = await connect();
  expect((await remoteControl(again).state()).orders).toEqual([]);
  expect((await remoteControl(again).state()).accounts.map(({ id }) => id)).toEqual(["DU1234569"]);
  expect(Number(await placeFarOrder(again, "gone3"))).toBeGreaterThan(Number(second));
});
