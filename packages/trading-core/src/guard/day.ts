import { loadNyseCalendar } from "../calendar/nyse.ts";
import { addDays, tradingDay, type VenueZone } from "../calendar/trading-day.ts";
import type { Desk } from "./desk.ts";

/** Whose midnight ends a day: New York's for a stock venue, UTC's for one that never closes (S26). */
export function dayZone(desk: Pick<Desk, "policy">): VenueZone {
  return desk.policy.calendar === "nyse" ? "America/New_York" : "UTC";
}

/** Whether an instant (epoch milliseconds) belongs to the venue's trading day of `now`. */
export function onDayOf(desk: Pick<Desk, "policy">, now: number): (at: number) => boolean {
  const zone = dayZone(desk);
  const day = tradingDay(new Date(now), zone);
  return (at) => tradingDay(new Date(at), zone) === day;
}

/** Longer than any row of weekends and holidays. */
const MOST_DAYS_CLOSED = 14;

/** The next civil date at the venue, YYYY-MM-DD, on which its market opens at all. */
export async function nextTradingDay(desk: Pick<Desk, "policy">, now: number): Promise<string> {
  const today = tradingDay(new Date(now), dayZone(desk));
  const tomorrow = addDays(today, 1);
  if (desk.policy.calendar !== "nyse") return tomorrow;
  try {
    const calendar = await loadNyseCalendar();
    for (let days = 1; days <= MOST_DAYS_CLOSED; days += 1) {
      const day = addDays(today, days);
      if (calendar.sessionOn(day) !== null) return day;
    }
  } catch {
    // Serves entries: market-hours lets none of them through on a closed day either.
  }
  return tomorrow;
}
