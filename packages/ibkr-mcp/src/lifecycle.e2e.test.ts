import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type Child, callMessage, INITIALIZE, initialize } from "trading-mcp/testing/child";
import { catalog } from "trading-mcp/tools/catalog";
import { describe, expect, test, vi } from "vitest";
import { bareEnvironment, SERVER, startBuiltServer } from "./testing/built-server.ts";
import { eventually, inWorld, PATIENCE_MS, type World } from "./testing/world.ts";

/**
 * How the built server begins and ends: at once when nothing is on its way, and with the outcome of an
 * order on disk when one is (S13). What the journal and the gateway hold afterwards is looked at directly.
 * Tests with orders run side by side: a new server asks for the list of orders twice, five seconds apart.
 */

// Servers are started and seconds of IBKR's pacing waited for, five tests side by side.
vi.setConfig({ testTimeout: PATIENCE_MS });

/** Goes to IBKR in one request. */
const PLAIN = { symbol: "AAPL", quantity: 1, limit_price: 50 };
/** IBKR asks about it before it takes it. */
const ASKED_ABOUT = { symbol: "AAPL", cash_amount: 50 };

const POST_ORDER = { method: "POST", path: /\/orders$/ };
const POST_REPLY = { method: "POST", path: /iserver\/reply\// };

/** Far more than the 300 ms that it has, which a loaded machine stretches; a server that hangs takes for ever. */
const PROMPT_MS = 2_000;

const WAYS = [
  ["by the end of input", [0], (child: Child) => child.process.stdin.end()],
  ["by SIGINT", [130], (child: Child) => child.process.kill("SIGINT")],
  ["by SIGTERM", [143], (child: Child) => child.process.kill("SIGTERM")],
  ["by SIGHUP", [129], (child: Child) => child.process.kill("SIGHUP")],
  // Which of the two is delivered first is the kernel's choice.
  [
    "by SIGINT and SIGTERM at once",
    [130, 143],
    (child: Child) => {
      child.process.kill("SIGINT");
      child.process.kill("SIGTERM");
    },
  ],
] as const;

describe("the beginning", () => {
  test("initialize, ping and tools/list are answered before the gateway hears anything", () =>
    inWorld(async ({ gateway, serve }) => {
      const server = await serve();
      server.send({ id: 1, method: "ping" });
      server.send({ id: 2, method: "tools/list" });
      expect((await server.reply(2)).result?.tools).toHaveLength(catalog.length);
      // Round trips in which whatever was begun at the start has its turn.
      for (let id = 100; id < 600; id++) {
        server.send({ id, method: "ping" });
        await server.reply(id);
      }
      expect(gateway.control.requests()).toEqual([]);
      server.send(callMessage(3, "session_status", {}));
      expect(await server.reply(3)).toMatchObject({ result: { structuredContent: { ok: true } } });
      expect(gateway.control.requests()).not.toEqual([]);
    }));

  test("and with a gateway that takes connections and says nothing; the end comes at once all the same", () =>
    inWorld(async ({ start }) => {
      const sockets: Socket[] = [];
      const mute = createServer((socket) => {
        sockets.push(socket);
        socket.on("error", () => {});
      });
      mute.listen(0, "127.0.0.1");
      await once(mute, "listening");
      const { port } = mute.address() as { port: number };
      const server = start({ env: { IBKR_API_BASE_URL: `https://127.0.0.1:${port}/v1/api` } });
      await initialize(server);
      expect(sockets).toEqual([]);
      server.send(callMessage(1, "session_status", {}));
      await eventually(() => expect(sockets).not.toEqual([]));
      const end = server.ended();
      server.process.stdin.end();
      expect(await end).toMatchObject({ code: 0 });
      expect((await end).ms).toBeLessThan(PROMPT_MS);
      for (const socket of sockets) socket.destroy();
      mute.close();
    }));
});

describe("the end, with nothing on its way", () => {
  /** A server with sockets, timers, locks and its journal open. */
  async function warm({ serve }: World): Promise<Child> {
    const server = await serve();
    server.send(callMessage(1, "positions", {}));
    expect(await server.reply(1)).toMatchObject({ result: { structuredContent: { ok: true } } });
    return server;
  }

  test.each(WAYS)("%s, with code %j, at once", (_way, codes, leave) =>
    inWorld(async (world) => {
      const server = await warm(world);
      const end = server.ended();
      leave(server);
      expect(codes).toContain((await end).code);
      expect((await end).ms).toBeLessThan(PROMPT_MS);
    }),
  );

  test("a closed stdout: the next answer finds it out", () =>
    inWorld(async (world) => {
      const server = await warm(world);
      const end = server.ended();
      server.process.stdout.destroy();
      server.send({ id: 2, method: "ping" });
      expect(await end).toMatchObject({ code: 0 });
      expect((await end).ms).toBeLessThan(PROMPT_MS);
    }));

  test("the end of input before anything else", () =>
    inWorld(async ({ gateway, start }) => {
      const server = start();
      server.process.stdin.end();
      expect(await server.ended()).toMatchObject({ code: 0 });
      expect(gateway.control.requests()).toEqual([]);
    }));

  test("a parent that is killed, on a stdin that stays open", () =>
    inWorld((world) => underParent(world, async (parent) => parent.kill())));
});

/** A server whose parent can be killed: stdin stays open, so nothing but the parent's death tells it. */
async function underParent(
  { folder, env }: World,
  run: (parent: { send(message: object): void; kill(): void }) => Promise<void>,
): Promise<void> {
  const fifo = join(folder, "stdin");
  execFileSync("mkfifo", [fifo]);
  const stdin = openSync(fifo, "r+");
  const script = `require("node:child_process").spawn(process.execPath, [process.argv[1]], { stdio: "inherit" })`;
  const parent = spawn(process.execPath, ["-e", script, SERVER], {
    stdio: [stdin, "pipe", "pipe"],
    env: bareEnvironment({ ...env, LOG_LEVEL: "info" }),
  });
  const closed = once(parent, "close");
  let log = "";
  parent.stderr?.on("data", (chunk) => {
    log += String(chunk);
  });
  const send = (message: object) => writeSync(stdin, `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  try {
    send(INITIALIZE);
    await once(parent.stdout ?? parent, "data");
    await run({ send, kill: () => parent.kill("SIGKILL") });
    // The pipes close when the last process that holds them is gone.
    await closed;
  } finally {
    closeSync(stdin);
  }
  expect(log).toContain("parent died");
}

/** The journal tells one order from intent to acknowledgement, and the gateway was sent it once and holds it. */
function expectOneOrder({ gateway, life }: World): void {
  const records = life();
  expect(records.map(({ kind, outcome }) => outcome ?? kind)).toEqual(["intent", "dispatch", "acknowledged"]);
  const { orders, unansweredTickets } = gateway.control.state();
  expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual([records[0]?.clientOrderId]);
  expect(unansweredTickets).toEqual([]);
  expect(gateway.control.requests(POST_ORDER)).toHaveLength(1);
}

describe.concurrent("S13: an order on its way when the client leaves", () => {
  /** The gateway has the order and answers it late. */
  async function withOrderOnItsWay(world: World, order: object = ASKED_ABOUT): Promise<Child> {
    const { gateway, serve, life } = world;
    gateway.control.faults.add({ ...POST_ORDER, action: { type: "delay", milliseconds: 1_000 } });
    const server = await serve();
    server.send(callMessage(1, "buy", order));
    await eventually(() => expect(gateway.control.requests(POST_ORDER)).toHaveLength(1));
    expect(life().map(({ kind }) => kind)).toEqual(["intent", "dispatch"]);
    return server;
  }

  test.each(WAYS)("%s, with code %j: the outcome is on disk, and the answer goes out", (_way, codes, leave) =>
    inWorld(async (world) => {
      const server = await withOrderOnItsWay(world);
      const end = server.ended();
      leave(server);
      expect(codes).toContain((await end).code);
      expect((await end).ms).toBeLessThan(10_000);
      expectOneOrder(world);
      expect(await server.reply(1)).toMatchObject({ result: { structuredContent: { ok: true } } });
    }),
  );

  test("by closing everything it holds", () =>
    inWorld(async (world) => {
      const server = await withOrderOnItsWay(world, PLAIN);
      for (const pipe of [server.process.stdout, server.process.stderr, server.process.stdin]) pipe.destroy();
      expect(await server.ended()).toMatchObject({ code: 0 });
      expectOneOrder(world);
    }));

  test("by closing stdout alone: the answer cannot be told, and the journal has it", () =>
    inWorld(async (world) => {
      const server = await withOrderOnItsWay(world, PLAIN);
      server.process.stdout.destroy();
      expect(await server.ended()).toMatchObject({ code: 0 });
      expectOneOrder(world);
    }));

  test("by being killed, with stdin open", () =>
    inWorld(async (world) => {
      const { gateway } = world;
      gateway.control.faults.add({ ...POST_ORDER, action: { type: "delay", milliseconds: 2_500 } });
      await underParent(world, async (parent) => {
        parent.send(callMessage(1, "buy", ASKED_ABOUT));
        await eventually(() => expect(gateway.control.requests(POST_ORDER)).toHaveLength(1));
        parent.kill();
      });
      expectOneOrder(world);
    }));

  test("by cancelling the request: the order runs on, and the server with it", () =>
    inWorld(async (world) => {
      const server = await withOrderOnItsWay(world);
      server.send({ method: "notifications/cancelled", params: { requestId: 1, reason: "timeout" } });
      await eventually(() => expect(world.life()).toHaveLength(3));
      expectOneOrder(world);
      server.send(callMessage(2, "positions", {}));
      expect(await server.reply(2)).toMatchObject({ result: { structuredContent: { ok: true } } });
      expect(server.messages.some(({ id }) => id === 1)).toBe(false);
    }));

  test("while IBKR waits for an answer to its question", () =>
    inWorld(async (world) => {
      const { gateway, serve } = world;
      gateway.control.faults.add({ ...POST_REPLY, action: { type: "delay", milliseconds: 1_000 } });
      const server = await serve();
      server.send(callMessage(1, "buy", ASKED_ABOUT));
      await eventually(() => expect(gateway.control.requests(POST_REPLY)).toHaveLength(1));
      server.process.kill("SIGTERM");
      expect(await server.ended()).toMatchObject({ code: 143 });
      expectOneOrder(world);
    }));

  test("while IBKR asks what is not confirmed: it is declined, and that is on disk", () =>
    inWorld(async ({ gateway, serve, life }) => {
      gateway.control.configure({ limits: { orderValue: 10 } });
      gateway.control.faults.add({ ...POST_ORDER, action: { type: "delay", milliseconds: 1_000 } });
      const server = await serve();
      server.send(callMessage(1, "buy", PLAIN));
      await eventually(() => expect(gateway.control.requests(POST_ORDER)).toHaveLength(1));
      server.process.kill("SIGTERM");
      expect(await server.ended()).toMatchObject({ code: 143 });
      expect(life().map(({ kind, outcome }) => outcome ?? kind)).toEqual(["intent", "dispatch", "rejected"]);
      expect(gateway.control.state()).toMatchObject({ orders: [], unansweredTickets: [] });
    }));

  test.each([0, 1, 5, 9])("after %i requests: the order is sent whole or not at all", (requests) =>
    inWorld(async (world) => {
      const { gateway, serve, life } = world;
      const server = await serve();
      server.send(callMessage(1, "buy", PLAIN));
      await eventually(() => expect(gateway.control.requests().length).toBeGreaterThanOrEqual(requests));
      server.process.kill("SIGTERM");
      expect(await server.ended()).toMatchObject({ code: 143 });
      const placed = gateway.control.state().orders.length > 0;
      if (placed) {
        expectOneOrder(world);
      } else {
        expect(life().map(({ kind }) => kind)).not.toContain("dispatch");
        expect(gateway.control.requests(POST_ORDER)).toEqual([]);
      }
      // Whoever still reads is told which of the two it was.
      const answer = server.messages.find(({ id }) => id === 1)?.result?.structuredContent;
      if (answer !== undefined) expect(answer).toMatchObject({ ok: placed });
    }),
  );

  test("a stderr that nobody reads, full to the brim: answers and orders go on, and the end comes at once", () =>
    inWorld(async (world) => {
      const server = world.start({ unread: ["stderr"] });
      await initialize(server);
      // Each of these lines is worth one in the log, together many times what a pipe holds.
      server.write("junk\n".repeat(5_000));
      server.send(callMessage(1, "buy", PLAIN));
      expect(await server.reply(1)).toMatchObject({ result: { structuredContent: { ok: true } } });
      expect(server.messages.filter(({ id }) => id === null)).toHaveLength(5_000);
      expectOneOrder(world);
      const end = server.ended();
      server.process.kill("SIGTERM");
      expect(await end).toMatchObject({ code: 143 });
      expect((await end).ms).toBeLessThan(PROMPT_MS);
    }));
});

describe.concurrent("an order whose outcome nobody could know", () => {
  /** Another server in the same state folder finds it, and nothing is sent a second time. */
  async function expectFoundOnce({ gateway, env, life }: World): Promise<void> {
    const records = life();
    expect(records.slice(0, 2).map(({ kind }) => kind)).toEqual(["intent", "dispatch"]);
    for (const { kind, outcome } of records.slice(2)) {
      expect({ kind, outcome }).toEqual({ kind: "outcome", outcome: "unknown" });
    }
    const [{ clientOrderId = "" } = {}] = records;
    const again = await startBuiltServer({ env });
    try {
      const found = await again.call("order_status", { order_id: clientOrderId });
      const { orders } = gateway.control.state();
      expect(orders.map((order) => order.clientOrderId)).toEqual([clientOrderId]);
      expect(found).toMatchObject({
        ok: true,
        data: { client_order_id: clientOrderId, order_id: String(orders[0]?.orderId) },
      });
      expect(["submitted", "filled"]).toContain(found.data.status);
      expect(gateway.control.requests(POST_ORDER)).toHaveLength(1);
    } finally {
      await again.close();
    }
  }

  test("because the server was killed: the next one finds it, once", () =>
    inWorld(async (world) => {
      const { gateway, serve } = world;
      gateway.control.faults.add({ ...POST_ORDER, action: { type: "delay", milliseconds: 3_000 } });
      const server = await serve();
      server.send(callMessage(1, "buy", PLAIN));
      await eventually(() => expect(gateway.control.requests(POST_ORDER)).toHaveLength(1));
      server.process.kill("SIGKILL");
      expect(await server.ended()).toMatchObject({ signal: "SIGKILL" });
      await expectFoundOnce(world);
    }));

  test.each([
    ["SIGTERM", 143, (child: Child) => child.process.kill("SIGTERM")],
    ["the end of input", 0, (child: Child) => child.process.stdin.end()],
  ] as const)(
    "S13: because IBKR is silent when %s comes: that is on disk and told before the end, and the next one finds it",
    (_way, code, leave) =>
      inWorld(async (world) => {
        const { gateway, serve, life } = world;
        gateway.control.faults.add({ ...POST_ORDER, action: { type: "silence-after-landing" } });
        const server = await serve();
        server.send(callMessage(1, "buy", PLAIN));
        await eventually(() => expect(gateway.control.requests(POST_ORDER)).toHaveLength(1));
        const end = server.ended();
        leave(server);
        expect(await end).toMatchObject({ code });
        expect((await end).ms).toBeGreaterThan(5_000);
        expect((await end).ms).toBeLessThan(12_000);
        // By its own decision, four seconds before it would be cut off.
        expect(server.stderr()).not.toContain("stopped before everything was done");
        expect(life().map(({ kind, outcome }) => outcome ?? kind)).toEqual(["intent", "dispatch", "unknown"]);
        expect(await server.reply(1)).toMatchObject({
          result: { structuredContent: { error: { code: "outcome_unknown" } } },
        });
        await expectFoundOnce(world);
      }),
  );

  test("because it was killed while IBKR asked: no order exists, and the next server does not make one", () =>
    inWorld(async ({ gateway, serve, env, life }) => {
      gateway.control.faults.add({ ...POST_ORDER, action: { type: "delay", milliseconds: 3_000 } });
      const server = await serve();
      server.send(callMessage(1, "buy", ASKED_ABOUT));
      await eventually(() => expect(gateway.control.requests(POST_ORDER)).toHaveLength(1));
      server.process.kill("SIGKILL");
      await server.ended();
      const again = await startBuiltServer({ env });
      try {
        const [{ clientOrderId = "" } = {}] = life();
        const found = await again.call("order_status", { order_id: clientOrderId });
        expect(found).toMatchObject({ ok: true, data: { client_order_id: clientOrderId } });
        // The unanswered question is listed for a while, and then not.
        expect(["inactive", "unknown"]).toContain(found.data.status);
        expect(Number(found.data.filled_quantity)).toBe(0);
        expect(gateway.control.state().orders).toEqual([]);
        expect(gateway.control.requests(POST_REPLY)).toEqual([]);
      } finally {
        await again.close();
      }
    }));
});
