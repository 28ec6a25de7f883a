import { TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";

/** Keeps reads within what an exchange allows, before they are made. Orders and cancels do not pass here. */
export interface Pacing {
  /** Resolves when the read may go. Throws `busy` when that is further off than anybody should wait. */
  turn(): Promise<void>;
}

const LONGEST_WAIT_MS = 8_000;

/** So many at once, and then so many a second; in the order in which they were asked for. */
export function createPacing(limit: { burst: number; perSecond: number }, clock: Clock): Pacing {
  const spacing = 1_000 / limit.perSecond;
  // The instant at which the bucket would be full again: each turn takes one spacing of it.
  let fullAt = 0;

  return {
    async turn() {
      const now = clock.monotonic();
      const from = Math.max(fullAt, now);
      const wait = from - now - (limit.burst - 1) * spacing;
      if (wait > LONGEST_WAIT_MS) {
        throw new TradingError(
          "busy",
          "More was asked of the exchange than it allows in this time.",
          "Wait some seconds, then call again.",
          { retryable: true },
        );
      }
      fullAt = from + spacing;
      if (wait > 0) await clock.sleep(wait);
    },
  };
}
