/**
 * Civil dates and clock times at a venue.
 *
 * A date is a string, `YYYY-MM-DD`, never a `Date`: a `Date` is an instant, and the day an instant
 * belongs to depends on where the venue stands. All arithmetic on dates is done on the calendar alone
 * (24-hour steps in UTC, which has no daylight saving), so a 23- or 25-hour day cannot shift a result.
 * Nothing here reads the clock or the zone of the machine.
 */

/** The zones that own a trading day: New York for US stocks, UTC for crypto. */
export type VenueZone = "America/New_York" | "UTC";

export type Weekday = "Sunday" | "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const DAY_MS = 86_400_000;

/**
 * The venue's civil date at an instant, `YYYY-MM-DD`. The day turns at the venue's own midnight.
 *
 * @throws RangeError for an invalid `Date`, or one outside the years 0001–9999.
 */
export function tradingDay(at: Date, zone: VenueZone): string {
  return toDate(at.getTime() + zoneOffset(at.getTime(), zone));
}

/**
 * The instant at which the venue's clock shows `time` (`HH:MM`, 24 hours) on `date` (`YYYY-MM-DD`).
 *
 * On the two nights a year when a clock time is not one instant, the choice is the one calendars
 * usually make: a time that occurs twice (autumn, 01:00–01:59) is the first of the two, and a time
 * that is skipped (spring, 02:00–02:59) is moved on by the hour that was skipped.
 *
 * @throws RangeError when the date or the time does not exist on a calendar or a clock.
 */
export function zonedInstant(date: string, time: string, zone: VenueZone): Date {
  const wall = toMidnight(date) + toMilliseconds(time);
  // No zone changes its clock twice within two days, so the offset sought is one of these two.
  const before = zoneOffset(wall - DAY_MS, zone);
  const after = zoneOffset(wall + DAY_MS, zone);
  if (zoneOffset(wall - before, zone) === before) return new Date(wall - before);
  if (zoneOffset(wall - after, zone) === after) return new Date(wall - after);
  return new Date(wall - before);
}

/**
 * The date `days` calendar days later (earlier when negative), `YYYY-MM-DD`.
 *
 * @throws RangeError when the date does not exist, `days` is not a whole number, or the result leaves
 * the years 0001–9999.
 */
export function addDays(date: string, days: number): string {
  if (!Number.isSafeInteger(days)) throw new RangeError(`Not a whole number of days: ${days}`);
  return toDate(toMidnight(date) + days * DAY_MS);
}

/**
 * The English name of a date's day of the week.
 *
 * @throws RangeError when the date does not exist.
 */
export function weekday(date: string): Weekday {
  // getUTCDay() is always 0–6; the fallback is for the compiler's sake.
  return WEEKDAYS[new Date(toMidnight(date)).getUTCDay()] ?? "Sunday";
}

/** Milliseconds since the epoch of a date's midnight in UTC: the scale on which dates are counted. */
function toMidnight(date: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // The way back tells 30 February, which some engines read as 2 March, from a date that exists.
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(midnight) || toDate(midnight) !== date) {
    throw new RangeError(`Not a date of the form YYYY-MM-DD: ${JSON.stringify(date)}`);
  }
  return midnight;
}

function toDate(midnight: number): string {
  const iso = new Date(midnight).toISOString();
  // Years beyond 9999 and before 1 would come out with another length or as a year zero.
  if (!/^\d{4}-/.test(iso) || iso.startsWith("0000")) {
    throw new RangeError(`Outside the years 0001–9999: ${iso}`);
  }
  return iso.slice(0, 10);
}

function toMilliseconds(time: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time);
  if (match === null) throw new RangeError(`Not a time of the form HH:MM: ${JSON.stringify(time)}`);
  return (Number(match[1]) * 60 + Number(match[2])) * 60_000;
}

/** Milliseconds by which the zone's clock is ahead of UTC at an instant; New York is behind, so negative. */
function zoneOffset(instant: number, zone: VenueZone): number {
  if (zone === "UTC") return 0;
  // The formatter shows whole seconds; flooring (not truncating) keeps instants before 1970 right.
  const second = Math.floor(instant / 1000) * 1000;
  const field = new Map(
    formatter(zone)
      .formatToParts(second)
      .map((part) => [part.type, part.value]),
  );
  const year = String(field.get("year")).padStart(4, "0");
  const day = `${year}-${field.get("month")}-${field.get("day")}`;
  const clock = `${field.get("hour")}:${field.get("minute")}:${field.get("second")}`;
  return Date.parse(`${day}T${clock}Z`) - second;
}

// Building a formatter takes a thousand times as long as using one.
const formatters = new Map<VenueZone, Intl.DateTimeFormat>();

function formatter(zone: VenueZone): Intl.DateTimeFormat {
  let known = formatters.get(zone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(zone, known);
  }
  return known;
}
