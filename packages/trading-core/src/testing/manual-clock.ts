import type { Clock } from "../ports/clock.ts";

export interface ManualClock extends Clock {
  /** Lets time pass by both clocks. */
  advance(milliseconds: number): void;
  /** Sets the wall clock only, as an operator or a time server does. */
  jump(milliseconds: number): void;
}

/** A clock that a test turns. Sleeping takes no time: it turns the clock on by what it was asked for. */
export function manualClock(start: string): ManualClock {
  let wall = Date.parse(start);
  let forward = 1_000;
  const clock: ManualClock = {
    now: () => wall,
    monotonic: () => forward,
    async sleep(milliseconds, signal) {
      if (signal?.aborted) return;
      clock.advance(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    },
    advance(milliseconds) {
      wall += milliseconds;
      forward += milliseconds;
    },
    jump(milliseconds) {
      wall += milliseconds;
    },
  };
  return clock;
}
