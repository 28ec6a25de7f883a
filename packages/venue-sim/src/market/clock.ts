/** The simulator's only source of time: lags, sessions, pacing and matching all read it. */
export interface Clock {
  readonly kind: "manual" | "real";
  /** Epoch milliseconds. */
  now(): number;
  /** Calls the listener on every tick; the answer unsubscribes it. */
  onTick(listener: () => void): () => void;
  /** Moves time forward, ticking on the way so that what should happen in between does. */
  advance(milliseconds: number): void;
  /** Jumps to an instant: forward like `advance`, backward without any tick. */
  set(instant: Date | number | string): void;
  /** Ends the real clock's timer. */
  stop(): void;
}

export type ManualClock = Clock & { readonly kind: "manual" };
export type RealClock = Clock & { readonly kind: "real" };

/** A Wednesday, 10:30 in New York: inside the session under every calendar. */
export const DEFAULT_START = "2026-11-18T15:30:00.000Z";

const SMALLEST_STEP = 1_000;
const MOST_STEPS = 2_000;

function stepsOver(milliseconds: number): number {
  return Math.max(SMALLEST_STEP, Math.ceil(milliseconds / MOST_STEPS));
}

function createListeners() {
  const listeners = new Set<() => void>();
  return {
    tick: () => {
      for (const listener of listeners) listener();
    },
    add: (listener: () => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** A clock that stands still until a test turns it. */
export function createManualClock(start: Date | number | string = DEFAULT_START): ManualClock {
  let time = new Date(start).getTime();
  const listeners = createListeners();
  const advance = (milliseconds: number) => {
    const end = time + milliseconds;
    const step = stepsOver(milliseconds);
    do {
      time = Math.min(end, time + step);
      listeners.tick();
    } while (time < end);
  };
  return {
    kind: "manual",
    now: () => time,
    onTick: listeners.add,
    advance,
    set: (instant) => {
      const target = new Date(instant).getTime();
      if (target > time) advance(target - time);
      else time = target;
    },
    stop: () => {},
  };
}

/** Wall-clock time plus an offset, so that a running process can be moved forward as well. */
export function createRealClock(tickEvery = 100): RealClock {
  let offset = 0;
  const listeners = createListeners();
  const timer = setInterval(listeners.tick, tickEvery);
  timer.unref();
  const now = () => Date.now() + offset;
  const advance = (milliseconds: number) => {
    const step = stepsOver(milliseconds);
    for (let left = milliseconds; left > 0; left -= step) {
      offset += Math.min(step, left);
      listeners.tick();
    }
  };
  return {
    kind: "real",
    now,
    onTick: listeners.add,
    advance,
    set: (instant) => {
      const difference = new Date(instant).getTime() - now();
      if (difference > 0) advance(difference);
      else offset += difference;
    },
    stop: () => clearInterval(timer),
  };
}
