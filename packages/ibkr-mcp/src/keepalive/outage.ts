/** One time during which the session was not up, as far as people were told of it. */
export interface Outage {
  /** When it was first seen, epoch milliseconds. */
  since: number;
  /** The state that was seen last, and since when. */
  state: string;
  stateSince: number;
  /** States that an alert has named: one that comes and goes is not told each time. */
  told: string[];
  alerts: number;
  lastAlertAt: number | null;
}

export interface Sighting {
  ready: boolean;
  state: string;
  at: number;
  /** What people would be told of it. */
  alert: string;
  /** How long the state may last before it is told: a lost request, or a few minutes of maintenance, is no news. */
  patienceMs: number;
}

const FIRST_REPEAT_MS = 30 * 60_000;
const LONGEST_REPEAT_MS = 4 * 60 * 60_000;

/**
 * What a sighting changes, and what people are to be told now; null for nothing. An outage is told once, again
 * when it asks for something else, again after half an hour, one, two and then every four, and when it is over.
 */
export function follow(
  outage: Outage | null,
  { ready, state, at, alert, patienceMs }: Sighting,
): { outage: Outage | null; alert: string | null } {
  if (ready) {
    const wasTold = outage !== null && outage.alerts > 0;
    return { outage: null, alert: wasTold ? `${alert} It was not for ${span(at - outage.since)}.` : null };
  }
  const known = begin(outage, state, at);
  if (!isDue(known, patienceMs, at)) return { outage: known, alert: null };
  const so = known.alerts === 0 ? "" : ` The session has not been up for ${span(at - known.since)}.`;
  const told = known.told.includes(state) ? known.told : [...known.told, state];
  return {
    outage: { ...known, told, alerts: known.alerts + 1, lastAlertAt: at },
    alert: `${alert}${so}`,
  };
}

/** A clock that was set back makes nothing older than now. */
function begin(outage: Outage | null, state: string, at: number): Outage {
  if (outage === null) return { since: at, state, stateSince: at, told: [], alerts: 0, lastAlertAt: null };
  const lastAlertAt = outage.lastAlertAt === null ? null : Math.min(outage.lastAlertAt, at);
  const stateSince = outage.state === state ? Math.min(outage.stateSince, at) : at;
  return { ...outage, since: Math.min(outage.since, at), state, stateSince, lastAlertAt };
}

function isDue(outage: Outage, patienceMs: number, at: number): boolean {
  if (at - outage.stateSince < patienceMs) return false;
  if (!outage.told.includes(outage.state) || outage.lastAlertAt === null) return true;
  const pause = Math.min(FIRST_REPEAT_MS * 2 ** (outage.alerts - 1), LONGEST_REPEAT_MS);
  return at - outage.lastAlertAt >= pause;
}

function span(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return `${Math.round(minutes / 60)} h`;
}
