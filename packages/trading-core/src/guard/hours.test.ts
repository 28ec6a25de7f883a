import { expect, test } from "vitest";
import type { MarketData, MarketSchedule } from "../ports/market-data.ts";
import { MORNING, policyOf } from "../testing/fixtures.ts";
import { marketHoursAt } from "./hours.ts";

const NOW = Date.parse(MORNING);
const SUNDAY = Date.parse("2026-06-14T15:00:00Z");
const venue = (answer: () => Promise<MarketSchedule | null>) =>
  ({ schedule: answer }) as unknown as MarketData;
const session = { date: "2026-06-10", opens: NOW - 1_000, closes: NOW + 1_000 };

test("the venue's own schedule comes first, open from its first moment to just before its last", async () => {
  const says = venue(async () => ({ sessions: [session], alwaysOpen: false }));
  const at = async (now: number) => (await marketHoursAt(now, null, says, policyOf())).kind;
  expect([
    await at(session.opens - 1),
    await at(session.opens),
    await at(session.closes - 1),
    await at(session.closes),
  ]).toEqual(["closed", "open", "open", "closed"]);
});

test("a day without a session is closed, whatever the calendar says", async () => {
  const says = venue(async () => ({ sessions: [], alwaysOpen: false }));
  expect(await marketHoursAt(NOW, null, says, policyOf())).toMatchObject({ kind: "closed", opens: null });
});

test("where the venue is silent or does not answer, the calendar decides", async () => {
  for (const silent of [venue(async () => null), venue(() => Promise.reject(new Error("503")))]) {
    expect(await marketHoursAt(NOW, null, silent, policyOf())).toMatchObject({
      kind: "open",
      source: "the NYSE calendar",
    });
    expect(await marketHoursAt(SUNDAY, null, silent, policyOf())).toMatchObject({ kind: "closed" });
    expect((await marketHoursAt(SUNDAY, null, silent, policyOf({ calendar: "always_open" }))).kind).toBe(
      "open",
    );
  }
});

test("every answer says where it comes from, and when it changes", async () => {
  const at = (schedule: MarketSchedule | null, now = NOW, policy = policyOf()) =>
    marketHoursAt(
      now,
      null,
      venue(async () => schedule),
      policy,
    );
  const venueSays = "the venue's schedule";
  expect(await at({ sessions: [session], alwaysOpen: false })).toEqual({
    kind: "open",
    source: venueSays,
    closes: "2026-06-10T15:00:01.000Z",
  });
  const later = { date: "2026-06-10", opens: NOW + 5_000, closes: NOW + 6_000 };
  const shut = { kind: "closed", source: venueSays, reason: "outside the regular session" };
  expect(await at({ sessions: [later], alwaysOpen: false })).toEqual({
    ...shut,
    opens: "2026-06-10T15:00:05.000Z",
  });
  expect(await at({ sessions: [session], alwaysOpen: false }, session.closes)).toEqual({
    ...shut,
    opens: null,
  });
  const opening = { ...session, opens: NOW };
  expect(await at({ sessions: [opening], alwaysOpen: false }, NOW)).toMatchObject({ kind: "open" });
  expect(await at({ sessions: [], alwaysOpen: true })).toEqual({
    kind: "open",
    source: `${venueSays}: around the clock`,
    closes: null,
  });
  expect(await at(null, NOW, policyOf({ calendar: "always_open" }))).toEqual({
    kind: "open",
    source: "this market never closes",
    closes: null,
  });
  expect(await at(null)).toEqual({
    kind: "open",
    source: "the NYSE calendar",
    closes: "2026-06-10T20:00:00.000Z",
  });
  expect(await at(null, SUNDAY)).toEqual({
    kind: "closed",
    source: "the NYSE calendar",
    reason: "outside the regular session",
    opens: "2026-06-15T13:30:00.000Z",
  });
});

test("a moment that the calendar cannot tell is unknown, with the reason", async () => {
  const hours = await marketHoursAt(
    Number.NaN,
    null,
    venue(async () => null),
    policyOf(),
  );
  expect(hours.kind).toBe("unknown");
  expect("reason" in hours && hours.reason.length > 0).toBe(true);
});
