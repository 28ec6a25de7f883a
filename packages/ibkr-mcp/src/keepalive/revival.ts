import type { SessionState } from "trading-core/ports/session";

/**
 * When the keep-alive, which nobody watches, may open the brokerage session again: at once the first time, then
 * after pauses that double from a minute to half an hour, until the session has been up for half an hour. So a
 * login that IBKR refuses is not hammered, and two programs that take the session from each other do not do so
 * every minute. A call by the agent does not wait for this.
 */
export interface Revival {
  /** Whether this is a state out of which software may open the session. */
  concerns(state: SessionState): boolean;
  /** Whether to try now. A "yes" counts as a try. */
  due(now: number): boolean;
  /** What became of the session at each look. */
  saw(state: SessionState, now: number): void;
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
const STEADY_MS = 30 * 60_000;

/**
 * @param compete whether the operator lets a revival end the user's other session; without it one that another
 *   platform holds is not tried
 */
export function createRevival(compete: boolean): Revival {
  const revivable = new Set(["no_brokerage_session", "idle", "bridging", ...(compete ? ["competing"] : [])]);
  let tries = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  let upSince: number | null = null;
  return {
    concerns: ({ state }) => revivable.has(state),
    due(now) {
      if (now < nextAt) return false;
      nextAt = now + Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
      tries += 1;
      return true;
    },
    saw({ ready }, now) {
      if (!ready) upSince = null;
      else upSince ??= now;
      if (upSince === null || now - upSince < STEADY_MS) return;
      tries = 0;
      nextAt = Number.NEGATIVE_INFINITY;
    },
  };
}
