import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { loadNyseCalendar, type NyseCalendar } from "./nyse.ts";
import { addDays, weekday, zonedInstant } from "./trading-day.ts";

const NEW_YEAR = "New Year's Day";
const NEW_YEAR_OBSERVED = "New Year's Day (observed)";
const KING = "Martin Luther King Jr. Day";
const WASHINGTON = "Washington's Birthday";
const GOOD_FRIDAY = "Good Friday";
const MEMORIAL = "Memorial Day";
const JUNETEENTH = "Juneteenth";
const JUNETEENTH_OBSERVED = "Juneteenth (observed)";
const INDEPENDENCE = "Independence Day";
const INDEPENDENCE_OBSERVED = "Independence Day (observed)";
const LABOR = "Labor Day";
const THANKSGIVING = "Thanksgiving Day";
const CHRISTMAS = "Christmas Day";
const CHRISTMAS_OBSERVED = "Christmas Day (observed)";

const BEFORE_INDEPENDENCE = "Day before Independence Day";
const AFTER_THANKSGIVING = "Day after Thanksgiving";
const CHRISTMAS_EVE = "Christmas Eve";

interface PublishedYear {
  closures: Record<string, string>;
  halfDays: Record<string, string>;
}

/** NYSE's published calendar: every weekday closure and every 13:00 close, by month and day. */
const PUBLISHED: Record<string, PublishedYear> = {
  "2015": {
    closures: {
      "01-01": NEW_YEAR,
      "01-19": KING,
      "02-16": WASHINGTON,
      "04-03": GOOD_FRIDAY,
      "05-25": MEMORIAL,
      "07-03": INDEPENDENCE_OBSERVED,
      "09-07": LABOR,
      "11-26": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "11-27": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2016": {
    closures: {
      "01-01": NEW_YEAR,
      "01-18": KING,
      "02-15": WASHINGTON,
      "03-25": GOOD_FRIDAY,
      "05-30": MEMORIAL,
      "07-04": INDEPENDENCE,
      "09-05": LABOR,
      "11-24": THANKSGIVING,
      "12-26": CHRISTMAS_OBSERVED,
    },
    halfDays: { "11-25": AFTER_THANKSGIVING },
  },
  "2017": {
    closures: {
      "01-02": NEW_YEAR_OBSERVED,
      "01-16": KING,
      "02-20": WASHINGTON,
      "04-14": GOOD_FRIDAY,
      "05-29": MEMORIAL,
      "07-04": INDEPENDENCE,
      "09-04": LABOR,
      "11-23": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-24": AFTER_THANKSGIVING },
  },
  "2018": {
    closures: {
      "01-01": NEW_YEAR,
      "01-15": KING,
      "02-19": WASHINGTON,
      "03-30": GOOD_FRIDAY,
      "05-28": MEMORIAL,
      "07-04": INDEPENDENCE,
      "09-03": LABOR,
      "11-22": THANKSGIVING,
      "12-05": "National Day of Mourning for George H. W. Bush",
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-23": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2019": {
    closures: {
      "01-01": NEW_YEAR,
      "01-21": KING,
      "02-18": WASHINGTON,
      "04-19": GOOD_FRIDAY,
      "05-27": MEMORIAL,
      "07-04": INDEPENDENCE,
      "09-02": LABOR,
      "11-28": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-29": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2020": {
    closures: {
      "01-01": NEW_YEAR,
      "01-20": KING,
      "02-17": WASHINGTON,
      "04-10": GOOD_FRIDAY,
      "05-25": MEMORIAL,
      "07-03": INDEPENDENCE_OBSERVED,
      "09-07": LABOR,
      "11-26": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "11-27": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2021": {
    closures: {
      "01-01": NEW_YEAR,
      "01-18": KING,
      "02-15": WASHINGTON,
      "04-02": GOOD_FRIDAY,
      "05-31": MEMORIAL,
      "07-05": INDEPENDENCE_OBSERVED,
      "09-06": LABOR,
      "11-25": THANKSGIVING,
      "12-24": CHRISTMAS_OBSERVED,
    },
    halfDays: { "11-26": AFTER_THANKSGIVING },
  },
  "2022": {
    closures: {
      "01-17": KING,
      "02-21": WASHINGTON,
      "04-15": GOOD_FRIDAY,
      "05-30": MEMORIAL,
      "06-20": JUNETEENTH_OBSERVED,
      "07-04": INDEPENDENCE,
      "09-05": LABOR,
      "11-24": THANKSGIVING,
      "12-26": CHRISTMAS_OBSERVED,
    },
    halfDays: { "11-25": AFTER_THANKSGIVING },
  },
  "2023": {
    closures: {
      "01-02": NEW_YEAR_OBSERVED,
      "01-16": KING,
      "02-20": WASHINGTON,
      "04-07": GOOD_FRIDAY,
      "05-29": MEMORIAL,
      "06-19": JUNETEENTH,
      "07-04": INDEPENDENCE,
      "09-04": LABOR,
      "11-23": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-24": AFTER_THANKSGIVING },
  },
  "2024": {
    closures: {
      "01-01": NEW_YEAR,
      "01-15": KING,
      "02-19": WASHINGTON,
      "03-29": GOOD_FRIDAY,
      "05-27": MEMORIAL,
      "06-19": JUNETEENTH,
      "07-04": INDEPENDENCE,
      "09-02": LABOR,
      "11-28": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-29": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2025": {
    closures: {
      "01-01": NEW_YEAR,
      "01-09": "National Day of Mourning for Jimmy Carter",
      "01-20": KING,
      "02-17": WASHINGTON,
      "04-18": GOOD_FRIDAY,
      "05-26": MEMORIAL,
      "06-19": JUNETEENTH,
      "07-04": INDEPENDENCE,
      "09-01": LABOR,
      "11-27": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-28": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2026": {
    closures: {
      "01-01": NEW_YEAR,
      "01-19": KING,
      "02-16": WASHINGTON,
      "04-03": GOOD_FRIDAY,
      "05-25": MEMORIAL,
      "06-19": JUNETEENTH,
      "07-03": INDEPENDENCE_OBSERVED,
      "09-07": LABOR,
      "11-26": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "11-27": AFTER_THANKSGIVING, "12-24": CHRISTMAS_EVE },
  },
  "2027": {
    closures: {
      "01-01": NEW_YEAR,
      "01-18": KING,
      "02-15": WASHINGTON,
      "03-26": GOOD_FRIDAY,
      "05-31": MEMORIAL,
      "06-18": JUNETEENTH_OBSERVED,
      "07-05": INDEPENDENCE_OBSERVED,
      "09-06": LABOR,
      "11-25": THANKSGIVING,
      "12-24": CHRISTMAS_OBSERVED,
    },
    halfDays: { "11-26": AFTER_THANKSGIVING },
  },
  "2028": {
    closures: {
      "01-17": KING,
      "02-21": WASHINGTON,
      "04-14": GOOD_FRIDAY,
      "05-29": MEMORIAL,
      "06-19": JUNETEENTH,
      "07-04": INDEPENDENCE,
      "09-04": LABOR,
      "11-23": THANKSGIVING,
      "12-25": CHRISTMAS,
    },
    halfDays: { "07-03": BEFORE_INDEPENDENCE, "11-24": AFTER_THANKSGIVING },
  },
};

/** Sessions held in each past year: widely published, and counted without any of the rules above. */
const SESSIONS_HELD: [year: string, sessions: number][] = [
  ["2015", 252],
  ["2016", 252],
  ["2017", 251],
  ["2018", 251],
  ["2019", 252],
  ["2020", 253],
  ["2021", 252],
  ["2022", 251],
  ["2023", 250],
  ["2024", 252],
  ["2025", 250],
];

let nyse: NyseCalendar;

beforeAll(async () => {
  nyse = await loadNyseCalendar();
});

function daysOf(year: string): string[] {
  const days: string[] = [];
  for (let date = `${year}-01-01`; date <= `${year}-12-31`; date = addDays(date, 1)) days.push(date);
  return days;
}

/** What the calendar says of a whole year, in the shape of the published tables. */
function walk(year: string): PublishedYear & { sessions: number } {
  const seen = {
    closures: {} as Record<string, string>,
    halfDays: {} as Record<string, string>,
    sessions: 0,
  };
  for (const date of daysOf(year)) {
    const session = nyse.sessionOn(date);
    const closure = nyse.closureOn(date);
    expect(session === null, `${date}: a day has a session or a closure`).toBe(closure !== null);
    const day = weekday(date);
    if (day === "Saturday" || day === "Sunday") expect(closure).toBe(day);
    else if (closure !== null) seen.closures[date.slice(5)] = closure;
    if (session === null) continue;
    seen.sessions++;
    expect(session.date).toBe(date);
    expect(session.opens).toEqual(zonedInstant(date, "09:30", "America/New_York"));
    expect(session.closes).toEqual(
      zonedInstant(date, session.halfDay ? "13:00" : "16:00", "America/New_York"),
    );
    expect(session.note !== null).toBe(session.halfDay);
    if (session.note !== null) seen.halfDays[date.slice(5)] = session.note;
  }
  return seen;
}

function newYork(date: string, time: string): Date {
  return zonedInstant(date, time, "America/New_York");
}

function justBefore(instant: Date): Date {
  return new Date(instant.getTime() - 1);
}

describe("M11: NYSE's published calendar", () => {
  test.each(Object.entries(PUBLISHED))(
    "%s: these closures and half days, and no other",
    (year, published) => {
      const { closures, halfDays } = walk(year);
      expect(closures).toEqual(published.closures);
      expect(halfDays).toEqual(published.halfDays);
    },
  );

  test.each(SESSIONS_HELD)("%s had %i sessions", (year, sessions) => {
    expect(walk(year).sessions).toBe(sessions);
  });

  test.each([
    ["2021-06-18", "Juneteenth was not yet a holiday of the exchange"],
    ["2021-12-31", "a Saturday New Year is not made up for on Friday"],
    ["2022-01-03", "nor on Monday"],
    ["2027-12-31", "a Saturday New Year is not made up for on Friday"],
    ["2026-10-12", "Columbus Day is a trading day"],
    ["2026-11-11", "Veterans Day is a trading day"],
    ["2016-12-23", "Christmas Eve on Saturday does not shorten the Friday"],
    ["2017-12-22", "Christmas Eve on Sunday does not shorten the Friday"],
    ["2022-07-01", "Independence Day on Monday does not shorten the Friday"],
    ["2026-07-02", "the day before an observed holiday is not shortened"],
    ["2027-07-02", "Independence Day on Sunday does not shorten the Friday"],
  ])("%s is a full session: %s", (date) => {
    expect(nyse.closureOn(date)).toBeNull();
    expect(nyse.sessionOn(date)).toMatchObject({ halfDay: false, note: null });
  });
});

describe("years beyond the published calendar", () => {
  test("2032: three holidays on weekends, and a Saturday New Year after it", () => {
    expect(nyse.closureOn("2032-06-18")).toBe(JUNETEENTH_OBSERVED);
    expect(nyse.closureOn("2032-07-05")).toBe(INDEPENDENCE_OBSERVED);
    expect(nyse.closureOn("2032-12-24")).toBe(CHRISTMAS_OBSERVED);
    expect(nyse.sessionOn("2032-12-31")).toMatchObject({ halfDay: false });
    expect(nyse.closureOn("2033-01-03")).toBeNull();
  });

  test.each([
    ["2029-03-30", GOOD_FRIDAY],
    ["2030-04-19", GOOD_FRIDAY],
    ["2038-04-23", GOOD_FRIDAY],
    ["2049-04-16", GOOD_FRIDAY],
    ["2076-04-17", GOOD_FRIDAY],
    ["2029-11-22", THANKSGIVING],
    ["2034-01-02", NEW_YEAR_OBSERVED],
  ])("%s is closed for %s", (date, reason) => {
    expect(nyse.closureOn(date)).toBe(reason);
  });

  test("every year to 2099 has its ten holidays, nine when New Year falls on Saturday", () => {
    for (let year = 2029; year < 2100; year++) {
      const expected = weekday(`${year}-01-01`) === "Saturday" ? 9 : 10;
      const closed = daysOf(String(year)).filter(
        (date) => nyse.closureOn(date) !== null && nyse.closureOn(date) !== weekday(date),
      );
      expect(closed, String(year)).toHaveLength(expected);
    }
  });
});

describe("isOpen and currentSession", () => {
  test.each([
    ["a full day in winter", "2026-01-15", "16:00"],
    ["a full day in summer", "2026-07-15", "16:00"],
    ["the day after Thanksgiving", "2026-11-27", "13:00"],
    ["Christmas Eve", "2026-12-24", "13:00"],
    ["the day before Independence Day", "2028-07-03", "13:00"],
    ["the Friday before clocks go forward", "2026-03-06", "16:00"],
    ["the Monday after", "2026-03-09", "16:00"],
    ["the Friday before clocks go back", "2026-10-30", "16:00"],
    ["the Monday after that", "2026-11-02", "16:00"],
  ])("%s: open from the bell until just before the bell", (_, date, close) => {
    const opens = newYork(date, "09:30");
    const closes = newYork(date, close);
    expect(nyse.isOpen(justBefore(opens))).toBe(false);
    expect(nyse.isOpen(opens)).toBe(true);
    expect(nyse.isOpen(new Date(closes.getTime() - 1000))).toBe(true);
    expect(nyse.isOpen(justBefore(closes))).toBe(true);
    expect(nyse.isOpen(closes)).toBe(false);
    expect(nyse.currentSession(justBefore(opens))).toBeNull();
    expect(nyse.currentSession(opens)).toEqual(nyse.sessionOn(date));
    expect(nyse.currentSession(closes)).toBeNull();
  });

  test.each([
    ["2026-03-06T14:29:59.999Z", false],
    ["2026-03-06T14:30:00.000Z", true],
    ["2026-03-06T20:59:59.999Z", true],
    ["2026-03-06T21:00:00.000Z", false],
    ["2026-03-09T13:29:59.999Z", false],
    ["2026-03-09T13:30:00.000Z", true],
    ["2026-03-09T19:59:59.999Z", true],
    ["2026-03-09T20:00:00.000Z", false],
    ["2026-10-30T13:30:00.000Z", true],
    ["2026-11-02T13:30:00.000Z", false],
    ["2026-11-02T14:30:00.000Z", true],
    ["2026-11-02T20:59:59.999Z", true],
    ["2026-11-27T17:59:59.000Z", true],
    ["2026-11-27T18:00:00.000Z", false],
  ])("in UTC, at %s: %s", (instant, open) => {
    expect(nyse.isOpen(new Date(instant))).toBe(open);
  });

  test("closed at noon on weekends and holidays", () => {
    for (const date of ["2026-01-17", "2026-01-18", "2026-01-19", "2025-01-09", "2026-07-03"]) {
      expect(nyse.isOpen(newYork(date, "12:00")), date).toBe(false);
    }
  });
});

describe("nextSession", () => {
  test.each([
    ["before the bell it is today's", "2026-01-15", "09:29", "2026-01-15"],
    ["at the bell today's has begun", "2026-01-15", "09:30", "2026-01-16"],
    ["after the close it is tomorrow's", "2026-01-15", "16:00", "2026-01-16"],
    ["over a long weekend", "2026-01-16", "16:00", "2026-01-20"],
    ["from Thursday night over Good Friday", "2026-04-02", "23:59", "2026-04-06"],
    ["over Thanksgiving, to the half day", "2026-11-25", "16:00", "2026-11-27"],
    ["over the year's end", "2025-12-31", "16:00", "2026-01-02"],
    ["over a Saturday New Year", "2027-12-31", "16:00", "2028-01-03"],
    ["over the night clocks go forward", "2026-03-06", "17:00", "2026-03-09"],
    ["over the mourning for Jimmy Carter", "2025-01-08", "16:00", "2025-01-10"],
  ])("%s", (_, date, time, next) => {
    expect(nyse.nextSession(newYork(date, time))).toEqual(nyse.sessionOn(next));
  });
});

test("dates and instants that do not exist are refused, not called closed", () => {
  expect(() => nyse.sessionOn("2026-02-30")).toThrow(RangeError);
  expect(() => nyse.closureOn("today")).toThrow(RangeError);
  expect(() => nyse.isOpen(new Date(Number.NaN))).toThrow(RangeError);
  expect(() => nyse.nextSession(new Date(Number.NaN))).toThrow(RangeError);
});

test("a caller cannot spoil a session for the next one", () => {
  nyse.sessionOn("2026-01-15")?.opens.setTime(0);
  expect(nyse.sessionOn("2026-01-15")?.opens).toEqual(newYork("2026-01-15", "09:30"));
});

test("the calendar is built once", async () => {
  expect(loadNyseCalendar()).toBe(loadNyseCalendar());
  expect(await loadNyseCalendar()).toBe(nyse);
});

test("holiday data that lacks a holiday is an error, never an open market", async () => {
  vi.resetModules();
  vi.doMock("date-holidays", () => ({
    default: class {
      getHolidays() {
        return [];
      }
    },
  }));
  const { loadNyseCalendar: loadWithout } = await import("./nyse.ts");
  const emptied = await loadWithout();
  vi.doUnmock("date-holidays");
  expect(() => emptied.sessionOn("2026-01-15")).toThrow("The holiday data has no New Year's Day in 2026");
  expect(() => emptied.isOpen(newYork("2026-01-15", "12:00"))).toThrow(Error);
});

test("importing the module does not load date-holidays; the first use does, and again after a failure", async () => {
  // From a data: URL no package can be found, so whatever asks for one says so at once.
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("nyse.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    packages: "external",
    platform: "node",
    write: false,
  });
  const code = outputFiles[0]?.text ?? "";
  const load = (source: string): Promise<unknown> =>
    import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`);

  await expect(load(`import "date-holidays";\n${code}`)).rejects.toThrow(/date-holidays/);
  const unreachable = (await load(code)) as { loadNyseCalendar: typeof loadNyseCalendar };
  const first = unreachable.loadNyseCalendar();
  await expect(first).rejects.toThrow(/date-holidays/);
  const second = unreachable.loadNyseCalendar();
  expect(second).not.toBe(first);
  await expect(second).rejects.toThrow(/date-holidays/);
});
