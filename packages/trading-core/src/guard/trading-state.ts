import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../domain/errors.ts";
import { lockFile } from "../journal/file-lock.ts";
import type { Clock } from "../ports/clock.ts";
import type { TradingState } from "./facts.ts";

/**
 * The operator's stop switch (S30): a small file for each venue, outside of any account's journal, read
 * under every lock. No file is ACTIVE; one that cannot be read is REDUCING.
 */
export interface StateFile {
  read(): { state: TradingState; reason: string };
  /** Changes when the file changes; compared between a decision and its dispatch. */
  fingerprint(): string;
  write(state: TradingState, reason: string, at: Date): void;
  /**
   * Moves the switch towards HALTED, never back, whoever else moves it at the same moment. A file that
   * cannot be written still stops this process: `error` says so.
   */
  tighten(
    state: "REDUCING" | "HALTED",
    reason: string,
    clock: Clock,
  ): Promise<Move & { error: string | null }>;
  /**
   * Moves the switch to ACTIVE if it still is as the operator saw it, by `fingerprint`; `moved` is false
   * when somebody tightened it meanwhile, or holds its lock. Throws when the file cannot be written.
   */
  loosen(seen: string, reason: string, clock: Clock): Promise<Move>;
}

export interface Move {
  before: TradingState;
  state: TradingState;
  /** False when the switch was left as it stood. */
  moved: boolean;
}

const STATES: ReadonlySet<string> = new Set(["ACTIVE", "REDUCING", "HALTED"]);
const TIGHTNESS: Record<TradingState, number> = { ACTIVE: 0, REDUCING: 1, HALTED: 2 };
/** The lock is held for one small write; whoever holds it longer is suspended. */
const LOCK_WAIT_MS = 2_000;

export function tradingStateFile(stateDir: string, venue: string): StateFile {
  const path = join(stateDir, `${venue}.trading-state.json`);
  // What this process was told and could not write: it holds here until the process ends.
  let unwritten: { state: TradingState; reason: string } | null = null;
  const file: StateFile = {
    read() {
      const onDisk = readFile();
      return unwritten !== null && isTighter(unwritten.state, onDisk.state) ? unwritten : onDisk;
    },
    fingerprint() {
      const held = unwritten === null ? "" : `${unwritten.state}:`;
      try {
        const seen = statSync(path);
        return `${held}${seen.ino}:${seen.size}:${seen.mtimeMs}`;
      } catch {
        // No file, or none that can be seen: the same word both times, and `read` judges it.
        return `${held}none`;
      }
    },
    write(state, reason, at) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const fresh = `${path}.${process.pid}.new`;
      const fd = openSync(fresh, "w", 0o600);
      try {
        writeSync(fd, `${JSON.stringify({ state, reason, since: at.toISOString() })}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(fresh, path);
      syncFolder(dirname(path));
    },
    async tighten(wanted, reason, clock) {
      const lock = await lockFor(clock).catch(() => null);
      // Serves both: a lock that is not to be had must not keep trading going, and the write that it
      // would have kept apart can only be another step towards HALTED, or an operator who looks.
      try {
        const before = file.read().state;
        if (!isTighter(wanted, before)) return { before, state: before, moved: false, error: null };
        try {
          file.write(wanted, reason, new Date(clock.now()));
          unwritten = null;
          return { before, state: wanted, moved: true, error: null };
        } catch (error) {
          unwritten = { state: wanted, reason };
          return { before, state: wanted, moved: true, error: messageOf(error) };
        }
      } finally {
        lock?.release();
      }
    },
    async loosen(seen, reason, clock) {
      const lock = await lockFor(clock);
      const before = file.read().state;
      try {
        if (lock === null || file.fingerprint() !== seen) return { before, state: before, moved: false };
        file.write("ACTIVE", reason, new Date(clock.now()));
        return { before, state: "ACTIVE", moved: true };
      } finally {
        lock?.release();
      }
    },
  };
  return file;

  function lockFor(clock: Clock) {
    return lockFile(`${path}.lock`, { clock, timeoutMs: LOCK_WAIT_MS });
  }

  function readFile(): { state: TradingState; reason: string } {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        return { state: "ACTIVE", reason: "never halted" };
      // Serves entries: exits go on in REDUCING.
      return { state: "REDUCING", reason: `the trading state cannot be read: ${messageOf(error)}` };
    }
    try {
      const value = JSON.parse(text) as { state?: unknown; reason?: unknown; since?: unknown };
      if (typeof value.state === "string" && STATES.has(value.state)) {
        const reason = typeof value.reason === "string" ? value.reason : "no reason given";
        const since = typeof value.since === "string" ? value.since : "an unknown time";
        return { state: value.state as TradingState, reason: `${reason} (since ${since})` };
      }
    } catch {
      // Serves entries, as above: falls through to REDUCING.
    }
    return { state: "REDUCING", reason: `${path} does not hold a trading state` };
  }
}

function isTighter(one: TradingState, other: TradingState): boolean {
  return TIGHTNESS[one] > TIGHTNESS[other];
}

/** Without it a halt could be undone by a loss of power. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Serves neither: some systems do not open folders; the rename itself was done.
  }
}
