import { loadNyseCalendar } from "../calendar/nyse.ts";
import { messageOf } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import type { MarketData, MarketSchedule } from "../ports/market-data.ts";
import type { MarketHours } from "./facts.ts";
import type { Policy } from "./policy.ts";

/** Whether the market is open: the venue's own schedule first, the calendar where it is silent. */
export async function marketHoursAt(
  now: number,
  instrument: Instrument | null,
  marketData: MarketData,
  policy: Policy,
): Promise<MarketHours> {
  let schedule: MarketSchedule | null = null;
  try {
    schedule = await marketData.schedule(instrument);
  } catch {
    // Serves both: the calendar knows the regular hours, and knows them closed where they are.
  }
  if (schedule !== null) return fromSchedule(schedule, now);
  if (policy.calendar === "always_open")
    return { kind: "open", source: "this market never closes", closes: null };
  try {
    return await fromCalendar(now);
  } catch (error) {
    // Serves entries: without hours there is no entry; exits are let through by the rule.
    return { kind: "unknown", reason: messageOf(error) };
  }
}

function fromSchedule(schedule: MarketSchedule, now: number): MarketHours {
  const source = "the venue's schedule";
  if (schedule.alwaysOpen) return { kind: "open", source: `${source}: around the clock`, closes: null };
  const current = schedule.sessions.find((session) => session.opens <= now && now < session.closes);
  if (current) return { kind: "open", source, closes: iso(current.closes) };
  const next = schedule.sessions.find((session) => session.opens > now);
  return {
    kind: "closed",
    source,
    reason: "outside the regular session",
    opens: next ? iso(next.opens) : null,
  };
}

async function fromCalendar(now: number): Promise<MarketHours> {
  const source = "the NYSE calendar";
  const calendar = await loadNyseCalendar();
  const at = new Date(now);
  const session = calendar.currentSession(at);
  if (session) return { kind: "open", source, closes: session.closes.toISOString() };
  const next = calendar.nextSession(at);
  return {
    kind: "closed",
    source,
    reason: "outside the regular session",
    opens: next.opens.toISOString(),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
