import type { Clock } from "../market/clock.ts";

interface Window {
  /** Endpoint without the base, or null for all of them. */
  matches: (method: string, path: string) => boolean;
  limit: number;
  per: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const exactly = (path: string) => (_method: string, actual: string) => actual === path;
const below = (prefix: string) => (_method: string, actual: string) => actual.startsWith(prefix);

const WINDOWS: Window[] = [
  { matches: () => true, limit: 10, per: SECOND },
  { matches: exactly("iserver/marketdata/snapshot"), limit: 10, per: SECOND },
  { matches: exactly("iserver/marketdata/history"), limit: 10, per: SECOND },
  { matches: exactly("iserver/marketdata/history"), limit: 50, per: MINUTE },
  { matches: exactly("iserver/scanner/params"), limit: 1, per: 15 * MINUTE },
  { matches: exactly("iserver/scanner/run"), limit: 1, per: SECOND },
  { matches: exactly("iserver/account/orders"), limit: 1, per: 5 * SECOND },
  { matches: exactly("iserver/account/trades"), limit: 1, per: 5 * SECOND },
  { matches: exactly("iserver/account/pnl/partitioned"), limit: 1, per: 5 * SECOND },
  { matches: exactly("portfolio/accounts"), limit: 1, per: 5 * SECOND },
  { matches: exactly("portfolio/subaccounts"), limit: 1, per: 5 * SECOND },
  { matches: exactly("pa/performance"), limit: 1, per: 15 * MINUTE },
  { matches: exactly("pa/allperiods"), limit: 1, per: 15 * MINUTE },
  { matches: exactly("pa/summary"), limit: 1, per: 15 * MINUTE },
  { matches: exactly("pa/transactions"), limit: 1, per: 15 * MINUTE },
  { matches: below("fyi/"), limit: 1, per: SECOND },
  { matches: exactly("tickle"), limit: 1, per: SECOND },
  { matches: exactly("sso/validate"), limit: 1, per: MINUTE },
];

/** Two ends of a loopback connection do not agree to the millisecond on when a request happened. */
const TOLERANCE = 20;

export interface Pacing {
  /** Counts a request; true when it must be answered 429. */
  refuses(method: string, path: string): boolean;
  /** Shuts the client in, as too many requests would. */
  box(): void;
  /** When the penalty ends; null when there is none. */
  boxedUntil(): number | null;
  reset(): void;
}

/** Requests per address: everything on this machine shares one budget and one penalty box. */
export function createPacing(
  clock: Clock,
  options: { enabled: () => boolean; penalty: () => number },
): Pacing {
  let boxedUntil = 0;
  let history = WINDOWS.map((): number[] => []);

  function box(): void {
    boxedUntil = clock.now() + options.penalty();
  }

  return {
    box,
    boxedUntil: () => (clock.now() < boxedUntil ? boxedUntil : null),
    refuses: (method, path) => {
      const now = clock.now();
      if (now < boxedUntil) return true;
      if (!options.enabled()) return false;
      let exceeded = false;
      for (const [i, window] of WINDOWS.entries()) {
        if (!window.matches(method, path)) continue;
        const recent = (history[i] ?? []).filter((at) => at > now - window.per + TOLERANCE);
        recent.push(now);
        history[i] = recent;
        if (recent.length > window.limit) exceeded = true;
      }
      if (exceeded) box();
      return exceeded;
    },
    reset: () => {
      boxedUntil = 0;
      history = WINDOWS.map(() => []);
    },
  };
}
