import { loadNyseCalendar } from "../calendar/nyse.ts";
import { addDays, tradingDay, type VenueZone } from "../calendar/trading-day.ts";
import type { Desk } from "./desk.ts";

/** Whose midnight ends a day: New York's for a stock venue, UTC's for one that never closes (S26). */
export function dayZone(desk: Pick<Desk, "policy">): VenueZone {
  return desk.policy.calendar === "nyse" ? "America/New_York" : "UTC";
}

/**
 * The trading day that limits are judged on, YYYY-MM-DD at the venue. Where this machine's clock and the
 * venue's stand on two sides of midnight it is the earlier day: what it has used up is still used up.
 */
export function dayOf(desk: Pick<Desk, "policy" | "session">, now: number): string {
  const venueNow = now + (desk.session.clockSkew() ?? 0);
  return tradingDay(new Date(Math.min(now, venueNow)), dayZone(desk));
}

/**
 * Whether an instant (epoch milliseconds) counts on the trading day of `now`: on that day or after it. A
 * clock that was set back makes an earlier day the day of the decision, and must not make it forget the
 * later one that was traded on already.
 */
export function onDayOf(desk: Pick<Desk, "policy" | "session">, now: number): (at: number) => boolean {
  const day = dayOf(desk, now);
  const zone = dayZone(desk);
  return (at) => tradingDay(new Date(at), zone) >= day;
}

/** Longer than any row of weekends and holidays. */
const MOST_DAYS_CLOSED = 14;

/**
 * The next civil date at the venue, YYYY-MM-DD, on which its market opens at all; after the later day, where
 * the two clocks are on two sides of midnight.
 */
export async function nextTradingDay(desk: Pick<Desk, "policy" | "session">, now: number): Promise<string> {
  const venueNow = now + (desk.session.clockSkew() ?? 0);
  const today = tradingDay(new Date(Math.max(now, venueNow)), dayZone(desk));
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
