import { TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";

/** Waits for work until one moment that all of it shares, and no longer. */
export interface TimeBound {
  /** The work's own result; throws `timeout` when the moment comes first. The work itself is not ended. */
  within<T>(work: Promise<T>): Promise<T>;
}

/**
 * @param milliseconds from now, by the monotonic clock
 * @param nextStep what a person does when the moment came first
 */
export function timeBound(clock: Clock, milliseconds: number, nextStep: string): TimeBound {
  const end = clock.monotonic() + milliseconds;
  return {
    async within(work) {
      const done = new AbortController();
      const late = clock.sleep(Math.max(0, end - clock.monotonic()), done.signal).then(() => {
        throw tooSlow(milliseconds, nextStep);
      });
      try {
        return await Promise.race([work, late]);
      } finally {
        done.abort();
      }
    },
  };
}

function tooSlow(milliseconds: number, nextStep: string): TradingError {
  return new TradingError(
    "timeout",
    `There was no answer within the ${milliseconds / 1000} s that all checks have together.`,
    nextStep,
    { retryable: true },
  );
}
