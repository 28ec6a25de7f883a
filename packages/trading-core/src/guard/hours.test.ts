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
