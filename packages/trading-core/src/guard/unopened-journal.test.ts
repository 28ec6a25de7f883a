import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bench, bench, failure, order, policyOf, stock } from "../testing/fixtures.ts";
import { createGuardedBroker } from "./guarded-broker.ts";

const AAPL = stock("AAPL");
const MSFT = stock("MSFT");
let at: Bench;
const folder = () => join(at.stateDir, "journals");
beforeEach(() => {
  at = bench();
  // A file where the folder should be: nothing in it can be opened, by the superuser neither.
  writeFileSync(folder(), "");
  at.venue.hold(AAPL, "10");
  at.venue.hold(MSFT, "5");
});
afterEach(() => at.end());

const repair = () => rmSync(folder());

test("S23, C6: with a journal that cannot be opened no entry goes out, and the status says why", async () => {
  expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("journal_unavailable");
  expect(at.venue.wire).toEqual([]);
  const said = await at.guard.posture();
  expect(said.obstacles.join(" ")).toContain("it could not be opened");
  expect(said.journalPath).toContain("DU1-paper");
});

test("S23: with a journal that cannot be opened a market exit goes out, one for each instrument", async () => {
  const answer = await at.guard.place(order("SELL", "4"));
  expect(answer.warnings.join()).toMatch(/^unjournaled: no record of the order is on disk/);
  expect((await failure(at.guard.place(order("SELL", "4")))).code).toBe("unjournaled_order");
  await at.guard.place(order("SELL", "5", {}, "MSFT"));
  expect(at.venue.wire).toEqual(["SELL 4 AAPL market", "SELL 5 MSFT market"]);
});

test("S23: with a journal that cannot be opened no other form of exit goes out, and nothing that is not held", async () => {
  for (const prices of [{ stopPrice: "80" }, { limitPrice: "120" }]) {
    expect((await failure(at.guard.place(order("SELL", "4", prices)))).code).toBe("journal_unavailable");
  }
  await failure(at.guard.place(order("SELL", "11")));
  expect(at.venue.wire).toEqual([]);
});

test("S23: close_position goes on without a journal, and cancels do", async () => {
  at.venue.orders.set("77", {
    ...(await restingStop()),
    orderId: "77",
  });
  const error = await failure(at.guard.closePosition("AAPL", null));
  expect(error.code).toBe("oversell");
  expect(error.nextStep).toContain("cancel_order 77 first");
  expect((await at.guard.cancel("77")).outcome).toBe("done");
  await at.guard.closePosition("AAPL", null);
  expect(at.venue.wire).toEqual(["cancel 77", "SELL 10 AAPL market"]);
});

/** A stop of AAPL as the venue lists it, placed from elsewhere. */
async function restingStop() {
  const other = bench();
  other.venue.hold(AAPL, "10");
  const { orderId } = await other.guard.place(order("SELL", "10", { stopPrice: "90" }));
  const stop = other.venue.orders.get(orderId ?? "");
  other.end();
  if (!stop) throw new Error("the stop was not taken");
  return stop;
}

test.each([
  ["orders", () => (at.venue.ordersUnread = "503")],
  ["positions", () => (at.venue.positionsUnread = "503")],
  ["executions", () => (at.venue.fillsUnread = "503")],
])(
  "S23: without a journal and without the venue's %s nothing is proven, and nothing is sold",
  async (_, break_) => {
    break_();
    expect((await failure(at.guard.place(order("SELL", "4")))).code).toBe("holdings_unknown");
    expect(at.venue.wire).toEqual([]);
  },
);

test("S23: what was just sold is not sold again while the venue's positions lag behind", async () => {
  const elsewhere = bench();
  elsewhere.venue.hold(AAPL, "10");
  await elsewhere.guard.place(order("SELL", "10"));
  at.venue.fills.push(...elsewhere.venue.fills);
  elsewhere.end();
  const error = await failure(at.guard.place(order("SELL", "10")));
  expect(error).toMatchObject({ code: "holdings_unknown", retryable: true });
  expect(error.message).toContain("within the last two minutes");
  at.clock.advance(121_000);
  at.freshQuotes();
  await at.guard.place(order("SELL", "10"));
  expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
});

test("S23: once the journal can be opened the exit is in it, whole and once, and entries go out again", async () => {
  const { clientOrderId } = await at.guard.place(order("SELL", "4"));
  repair();
  await at.guard.place(order("BUY", "1", { limitPrice: "99" }, "MSFT"));
  const kinds = at
    .records()
    .flatMap((each) => ("clientOrderId" in each && each.clientOrderId === clientOrderId ? [each.kind] : []));
  expect(kinds.filter((kind) => kind !== "fill" && kind !== "resolution")).toEqual([
    "intent",
    "dispatch",
    "outcome",
  ]);
  await at.guard.place(order("SELL", "6"));
  expect((await at.guard.posture()).obstacles).toEqual([]);
});

test("S23: two servers without a journal choose the same client order id for one holding", async () => {
  const ids: string[] = [];
  for (const guard of [at.guard, at.another()]) {
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      ids.push(intent.clientOrderId);
      return { kind: "unknown", reason: "timeout", exchanges: [] };
    });
    await failure(guard.place(order("SELL", "10")));
  }
  expect(ids[0]).toMatch(/^[a-z0-9]{18}$/);
  expect(ids[1]).toBe(ids[0]);
});

test("S23, S35: an anchor that cannot be read keeps entries back and lets exits go", async () => {
  repair();
  await at.guard.place(order("BUY", "1", { limitPrice: "99" }, "MSFT"));
  const path = (await at.guard.posture()).journalPath ?? "";
  at.guard.close();
  at.venue.wire.length = 0;
  rmSync(`${path}.head`);
  mkdirSync(`${path}.head`);
  const after = at.another();
  expect((await failure(after.place(order("BUY", "1")))).code).toBe("journal_unavailable");
  await after.place(order("SELL", "10"));
  expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
});

test("S23: a server whose state folder cannot be made starts, tells where it stands, and sells", async () => {
  const { broker, marketData, session } = at.venue;
  const log = { info() {}, warn() {}, error() {} };
  const stateDir = join(folder(), "state");
  const options = {
    broker,
    marketData,
    session,
    clock: at.clock,
    log,
    policy: policyOf(),
    journalPath: null,
  };
  const guard = createGuardedBroker({ ...options, stateDir });
  expect((await guard.posture()).obstacles.join(" ")).toContain("it could not be opened");
  await guard.place(order("SELL", "10"));
  guard.close();
  expect(at.venue.wire).toEqual(["SELL 10 AAPL market"]);
});
