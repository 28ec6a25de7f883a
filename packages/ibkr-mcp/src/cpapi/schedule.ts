import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import type { Clock } from "trading-core/ports/clock";
import type { MarketSchedule, MarketSession } from "trading-core/ports/market-data";
import type { GatewayClient } from "./client.ts";
import { asArray, asNumber, asRecord } from "./loose.ts";
import { checkConid } from "./path.ts";
import { type Remembered, remembered } from "./remembered.ts";

/** SPY: it trades whenever US stocks do, so its schedule stands for the market's. */
const WHOLE_MARKET = "756733";
const KEPT_MS = 30 * 60_000;
const MOST_KEPT = 200;
const HOUR_MS = 60 * 60_000;

/**
 * The regular sessions of `/contract/trading-schedule`; null when the answer is of another shape or names
 * no day at all. A day that it does not name is a day on which the market is closed.
 */
export function readSchedule(body: unknown): MarketSchedule | null {
  const days = asRecord(asRecord(body)?.schedules);
  if (!days || Object.keys(days).length === 0) return null;
  const sessions: MarketSession[] = [];
  for (const [day, hours] of Object.entries(days)) {
    const match = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
    const liquid = asArray(asRecord(hours)?.liquid_hours ?? []);
    if (!match || !liquid) return null;
    for (const period of liquid) {
      const opening = asNumber(asRecord(period)?.opening);
      const closing = asNumber(asRecord(period)?.closing);
      if (opening === null || closing === null || closing <= opening) return null;
      sessions.push({
        date: `${match[1]}-${match[2]}-${match[3]}`,
        opens: opening * 1000,
        closes: closing * 1000,
      });
    }
  }
  sessions.sort((a, b) => a.opens - b.opens);
  return { sessions, alwaysOpen: isRoundTheClock(sessions) };
}

/** Each session goes on where the one before ended, over the five days of a week at least. */
function isRoundTheClock(sessions: MarketSession[]): boolean {
  const first = sessions[0];
  const last = sessions.at(-1);
  if (!first || !last || last.closes - first.opens < 5 * 24 * HOUR_MS) return false;
  return sessions.every((session, index) => {
    const before = sessions[index - 1];
    return before === undefined || session.opens - before.closes <= HOUR_MS / 30;
  });
}

/** Schedules by instrument, kept for half an hour; a failure is silence, and the calendar decides. */
export function createSchedules({ client, clock }: { client: GatewayClient; clock: Clock }) {
  const known = new Map<string, Remembered<MarketSchedule | null>>();

  async function fetchSchedule(conid: string): Promise<MarketSchedule | null> {
    return readSchedule(
      await client.read({ method: "GET", path: "/contract/trading-schedule", query: { conid } }),
    );
  }

  return {
    async schedule(instrument: Instrument | null): Promise<MarketSchedule | null> {
      const conid = instrument === null ? WHOLE_MARKET : checkConid(instrument.id);
      let entry = known.get(conid);
      if (!entry) {
        entry = remembered(clock, KEPT_MS, () => fetchSchedule(conid));
        if (known.size >= MOST_KEPT) known.clear();
        known.set(conid, entry);
      }
      try {
        return await entry.get();
      } catch (error) {
        if (error instanceof TradingError) return null;
        throw error;
      }
    },
  };
}
