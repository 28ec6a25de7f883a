import { afterAll, describe, expect, test, vi } from "vitest";
import {
  ALWAYS,
  type FaultyVenue,
  ORDERS,
  PLACES,
  venuePool,
  withVenue,
  wordsOf,
} from "./testing/faulty-venue.ts";

/** Who the venue says we are, and when: odd types, other accounts, other clocks. */
vi.setConfig({ maxConcurrency: 6, testTimeout: 120_000 });
const pool = venuePool();
afterAll(() => pool.close());

describe.concurrent("isPaper is read strictly: only true and false, in their usual forms, are words", () => {
  const values: [string, unknown, "paper" | "silent" | "live"][] = [
    ["true", true, "paper"],
    ["the text true", "true", "paper"],
    ["1", 1, "paper"],
    ["false", false, "live"],
    ["the text false", "false", "live"],
    ["0", 0, "live"],
    ["null", null, "silent"],
    ["yes", "yes", "silent"],
    ["2", 2, "silent"],
    ["an empty text", "", "silent"],
    ["a list", [true], "silent"],
    ["nothing", undefined, "silent"],
  ];
  test.each(values)("%s", (_what, value, means) =>
    pool.use(async (venue) => {
      venue.gateway.control.configure({ identity: { isPaper: value } });
      await expectAskedAgain(venue);
      const before = venue.requests(PLACES.order);
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      // The account's id and its type are two more witnesses: they may be silent, but not disagree.
      if (means === "live") {
        expect(answer.error).toMatchObject({ code: "paper_live_unknown", details: { outcome: "not_sent" } });
        expect(wordsOf(answer)).toMatch(/contradicts itself.*isPaper=false.*session_status/s);
        expect(venue.requests(PLACES.order)).toBe(before);
      } else {
        expect(answer).toMatchObject({ ok: true, data: { account_type: "PAPER" } });
      }
    }),
  );

  test("without a type that proves it, a silent isPaper proves nothing", () =>
    withVenue({ gateway: { identity: { isPaper: "yes", accountId: "X7654321" } } }, async (venue) => {
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(answer).toMatchObject({ ok: false, error: { code: "paper_live_unknown" } });
      expect(venue.requests(PLACES.order)).toBe(0);
    }));
});

describe.concurrent("the label and the account disagree", () => {
  test("paper is meant, the login is live", () =>
    withVenue({ gateway: { live: true } }, async (venue) => {
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(answer).toMatchObject({ ok: false });
      expect(answer.error.checks.map(({ code }: { code: string }) => code)).toContain("mode_mismatch");
      expect(wordsOf(answer)).toMatch(/real[- ]money/);
      expect(venue.requests(PLACES.order)).toBe(0);
      const { data } = await venue.server.call("session_status");
      expect(data).toMatchObject({ can_trade: false, account_type: "LIVE", mode: "paper" });
    }));

  test("live is meant and armed, the login is paper", () =>
    withVenue({ env: { IBKR_TRADING_MODE: "live", TRADING_ALLOW_LIVE: "true" } }, async (venue) => {
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(answer).toMatchObject({ ok: false, error: { code: "mode_mismatch" } });
      expect(wordsOf(answer)).toMatch(/paper account.*IBKR_TRADING_MODE/s);
      expect(venue.requests(PLACES.order)).toBe(0);
    }));

  test("live is meant and not armed", () =>
    withVenue({ gateway: { live: true }, env: { IBKR_TRADING_MODE: "live" } }, async (venue) => {
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(answer).toMatchObject({ ok: false, error: { details: { outcome: "not_sent" } } });
      expect(wordsOf(answer)).toMatch(/TRADING_ALLOW_LIVE/);
      expect(venue.requests(PLACES.order)).toBe(0);
    }));
});

describe.concurrent("another account than the one that the server began with", () => {
  test("reads go on, orders and cancels are refused, and the way back is open", () =>
    withVenue({}, async (venue) => {
      const working = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      venue.gateway.control.clearRequests();
      const lift = venue.fault(
        { method: "GET", path: /./ },
        { type: "wrong-account", account: "DU7654321" },
        ALWAYS,
      );
      // What was read a moment ago serves for three seconds more.
      await vi.waitFor(
        async () => {
          const { data } = await venue.server.call("session_status");
          expect(data).toMatchObject({ can_trade: false, account_id: "DU7654321" });
          expect(data.obstacles.join()).toMatch(/works for DU1234567 since it was started.*DU7654321/);
        },
        { timeout: 10_000, interval: 500 },
      );
      const refused = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(refused.ok).toBe(false);
      expect(JSON.stringify(refused.error)).toMatch(/account_changed|account_not_selected/);
      expect(wordsOf(refused)).toMatch(/DU1234567|DU7654321/);
      const cancelled = await venue.server.call("cancel_order", { order_id: working.data.order_id });
      expect(cancelled.ok).toBe(false);
      expect(venue.requests(PLACES.order) + venue.requests(PLACES.cancel)).toBe(0);
      expect(await venue.server.call("get_quote", { symbol: "AAPL" })).toMatchObject({ ok: true });
      lift();
      await vi.waitFor(
        async () => expect((await venue.server.call("session_status")).data.can_trade).toBe(true),
        { timeout: 10_000, interval: 500 },
      );
    }));

  test("a configured account that is not there from the start", () =>
    withVenue({ env: { IBKR_ACCOUNT_ID: "DU9999999" } }, async (venue) => {
      const answer = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(answer).toMatchObject({ ok: false, error: { code: "account_not_found" } });
      expect(wordsOf(answer)).toMatch(/DU9999999.*IBKR_ACCOUNT_ID/s);
    }));
});

describe.concurrent("the venue's clock is an hour away by its Date header", () => {
  test.each([
    ["behind", -3_600_000],
    ["ahead", 3_600_000],
  ])("%s: entries are refused, exits go through, and a quote is as old as it is", (_what, milliseconds) =>
    withVenue({}, async (venue) => {
      for (const method of ["GET", "POST"]) {
        venue.fault({ method, path: /./ }, { type: "clock-skew", milliseconds }, ALWAYS);
      }
      const symbol = venue.freshSymbol();
      venue.gateway.control.setPosition(symbol, 1, 50);
      const quote = await venue.server.call("get_quote", { symbol });
      expect(quote.data).toMatchObject({ last: "50", age_seconds: expect.any(Number) });
      expect(Math.abs(quote.data.age_seconds)).toBeLessThan(5);
      const entry = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(entry.error).toMatchObject({ code: "clock_skewed", details: { outcome: "not_sent" } });
      expect(wordsOf(entry)).toMatch(/clock is 3[56]\d\d s (behind|ahead).*operator sets the clock/s);
      expect(venue.requests(PLACES.order)).toBe(0);
      expect(await venue.server.call("sell", { symbol, quantity: 1 })).toMatchObject({ ok: true });
      expect(venue.requests(PLACES.order)).toBe(1);
    }),
  );
});

/** What was said about the account before is remembered for three seconds. */
async function expectAskedAgain(venue: FaultyVenue): Promise<void> {
  venue.gateway.control.clearRequests();
  await vi.waitFor(
    async () => {
      await venue.server.call("session_status");
      expect(venue.requests(PLACES.accounts)).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 300 },
  );
}
