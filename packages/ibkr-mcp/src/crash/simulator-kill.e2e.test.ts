import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { remoteControl } from "venue-sim";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "../testing/built-server.ts";
import { eventually } from "../testing/world.ts";
import { journalPath, readJournal, withoutOutcome } from "./audit.ts";

let folder: ReturnType<typeof temporaryFolder>;
let servers: BuiltServer[];
beforeEach(() => {
  folder = temporaryFolder();
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.close();
  try {
    process.kill(simulator().pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
  folder.remove();
});

async function start(env: Record<string, string> = {}): Promise<BuiltServer> {
  const server = await startBuiltServer({ args: ["--sim"], env: { TRADING_STATE_DIR: folder.path, ...env } });
  servers.push(server);
  return server;
}

function simulator(): { pid: number; port: number; token: string; certificate: string } {
  return JSON.parse(readFileSync(join(folder.path, "simulator", "simulator.json"), "utf8"));
}

function control() {
  const { port, token, certificate } = simulator();
  return remoteControl({ baseUrl: `https://127.0.0.1:${port}/v1/api`, token, certificate });
}

const books = () => {
  const path = join(folder.path, "simulator", "ibkr-events.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
};

test("a SIGKILL of the simulator between accepting an order and answering it: the order is found, once", async () => {
  const server = await start();
  expect((await server.call("session_status")).ok).toBe(true);
  const path = /iserver\/(reply\/|account\/[^/]+\/orders)/;
  const action = { type: "delay", milliseconds: 300 } as const;
  await control().addFault({ method: "POST", path, count: Number.POSITIVE_INFINITY, action });
  const buying = server.call("buy", { symbol: "AAPL", cash_amount: 30 });
  await eventually(() => expect(books()).toContain('"kind":"order"'));
  process.kill(simulator().pid, "SIGKILL");

  const { ok, error } = await buying;
  expect(ok).toBe(false);
  expect(error.code).toBe("outcome_unknown");
  // Whatever the first call after the outage says, the next one stands on the simulator's books.
  await server.call("session_status");
  const id = error.details.client_order_id;
  const found = await server.call("order_status", { order_id: id });
  expect(found).toMatchObject({ ok: true, data: { client_order_id: id, symbol: "AAPL" } });
  const { orders } = await control().state();
  expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual([id]);
}, 120_000);

test("three built servers on one simulator: no order twice, one chain, an outcome for each", async () => {
  const env = { DUPLICATE_WINDOW_SECONDS: "600", MAX_DAILY_VALUE: "200" };
  const three = await Promise.all([start(env), start(env), start(env)]);
  const calls = ["AAPL", "MSFT", "KO"].flatMap((symbol) =>
    three.map((server) => server.call("buy", { symbol, cash_amount: 30 })),
  );
  const answers = await Promise.all(calls);
  const sent = answers.filter(({ ok }) => ok);
  const { orders } = await control().state();
  expect(orders).toHaveLength(sent.length);
  expect(new Set(orders.map(({ symbol }) => symbol)).size).toBe(orders.length);
  expect(sent.length).toBeGreaterThan(0);
  const { records, torn, problems } = readJournal(journalPath(folder.path));
  expect({ torn, problems }).toEqual({ torn: 0, problems: [] });
  expect(withoutOutcome(records)).toEqual([]);
  const codes = answers.map(({ ok, error }) => (ok ? "ok" : error.code)).join(", ");
  process.stdout.write(
    `3 built servers on one simulator: ${orders.length} orders (${codes}), violations: 0\n`,
  );
}, 120_000);
