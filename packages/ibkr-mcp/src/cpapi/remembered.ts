import type { Clock } from "trading-core/ports/clock";

/** A value that is read once for all who ask at the same time, and kept for a while. */
export interface Remembered<T> {
  get(): Promise<T>;
  /** The next `get` reads anew. A read under way no longer counts. */
  forget: () => void;
}

/** Failures are not kept. Age is measured by the monotonic clock. */
export function remembered<T>(clock: Clock, maxAgeMs: number, readIt: () => Promise<T>): Remembered<T> {
  let kept: { value: T; at: number } | null = null;
  let running: Promise<T> | null = null;
  let generation = 0;

  return {
    get() {
      if (kept && clock.monotonic() - kept.at <= maxAgeMs) return Promise.resolve(kept.value);
      if (running) return running;
      const mine = generation;
      const at = clock.monotonic();
      const reading = readIt().then(
        (value) => {
          if (mine === generation) {
            kept = { value, at };
            running = null;
          }
          return value;
        },
        (error: unknown) => {
          if (mine === generation) running = null;
          throw error;
        },
      );
      running = reading;
      return reading;
    },
    forget() {
      generation += 1;
      kept = null;
      running = null;
    },
  };
}
