import type { FaultAction } from "venue-sim";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { ToolAnswer } from "./testing/built-server.ts";
import { ALWAYS, type FaultyVenue, ORDERS, PLACES, venuePool, wordsOf } from "./testing/faulty-venue.ts";

/**
 * Faults that strike what is read for an order. Either the order does not need it and goes out once, or it
 * is refused with nothing sent, in words that say why; when the fault is over, the same call goes through.
 */
vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
const pool = venuePool();
afterAll(() => pool.close());

const FAULTS: [string, FaultAction][] = [
  ["a 503", { type: "503-before" }],
  ["an empty 200", { type: "empty-200" }],
  ["the login page with a 200", { type: "login-page-200" }],
  ["an error with a 200", { type: "error-200", error: "Server <b>busy</b>" }],
  ["a body that is cut", { type: "body-cut" }],
  ["a reset", { type: "reset" }],
  ["silence", { type: "silence" }],
  ["another shape", { type: "status", status: 200, body: '{"surprise":[1]}' }],
];

const UNVERIFIED =
  /^(account_unverified|connection_lost|invalid_answer|not_logged_in|refused_by_broker|timeout|upstream_unavailable)$/;

/** What a buy with a limit makes of a read that fails: null where it does not stand on it. */
const READS: [keyof typeof PLACES, RegExp | null][] = [
  ["orders", null],
  ["positions", null],
  ["snapshot", /^price_collar_no_quote$/],
  // A session that was up a moment ago is not asked about again at once: what fails may not be noticed.
  ["accounts", UNVERIFIED],
  ["auth", UNVERIFIED],
];

const cases = READS.flatMap(([read, code]) => FAULTS.map(([what, action]) => ({ read, what, action, code })));

describe.concurrent("a fault on the way of what an entry stands on", () => {
  test.each(cases)("$read: $what", ({ read, action, code }) =>
    pool.use(async (venue) => {
      const symbol = venue.freshSymbol();
      venue.gateway.control.clearRequests();
      const lift = venue.fault(PLACES[read], action, ALWAYS);
      const answer = await venue.server.call(...ORDERS.limit(symbol));
      lift();
      expect(venue.requests(PLACES.order)).toBe(answer.ok ? 1 : 0);
      expect(venue.orders(symbol)).toHaveLength(answer.ok ? 1 : 0);
      expectHumanWords(answer);
      if (code === null) expect(answer).toMatchObject({ ok: true });
      if (answer.ok) return;
      expect(answer.error.code).toMatch(code ?? /never/);
      expect(await venue.server.call(...ORDERS.limit(symbol))).toMatchObject({ ok: true });
      expect(venue.orders(symbol)).toHaveLength(1);
    }),
  );
});

describe.concurrent("an exit is not held up by what it does not need", () => {
  const exits = (["orders", "positions", "snapshot"] as const).flatMap((read) =>
    FAULTS.filter(([what]) => /503|cut|login|shape/.test(what)).map(([what, action]) => ({
      read,
      what,
      action,
    })),
  );
  test.each(exits)("$read: $what", ({ read, action }) =>
    pool.use(async (venue) => {
      const symbol = venue.freshSymbol();
      venue.gateway.control.setPosition(symbol, 1, 50);
      // The last complete reading is the proof of what is held while the next one fails.
      await expectPosition(venue, symbol);
      await venue.server.call("sell", { symbol, quantity: 2 });
      venue.gateway.control.clearRequests();
      const lift = venue.fault(PLACES[read], action, ALWAYS);
      const sold = await venue.server.call("sell", { symbol, quantity: 1 });
      lift();
      expect(sold).toMatchObject({ ok: true, data: { side: "SELL", quantity: "1" } });
      expect(venue.requests(PLACES.order)).toBe(1);
      expect(venue.orders(symbol)).toHaveLength(1);
    }),
  );
});

describe.concurrent("a fault on the way of a read that the agent asked for", () => {
  const tools = [
    [
      "whatif",
      "preview_order",
      (symbol: string) => ({ symbol, side: "BUY", quantity: 1, limit_price: "49.50" }),
    ],
    ["positions", "positions", () => ({})],
    ["snapshot", "get_quote", (symbol: string) => ({ symbol })],
  ] as const;
  const asked = tools.flatMap(([read, tool, args]) =>
    FAULTS.map(([what, action]) => ({ read, tool, args, what, action })),
  );
  test.each(asked)("$tool: $what", ({ read, tool, args, action }) =>
    pool.use(async (venue) => {
      const symbol = venue.freshSymbol();
      venue.gateway.control.clearRequests();
      const lift = venue.fault(PLACES[read], action, ALWAYS);
      const answer = await venue.server.call(tool, args(symbol));
      lift();
      expectHumanWords(answer);
      if (answer.ok) {
        // Said within the answer: a preview still tells the verdicts, and what is unread is null, never 0.
        const told = JSON.stringify(answer.data);
        expect(told).toMatch(/null/);
        expect(told).not.toMatch(/<\/?[a-z!]/i);
      }
      expect(venue.requests(PLACES.order)).toBe(0);
    }),
  );
});

async function expectPosition(venue: FaultyVenue, symbol: string): Promise<void> {
  const { data } = await venue.server.call("positions");
  expect(data.positions.map((position: { symbol: string }) => position.symbol)).toContain(symbol);
}

function expectHumanWords(answer: ToolAnswer): void {
  if (answer.ok) return;
  expect(answer.error.message).toMatch(/\w{3}/);
  expect(answer.error.next_step).toMatch(/\w{3}/);
  expect(wordsOf(answer).length).toBeLessThan(700);
  expect(wordsOf(answer)).not.toMatch(/<\/?[a-z!]/i);
}
