import { readdirSync } from "node:fs";
import { join } from "node:path";
import { tryLockFile } from "trading-core/journal/file-lock";
import { type Child, callMessage, initialize } from "trading-mcp/testing/child";
import type { Fault, FaultAction } from "venue-sim";
import { expect, test, vi } from "vitest";
import { inWorld, type World } from "../testing/world.ts";
import { journalPath, readJournal } from "./audit.ts";

/**
 * The built server with the real adapter is killed at every stage of an order, from outside: the gateway
 * keeps silent at the right moment, the machine's line to it is held, or the journal's file is watched.
 * Then a fresh server is given the same call again.
 */

/** Goes to IBKR in one request. */
const PLAIN = { symbol: "AAPL", quantity: 1, limit_price: 50 };
/** IBKR asks about it before it takes it. */
const ASKED_ABOUT = { symbol: "AAPL", cash_amount: 50 };

const POST_ORDER = { method: "POST", path: /\/orders$/ };
const POST_REPLY = { method: "POST", path: /iserver\/reply\// };
const READ_POSITIONS = { method: "GET", path: /portfolio.*\/positions/ };

/** Waits until the call has come so far; nothing goes on from there before the kill. May leave something to undo. */
type Reach = (world: World, call: () => void) => Promise<(() => void) | undefined>;

/** Eleven servers and their gateways share this machine: what takes a second alone may take many here. */
function reached(look: () => void): Promise<void> {
  return vi.waitFor(look, { interval: 5, timeout: 60_000 });
}

function silentAt(request: Pick<Fault, "method"> & { path: RegExp }, action: FaultAction["type"]): Reach {
  return async ({ gateway }, call) => {
    gateway.control.faults.add({ ...request, action: { type: action } as FaultAction });
    const before = gateway.control.requests(request).length;
    call();
    await reached(() => expect(gateway.control.requests(request).length).toBeGreaterThan(before));
    return undefined;
  };
}

/** Another request seems to be under way on this machine, so that the order has to wait for the line. */
const heldLine: Reach = async (world, call) => {
  const { folder, gateway } = world;
  call();
  await reached(() => expect(gateway.control.requests()).not.toEqual([]));
  const [name = ""] = readdirSync(join(folder, "gateways"));
  const path = join(folder, "gateways", name, "line.lock");
  let lock = tryLockFile(path, { byte: 0, shared: true });
  await reached(() => {
    lock ??= tryLockFile(path, { byte: 0, shared: true });
    expect(world.life().map(({ kind }) => kind)).toContain("intent");
  });
  return () => lock?.release();
};

/** However many questions come before it, the order is seen to exist while its answer is late. */
const atLanding: Reach = async ({ gateway }, call) => {
  const action = { type: "delay", milliseconds: 300 } as const;
  gateway.control.faults.add({ ...POST_REPLY, count: Number.POSITIVE_INFINITY, action });
  call();
  await reached(() => expect(gateway.control.state().orders).toHaveLength(1));
  return undefined;
};

const atOutcome: Reach = async (world, call) => {
  call();
  while (!world.life().some(({ kind }) => kind === "outcome"))
    await new Promise((next) => setImmediate(next));
  return undefined;
};

/** The rules that refuse the same call again: both where its fate is not known, one where it was found. */
const LOST = ["duplicate", "unresolved"];
const KNOWN = ["duplicate"];

/** The stage, the order, how far it comes, whether IBKR has it then, and why it is not sent again (null: it is). */
type Kill = [stage: string, order: object, reach: Reach, then: { placed: number; again: string[] | null }];

const KILLS: Kill[] = [
  ["before the intent", PLAIN, silentAt(READ_POSITIONS, "silence"), { placed: 0, again: null }],
  ["before the intent", ASKED_ABOUT, silentAt(READ_POSITIONS, "silence"), { placed: 0, again: null }],
  ["with its intent on disk", PLAIN, heldLine, { placed: 0, again: null }],
  ["with its intent on disk", ASKED_ABOUT, heldLine, { placed: 0, again: null }],
  ["dispatched and lost", PLAIN, silentAt(POST_ORDER, "silence"), { placed: 0, again: LOST }],
  ["dispatched and lost", ASKED_ABOUT, silentAt(POST_ORDER, "silence"), { placed: 0, again: LOST }],
  [
    // IBKR lists the ticket that it asked about as inactive, which may yet become an order.
    "while IBKR's question is on its way",
    ASKED_ABOUT,
    silentAt(POST_ORDER, "silence-after-landing"),
    { placed: 0, again: LOST },
  ],
  ["taken by IBKR", PLAIN, silentAt(POST_ORDER, "silence-after-landing"), { placed: 1, again: KNOWN }],
  ["taken by IBKR", ASKED_ABOUT, atLanding, { placed: 1, again: KNOWN }],
  ["with its outcome on disk", PLAIN, atOutcome, { placed: 1, again: KNOWN }],
  ["with its outcome on disk", ASKED_ABOUT, atOutcome, { placed: 1, again: KNOWN }],
];

const TRADING = { DUPLICATE_WINDOW_SECONDS: "600" };

async function answer(server: Child, id: number, name: string, args: object) {
  server.send(callMessage(id, name, args));
  const { result } = await server.reply(id);
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  return result?.structuredContent as any;
}

/** One server is killed, and a fresh one is asked for the same order, for another one, and for the sums. */
async function killAndAskAgain([stage, order, reach, then]: Kill): Promise<void> {
  const what = `${stage}: ${JSON.stringify(order)}`;
  await inWorld(async (world) => {
    const { gateway, folder } = world;
    // The adapter keeps to the limits all the same; a gateway that stands still for a moment must not box it.
    gateway.control.pacing.set(false);
    const killed = world.start({ env: TRADING });
    await initialize(killed);
    const undo = await reach(world, () => killed.send(callMessage(1, "buy", order)));
    killed.process.kill("SIGKILL");
    await killed.ended();
    undo?.();
    gateway.control.faults.clear();
    expect(gateway.control.state().orders, what).toHaveLength(then.placed);

    const fresh = world.start({ env: TRADING });
    await initialize(fresh);
    const again = await answer(fresh, 1, "buy", order);
    if (then.again === null) expect(again, what).toMatchObject({ ok: true });
    else
      expect(again, what).toMatchObject({
        ok: false,
        error: { checks: then.again.map((rule) => ({ rule })) },
      });
    // Whatever became of the first one, the next decision about something else is made.
    const other = await answer(fresh, 2, "buy", { symbol: "MSFT", cash_amount: 20 });
    expect(other, what).toMatchObject({ ok: true });

    const { orders } = gateway.control.state();
    const reached = then.placed === 1 || then.again === null;
    expect(
      orders.filter(({ symbol }) => symbol === "AAPL"),
      what,
    ).toHaveLength(reached ? 1 : 0);
    expect(new Set(orders.map(({ clientOrderId }) => clientOrderId)).size, what).toBe(orders.length);
    const { data } = await answer(fresh, 3, "session_status", {});
    // 50 and 20 at their worst, with fees; what was filled for a little less counts as filled.
    expect(Number(data.limits.committed_today), what).toBeGreaterThan(65);
    expect(Number(data.limits.committed_today), what).toBeLessThanOrEqual(75);
    expect(readJournal(journalPath(folder)), what).toMatchObject({ torn: 0, problems: [] });
  });
}

// Side by side: a new server asks for the list of orders twice, five seconds apart.
test("L54: the built server is killed at every stage, and the next one knows what became of the order", async () => {
  const ends = await Promise.allSettled(KILLS.map(killAndAskAgain));
  const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  process.stdout.write(
    `the built server: ${KILLS.length} kills (${KILLS.map(([stage]) => stage).join(", ")}), ` +
      `violations: ${failures.length}\n`,
  );
  if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
}, 180_000);
