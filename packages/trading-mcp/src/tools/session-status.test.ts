import { TradingError } from "trading-core/domain/errors";
import { decimal, ZERO } from "trading-core/domain/money";
import type { Posture } from "trading-core/guard/answers";
import { describe, expect, test } from "vitest";
import { call, dataOf } from "../testing/call.ts";
import { aPosture, readySession, testContext, testVenue } from "../testing/venue.ts";

function status(change: Partial<Posture> = {}) {
  return dataOf("session_status", {}, testVenue({ guard: { posture: async () => aPosture(change) } }));
}

test("tells the whole posture", async () => {
  expect(await status()).toEqual({
    venue: "ibkr",
    server_version: "1.2.3",
    mode: "paper",
    can_trade: true,
    next_step: null,
    obstacles: [],
    warnings: [],
    configuration_problems: [],
    read_only: false,
    session: {
      ready: true,
      state: "ready",
      message: "logged in",
      locked_until: null,
      venue_software: "10.30",
    },
    account_id: "DU123",
    account_type: "PAPER",
    identity_evidence: "isPaper=true, id DU",
    dry_run: false,
    live_armed: false,
    trading_state: "ACTIVE",
    trading_state_reason: "not halted",
    limits: {
      risk_currency: "USD",
      max_order_value: "100",
      max_daily_value: "500",
      committed_today: "120.00",
      remaining_today: "380.00",
      max_position_value: null,
      max_daily_loss: null,
      result_today: null,
      max_orders_per_minute: 10,
      orders_last_minute: 1,
      max_price_deviation_percent: "5",
      max_quote_age_seconds: 60,
      trading_day: "2026-11-20",
      duplicate_window_seconds: 5,
      allow_short: false,
      allowlist: [],
      denylist: ["GME"],
    },
    unresolved: [],
    open_plans: [],
    journal: { path: "/state/ibkr.jsonl", seq: 7 },
  });
});

describe("M15: can_trade is never true in a state in which an entry is refused", () => {
  const { limits } = aPosture();
  const states: [what: string, change: Partial<Posture>][] = [
    ["an obstacle of the guard's", { obstacles: ["the account is not the configured one"] }],
    ["no session", { session: { ...readySession, ready: false, state: "no_login" } }],
    ["halted", { tradingState: "HALTED" }],
    ["reducing", { tradingState: "REDUCING" }],
    ["no identity", { identity: null, identityMessage: "503" }],
    ["an identity that is only remembered", { identityMessage: "503; verified 20 s ago" }],
    ["the daily limit reached", { limits: { ...limits, remainingToday: ZERO } }],
    ["the daily limit exceeded", { limits: { ...limits, remainingToday: decimal(-3) } }],
    ["an unknown part of the daily limit", { limits: { ...limits, remainingToday: null } }],
  ];
  test.each(states)("%s", async (_what, change) => {
    const data = await status(change);
    expect(data.can_trade).toBe(false);
    expect(data.obstacles).not.toEqual([]);
    expect(data.next_step).toBe("Clear what obstacles lists, then ask again.");
  });

  test("read mode", async () => {
    const envelope = await call("session_status", {}, testContext(testVenue(), { readOnly: true }));
    expect(envelope).toMatchObject({ ok: true, data: { can_trade: false, read_only: true } });
  });
});

test("without configuration it says what is missing, and assumes nothing", async () => {
  const context = testContext(testVenue(), { problems: ["IBKR_ACCOUNT_ID: set it to your account"] });
  context.venue = async () => {
    throw new TradingError("not_configured", "No account is configured.", "Set IBKR_ACCOUNT_ID.");
  };
  expect(await call("session_status", {}, context)).toMatchObject({
    ok: true,
    data: {
      can_trade: false,
      next_step: "Set IBKR_ACCOUNT_ID.",
      obstacles: ["not_configured: No account is configured."],
      configuration_problems: ["IBKR_ACCOUNT_ID: set it to your account"],
      dry_run: null,
      live_armed: null,
      trading_state: null,
      account_type: null,
    },
  });
});

test("a posture that cannot be had is an obstacle, not an error", async () => {
  const venue = testVenue({
    guard: {
      posture: async () => {
        throw new TradingError("venue_unavailable", "The gateway is gone.", "Start it.");
      },
    },
  });
  expect(await dataOf("session_status", {}, venue)).toMatchObject({
    can_trade: false,
    obstacles: ["venue_unavailable: The gateway is gone."],
  });
});
