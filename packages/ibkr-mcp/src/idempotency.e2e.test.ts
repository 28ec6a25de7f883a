import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BuiltServer, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";

/** S18 with built servers: one key, several processes on one simulator, and servers that are started anew. */
let folder: ReturnType<typeof temporaryFolder>;
const started: BuiltServer[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
  try {
    const file = readFileSync(join(folder.path, "simulator", "simulator.json"), "utf8");
    process.kill((JSON.parse(file) as { pid: number }).pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
  folder.remove();
});

async function start(): Promise<BuiltServer> {
  const env = { TRADING_STATE_DIR: folder.path, DUPLICATE_WINDOW_SECONDS: "0" };
  const server = await startBuiltServer({ args: ["--sim"], env });
  started.push(server);
  return server;
}

/** The orders that were ever meant to be sent, as they stand on disk. */
function intents(): { clientOrderId: string }[] {
  const journals = join(folder.path, "journals");
  return readdirSync(journals)
    .filter((name) => name.endsWith(".jsonl") && !name.includes("unbound"))
    .flatMap((name) => readFileSync(join(journals, name), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line))
    .filter((record) => record.kind === "intent");
}

// Several servers share one gateway's budget of requests, in which a list may be asked for every 5 s.
const PATIENCE = { timeout: 60_000 };

test(
  "two servers at once: one key is one order, and another order under it is refused",
  PATIENCE,
  async () => {
    const [first, second] = [await start(), await start()];
    const args = { symbol: "MSFT", cash_amount: 40, idempotency_key: "msft-40" };
    const [one, two] = await Promise.all([first.call("buy", args), second.call("buy", args)]);
    expect([one.ok, two.ok]).toEqual([true, true]);
    expect(two.data.order_id).toBe(one.data.order_id);
    expect([one.data.replayed, two.data.replayed].filter(Boolean)).toHaveLength(1);

    const other = await second.call("buy", { ...args, cash_amount: 41 });
    expect(other.error).toMatchObject({ code: "idempotency_key_reused", retryable: false });
    expect(other.error.message).toContain("BUY 40 USD of MSFT market");
    expect(intents()).toHaveLength(1);
  },
);

test("a server that is started anew tells of the order that its key stands for", PATIENCE, async () => {
  const args = { symbol: "MSFT", cash_amount: 40, idempotency_key: "msft-40" };
  const first = await start();
  const placed = await first.call("buy", args);
  await first.call("wait_for_fill", { order_id: placed.data.order_id, timeout_seconds: 60 });
  await first.close();
  const again = await (await start()).call("buy", args);
  expect(again.data).toMatchObject({ replayed: true, order_id: placed.data.order_id, status: "filled" });
  expect(intents()).toHaveLength(1);
});

test("a position is closed once under its key, whichever server is asked", PATIENCE, async () => {
  const [first, second] = [await start(), await start()];
  const bought = await first.call("buy", { symbol: "KO", cash_amount: 50 });
  const filled = await first.call("wait_for_fill", { order_id: bought.data.order_id, timeout_seconds: 60 });
  const quantity = filled.data.filled_quantity;
  const args = { symbol: "KO", side: "SELL", quantity, stop_price: 1, idempotency_key: "ko-stop" };
  const stop = await first.call("stop_order", args);
  expect((await second.call("stop_order", args)).data).toMatchObject({
    replayed: true,
    order_id: stop.data.order_id,
  });

  const close = { symbol: "KO", idempotency_key: "ko-close" };
  const closed = await first.call("close_position", close);
  expect(closed.data).toMatchObject({ replayed: false, cancelled: [stop.data.order_id] });
  const again = await second.call("close_position", close);
  expect(again.data).toMatchObject({
    replayed: true,
    cancelled: [stop.data.order_id],
    order: { order_id: closed.data.order.order_id, replayed: true },
  });
  expect(intents()).toHaveLength(3);
});
