import type { FaultAction } from "venue-sim";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type FaultCase, strike } from "./testing/fault-case.ts";
import { type FaultyVenue, PLACES, venuePool, wordsOf } from "./testing/faulty-venue.ts";

/**
 * Faults that strike between the venue's questions and our replies. An order of 40 dollars is asked about
 * three times; what is lost on the way leaves a ticket that nobody answered, or an order.
 */
vi.setConfig({ maxConcurrency: 12, testTimeout: 120_000 });
const pool = venuePool();
/** A venue whose questions have no id, so that every one is declined. */
const nameless = venuePool({ gateway: { identity: { messageIds: "none" } } });
afterAll(async () => {
  await Promise.all([pool.close(), nameless.close()]);
});

/** The reply does not get through: the question stays open. */
const LOST: [string, FaultAction, RegExp?][] = [
  ["a 503 before anything happened", { type: "503-before" }, /HTTP 503/],
  ["a connection that is reset", { type: "reset" }, /connection was lost/],
  ["an empty 200", { type: "empty-200" }, /HTTP 200 with an empty body/],
  ["the login page with a 200", { type: "login-page-200" }, /login page/],
  ["a reply id that is gone", status(400, '{"error":"reply id not found: \'x\'"}'), /reply id not found/],
];

/** The reply got through, and what came back of it did not. */
const DEAF: [string, FaultAction][] = [
  ["a 503 after the reply was taken", { type: "503-after-landing" }],
  ["a body that is cut", { type: "body-cut" }],
  ["a reset after the reply was taken", { type: "reset-after-landing" }],
];

const cases: FaultCase[] = [
  ...LOST.map(([what, action, words]) => at(1, what, action, "ticket", words)),
  ...LOST.slice(2, 4).map(([what, action, words]) => at(3, what, action, "ticket", words)),
  ...DEAF.slice(0, 2).map(([what, action]) => at(1, what, action, "ticket", /inactive/)),
  ...DEAF.slice(2).map(([what, action]) => at(2, what, action, "ticket", /inactive/)),
  ...DEAF.map(([what, action]) => at(3, what, action, "found")),
  at(2, "a reply id that is gone, with a 200", errorText("reply id not found: 'x'"), "ticket", /not found/),
  at(1, "an answer that is late", { type: "delay", milliseconds: 2_500 }, "taken"),
  at(2, "the venue's refusal", errorText("Your account is closing-only"), "rejected", /closing-only/),
  at(3, "the venue's refusal", errorText("Insufficient funds"), "rejected", /Insufficient/),
  at(1, "a session that is lost", { type: "session-lost" }, "unknown", /no bridge/),
  at(2, "a session that TWS took", { type: "session-lost", state: "competed" }, "unknown", /no bridge/),
  at(3, "an idle session", { type: "session-lost", state: "idle_timeout" }, "unknown", /no bridge/),
  at(3, "a login that is gone", { type: "session-lost", state: "no_login" }, "unknown", /HTTP 401/),
];

describe.concurrent("a fault on the way of a reply", () => {
  test.each(cases)("reply $strikes: $what → $ends", (tried) => pool.use((venue) => strike(venue, tried)));
});

describe.concurrent("a question that may not be confirmed is declined, so that no ticket stays", () => {
  test("declined: rejected, and nothing is left at the venue", () =>
    nameless.use(async (venue) => {
      const { error } = await buy(venue);
      expect(error).toMatchObject({ code: "order_rejected", details: { outcome: "rejected" } });
      expect(error.message).toMatch(/not confirmed for this kind of order/);
      expect(error.message).toMatch(/Cash Quantity Order Confirmation/);
      expect(error.next_step).toMatch(/No order exists/);
      expect(venue.gateway.control.state().unansweredTickets).toEqual([]);
      expect(replies(venue)).toEqual([{ confirmed: false }]);
    }));

  test.each([
    ["a 503", { type: "503-before" }],
    ["an empty 200", { type: "empty-200" }],
    ["a login page", { type: "login-page-200" }],
    ["another error", { type: "error-200", error: "Please try again" }],
    ["a reset after it was taken", { type: "reset-after-landing" }],
  ] as [string, FaultAction][])("the decline meets %s: unknown, and it is not repeated", (_what, action) =>
    nameless.use(async (venue) => {
      const lift = venue.fault(PLACES.reply, action);
      const answer = await buy(venue);
      lift();
      expect(answer.error).toMatchObject({ code: "outcome_unknown", details: { outcome: "unknown" } });
      expect(wordsOf(answer)).toMatch(/did not confirm that the order was dropped.*order_status/s);
      expect(venue.requests(PLACES.order)).toBe(1);
      expect(replies(venue)).toEqual([{ confirmed: false }]);
    }),
  );

  test("the same question twice is declined and not confirmed for ever", () =>
    pool.use(async (venue) => {
      const row = { id: "again-1", message: ["Sure?"], messageIds: ["o10164"] };
      const lift = venue.fault(PLACES.reply, status(200, JSON.stringify([row])), { count: 2 });
      const { error } = await buy(venue);
      lift();
      expect(error.message).toMatch(/same question again/);
      expect(error).toMatchObject({ code: "outcome_unknown" });
      expect(replies(venue)).toEqual([{ confirmed: true }, { confirmed: true }, { confirmed: false }]);
    }));

  test("questions without end are declined after the sixth", () =>
    pool.use(async (venue) => {
      const lifts = Array.from({ length: 8 }, (_, round) => {
        const row = { id: `round-${round}`, message: ["Sure?"], messageIds: ["o10164"] };
        return venue.fault(PLACES.reply, status(200, JSON.stringify([row])), { from: round + 1 });
      });
      const { error } = await buy(venue);
      for (const lift of lifts) lift();
      expect(error.message).toMatch(/more than 6 questions/);
      expect(venue.requests(PLACES.order)).toBe(1);
      expect(replies(venue).filter(({ confirmed }) => confirmed)).toHaveLength(6);
      expect(replies(venue).at(-1)).toEqual({ confirmed: false });
    }));
});

function buy(venue: FaultyVenue) {
  venue.gateway.control.clearRequests();
  return venue.server.call("buy", { symbol: venue.freshSymbol(), cash_amount: 40 });
}

function replies(venue: FaultyVenue): { confirmed: boolean }[] {
  return venue.gateway.control.requests(PLACES.reply).map(({ body }) => JSON.parse(body));
}

function at(
  strikes: number,
  what: string,
  action: FaultAction,
  ends: FaultCase["ends"],
  words?: RegExp,
): FaultCase {
  return { order: "amount", strikes, what, action, ends, ...(words && { words }) };
}

function status(code: number, body: string): FaultAction {
  return { type: "status", status: code, body };
}

function errorText(error: string): FaultAction {
  return { type: "error-200", error };
}
