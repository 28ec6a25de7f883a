/**
 * The New York Stock Exchange's trading sessions, by rule.
 *
 * Source of truth: the holiday and early-closing calendar that NYSE publishes, and its Rule 7.2. The
 * years 2015–2028 are held against that calendar day by day in the tests; later years follow the same
 * rules. Earlier years are not a record of history: the rules differed, and closures for storms and
 * mourning before 2015 are not listed.
 */
import type Holidays from "date-holidays";
import { addDays, tradingDay, type Weekday, weekday, zonedInstant } from "./trading-day.ts";

/** One regular trading session. Pre-market and after-hours trading are not part of it. */
export interface TradingSession {
  /** The session's date in New York, `YYYY-MM-DD`. */
  readonly date: string;
  /** 09:30 in New York; the first instant at which the market is open. */
  readonly opens: Date;
  /** 16:00 in New York, 13:00 on a half day; the first instant at which it is closed again. */
  readonly closes: Date;
  readonly halfDay: boolean;
  /** Why a half day is one, such as "Christmas Eve"; `null` on a full day. */
  readonly note: string | null;
}

/**
 * Dates are New York civil dates, `YYYY-MM-DD`; instants are `Date`s. Every method throws a
 * `RangeError` for a date that does not exist or an invalid `Date`, and an `Error` when the holiday
 * data lacks a day it must have: a market of unknown state is not an open one.
 */
export interface NyseCalendar {
  /** The session held on a date, or `null` when the exchange is closed all day. */
  sessionOn(date: string): TradingSession | null;
  /** Why the exchange is closed all day ("Saturday", "Thanksgiving Day"), or `null` when it is not. */
  closureOn(date: string): string | null;
  /** Whether a session is on at an instant: from its opening on, until just before its close. */
  isOpen(at: Date): boolean;
  /** The first session that opens later than the instant; during a session, the one after it. */
  nextSession(after: Date): TradingSession;
  /** The session that is on at an instant, or `null` when the market is closed. */
  currentSession(at: Date): TradingSession | null;
}

interface YearRules {
  /** Full closures on weekdays, by date. */
  readonly closures: ReadonlyMap<string, string>;
  /** Half days, by date. */
  readonly halfDays: ReadonlyMap<string, string>;
}

const ZONE = "America/New_York";

/** No rule closes the exchange longer than a long weekend; a search that goes on has lost its way. */
const LONGEST_SEARCH_DAYS = 14;

/**
 * The federal holidays that NYSE keeps, by their names in date-holidays. Columbus Day and Veterans Day
 * are missing on purpose: banks close on them, the exchange does not.
 */
const FEDERAL_HOLIDAYS: readonly FederalHoliday[] = [
  // A Saturday New Year is not made up for: Rule 7.2 keeps the Friday open when an accounting period
  // ends on it, and 31 December always ends one.
  { source: "New Year's Day", name: "New Year's Day", saturdayMovesToFriday: false },
  { source: "Martin Luther King Jr. Day", name: "Martin Luther King Jr. Day" },
  { source: "Washington's Birthday", name: "Washington's Birthday" },
  { source: "Memorial Day", name: "Memorial Day" },
  // A federal holiday from June 2021 on; the exchange first closed for it a year later.
  { source: "Juneteenth", name: "Juneteenth", since: 2022 },
  { source: "Independence Day", name: "Independence Day" },
  { source: "Labour Day", name: "Labor Day" },
  { source: "Thanksgiving Day", name: "Thanksgiving Day" },
  { source: "Christmas Day", name: "Christmas Day" },
];

interface FederalHoliday {
  readonly source: string;
  readonly name: string;
  readonly since?: number;
  readonly saturdayMovesToFriday?: false;
}

/** Closures that no rule foretells. The next one is announced days ahead and belongs in this list. */
const SPECIAL_CLOSURES: readonly (readonly [date: string, reason: string])[] = [
  ["2018-12-05", "National Day of Mourning for George H. W. Bush"],
  ["2025-01-09", "National Day of Mourning for Jimmy Carter"],
];

let loading: Promise<NyseCalendar> | undefined;

/**
 * The calendar, built on the first call and shared from then on.
 *
 * date-holidays carries the holidays of the whole world and takes a tenth of a second to load, which a
 * server that never asks for market hours should not pay when it starts: it is imported here, not above.
 *
 * @throws whatever the import throws; the next call tries again.
 */
export function loadNyseCalendar(): Promise<NyseCalendar> {
  loading ??= buildCalendar().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function buildCalendar(): Promise<NyseCalendar> {
  const { default: HolidaysOf } = await import("date-holidays");
  // Language and zone are pinned: both would otherwise be the library's choice to change.
  const federal = new HolidaysOf("US", { languages: "en", types: ["public"], timezone: ZONE });
  return calendarOver(federal);
}

function calendarOver(federal: Holidays): NyseCalendar {
  const years = new Map<number, YearRules>();

  function rulesFor(date: string): YearRules {
    const year = Number(date.slice(0, 4));
    let rules = years.get(year);
    if (rules === undefined) {
      rules = rulesOfYear(year, federal);
      years.set(year, rules);
    }
    return rules;
  }

  function closureOn(date: string): string | null {
    const day = weekday(date);
    return isWeekend(day) ? day : (rulesFor(date).closures.get(date) ?? null);
  }

  function sessionOn(date: string): TradingSession | null {
    if (closureOn(date) !== null) return null;
    const note = rulesFor(date).halfDays.get(date) ?? null;
    return {
      date,
      opens: zonedInstant(date, "09:30", ZONE),
      closes: zonedInstant(date, note === null ? "16:00" : "13:00", ZONE),
      halfDay: note !== null,
      note,
    };
  }

  function currentSession(at: Date): TradingSession | null {
    const session = sessionOn(tradingDay(at, ZONE));
    return session !== null && session.opens <= at && at < session.closes ? session : null;
  }

  function nextSession(after: Date): TradingSession {
    const today = tradingDay(after, ZONE);
    for (let days = 0; days <= LONGEST_SEARCH_DAYS; days++) {
      const session = sessionOn(addDays(today, days));
      if (session !== null && session.opens > after) return session;
    }
    throw new Error(`No NYSE session within ${LONGEST_SEARCH_DAYS} days of ${today}`);
  }

  return { sessionOn, closureOn, currentSession, nextSession, isOpen: (at) => currentSession(at) !== null };
}

function rulesOfYear(year: number, federal: Holidays): YearRules {
  const listed = federal.getHolidays(year);
  const closures = new Map<string, string>();
  for (const holiday of FEDERAL_HOLIDAYS) {
    if (year < (holiday.since ?? year)) continue;
    const date = dateOf(holiday, year, listed);
    const observed = observedOn(date, holiday);
    if (observed === null) continue;
    closures.set(observed, observed === date ? holiday.name : `${holiday.name} (observed)`);
  }
  closures.set(goodFriday(year), "Good Friday");
  for (const [date, reason] of SPECIAL_CLOSURES) {
    if (Number(date.slice(0, 4)) === year) closures.set(date, reason);
  }
  return { closures, halfDays: halfDaysOf(year, closures) };
}

/**
 * The date a holiday falls on, not the one it is observed on: the library's substitute days follow the
 * federal offices, which are closed on days when the exchange trades (31 December 2021).
 */
function dateOf(holiday: FederalHoliday, year: number, listed: ReturnType<Holidays["getHolidays"]>): string {
  const found = listed.find((day) => day.name === holiday.source && day.substitute !== true);
  if (found === undefined) {
    // Leaving the day out would call a closed market open.
    throw new Error(`The holiday data has no ${holiday.source} in ${year}`);
  }
  return found.date.slice(0, 10);
}

/** The weekday on which the exchange closes for a holiday, or `null` when it does not close for it. */
function observedOn(date: string, holiday: FederalHoliday): string | null {
  const day = weekday(date);
  if (day === "Sunday") return addDays(date, 1);
  if (day !== "Saturday") return date;
  return holiday.saturdayMovesToFriday === false ? null : addDays(date, -1);
}

/**
 * The days on which trading ends at 13:00. One condition serves all three: the day is a weekday and no
 * closure of its own. For 3 July this is the exchange's rule in full: a trading day only when the 4th
 * falls on Tuesday to Friday, since a Saturday 4th is observed on the 3rd.
 */
function halfDaysOf(year: number, closures: ReadonlyMap<string, string>): Map<string, string> {
  const candidates = new Map([
    [`${paddedYear(year)}-07-03`, "Day before Independence Day"],
    [addDays(thanksgivingIn(closures), 1), "Day after Thanksgiving"],
    [`${paddedYear(year)}-12-24`, "Christmas Eve"],
  ]);
  return new Map([...candidates].filter(([date]) => !isWeekend(weekday(date)) && !closures.has(date)));
}

function thanksgivingIn(closures: ReadonlyMap<string, string>): string {
  for (const [date, name] of closures) if (name === "Thanksgiving Day") return date;
  throw new Error("A year without Thanksgiving Day");
}

/** Two days before Easter Sunday, by the Gregorian computus (Meeus, Jones, Butcher). */
function goodFriday(year: number): string {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const moonCorrection = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - moonCorrection + 15) % 30;
  const daysToSunday =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const lateMoon = Math.floor((golden + 11 * epact + 22 * daysToSunday) / 451);
  const daysAfter22March = epact + daysToSunday - 7 * lateMoon;
  return addDays(`${paddedYear(year)}-03-22`, daysAfter22March - 2);
}

function isWeekend(day: Weekday): boolean {
  return day === "Saturday" || day === "Sunday";
}

function paddedYear(year: number): string {
  return String(year).padStart(4, "0");
}
