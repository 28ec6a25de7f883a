import { afterEach, beforeEach, expect, test } from "vitest";
import { readDailyPnl } from "./pnl.ts";
import { startVenue, type TestVenue } from "./test-venue.ts";

test("the day's result is the account's own, and unknown when any part of it is", () => {
  const rows = (upnl: unknown) => readDailyPnl({ upnl }, "DU1")?.toFixed() ?? null;
  expect(rows({ "DU1.Core": { dpl: -12.55 } })).toBe("-12.55");
  expect(rows({ "DU1.Core": { dpl: "-1,300.5" }, "DU1.Model": { dpl: 0.5 } })).toBe("-1300");
  expect(rows({ "DU11.Core": { dpl: -5 }, "U9.Core": { dpl: -5 } })).toBeNull();
  expect(rows({ "DU1.Core": { dpl: -5 }, "DU1.Model": { dpl: "N/A" } })).toBeNull();
  expect(rows({ "DU1.Core": {} })).toBeNull();
  expect(rows({})).toBeNull();
  for (const body of [null, [], "x", { upnl: [] }, { upnl: null }]) {
    expect(readDailyPnl(body, "DU1")).toBeNull();
  }
});

let venue: TestVenue | null = null;
beforeEach(() => {
  venue = null;
});
afterEach(async () => {
  // Whatever a test did, the adapter must not have run into the venue's limits.
  expect(venue?.gateway.control.pacing.boxedUntil() ?? null).toBeNull();
  await venue?.close();
});

test("a cold session is asked once more, and what it says is served for five seconds", async () => {
  venue = await startVenue();
  const { gateway } = venue;
  const { session, marketData } = venue.connect();
  await session.ensureReady();
  const asked = () =>
    gateway.control.requests().filter(({ path }) => path.includes("pnl/partitioned")).length;
  const [first, second] = await Promise.all([marketData.dailyPnl(), marketData.dailyPnl()]);
  expect(first).toMatchObject({ kind: "read" });
  expect(second).toBe(first);
  expect(asked()).toBe(2);
  await marketData.dailyPnl();
  expect(asked()).toBe(2);
  gateway.clock.advance(6_000);
  expect(await marketData.dailyPnl()).toMatchObject({ kind: "read" });
  expect(asked()).toBe(3);
});
