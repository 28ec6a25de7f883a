import type { FaultAction } from "venue-sim";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type FaultyVenue, ORDERS, PLACES, venuePool, wordsOf } from "./testing/faulty-venue.ts";

/** Faults that strike a cancel: it is done when the venue says that the order is over, and not before. */
vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
const pool = venuePool();
afterAll(() => pool.close());

interface Case {
  what: string;
  action: FaultAction;
  outcome: "done" | "unknown" | "rejected" | "requested";
  words: RegExp;
}

const cases: Case[] = [
  of("a 503 after the cancel was taken", { type: "503-after-landing" }, "done", /is cancelled/),
  of("a body that is cut", { type: "body-cut" }, "done", /is cancelled/),
  of("a reset after the cancel was taken", { type: "reset-after-landing" }, "done", /is cancelled/),
  of("an answer that is late", { type: "delay", milliseconds: 2_500 }, "done", /is cancelled/),
  of("a 503 before anything happened", { type: "503-before" }, "unknown", /HTTP 503/),
  of("a connection that is reset", { type: "reset" }, "unknown", /connection was lost/),
  of("an empty 200", { type: "empty-200" }, "unknown", /empty body/),
  of("the login page with a 200", { type: "login-page-200" }, "unknown", /login page/),
  of("an empty list", { type: "status", status: 200, body: "[]" }, "unknown", /unexpected/),
  of(
    "a receipt for nothing",
    { type: "status", status: 200, body: '{"msg":"Request was submitted"}' },
    "requested",
    /not confirmed yet/,
  ),
  of("the venue's refusal", { type: "error-200", error: "Cannot <b>cancel</b> now" }, "rejected", /Cannot/),
  of(
    "an order that does not exist",
    { type: "status", status: 400, body: '{"error":"OrderID 1 doesn\'t exist"}' },
    "rejected",
    /doesn't exist/,
  ),
  of("a session that is lost", { type: "session-lost" }, "rejected", /no bridge/),
];

describe.concurrent("a fault on the way of a cancel", () => {
  test.each(cases)("$what → $outcome", (tried) => pool.use((venue) => strikeCancel(venue, tried)));
});

async function strikeCancel(venue: FaultyVenue, { action, outcome, words }: Case): Promise<void> {
  const symbol = venue.freshSymbol();
  const placed = await venue.server.call(...ORDERS.limit(symbol));
  const { order_id: orderId, client_order_id: id } = placed.data;
  const committed = await venue.committed();
  venue.gateway.control.clearRequests();
  const lift = venue.fault(PLACES.cancel, action);
  const answer = await venue.server.call("cancel_order", { order_id: orderId });
  lift();

  expect(venue.requests(PLACES.cancel), "one cancel for one call").toBe(1);
  expect(answer).toMatchObject({ ok: true, data: { order_id: orderId, client_order_id: id, outcome } });
  expect(wordsOf(answer)).toMatch(words);
  expect(wordsOf(answer)).not.toMatch(/<\/?[a-z!]/i);
  const [truth] = venue.orders(symbol);
  expect(truth?.status).toBe(outcome === "done" ? "Cancelled" : "Submitted");
  expect(venue.journaled(id).filter(({ kind }) => kind === "cancel")).toMatchObject([
    { phase: "intent" },
    { phase: "outcome", outcome },
  ]);
  if (outcome === "done") {
    expect(await venue.committed()).toBeLessThan(committed);
    return;
  }
  if (outcome === "unknown") expect(wordsOf(answer)).toMatch(/counts as working; look at order_status/);
  expect(await venue.committed(), "an order that may work keeps its place").toBe(committed);
  const again = await venue.server.call("cancel_order", { order_id: orderId });
  expect(again.data).toMatchObject({ outcome: "done", order: { status: "cancelled" } });
}

describe.concurrent("closing a position while its stop cannot be cancelled", () => {
  test.each([
    ["a 503 before anything happened", { type: "503-before" }],
    ["an empty 200", { type: "empty-200" }],
    ["the venue's refusal", { type: "error-200", error: "Cannot cancel now" }],
    ["a connection that is reset", { type: "reset" }],
  ] as [string, FaultAction][])("%s: nothing is sold, the stop stands", (_what, action) =>
    pool.use(async (venue) => {
      const symbol = await heldWithStop(venue);
      const lift = venue.fault(PLACES.cancel, action);
      const { error } = await venue.server.call("close_position", { symbol });
      lift();
      expect(error).toMatchObject({ code: "cancel_not_confirmed", details: { unprotected: false } });
      expect(wordsOf({ error } as never)).toMatch(/Nothing was sold.*order_status/s);
      expect(venue.orders(symbol)).toMatchObject([{ side: "SELL", stopPrice: "40", status: "PreSubmitted" }]);
      expect(venue.requests(PLACES.order), "the stop alone").toBe(1);
      await expectClosed(venue, symbol);
    }),
  );

  test.each([
    ["a 503 after the cancel was taken", { type: "503-after-landing" }],
    ["a body that is cut", { type: "body-cut" }],
  ] as [string, FaultAction][])("%s: the position is sold once", (_what, action) =>
    pool.use(async (venue) => {
      const symbol = await heldWithStop(venue);
      venue.fault(PLACES.cancel, action);
      await expectClosed(venue, symbol);
    }),
  );

  test("a stop that the exchange refused afterwards does not trap its position", () =>
    pool.use(async (venue) => {
      const symbol = await heldWithStop(venue);
      venue.gateway.control.rejectOrder(venue.orders(symbol)[0]?.orderId ?? 0, "No trading permission");
      await expectClosed(venue, symbol);
    }));

  test("the sale meets a fault: the stop is placed again, or the answer says that it is not", () =>
    pool.use(async (venue) => {
      const symbol = await heldWithStop(venue);
      const lift = venue.fault(PLACES.order, { type: "error-200", error: "Market orders are closed" });
      const { error } = await venue.server.call("close_position", { symbol });
      lift();
      expect(error).toMatchObject({
        code: "order_rejected",
        details: { outcome: "rejected", unprotected: false },
      });
      expect(error.message).toMatch(/Cancelled before: \d+\. Placed again: \d+/);
      const working = venue.orders(symbol).filter(({ status }) => status === "PreSubmitted");
      expect(working).toMatchObject([{ side: "SELL", stopPrice: "40", quantity: "1" }]);
    }));

  test("a sale of unknown fate: no second one, and the missing protection is said", () =>
    pool.use(async (venue) => {
      const symbol = await heldWithStop(venue);
      const lift = venue.fault(PLACES.order, { type: "empty-200" });
      const { error } = await venue.server.call("close_position", { symbol });
      lift();
      expect(error).toMatchObject({
        code: "outcome_unknown",
        details: { outcome: "unknown", unprotected: true },
      });
      expect(error.message).toMatch(/THE POSITION HAS NO PROTECTIVE ORDER NOW/);
      expect(venue.orders(symbol).map(({ status }) => status)).toEqual(["Cancelled"]);
      const again = await venue.server.call("close_position", { symbol });
      expect(again.ok).toBe(false);
      expect(wordsOf(again)).toMatch(/order_status/);
      expect(venue.orders(symbol)).toHaveLength(1);
      const posture = await venue.server.call("session_status");
      expect(posture.data.open_plans.join()).toMatch(new RegExp(`${symbol}.*without its protective order`));
    }));
});

/** One share, and a stop for it. */
async function heldWithStop(venue: FaultyVenue): Promise<string> {
  const symbol = venue.freshSymbol();
  venue.gateway.control.setPosition(symbol, 1, 50);
  venue.gateway.control.clearRequests();
  const placed = await venue.server.call(...ORDERS.stop(symbol));
  expect(placed).toMatchObject({ ok: true, data: { stop_price: "40" } });
  return symbol;
}

async function expectClosed(venue: FaultyVenue, symbol: string): Promise<void> {
  const closed = await venue.server.call("close_position", { symbol });
  expect(closed).toMatchObject({ ok: true, data: { unprotected: false } });
  const sold = await venue.server.call("wait_for_fill", {
    order_id: closed.data.order.order_id,
    timeout_seconds: 15,
  });
  expect(sold.data).toMatchObject({ status: "filled", filled_quantity: "1" });
  const sales = venue.orders(symbol).filter(({ type, filled }) => type !== "STP" && filled !== "0");
  expect(sales, "sold once").toHaveLength(1);
  const [account] = venue.gateway.control.state().accounts;
  expect(account?.positions.filter((position) => position.symbol === symbol)).toEqual([]);
}

function of(what: string, action: FaultAction, outcome: Case["outcome"], words: RegExp): Case {
  return { what, action, outcome, words };
}
