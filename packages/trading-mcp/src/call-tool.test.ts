import { TradingError } from "trading-core/domain/errors";
import { describe, expect, test } from "vitest";
import { call } from "./testing/call.ts";
import { testContext, testVenue } from "./testing/venue.ts";

const BUY = { symbol: "AAPL", quantity: 1 };
const NO_VENUE = new TradingError("venue_unavailable", "The simulator could not be started.", "Look.", {
  retryable: true,
});

describe("H1: a call of an order tool that fails before a venue was at hand says not_sent", () => {
  test.each([
    ["arguments that cannot be read", "buy", { symbol: "AAPL", quantity: "lots" }, {}],
    ["a tool that is off in read mode", "buy", BUY, { readOnly: true }],
    ["a venue that cannot be reached", "buy", BUY, { unreachable: true }],
    ["the same for a cancel", "cancel_order", { order_id: "1" }, { unreachable: true }],
  ])("%s", async (_name, tool, args, { readOnly = false, unreachable = false }: Record<string, boolean>) => {
    const context = testContext(testVenue());
    const answer = await call(tool, args, {
      ...context,
      server: { ...context.server, readOnly },
      ...(unreachable && { venue: () => Promise.reject(NO_VENUE) }),
    });
    expect(answer).toMatchObject({ ok: false, error: { details: { outcome: "not_sent" } } });
  });

  test("what the venue's guard failed with is left as it says it", async () => {
    const venue = testVenue({ guard: { place: () => Promise.reject(NO_VENUE) } });
    const answer = await call("buy", BUY, testContext(venue));
    expect(answer).toMatchObject({ ok: false, error: { code: "venue_unavailable" } });
    expect(JSON.stringify(answer)).not.toContain("outcome");
  });

  test("a read says nothing of orders", async () => {
    const context = { ...testContext(testVenue()), venue: () => Promise.reject(NO_VENUE) };
    expect(JSON.stringify(await call("positions", {}, context))).not.toContain("outcome");
  });
});
