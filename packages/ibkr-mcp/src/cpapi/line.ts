import { join } from "node:path";
import { TradingError } from "trading-core/domain/errors";
import { type FileLock, tryLockFile } from "trading-core/journal/file-lock";
import type { Clock } from "trading-core/ports/clock";
import { rateLimited } from "./failures.ts";
import type { Admission, AlreadyDone } from "./pacing.ts";

/**
 * The line to one gateway, shared by all processes of this machine. Whoever starts a request passes the
 * entrance, one at a time. An order conversation keeps the entrance from its first byte to its last
 * reply, so that nothing else is sent meanwhile; every lock is the kernel's, so a killed holder frees it.
 */
export interface Line {
  /** Waits for a place for one ordinary request, at most 12 s (`busy`) and 6 s of pacing (`rate_limited`). */
  enter(take: () => Admission): Promise<FileLock>;
  /** The same; null where `take` says that another process has done it. */
  enterUnlessDone(take: () => Admission | AlreadyDone): Promise<FileLock | null>;
  /** Waits for the line alone; exits come before entries. Throws `busy` when that takes too long. */
  converse(isExit: boolean): Promise<HeldLine>;
}

export interface HeldLine {
  release(): void;
  /** An exit is waiting for this line now. */
  exitWaits: () => boolean;
  /** Milliseconds until the line is given back, whatever the conversation does. */
  left: () => number;
}

/** The bytes of the lock file. */
const IN_FLIGHT = 0;
const EXIT_WAITS = 1;
const ENTRANCE = 2;

const ORDINARY_WAIT_MS = 12_000;
const PACING_WAIT_MS = 6_000;
const ENTRY_WAIT_MS = 5_000;
const EXIT_WAIT_MS = 15_000;
/** How long a conversation waits for requests that are under way; see `converse`. */
const DRAIN_MS = 3_000;
export const CONVERSATION_MS = 10_000;

interface Options {
  folder: string;
  clock: Clock;
  warn: (fields: Record<string, unknown>, message: string) => void;
}

export function createLine({ folder, clock, warn }: Options): Line {
  const path = join(folder, "line.lock");
  const local = localLocks();

  /** The kernel's lock; where the file cannot be opened, this process's own, for everything but entries. */
  function tryLock(byte: number, shared: boolean, required = false): FileLock | null {
    try {
      return tryLockFile(path, { byte, shared });
    } catch (error) {
      if (required) {
        throw new TradingError(
          "state_folder_unusable",
          `The lock that keeps orders apart cannot be taken: ${String(error)}.`,
          "Make the folder in TRADING_STATE_DIR writable; reads and exits go on meanwhile.",
        );
      }
      warn(
        { path, error: String(error) },
        "the line's lock file cannot be opened; other processes are unseen",
      );
      return local(byte, shared);
    }
  }

  async function lock(byte: number, shared: boolean, until: number, required = false) {
    for (let pause = 1; ; pause = Math.min(pause * 2, 16)) {
      const held = tryLock(byte, shared, required);
      if (held) return held;
      if (clock.monotonic() >= until) return null;
      await clock.sleep(pause);
    }
  }

  function exitWaits(): boolean {
    const probe = tryLock(EXIT_WAITS, false);
    probe?.release();
    return probe === null;
  }

  async function enterUnlessDone(take: () => Admission | AlreadyDone): Promise<FileLock | null> {
    const until = clock.monotonic() + ORDINARY_WAIT_MS;
    let paced = 0;
    for (;;) {
      const entrance = await lock(ENTRANCE, false, until);
      if (!entrance) throw busy();
      let admission: Admission | AlreadyDone;
      try {
        const place = tryLock(IN_FLIGHT, true);
        admission = place ? take() : { kind: "wait", milliseconds: 5 };
        if (place && admission.kind === "go") return place;
        place?.release();
      } finally {
        entrance.release();
      }
      if (admission.kind === "boxed") throw rateLimited(admission.until);
      if (admission.kind === "done") return null;
      if (admission.kind === "wait") {
        paced += admission.milliseconds;
        if (paced > PACING_WAIT_MS || clock.monotonic() >= until) throw tooSoon(admission.milliseconds);
        await clock.sleep(admission.milliseconds);
      }
    }
  }

  async function enter(take: () => Admission): Promise<FileLock> {
    const place = await enterUnlessDone(take);
    if (place === null) throw busy();
    return place;
  }

  /** The entrance for a conversation: an entry steps back as long as an exit waits. */
  async function entrance(isExit: boolean): Promise<FileLock> {
    const until = clock.monotonic() + (isExit ? EXIT_WAIT_MS : ENTRY_WAIT_MS);
    const announced = isExit ? await lock(EXIT_WAITS, true, until) : null;
    try {
      while (clock.monotonic() < until) {
        const held = await lock(ENTRANCE, false, until, !isExit);
        if (!held) break;
        if (isExit || !exitWaits()) return held;
        held.release();
        await clock.sleep(10);
      }
      throw busy();
    } finally {
      announced?.release();
    }
  }

  /**
   * Nothing new starts while the entrance is held. Requests under way get a few seconds to end. After
   * that an entry gives up, and an exit goes on: what is still unanswered then was sent long ago, so it
   * cannot come between a question and its reply.
   */
  async function converse(isExit: boolean): Promise<HeldLine> {
    const held = await entrance(isExit);
    const alone = await lock(IN_FLIGHT, false, clock.monotonic() + DRAIN_MS);
    if (!alone && !isExit) {
      held.release();
      throw busy();
    }
    const ends = clock.monotonic() + CONVERSATION_MS;
    const released = new AbortController();
    const release = () => {
      alone?.release();
      held.release();
      released.abort();
    };
    void clock.sleep(CONVERSATION_MS, released.signal).then(release);
    return { release, exitWaits, left: () => Math.max(0, ends - clock.monotonic()) };
  }

  return { enter, enterUnlessDone, converse };
}

export function busy(): TradingError {
  return new TradingError(
    "busy",
    "Other requests of this machine occupy the gateway; an order may be waiting for an answer.",
    "Call again in a few seconds.",
    { retryable: true },
  );
}

function tooSoon(milliseconds: number): TradingError {
  const seconds = Math.ceil(milliseconds / 1000);
  return new TradingError(
    "rate_limited",
    `IBKR's limit for this request is used up for another ${seconds} s by the servers on this machine.`,
    `Call again in ${seconds} s.`,
    { retryable: true, details: { retry_after_ms: milliseconds } },
  );
}

/** The same locks within this process alone. */
function localLocks(): (byte: number, shared: boolean) => FileLock | null {
  const holders = new Map<number, { shared: boolean; count: number }>();
  return (byte, shared) => {
    const current = holders.get(byte);
    if (current && !(current.shared && shared)) return null;
    const entry = current ?? { shared, count: 0 };
    entry.count += 1;
    holders.set(byte, entry);
    let held = true;
    return {
      release() {
        if (!held) return;
        held = false;
        entry.count -= 1;
        if (entry.count === 0) holders.delete(byte);
      },
    };
  };
}
