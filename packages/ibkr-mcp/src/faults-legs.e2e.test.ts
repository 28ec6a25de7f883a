import type { FaultAction } from "venue-sim";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type FaultCase, strike } from "./testing/fault-case.ts";
import { type FaultyVenue, ORDERS, PLACES, venuePool, wordsOf } from "./testing/faulty-venue.ts";

/**
 * Faults on the way of brackets and trailing stops: what stands at the venue is one order, or three, or as
 * many legs as the answer names, and never a second of any.
 */
vi.setConfig({ maxConcurrency: 15, testTimeout: 120_000 });
const pool = venuePool({ env: { MAX_ORDERS_PER_MINUTE: "1000" } });
afterAll(() => pool.close());

type Fault = [what: string, action: FaultAction, words?: RegExp];

const LOST: [Fault, Fault, Fault, Fault] = [
  ["a 503 before anything happened", { type: "503-before" }, /HTTP 503/],
  ["a connection that is reset", { type: "reset" }, /connection was lost/],
  ["an empty 200", { type: "empty-200" }, /empty body/],
  ["silence", { type: "silence" }, /answer/],
];
const DEAF: Fault[] = [
  ["a 503 after it was taken", { type: "503-after-landing" }],
  ["a body that is cut", { type: "body-cut" }],
  ["a reset after it was taken", { type: "reset-after-landing" }],
  ["silence after it was taken", { type: "silence-after-landing" }],
];
const REFUSED: Fault[] = [
  ["the venue's refusal", { type: "error-200", error: "No <b>trading</b> permission" }, /permission/],
];
const GONE: Fault[] = [["a session that is lost", { type: "session-lost" }, /no bridge/]];
const LATE: Fault[] = [["an answer that is late", { type: "delay", milliseconds: 2_500 }]];

/** A venue asks one question about a stop once it has had the first: the reply to it is the last. */
const cases: FaultCase[] = [
  ...of("bracket", "order", LOST, "unknown"),
  ...of("bracket", "order", DEAF.slice(0, 2), "ticket"),
  ...of("bracket", "order", [...REFUSED, ["a refusal at submission", reject(), /funds/]], "rejected"),
  ...of("bracket", 1, LOST.slice(0, 2), "ticket"),
  ...of("bracket", 1, DEAF, "found"),
  ...of("bracket", 1, REFUSED, "rejected"),
  ...of("bracket", 1, GONE, "unknown"),
  ...of("bracket", 1, LATE, "taken"),
  ...of("trail", "order", [LOST[0], LOST[3]], "unknown"),
  ...of("trail", "order", DEAF.slice(1, 2), "ticket"),
  ...of("trail", "order", REFUSED, "rejected"),
  ...of("trail", 1, LOST.slice(1, 2), "ticket"),
  ...of("trail", 1, DEAF, "found"),
  ...of("trail", 1, GONE, "unknown"),
];

describe.concurrent("a fault on the way of a bracket or of a trailing stop", () => {
  test.each(cases)("$order, strikes $strikes: $what → $ends", (tried) =>
    pool.use(async (venue) => {
      await askedBefore(venue);
      await strike(venue, tried);
    }),
  );

  test.each([
    [1, ["take_profit", "stop_loss"], {}],
    [2, ["stop_loss"], {}],
    [1, ["take_profit", "stop_loss"], { behind: "503-after-landing" }],
  ] as [number, string[], { behind?: "503-after-landing" }][])(
    "H7: %i of 3 tickets landed: %j are named as missing, and the entry can be cancelled",
    (tickets, missing, { behind }) =>
      pool.use(async (venue) => {
        await askedBefore(venue);
        const symbol = venue.freshSymbol();
        const committed = await venue.committed();
        venue.gateway.control.clearRequests();
        venue.fault(PLACES.order, { type: "half-bracket", tickets });
        if (behind) venue.fault(PLACES.reply, { type: behind });
        const answer = await venue.server.call(...ORDERS.bracket(symbol));
        expect(answer).toMatchObject({
          ok: false,
          isError: true,
          error: { code: "bracket_incomplete", retryable: false },
        });
        const words = wordsOf(answer);
        for (const role of missing) expect(words).toContain(`its ${role} was not found`);
        const [entry] = venue.orders(symbol);
        expect(words).toMatch(new RegExp(`Do not send it again.*cancel_order on ${entry?.orderId}`, "s"));
        expect(venue.orders(symbol)).toHaveLength(tickets);
        expect(venue.requests(PLACES.order), "order requests of one call").toBe(1);
        expect(await venue.committed()).toBeGreaterThan(committed);

        const again = await venue.server.call(...ORDERS.bracket(symbol));
        expect(again).toMatchObject({ ok: false, error: { details: { outcome: "not_sent" } } });
        expect(venue.requests(PLACES.order), "nothing is sent for a refused order").toBe(1);

        const orderId = String(entry?.orderId);
        const cancelled = await venue.server.call("cancel_order", { order_id: orderId });
        expect(cancelled).toMatchObject({ ok: true, data: { outcome: "done" } });
        expect(venue.orders(symbol).map(({ status }) => status)).toEqual(
          Array.from({ length: tickets }, () => "Cancelled"),
        );
      }),
  );
});

/** The first stop of a session is asked about twice, every later one once. */
async function askedBefore(venue: FaultyVenue): Promise<void> {
  const symbol = venue.freshSymbol();
  venue.gateway.control.setPosition(symbol, 1, 50);
  const placed = await venue.server.call(...ORDERS.stop(symbol));
  expect(placed, wordsOf(placed)).toMatchObject({ ok: true });
}

function of(
  order: FaultCase["order"],
  strikes: FaultCase["strikes"],
  faults: Fault[],
  ends: FaultCase["ends"],
): FaultCase[] {
  return faults.map(([what, action, words]) => ({
    order,
    strikes,
    what,
    action,
    ends,
    ...(words && { words }),
  }));
}

function reject(): FaultAction {
  return { type: "reject", text: "Insufficient funds" };
}
