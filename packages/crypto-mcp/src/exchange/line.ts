import type { Clock } from "trading-core/ports/clock";

/**
 * One signed request at a time, where an exchange refuses those that overtake each other. A write does not
 * wait long for a read that hangs: overtaking it costs the read, which is asked again.
 */
export interface Line {
  alone<T>(work: () => Promise<T>, patienceMs: number): Promise<T>;
}

export function createLine(clock: Clock): Line {
  let last: Promise<unknown> = Promise.resolve();

  return {
    async alone(work, patienceMs) {
      const before = last;
      const done = new AbortController();
      const mine = (async () => {
        await Promise.race([before, clock.sleep(patienceMs, done.signal)]);
        done.abort();
        return await work();
      })();
      // Whoever comes next waits for this one whatever becomes of it.
      last = mine.catch(() => {});
      return await mine;
    },
  };
}

/** For exchanges that take signed requests in any order. */
export const OPEN_LINE: Line = { alone: (work) => work() };
