import { afterEach, expect, test } from "vitest";
import { zonedInstant } from "../calendar/trading-day.ts";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, failure, order, refusedBy } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

let at: Bench;
afterEach(() => at.end());

const SECOND = 1_000;
const HOUR = 60 * 60 * SECOND;
const DAY = 24 * HOUR;
const NEW_YORK = "America/New_York";

/** Both clocks stand at this instant, by the machine and by the venue. */
function goTo(instant: number): void {
  at.clock.jump(instant - at.clock.now());
  at.freshQuotes();
}

/** Only the machine's clock is set; the venue has not told its time since. */
function setClock(milliseconds: number): void {
  at.clock.jump(milliseconds);
  at.venue.clockSkewMs = null;
  at.freshQuotes();
}

async function buy(quantity: string): Promise<void> {
  await at.guard.place(order("BUY", quantity));
  at.clock.advance(SECOND);
  at.venue.settle();
}

/** What is committed today, all executions and their fees being known. */
async function committed(): Promise<string | undefined> {
  await at.guard.history(1);
  return (await at.guard.posture()).limits.committedToday?.toFixed();
}
const buyRefused = async (quantity: string, guard = at.guard) =>
  refusedBy(await failure(guard.place(order("BUY", quantity))));

test("S26: a clock that is set back to yesterday opens no budget of yesterday's: what was spent today is still spent", async () => {
  at = bench({ maxDailyValue: decimal(1_000) });
  await buy("9");
  setClock(-DAY);
  expect(await buyRefused("2")).toEqual(["daily-value"]);
  expect(await committed()).toBe("901");
});

test.each<[string, string, Partial<Parameters<typeof order>[2]>, SubmitScript | null]>([
  ["by the quantity that the venue told", "8", {}, null],
  [
    "sized by an amount, for nobody knows how much",
    "",
    {},
    async ({ intent }, gate) => {
      await gate.begin();
      const taken = at.venue.accept(intent);
      at.venue.amend(taken.orderId, { status: "filled", averagePrice: null, filledQuantity: null });
      const { orders } = at.venue;
      return {
        kind: "acknowledged",
        orderId: taken.orderId,
        order: orders.get(taken.orderId) ?? null,
        exchanges: [],
      };
    },
  ],
])(
  "S26: what was journaled under yesterday's date while the clock was wrong counts today: filled %s",
  async (_, quantity, prices, script) => {
    at = bench({ maxDailyValue: decimal(1_000) });
    await buy("1");
    at.venue.fillsUnread = "HTTP 503";
    setClock(-DAY);
    if (script) at.venue.nextSubmits.push(script);
    await at.guard.place(order("BUY", quantity === "" ? { cashAmount: "800" } : quantity, prices));
    setClock(DAY);
    expect(await buyRefused("2")).toEqual(["daily-value"]);
    const later = at.another();
    expect(await buyRefused("2", later)).toEqual(["daily-value"]);
  },
);

test("S26: an entry decided before midnight and filled after it belongs to the day of its execution", async () => {
  at = bench({ maxDailyValue: decimal(1_000) });
  const midnight = zonedInstant("2026-06-11", "00:00", NEW_YORK).getTime();
  goTo(midnight - 20 * SECOND);
  const { orderId } = await at.guard.place(order("BUY", "5", { limitPrice: "96", timeInForce: "GTC" }));
  expect(await committed()).toBe("480");
  goTo(midnight + 60 * SECOND);
  // It still works, and counts at its worst on whatever day it is.
  expect(await committed()).toBe("480");
  expect(await buyRefused("6")).toEqual(["daily-value"]);
  at.venue.fill(orderId ?? "", "5", "95");
  await at.guard.order(orderId ?? "");
  expect(await committed()).toBe("476");
  goTo(midnight + DAY);
  expect(await committed()).toBe("0");
});

test("S26: an execution of before midnight that is learnt after it belongs to the day before", async () => {
  at = bench({ maxDailyValue: decimal(1_000) });
  const midnight = zonedInstant("2026-06-11", "00:00", NEW_YORK).getTime();
  goTo(midnight - 20 * SECOND);
  const { orderId } = await at.guard.place(order("BUY", "5", { limitPrice: "96", timeInForce: "GTC" }));
  at.venue.fill(orderId ?? "", "5", "95");
  goTo(midnight + 60 * SECOND);
  await at.guard.order(orderId ?? "");
  expect(await committed()).toBe("0");
});

const utc = (text: string) => Date.parse(`${text}Z`);
test.each<[string, "nyse" | "always_open", number, number, number]>([
  ["New York's 23 hours of spring", "nyse", utc("2026-03-08T05:00:00"), utc("2026-03-09T04:00:00"), 23],
  ["New York's 25 hours of autumn", "nyse", utc("2026-11-01T04:00:00"), utc("2026-11-02T05:00:00"), 25],
  [
    "New York's day after the spring night",
    "nyse",
    utc("2026-03-09T04:00:00"),
    utc("2026-03-10T04:00:00"),
    24,
  ],
  [
    "New York's day across UTC's new year",
    "nyse",
    utc("2026-12-31T05:00:00"),
    utc("2027-01-01T05:00:00"),
    24,
  ],
  [
    "UTC's day of New York's spring night",
    "always_open",
    utc("2026-03-08T00:00:00"),
    utc("2026-03-09T00:00:00"),
    24,
  ],
  [
    "UTC's day of New York's autumn night",
    "always_open",
    utc("2026-11-01T00:00:00"),
    utc("2026-11-02T00:00:00"),
    24,
  ],
  ["UTC's last day of the year", "always_open", utc("2026-12-31T00:00:00"), utc("2027-01-01T00:00:00"), 24],
])("S26: %s is one day, from its first second to its last", async (_, calendar, start, end, hours) => {
  expect(end - start).toBe(hours * HOUR);
  at = bench({ calendar, maxDailyValue: decimal(100_000) });
  goTo(start - 2 * SECOND);
  await buy("1");
  goTo(start);
  expect(await committed()).toBe("0");
  await buy("2");
  goTo(start + (hours / 2) * HOUR);
  await buy("3");
  goTo(end - 2 * SECOND);
  await buy("4");
  // 9 shares at 100, and a fee of 1 for each of the three fills.
  expect(await committed()).toBe("903");
  goTo(end);
  expect(await committed()).toBe("0");
  await buy("5");
  expect(await committed()).toBe("501");
});

test("S26: where the machine's midnight comes before the venue's, the old day's budget holds until both have passed it", async () => {
  at = bench({ maxDailyValue: decimal(1_000) });
  const midnight = zonedInstant("2026-06-11", "00:00", NEW_YORK).getTime();
  goTo(midnight - HOUR);
  await buy("9");
  at.venue.clockSkewMs = -30 * SECOND;
  goTo(midnight + 15 * SECOND);
  expect(await buyRefused("2")).toEqual(["daily-value"]);
  expect((await at.guard.posture()).limits.day).toBe("2026-06-10");
  goTo(midnight + 31 * SECOND);
  await buy("2");
  expect((await at.guard.posture()).limits.day).toBe("2026-06-11");
});

test("S26: where the venue's midnight comes first, nothing of either day is forgotten in between", async () => {
  at = bench({ maxDailyValue: decimal(1_000) });
  const midnight = zonedInstant("2026-06-11", "00:00", NEW_YORK).getTime();
  goTo(midnight - HOUR);
  await buy("5");
  at.venue.clockSkewMs = 30 * SECOND;
  goTo(midnight - 15 * SECOND);
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    await gate.begin();
    const { orderId } = at.venue.accept(intent);
    at.venue.fill(orderId);
    const [last] = at.venue.fills.slice(-1);
    if (last) last.executedAt += 30 * SECOND;
    return { kind: "acknowledged", orderId, order: at.venue.orders.get(orderId) ?? null, exchanges: [] };
  });
  await buy("4");
  expect(await committed()).toBe("902");
  expect(await buyRefused("2")).toEqual(["daily-value"]);
});

test("S24 S26: a day that was ended by its loss does not begin anew by a clock that is early, or one that was late", async () => {
  at = bench({ maxDailyLoss: decimal(50) });
  const midnight = zonedInstant("2026-06-11", "00:00", NEW_YORK).getTime();
  goTo(midnight - HOUR);
  at.venue.dailyPnl = decimal(-60);
  expect(await buyRefused("1")).toEqual(["daily-loss"]);
  at.venue.dailyPnl = decimal(0);
  at.venue.clockSkewMs = -30 * SECOND;
  goTo(midnight + 15 * SECOND);
  expect(await buyRefused("1")).toEqual(["daily-loss"]);

  // The venue is in the next day already when the next loss is seen: it is that day's.
  goTo(midnight + 12 * HOUR);
  at.venue.clockSkewMs = 30 * SECOND;
  goTo(midnight + DAY - 15 * SECOND);
  at.venue.dailyPnl = decimal(-70);
  expect(await buyRefused("1")).toEqual(["daily-loss"]);
  at.venue.dailyPnl = decimal(0);
  goTo(midnight + DAY + HOUR);
  expect(await buyRefused("1")).toEqual(["daily-loss"]);
});

test("S25 S26: a server whose clock is wrong refuses entries, and dates no limits of today into another day", async () => {
  at = bench({ maxOrderValue: decimal(120) });
  at.clock.jump(365 * DAY);
  at.venue.clockSkewMs = -365 * DAY;
  at.freshQuotes();
  expect(await buyRefused("1")).toEqual(["clock"]);
  at.clock.jump(-365 * DAY);
  at.venue.clockSkewMs = 0;
  at.freshQuotes();
  const loose = at.another({ maxOrderValue: decimal(100_000) });
  await loose.place(order("BUY", "2"));
});
