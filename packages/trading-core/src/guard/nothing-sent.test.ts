import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TradingError } from "../domain/errors.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";
import { noteSent, tellingNotSent } from "./nothing-sent.ts";

/** H1: a failure says what it means for money, also where nothing was ever decided. */
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const NO_LOGIN = new TradingError("not_logged_in", "There is no login.", "Log in.");
const buy = () => at.guard.place(order("BUY", "1", { limitPrice: "90" }));

describe("H1: a failure before anything left says not_sent", () => {
  test.each([
    ["an order without a login", buy],
    ["a close without a login", () => at.guard.closePosition("AAPL", null)],
    ["a cancel without a login", () => at.guard.cancel("1")],
  ])("%s", async (_name, call) => {
    at.venue.session.ensureReady = () => Promise.reject(NO_LOGIN);
    const error = await failure(call());
    expect(error).toMatchObject({ code: "not_logged_in", details: { outcome: "not_sent" } });
    expect(error.nextStep).toBe("Log in.");
  });

  test("a symbol that the venue does not know", async () => {
    expect(await failure(at.guard.place(order("BUY", "1", {}, "NOPE")))).toMatchObject({
      code: "unknown_symbol",
      details: { outcome: "not_sent" },
    });
  });

  test("a key that stands for another order", async () => {
    await at.guard.place({ ...order("BUY", "1", { limitPrice: "90" }), idempotencyKey: "k" });
    const other = { ...order("BUY", "2", { limitPrice: "90" }), idempotencyKey: "k" };
    expect(await failure(at.guard.place(other))).toMatchObject({ details: { outcome: "not_sent" } });
  });

  test("a server that is ending", async () => {
    await at.guard.drain();
    expect(await failure(buy())).toMatchObject({
      code: "shutting_down",
      details: { outcome: "not_sent" },
    });
  });
});

describe("H1: nothing is said that is not proven", () => {
  test("an order whose answer was lost stays unknown", async () => {
    at.venue.nextSubmits.push(async (_prepared, gate) => {
      await gate.begin();
      throw new TradingError("timeout", "No answer.", "Look.");
    });
    expect(await failure(buy())).toMatchObject({
      code: "outcome_unknown",
      details: { outcome: "unknown" },
    });
  });

  test("a failure after something left is told as it is", async () => {
    const late = tellingNotSent(async () => {
      await Promise.resolve();
      noteSent();
      throw new TradingError("timeout", "No answer.", "Look.");
    });
    expect((await failure(late)).details).toBeNull();
  });

  test("one call's order is no word about another call", async () => {
    const sent = tellingNotSent(async () => noteSent());
    const other = failure(tellingNotSent(() => Promise.reject(NO_LOGIN)));
    await sent;
    expect((await other).details).toEqual({ outcome: "not_sent" });
  });

  test("a close whose cancel left, and which then cannot go on, does not say that nothing was sent", async () => {
    at.venue.hold(stock("AAPL"), "10");
    await at.guard.place(order("SELL", "10", { stopPrice: "90" }));
    at.venue.nextCancels.push(async (target) => {
      at.venue.session.ensureReady = () => Promise.reject(NO_LOGIN);
      return { kind: "requested", reason: "asked", order: target };
    });
    const error = await failure(at.guard.closePosition("AAPL", null));
    expect(at.venue.wire).toContain("cancel 1");
    expect(error.details?.outcome).toBeUndefined();
  });
});
