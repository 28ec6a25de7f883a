import type { FaultAction } from "venue-sim";
import { describe, expect, test, vi } from "vitest";
import type { BuiltServer } from "./testing/built-server.ts";
import { ALWAYS, type FaultyVenue, ORDERS, PLACES, withVenue, wordsOf } from "./testing/faulty-venue.ts";

/** Faults that outlast a request: the penalty box, silence, a gateway that is gone, a session that is lost. */
vi.setConfig({ maxConcurrency: 8, testTimeout: 120_000 });

describe.concurrent("one 429, and this machine keeps silent", () => {
  test("on the order: rejected, and the next step is to wait", () =>
    withVenue({}, async (venue) => {
      const symbol = venue.freshSymbol();
      venue.fault(PLACES.order, { type: "429" });
      const { error } = await venue.server.call(...ORDERS.limit(symbol));
      expect(error).toMatchObject({
        code: "rate_limited",
        retryable: true,
        details: { outcome: "rejected" },
      });
      expect(error.message).toMatch(/too many requests/);
      expect(error.next_step).toMatch(/No order exists\. Wait/);
      expect(venue.orders(symbol)).toEqual([]);
      const records = venue.journaled(error.details.client_order_id);
      expect(records.map(({ kind }) => kind)).toEqual(["intent", "dispatch", "outcome"]);
      await expectSilence(venue, venue.server);
      await expectSilence(venue, await venue.secondServer());
    }));

  test("on the reply: unknown, and nobody is asked what became of it before the time is over", () =>
    withVenue({}, async (venue) => {
      const symbol = venue.freshSymbol();
      venue.fault(PLACES.reply, { type: "429" });
      const { error } = await venue.server.call(...ORDERS.amount(symbol));
      expect(error).toMatchObject({ code: "outcome_unknown", details: { outcome: "unknown" } });
      expect(venue.requests(PLACES.order)).toBe(1);
      await expectSilence(venue, venue.server);
    }));

  test("on a read: the order that needed it is not sent", () =>
    withVenue({}, async (venue) => {
      venue.fault(PLACES.snapshot, { type: "429" });
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(answer.ok).toBe(false);
      expect(venue.requests(PLACES.order)).toBe(0);
      await expectSilence(venue, venue.server);
    }));
});

/** Every call is refused with the time, and not one request goes out. */
async function expectSilence(venue: FaultyVenue, server: BuiltServer): Promise<void> {
  venue.gateway.control.clearRequests();
  const symbol = "AAPL";
  const calls: [string, Record<string, unknown>][] = [
    ["buy", { symbol, cash_amount: 20 }],
    ["sell", { symbol, quantity: 1 }],
    ["stop_order", { symbol, side: "SELL", quantity: 1, stop_price: "40" }],
    ["close_position", { symbol }],
    ["cancel_order", { order_id: "1210386700" }],
    ["get_quote", { symbol }],
    ["positions", {}],
    ["account_summary", {}],
    ["open_orders", {}],
  ];
  for (const [tool, args] of calls) {
    const { error } = await server.call(tool, args);
    expect(error, tool).toMatchObject({ code: "rate_limited" });
    expect(error.message, tool).toMatch(/until 20\d\d-\d\d-\d\dT\d\d:\d\d/);
    expect(error.next_step, tool).toMatch(/Wait/);
  }
  const { data } = await server.call("session_status");
  expect(data).toMatchObject({ can_trade: false, session: { ready: false, state: "rate_limited" } });
  const minutes = (Date.parse(data.session.locked_until) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(13);
  expect(minutes).toBeLessThanOrEqual(15);
  expect(venue.gateway.control.requests()).toEqual([]);
}

describe.concurrent("silence for ever on the order", () => {
  test.each([
    ["before anything happened", { type: "silence" }, "outcome_unknown"],
    ["after the order landed", { type: "silence-after-landing" }, null],
  ] as [string, FaultAction, string | null][])(
    "%s: the call ends, and the server goes on",
    (_what, action, code) =>
      withVenue({}, async (venue) => {
        const symbol = venue.freshSymbol();
        venue.fault(PLACES.order, action);
        const began = performance.now();
        const answer = await venue.server.call(...ORDERS.limit(symbol));
        const seconds = (performance.now() - began) / 1000;
        expect(seconds).toBeLessThan(25);
        expect(venue.requests(PLACES.order)).toBe(1);
        if (code === null) expect(answer).toMatchObject({ ok: true, data: { status: "submitted" } });
        else {
          expect(answer.error).toMatchObject({ code, details: { outcome: "unknown" } });
          expect(wordsOf(answer)).toMatch(/no complete answer in time.*order_status/s);
        }
        const next = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
        expect(next).toMatchObject({ ok: true });
      }),
  );
});

describe.concurrent("a gateway that does not answer at all", () => {
  test("every request is met with silence: refused in time, with nothing sent", () =>
    withVenue({}, async (venue) => {
      venue.fault({ method: "GET", path: /./ }, { type: "silence" }, ALWAYS);
      venue.fault({ method: "POST", path: /./ }, { type: "silence" }, ALWAYS);
      const symbol = venue.freshSymbol();
      const answer = await venue.server.call(...ORDERS.limit(symbol));
      expect(answer.ok).toBe(false);
      expect(wordsOf(answer)).toMatch(/session_status|quote/);
      expect(venue.requests(PLACES.order)).toBe(0);
      const { data } = await venue.server.call("session_status");
      expect(data).toMatchObject({ can_trade: false, session: { state: "maintenance" } });
      venue.gateway.control.faults.clear();
      expect(await venue.server.call(...ORDERS.limit(symbol))).toMatchObject({ ok: true });
      expect(venue.orders(symbol)).toHaveLength(1);
    }));

  test("it is gone: not sent, and the step is to start it", () =>
    withVenue({}, async (venue) => {
      expect(await venue.server.call(...ORDERS.limit(venue.freshSymbol()))).toMatchObject({ ok: true });
      await venue.gateway.close();
      await vi.waitFor(
        async () => {
          const { error } = await venue.server.call("buy", { symbol: "MSFT", cash_amount: 20 });
          expect(error.code).toBe("gateway_unreachable");
          expect(error.next_step).toMatch(/Start IBKR's Client Portal Gateway/);
        },
        { timeout: 15_000, interval: 500 },
      );
    }));
});

describe.concurrent("a session lost between the question and the reply", () => {
  test("unknown; opened again by itself, and other orders go through", () =>
    withVenue({}, async (venue) => {
      const symbol = venue.freshSymbol();
      venue.fault(PLACES.reply, { type: "session-lost" });
      const { error } = await venue.server.call(...ORDERS.amount(symbol));
      expect(error).toMatchObject({ code: "outcome_unknown" });
      const other = venue.freshSymbol();
      expect(await venue.server.call(...ORDERS.amount(other))).toMatchObject({ ok: true });
      expect(venue.orders(symbol)).toEqual([]);
      expect(venue.orders(other)).toHaveLength(1);
      const { data } = await venue.server.call("session_status");
      expect(data).toMatchObject({ can_trade: true, unresolved: [error.details.client_order_id] });
    }));
});
