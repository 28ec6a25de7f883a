import type { Exchange } from "../exchange/exchange.ts";
import { refuse } from "./errors.ts";

/** A counter of calls that falls with time. */
export interface CallCounter {
  count(cost: number): void;
  reset(): void;
}

const MOST = 20;

export function createCallCounter(exchange: Exchange): CallCounter {
  let level = 0;
  let at = exchange.clock.now();
  return {
    count: (cost) => {
      if (!exchange.settings.pacing) return;
      const now = exchange.clock.now();
      const perMillisecond = exchange.settings.weightPerMinute / 60_000;
      level = Math.max(0, level - Math.max(0, now - at) * perMillisecond);
      at = now;
      if (level + cost > MOST) refuse("EAPI:Rate limit exceeded");
      level += cost;
    },
    reset: () => {
      level = 0;
    },
  };
}
