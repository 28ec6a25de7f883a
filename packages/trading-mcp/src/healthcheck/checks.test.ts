import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decimal } from "trading-core/domain/money";
import { read, unread } from "trading-core/domain/reading";
import { openJournals } from "trading-core/journal/journals";
import { systemClock } from "trading-core/ports/clock";
import { describe, expect, test } from "vitest";
import { aPosture, aQuote, NOW, policy } from "../testing/venue.ts";
import { balanceCheck } from "./balance-check.ts";
import { fail, ok } from "./check.ts";
import { clockCheck } from "./clock-check.ts";
import { journalCheck } from "./journal-check.ts";
import { heedObstacles } from "./judge.ts";
import { limitsCheck } from "./policy-checks.ts";
import { quoteCheck } from "./quote-check.ts";

/** What single checks make of what they were given. */
describe("clock", () => {
  const at = (clockSkew: number | null) => clockCheck(clockSkew, "the gateway");

  test.each([
    [0, "ok"],
    [9_900, "ok"],
    [-10_100, "warn"],
    [59_900, "warn"],
    [60_100, "fail"],
    [-7_200_000, "fail"],
  ])("%d ms apart is %s", (skew, status) => {
    expect(at(skew).status).toBe(status);
  });

  test("says which way, and nothing without an answer", () => {
    expect(at(30_000).message).toContain("30 s behind");
    expect(at(-7_200_000).message).toContain("120 min ahead");
    expect(at(null).status).toBe("skipped");
  });
});

describe("quote", () => {
  const terms = { maxQuoteAgeMs: policy.maxQuoteAgeMs, dataStep: "Look there.", now: NOW, closed: false };
  const told = (change: Parameters<typeof aQuote>[0], closed = false) =>
    quoteCheck(read(aQuote({ delayed: false, asOf: NOW - 1_000, ...change }), NOW), { ...terms, closed });

  test("live and fresh is ok; late, old or of unknown age is not what a decision rests on", () => {
    expect(told({})).toMatchObject({ status: "ok" });
    expect(told({ delayed: true }).status).toBe("warn");
    expect(told({ delayed: null }).message).toContain("not said to be live");
    expect(told({ asOf: NOW - 600_000 })).toMatchObject({
      status: "warn",
      message: expect.stringContaining("10 min old"),
    });
    expect(told({ asOf: null }).status).toBe("warn");
    expect(told({ halted: true })).toMatchObject({ status: "warn" });
  });

  test("outside of the session an old price is what there is", () => {
    expect(told({ asOf: NOW - 600_000 }, true).status).toBe("ok");
    expect(told({ lastIsPreviousClose: true }, true).message).toContain("the previous close.");
  });

  test("none is a failure with its reason", () => {
    expect(quoteCheck(unread("no subscription."), terms)).toMatchObject({
      status: "fail",
      message: "There is no quote: no subscription.",
      nextStep: "Look there.",
    });
  });
});

test("an account without money is a warning", () => {
  const summary = { accountId: "DU1", currency: "USD", buyingPower: null, cash: null };
  const funds = (available: string | null) =>
    balanceCheck(
      {
        ...summary,
        netLiquidation: decimal("1234567.891"),
        availableFunds: available === null ? null : decimal(available),
      },
      { untold: "Look there.", empty: "Put some in." },
    );
  expect(funds("10").message).toContain("1,234,567.89 USD");
  expect(funds("10").status).toBe("ok");
  expect(funds("0")).toMatchObject({ status: "warn", nextStep: "Put some in." });
  expect(funds(null)).toMatchObject({
    status: "warn",
    nextStep: "Look there.",
    data: { available_funds: null },
  });
});

test("a day's limit that is used up is not ready", () => {
  const { limits } = aPosture();
  const capped = { ...policy, maxDailyValue: decimal(500) };
  const left = (value: string) => limitsCheck({ ...limits, remainingToday: decimal(value) }, capped).status;
  expect(left("0.01")).toBe("ok");
  expect(left("0")).toBe("fail");
});

test("an obstacle that only the guard knows is still one", () => {
  const checks = [ok("arms", "fine"), ok("trading_state", "ACTIVE")];
  expect(heedObstacles(checks, [])).toEqual(checks);
  expect(heedObstacles(checks, ["Something new."])[1]).toMatchObject({
    status: "fail",
    message: "Something new.",
  });
  const failing = [fail("arms", "no", null), ok("trading_state", "ACTIVE")];
  expect(heedObstacles(failing, ["Something new."])).toEqual(failing);
});

describe("journal", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "journal-check-"));
  const options = { policy, stateDir, journalPath: null, clock: systemClock };
  const identity = { accountId: "DU1234567", isPaper: true, evidence: "" };

  test("an order of unknown fate is named, and a configured account alone gets no file", async () => {
    const unnamed = { ...options, policy: { ...policy, accountId: "DU7654321" } };
    expect(journalCheck({ ...unnamed, posture: null })).toMatchObject({
      status: "ok",
      message: expect.stringContaining("None yet"),
    });
    const journals = openJournals({
      stateDir,
      path: null,
      venue: policy.venue,
      mode: policy.mode,
      clock: systemClock,
    });
    await journals.of("DU1234567").locked(1_000, (append) => {
      append({ ...INTENT, kind: "intent", clientOrderId: "abcd1", checks: [] });
      append({ kind: "dispatch", clientOrderId: "abcd1" });
    });
    journals.close();
    expect(journalCheck({ ...options, posture: aPosture({ identity }) })).toMatchObject({
      status: "warn",
      data: { records: 3, complete: true, unresolved: ["abcd1"] },
    });
    rmSync(stateDir, { recursive: true });
  });
});

const INTENT = {
  order: {
    instrumentId: "1",
    symbol: "AAPL",
    currency: "USD",
    side: "BUY",
    orderType: "market",
    quantity: null,
    cashAmount: "10",
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
  },
  exit: false,
  worstCase: "10",
  riskCurrency: "USD",
  planId: null,
} as const;
