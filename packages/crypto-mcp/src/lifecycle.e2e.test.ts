import { type Child, callMessage } from "trading-mcp/testing/child";
import { describe, expect, test, vi } from "vitest";
import {
  answerOf,
  eventually,
  inServerWorld,
  PATIENCE_MS,
  PLACE,
  type ServerWorld,
} from "./testing/server-world.ts";

/**
 * How the built server ends on either exchange: at once when nothing is on its way, with the outcome of an
 * order on disk when one is, and killed at any instant without losing or doubling an order.
 */
vi.setConfig({ testTimeout: PATIENCE_MS });

const KINDS = ["binance", "kraken"] as const;
const ORDER = { symbol: "BTC", cash_amount: 50 };
/** Far more than the 300 ms that it has, which a loaded machine stretches; a server that hangs takes for ever. */
const PROMPT_MS = 2_000;

const WAYS = [
  ["the end of input", 0, (child: Child) => child.process.stdin.end()],
  ["SIGINT", 130, (child: Child) => child.process.kill("SIGINT")],
  ["SIGTERM", 143, (child: Child) => child.process.kill("SIGTERM")],
] as const;

describe.each(KINDS)("on %s", (kind) => {
  test.each(WAYS)("with nothing on its way it ends at once, by %s", (_way, code, leave) =>
    inServerWorld(kind, async ({ serve }) => {
      const server = await serve();
      server.send(callMessage(1, "positions", {}));
      expect(await answerOf(server, 1)).toMatchObject({ ok: true });
      const end = server.ended();
      leave(server);
      expect(await end).toMatchObject({ code });
      expect((await end).ms).toBeLessThan(PROMPT_MS);
    }),
  );

  async function withOrderOnItsWay({ exchange, serve, placed, life }: ServerWorld, delay: number) {
    exchange.control.faults.add({ ...PLACE[kind], action: { type: "delay", milliseconds: delay } });
    const server = await serve();
    server.send(callMessage(1, "buy", ORDER));
    await eventually(() => expect(placed()).toHaveLength(1));
    expect(life().map((record) => record.kind)).toEqual(["intent", "dispatch"]);
    return server;
  }

  test.each(WAYS)("S13: an order on its way is waited for and answered, by %s", (_way, code, leave) =>
    inServerWorld(kind, async (world) => {
      const server = await withOrderOnItsWay(world, 1_000);
      leave(server);
      expect(await server.ended()).toMatchObject({ code });
      expect(world.life().map((record) => record.outcome ?? record.kind)).toEqual([
        "intent",
        "dispatch",
        "acknowledged",
      ]);
      expect(world.placed()).toHaveLength(1);
      expect(await answerOf(server, 1)).toMatchObject({ ok: true, data: { dry_run: false } });
    }),
  );

  test("L54: killed while the exchange has the order, it is found by the next server and sent no second time", () =>
    inServerWorld(kind, async (world) => {
      const server = await withOrderOnItsWay(world, 60_000);
      server.process.kill("SIGKILL");
      await server.ended();
      const [{ clientOrderId } = {}] = world.life();
      world.exchange.control.faults.clear();
      const next = await world.serve({ DUPLICATE_WINDOW_SECONDS: "600" });
      next.send(callMessage(1, "buy", ORDER));
      const again = await answerOf(next, 1);
      expect(again).toMatchObject({ ok: false });
      expect(again.error.checks.map((check: { rule: string }) => check.rule)).toContain("duplicate");
      next.send(callMessage(2, "order_status", { order_id: clientOrderId }));
      expect(await answerOf(next, 2)).toMatchObject({
        ok: true,
        data: { client_order_id: clientOrderId, status: "filled" },
      });
      const orders = world.exchange.control.state().orders;
      expect(orders.map((order) => order.clientOrderId)).toEqual([clientOrderId]);
      expect(world.placed()).toHaveLength(1);
    }));
});
