import type { Clock } from "trading-core/ports/clock";
import type { SessionState } from "trading-core/ports/session";
import { startVenue, type TestVenue } from "../cpapi/test-venue.ts";
import { createWatch, type Watch, type WatchOptions } from "./watch.ts";

/** Simulated time that moves in one step, however far: days must not cost a test a tick for each second. */
export interface CoarseClock extends Clock {
  kind: "manual";
  onTick(listener: () => void): () => void;
  advance(milliseconds: number): void;
  set(instant: Date | number | string): void;
  stop(): void;
  /** Something that happens when this time has come, while somebody sleeps. */
  at(instant: string, event: () => void): void;
}

/** Sleeping takes no time: it moves the clock on, past one planned event after the other. For tests only. */
export function coarseClock(start: string): CoarseClock {
  let time = Date.parse(start);
  const listeners = new Set<() => void>();
  let plan: { at: number; event: () => void }[] = [];
  const clock: CoarseClock = {
    kind: "manual",
    now: () => time,
    monotonic: () => time,
    onTick(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advance(milliseconds) {
      const end = time + milliseconds;
      while (plan[0] !== undefined && plan[0].at <= end) {
        const next = plan[0];
        plan = plan.slice(1);
        time = Math.max(time, next.at);
        next.event();
      }
      time = Math.max(time, end);
      for (const listener of listeners) listener();
    },
    set: (instant) => clock.advance(new Date(instant).getTime() - time),
    stop: () => {},
    async sleep(milliseconds, signal) {
      if (signal?.aborted) return;
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal?.aborted) clock.advance(milliseconds);
    },
    at(instant, event) {
      plan = [...plan, { at: Date.parse(instant), event }].sort((a, b) => a.at - b.at);
    },
  };
  return clock;
}

/** A watch on a simulated gateway, and what it told. */
export interface Watched {
  watch: Watch;
  /** States in the order in which they were told. */
  states: SessionState[];
  alerts: string[];
  warnings: string[];
}

export async function startWatched(start: string): Promise<{
  venue: TestVenue;
  clock: CoarseClock;
  /** One more process's watch on the same gateway. */
  watch: (options?: Partial<WatchOptions["settings"]> & { once?: boolean }) => Watched;
}> {
  const clock = coarseClock(start);
  const venue = await startVenue({ clock });
  return {
    venue,
    clock,
    watch({ once = false, ...settings } = {}) {
      const cpapi = venue.connect({ clock, compete: settings.IBKR_COMPETE ?? false });
      const told: Omit<Watched, "watch"> = { states: [], alerts: [], warnings: [] };
      const watch = createWatch({
        cpapi,
        settings: {
          TICKLE_INTERVAL_SECONDS: 60,
          REAUTH_WEBHOOK_URL: null,
          IBKR_COMPETE: false,
          IBKR_TRADING_MODE: "paper",
          ...settings,
        },
        clock,
        once,
        random: () => 0.5,
        changed: (state) => told.states.push(state),
        alert: (text) => told.alerts.push(text),
        warn: (text) => told.warnings.push(text),
      });
      return { watch, ...told };
    },
  };
}
