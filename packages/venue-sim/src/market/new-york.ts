/** A civil instant in New York. */
export interface NewYorkTime {
  /** `YYYYMMDD`. */
  date: string;
  /** Minutes since local midnight. */
  minutes: number;
  /** 0 Sunday … 6 Saturday. */
  weekday: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const formatter = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
});

// The offset changes only on the hour, so one formatter call serves a whole hour.
const offsets = new Map<number, number>();

/** New York's offset from UTC in milliseconds (negative). */
function offsetAt(instant: number): number {
  const hour = Math.floor(instant / HOUR);
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const parts = new Map(formatter.formatToParts(hour * HOUR).map((part) => [part.type, Number(part.value)]));
  const local = Date.UTC(
    parts.get("year") ?? 0,
    (parts.get("month") ?? 1) - 1,
    parts.get("day") ?? 1,
    parts.get("hour") ?? 0,
    parts.get("minute") ?? 0,
  );
  const offset = local - hour * HOUR;
  if (offsets.size > 5_000) offsets.clear();
  offsets.set(hour, offset);
  return offset;
}

export function toNewYork(instant: number): NewYorkTime {
  const local = new Date(instant + offsetAt(instant));
  return {
    date: local.toISOString().slice(0, 10).replaceAll("-", ""),
    minutes: local.getUTCHours() * 60 + local.getUTCMinutes(),
    weekday: local.getUTCDay(),
  };
}

/** Epoch milliseconds of a New York date (`YYYYMMDD`) and minutes since its midnight. */
export function fromNewYork(date: string, minutes: number): number {
  const midnight = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)));
  const wanted = midnight + minutes * MINUTE;
  // Guess with the offset at noon that day, then correct for a change of the clocks in between.
  const guess = wanted - offsetAt(midnight + 17 * HOUR);
  return wanted - offsetAt(guess);
}

/** The date `days` after `date`, both `YYYYMMDD`. */
export function addDays(date: string, days: number): string {
  const instant = Date.UTC(
    Number(date.slice(0, 4)),
    Number(date.slice(4, 6)) - 1,
    Number(date.slice(6, 8)) + days,
  );
  return new Date(instant).toISOString().slice(0, 10).replaceAll("-", "");
}

/** 0 Sunday … 6 Saturday of a `YYYYMMDD` date. */
export function weekdayOf(date: string): number {
  return new Date(
    Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8))),
  ).getUTCDay();
}
