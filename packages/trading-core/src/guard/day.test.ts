import { describe, expect, test } from "vitest";
import { policyOf } from "../testing/fixtures.ts";
import { dayOf, dayZone, nextTradingDay, onDayOf } from "./day.ts";

const desk = (calendar: "nyse" | "always_open", skewMs: number | null = 0) => ({
  policy: policyOf({ calendar }),
  session: { clockSkew: () => skewMs } as never,
});
const at = (iso: string) => Date.parse(iso);

describe("S26: whose day it is", () => {
  test("New York's for stocks, UTC's for what never closes", () => {
    expect([dayZone(desk("nyse")), dayZone(desk("always_open"))]).toEqual(["America/New_York", "UTC"]);
    const evening = at("2026-06-11T01:00:00Z");
    expect([dayOf(desk("nyse"), evening), dayOf(desk("always_open"), evening)]).toEqual([
      "2026-06-10",
      "2026-06-11",
    ]);
  });

  test("around midnight the earlier of the two clocks' days, whichever is behind", () => {
    const before = at("2026-06-10T23:59:50Z");
    const after = at("2026-06-11T00:00:10Z");
    expect(dayOf(desk("always_open", 20_000), before)).toBe("2026-06-10");
    expect(dayOf(desk("always_open", -20_000), after)).toBe("2026-06-10");
    expect(dayOf(desk("always_open", null), after)).toBe("2026-06-11");
    expect(dayOf(desk("always_open", null), before)).toBe("2026-06-10");
  });

  test("what happened on that day or later counts, what was before does not", () => {
    const counts = onDayOf(desk("always_open"), at("2026-06-10T12:00:00Z"));
    expect([
      counts(at("2026-06-09T23:59:59.999Z")),
      counts(at("2026-06-10T00:00:00Z")),
      counts(at("2026-06-11T00:00:00Z")),
    ]).toEqual([false, true, true]);
  });
});

describe("S24: the next day on which entries are possible", () => {
  test.each([
    ["the day after", "2026-06-10T15:00:00Z", "2026-06-11"],
    ["over a weekend", "2026-06-12T15:00:00Z", "2026-06-15"],
    ["over Thanksgiving", "2026-11-25T15:00:00Z", "2026-11-27"],
    ["over a weekend with a holiday behind it", "2026-05-22T15:00:00Z", "2026-05-26"],
  ])("%s", async (_, now, day) => {
    expect(await nextTradingDay(desk("nyse"), at(now))).toBe(day);
  });
  test("where nothing closes it is tomorrow, weekend or not", async () => {
    expect(await nextTradingDay(desk("always_open"), at("2026-06-12T15:00:00Z"))).toBe("2026-06-13");
  });
  test("around midnight it follows the later of the two clocks", async () => {
    expect(await nextTradingDay(desk("always_open", 20_000), at("2026-06-10T23:59:50Z"))).toBe("2026-06-12");
    expect(await nextTradingDay(desk("always_open", -20_000), at("2026-06-11T00:00:10Z"))).toBe("2026-06-12");
    expect(await nextTradingDay(desk("always_open", null), at("2026-06-11T00:00:10Z"))).toBe("2026-06-12");
  });
});
