import { messageOf, TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";
import type { SessionState } from "trading-core/ports/session";
import type { Cpapi } from "../cpapi/create-cpapi.ts";
import { stateOfFailure } from "../cpapi/session-state.ts";
import { createRevival } from "./revival.ts";

export interface KeepAliveOptions {
  session: Pick<Cpapi["session"], "tickle" | "ensureReady" | "status">;
  clock: Clock;
  /** Between two tickles, whichever process of this machine makes them. IBKR's patience is six minutes. */
  intervalMs: number;
  compete: boolean;
  /** From 0 to below 1; spreads the processes of a machine. */
  random: () => number;
  /** What each look found; a look that another process made in this one's place finds nothing. */
  seen: (state: SessionState) => void;
  /** What went wrong in the keep-alive itself. */
  warn: (message: string) => void;
}

export interface KeepAlive {
  /** Looks once, now, and makes what the look asks for; null where another process looked a moment ago. */
  beat(): Promise<SessionState | null>;
  /** Beats until stopped, the first time after a pause. Never throws. */
  run(): Promise<void>;
  /** Ends the pause and the request that is under way. */
  stop(): void;
}

/** After a failure the next look comes sooner: one lost request must not use up half of IBKR's patience. */
const SOON_MS = 15_000;
/** A beat of another process counts for so much of the interval. */
const SHARED = 0.8;

/**
 * Keeps one gateway's session alive, and opens the brokerage session again where software may. It sends what
 * any request sends, through the machine's shared budget, and nothing while IBKR has locked the machine out.
 */
export function createKeepAlive(options: KeepAliveOptions): KeepAlive {
  const { session, clock, intervalMs, compete, random, warn } = options;
  const stopped = new AbortController();
  const revival = createRevival(compete);
  let failures = 0;
  /** What the last try to open the session met. It says more than the status does: maintenance, for one. */
  let met: SessionState | null = null;

  async function look(spacingMs: number): Promise<SessionState | null> {
    const state = await session.tickle(spacingMs, stopped.signal);
    if (state === null || stopped.signal.aborted) return null;
    if (!revival.concerns(state)) {
      met = null;
      return state;
    }
    if (!revival.due(clock.now())) return met ?? state;
    try {
      await session.ensureReady();
      met = null;
      return await session.status();
    } catch (error) {
      if (!(error instanceof TradingError)) throw error;
      // Serves neither: what stands in the way is told, and tried again later.
      met = stateOfFailure(error, null);
      return met;
    }
  }

  async function beat(): Promise<SessionState | null> {
    // The one who met a failure looks again before the others' turn.
    const state = await look(failures > 0 ? SOON_MS * SHARED : intervalMs * SHARED);
    if (stopped.signal.aborted || state === null) return null;
    failures = state.ready ? 0 : failures + 1;
    revival.saw(state, clock.now());
    options.seen(state);
    return state;
  }

  /** Never more than one interval, so that a clock that jumps or a laptop that wakes is noticed by then. */
  function pause(): number {
    const milliseconds = failures === 1 ? Math.min(SOON_MS, intervalMs) : intervalMs;
    return milliseconds * (0.85 + 0.15 * random());
  }

  return {
    beat,
    async run() {
      for (;;) {
        await clock.sleep(pause(), stopped.signal);
        if (stopped.signal.aborted) return;
        try {
          await beat();
        } catch (error) {
          // Serves neither: a keep-alive that ended at its first surprise would let the session end as well.
          warn(messageOf(error));
        }
      }
    },
    stop: () => stopped.abort(),
  };
}
