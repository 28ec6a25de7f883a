import { afterEach, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";

let at: Bench;
afterEach(() => at.end());

const DAY_MS = 24 * 60 * 60_000;

function nextDay(days = 1): void {
  at.clock.advance(days * DAY_MS);
  at.freshQuotes();
}

const states = () => at.records().flatMap((each) => (each.kind === "state" && "until" in each ? [each] : []));

test("S24: a loss that was reached ends the day, in the same locked step, and does not lift when the price recovers", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  at.venue.hold(stock("AAPL"), "2");
  at.venue.dailyPnl = decimal("-49.99");
  await at.guard.place(order("BUY", "1"));
  at.venue.settle();
  expect(states()).toEqual([]);

  at.venue.dailyPnl = decimal("-50.01");
  const refused = await failure(at.guard.place(order("BUY", "1")));
  expect(refused.code).toBe("daily_loss_reached");
  expect(refused.message).toContain("2026-06-11");
  expect(states()).toMatchObject([{ state: "REDUCING", until: "2026-06-11" }]);

  at.venue.dailyPnl = decimal(500);
  expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("daily_loss_reached");
  expect(states()).toHaveLength(1);
  await at.guard.place(order("SELL", "1"));

  const posture = await at.guard.posture();
  expect(posture).toMatchObject({ tradingState: "REDUCING" });
  expect(posture.tradingStateReason).toContain("2026-06-11");
  expect(posture.obstacles.join(" ")).toContain("2026-06-11");

  nextDay();
  await at.guard.place(order("BUY", "1"));
  expect(await at.guard.posture()).toMatchObject({ tradingState: "ACTIVE", obstacles: [] });
});

test("S24: every process on the account sees the stop, one that was started later and sets no limit too", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  at.venue.dailyPnl = decimal(-60);
  await failure(at.guard.place(order("BUY", "1")));
  const late = at.another({ maxDailyLoss: null });
  at.venue.dailyPnl = null;
  expect(refusedBy(await failure(late.place(order("BUY", "1"))))).toEqual(["daily-loss"]);
});

test("S24: an exit sees the loss as well, passes, and leaves the stop for the entries after it", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  at.venue.hold(stock("AAPL"), "2");
  at.venue.dailyPnl = decimal(-60);
  await at.guard.place(order("SELL", "1"));
  expect(states()).toHaveLength(1);
});

test("S24: on a Friday the stop lasts until Monday", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  nextDay(2);
  at.venue.dailyPnl = decimal(-60);
  await failure(at.guard.place(order("BUY", "1")));
  expect(states()).toMatchObject([{ until: "2026-06-15" }]);
});

test("S24: an unknown result refuses entries and no exits", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  at.venue.hold(stock("AAPL"), "2");
  expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("daily_loss_unknown");
  await at.guard.place(order("SELL", "1"));
  expect(states()).toEqual([]);
});

test("S24: without the limit the venue is not asked for the day's result", async () => {
  at = bench();
  at.venue.marketData.dailyPnl = () => Promise.reject(new Error("asked"));
  await at.guard.place(order("BUY", "1"));
});

test("a preview of an order on a bad day writes no stop", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  await failure(at.guard.place(order("SELL", "1")));
  at.venue.dailyPnl = decimal(-60);
  expect((await at.guard.preview(order("BUY", "1"))).allowed).toBe(false);
  expect(states()).toEqual([]);
});

test("S25: of two servers' limits the tighter one holds for both, is told, and ends with the day", async () => {
  at = bench({ maxOrderValue: decimal(120) });
  await at.guard.place(order("BUY", "1"));
  const loose = at.another({ maxOrderValue: decimal(100_000), maxOrdersPerMinute: 500 });
  expect((await failure(loose.place(order("BUY", "2")))).code).toBe("order_value_exceeded");
  const posture = await loose.posture();
  expect(posture.limits.maxOrderValue.toFixed()).toBe("120");
  expect(posture.warnings.join(" ")).toContain("MAX_ORDER_VALUE 120 holds");
  // And the other way round: what the late one is stricter about holds for the first as well.
  expect((await at.guard.posture()).warnings.join(" ")).toContain("MAX_ORDERS_PER_MINUTE 500 holds");

  nextDay();
  await loose.place(order("BUY", "2"));
  expect((await loose.posture()).warnings).toEqual([]);
});

test("S25: another server's limit on the day's loss holds where this one has none", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  at.venue.dailyPnl = decimal(0);
  await at.guard.place(order("BUY", "1"));
  const loose = at.another({ maxDailyLoss: null });
  at.venue.dailyPnl = decimal(-60);
  expect((await failure(loose.place(order("BUY", "1")))).code).toBe("daily_loss_reached");
});

test("S25: of allow-lists the common part holds, of deny-lists all of them, for the day", async () => {
  at = bench(
    { allowlist: ["AAPL", "MSFT"], denylist: ["GME"] },
    ["AAPL", "MSFT", "GME"].map((each) => stock(each)),
  );
  await at.guard.place(order("BUY", "1"));
  const other = at.another({ allowlist: ["MSFT", "GME"], denylist: [] });
  const buy = (symbol: string, size = "1") => other.place(order("BUY", size, {}, symbol));
  await buy("MSFT");
  expect((await failure(buy("AAPL"))).code).toBe("symbol_not_allowed");
  expect((await failure(buy("GME"))).code).toBe("symbol_denied");
  const said = (await other.posture()).warnings.join(" ");
  expect(said).toContain("allows only AAPL, MSFT");
  expect(said).toContain("denies GME");
  // The first server is bound by the second one's list as well.
  expect((await failure(at.guard.place(order("BUY", "2")))).code).toBe("symbol_not_allowed");
  nextDay();
  await buy("GME", "2");
});

test("S25: lists that have nothing in common allow nothing, and no exit is held up by them", async () => {
  at = bench({ allowlist: ["AAPL"] });
  await at.guard.place(order("BUY", "1"));
  at.venue.settle();
  const other = at.another({ allowlist: ["MSFT"], denylist: ["AAPL"] });
  for (const symbol of ["AAPL", "MSFT"]) {
    expect(refusedBy(await failure(other.place(order("BUY", "1", {}, symbol))))).toEqual(["symbol-universe"]);
  }
  await other.place(order("SELL", "1"));
});

test("S25: a short needs the arm of every server of the day", async () => {
  at = bench({ allowShort: false });
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  const armed = at.another({ allowShort: true });
  expect((await failure(armed.place(order("SELL", "1")))).code).toBe("oversell");
  expect((await armed.posture()).limits.allowShort).toBe(false);
  expect((await armed.posture()).warnings.join(" ")).toContain("Shorts are refused for the rest of the day");
  nextDay();
  await armed.place(order("SELL", "1"));
  expect(at.venue.wire.at(-1)).toBe("SELL 1 AAPL market");
});

test("S25: a server's limits are journaled once a day, before its first order", async () => {
  at = bench();
  const policies = () => at.records().filter((each) => each.kind === "policy").length;
  await at.guard.place(order("BUY", "1"));
  await at.guard.place(order("BUY", "2"));
  await at.another().place(order("BUY", "3"));
  expect(policies()).toBe(1);
  const kinds = at.records().map((each) => each.kind);
  expect(kinds.indexOf("policy")).toBeLessThan(kinds.indexOf("intent"));
  nextDay();
  await at.guard.place(order("BUY", "1"));
  expect(policies()).toBe(2);
});
