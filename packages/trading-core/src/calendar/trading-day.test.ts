import { describe, expect, test } from "vitest";
import { addDays, tradingDay, weekday, zonedInstant } from "./trading-day.ts";

const NEW_YORK = "America/New_York";

/** The instant written in UTC, for comparing at a glance. */
function at(date: string, time: string, zone: "America/New_York" | "UTC" = NEW_YORK): string {
  return zonedInstant(date, time, zone).toISOString();
}

describe("tradingDay", () => {
  test.each([
    ["the last instant of a winter day", "2026-01-15T04:59:59.999Z", "2026-01-14"],
    ["midnight in winter", "2026-01-15T05:00:00.000Z", "2026-01-15"],
    ["the last instant of a summer day", "2026-07-15T03:59:59.999Z", "2026-07-14"],
    ["midnight in summer", "2026-07-15T04:00:00.000Z", "2026-07-15"],
    ["the last instant of a year, which UTC has left", "2026-01-01T04:59:59.999Z", "2025-12-31"],
    ["the first instant of a year", "2026-01-01T05:00:00.000Z", "2026-01-01"],
    ["the end of a leap day", "2028-03-01T04:59:59.999Z", "2028-02-29"],
    ["the midnight before clocks go forward", "2026-03-08T05:00:00.000Z", "2026-03-08"],
    ["the end of the 23-hour day", "2026-03-09T03:59:59.999Z", "2026-03-08"],
    ["the midnight after it", "2026-03-09T04:00:00.000Z", "2026-03-09"],
    ["the midnight before clocks go back", "2026-11-01T04:00:00.000Z", "2026-11-01"],
    ["the end of the 25-hour day", "2026-11-02T04:59:59.999Z", "2026-11-01"],
    ["the midnight after that", "2026-11-02T05:00:00.000Z", "2026-11-02"],
    ["an instant before 1970, between seconds", "1969-07-21T03:59:59.999Z", "1969-07-20"],
  ])("New York: %s", (_, instant, day) => {
    expect(tradingDay(new Date(instant), NEW_YORK)).toBe(day);
  });

  test.each([
    ["2025-12-31T23:59:59.999Z", "2025-12-31"],
    ["2026-01-01T00:00:00.000Z", "2026-01-01"],
    ["2026-03-08T07:00:00.000Z", "2026-03-08"],
  ])("UTC: %s is %s", (instant, day) => {
    expect(tradingDay(new Date(instant), "UTC")).toBe(day);
  });

  test("an invalid or absurd instant has no day", () => {
    expect(() => tradingDay(new Date(Number.NaN), NEW_YORK)).toThrow(RangeError);
    expect(() => tradingDay(new Date(Number.NaN), "UTC")).toThrow(RangeError);
    expect(() => tradingDay(new Date(8.64e15), "UTC")).toThrow(RangeError);
  });
});

describe("zonedInstant", () => {
  test("New York is five hours behind UTC in winter and four in summer", () => {
    expect(at("2026-01-15", "09:30")).toBe("2026-01-15T14:30:00.000Z");
    expect(at("2026-07-15", "09:30")).toBe("2026-07-15T13:30:00.000Z");
    expect(at("2026-07-15", "09:30", "UTC")).toBe("2026-07-15T09:30:00.000Z");
  });

  test("spring: every hour of the night, and the skipped one is moved on", () => {
    expect(at("2026-03-07", "23:59")).toBe("2026-03-08T04:59:00.000Z");
    expect(at("2026-03-08", "00:00")).toBe("2026-03-08T05:00:00.000Z");
    expect(at("2026-03-08", "01:59")).toBe("2026-03-08T06:59:00.000Z");
    expect(at("2026-03-08", "02:00")).toBe("2026-03-08T07:00:00.000Z");
    expect(at("2026-03-08", "02:30")).toBe(at("2026-03-08", "03:30"));
    expect(at("2026-03-08", "03:00")).toBe("2026-03-08T07:00:00.000Z");
    expect(at("2026-03-08", "23:59")).toBe("2026-03-09T03:59:00.000Z");
  });

  test("autumn: every hour of the night, and the repeated one is the first", () => {
    expect(at("2026-10-31", "23:59")).toBe("2026-11-01T03:59:00.000Z");
    expect(at("2026-11-01", "00:00")).toBe("2026-11-01T04:00:00.000Z");
    expect(at("2026-11-01", "01:00")).toBe("2026-11-01T05:00:00.000Z");
    expect(at("2026-11-01", "01:59")).toBe("2026-11-01T05:59:00.000Z");
    expect(at("2026-11-01", "02:00")).toBe("2026-11-01T07:00:00.000Z");
    expect(at("2026-11-01", "23:59")).toBe("2026-11-02T04:59:00.000Z");
  });

  test("the days of the change are 23 and 25 hours long", () => {
    const hours = (date: string) =>
      (zonedInstant(addDays(date, 1), "00:00", NEW_YORK).getTime() -
        zonedInstant(date, "00:00", NEW_YORK).getTime()) /
      3_600_000;
    expect(hours("2026-03-08")).toBe(23);
    expect(hours("2026-11-01")).toBe(25);
    expect(hours("2026-03-09")).toBe(24);
  });

  test("tradingDay leads back to the date, at both ends of every day of six years", () => {
    for (let date = "2024-01-01"; date < "2030-01-01"; date = addDays(date, 1)) {
      expect(tradingDay(zonedInstant(date, "00:00", NEW_YORK), NEW_YORK)).toBe(date);
      expect(tradingDay(zonedInstant(date, "23:59", NEW_YORK), NEW_YORK)).toBe(date);
    }
  });

  test.each(["24:00", "9:30", "09:60", "09:30:00", "", "0930"])("there is no time %j", (time) => {
    expect(() => zonedInstant("2026-01-15", time, NEW_YORK)).toThrow(RangeError);
  });
});

describe("addDays and weekday", () => {
  test.each([
    ["2025-12-31", 1, "2026-01-01"],
    ["2026-01-01", -1, "2025-12-31"],
    ["2028-02-28", 1, "2028-02-29"],
    ["2026-02-28", 1, "2026-03-01"],
    ["2100-02-28", 1, "2100-03-01"],
    ["2026-03-07", 2, "2026-03-09"],
    ["2026-11-02", -2, "2026-10-31"],
    ["2026-01-15", 0, "2026-01-15"],
    ["2024-01-01", 366, "2025-01-01"],
  ])("%s and %i days is %s", (date, days, result) => {
    expect(addDays(date, days)).toBe(result);
  });

  test.each([
    ["2026-03-08", "Sunday"],
    ["2026-03-09", "Monday"],
    ["2028-02-29", "Tuesday"],
    ["1970-01-01", "Thursday"],
    ["2025-07-04", "Friday"],
    ["2028-01-01", "Saturday"],
  ])("%s is a %s", (date, name) => {
    expect(weekday(date)).toBe(name);
  });

  test.each(["2026-02-30", "2025-02-29", "2026-13-01", "2026-1-1", "20260101", "", "2026-01-01T00:00"])(
    "there is no date %j",
    (date) => {
      expect(() => addDays(date, 1)).toThrow(RangeError);
      expect(() => weekday(date)).toThrow(RangeError);
      expect(() => zonedInstant(date, "09:30", "UTC")).toThrow(RangeError);
    },
  );

  test("days are whole and stay on the calendar", () => {
    expect(() => addDays("2026-01-01", 0.5)).toThrow(RangeError);
    expect(() => addDays("2026-01-01", Number.NaN)).toThrow(RangeError);
    expect(() => addDays("9999-12-31", 1)).toThrow(RangeError);
    expect(() => addDays("0001-01-01", -1)).toThrow(RangeError);
  });
});
