import { addDays, fromNewYork, toNewYork, weekdayOf } from "./new-york.ts";

/** One trading date's hours, epoch milliseconds. */
export interface TradingHours {
  /** `YYYYMMDD` in New York. */
  date: string;
  open: number;
  close: number;
  extendedOpen: number;
  extendedClose: number;
}

/** Minutes since New York midnight; `null` means closed that day. */
export type DayHours = { open: number; close: number } | null;

/**
 * `always`: open around the clock, a day runs from midnight to midnight (the default, so that a demo
 * works on a Sunday). `regular`: 09:30–16:00 on weekdays. `dates` overrides single dates of either.
 */
export interface HoursOptions {
  mode?: "always" | "regular";
  dates?: Record<string, DayHours>;
}

export interface TradingCalendar {
  hoursOn(date: string): TradingHours | null;
  /** Whether an order may trade now; `outsideRegular` admits pre- and after-market. */
  isOpen(instant: number, outsideRegular?: boolean): boolean;
  /** When a DAY order taken now ends: the close of this session, or of the next when closed. */
  dayEnd(instant: number, outsideRegular?: boolean): number;
  /** Whether this calendar never closes. */
  alwaysOpen: boolean;
}

const WHOLE_DAY = 24 * 60;
const REGULAR = { open: 9 * 60 + 30, close: 16 * 60 };
const EXTENDED = { open: 4 * 60, close: 20 * 60 };

export function createCalendar(options: HoursOptions = {}): TradingCalendar {
  const mode = options.mode ?? "always";

  function hoursOn(date: string): TradingHours | null {
    const override = options.dates?.[date];
    if (override === null) return null;
    if (override === undefined && mode === "always") return span(date, 0, WHOLE_DAY, 0, WHOLE_DAY);
    const weekday = weekdayOf(date);
    if (override === undefined && (weekday === 0 || weekday === 6)) return null;
    const day = override ?? REGULAR;
    // A half day's after-market ends four hours after its close, as on the real exchange.
    const extendedClose = Math.max(day.close, Math.min(EXTENDED.close, day.close + 4 * 60));
    return span(date, day.open, day.close, Math.min(EXTENDED.open, day.open), extendedClose);
  }

  function isOpen(instant: number, outsideRegular = false): boolean {
    const hours = hoursOn(toNewYork(instant).date);
    if (hours === null) return false;
    return outsideRegular
      ? instant >= hours.extendedOpen && instant < hours.extendedClose
      : instant >= hours.open && instant < hours.close;
  }

  function dayEnd(instant: number, outsideRegular = false): number {
    let date = toNewYork(instant).date;
    for (let i = 0; i < 400; i += 1) {
      const hours = hoursOn(date);
      const end = outsideRegular ? hours?.extendedClose : hours?.close;
      if (end !== undefined && end > instant) return end;
      date = addDays(date, 1);
    }
    throw new Error("the trading calendar has no open day within 400 days");
  }

  return { hoursOn, isOpen, dayEnd, alwaysOpen: mode === "always" && options.dates === undefined };
}

function span(date: string, open: number, close: number, preOpen: number, postClose: number): TradingHours {
  return {
    date,
    open: fromNewYork(date, open),
    close: fromNewYork(date, close),
    extendedOpen: fromNewYork(date, preOpen),
    extendedClose: fromNewYork(date, postClose),
  };
}

/** When a GTC order ends by itself: the last instant of the next calendar quarter. */
export function goodTillCancelledEnd(instant: number): number {
  const { date } = toNewYork(instant);
  const quarter = Math.floor((Number(date.slice(4, 6)) - 1) / 3);
  const firstMonthAfter = (quarter + 2) * 3;
  const year = Number(date.slice(0, 4)) + Math.floor(firstMonthAfter / 12);
  const month = String((firstMonthAfter % 12) + 1).padStart(2, "0");
  return fromNewYork(`${year}${month}01`, 0);
}
