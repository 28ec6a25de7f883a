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
}

const STATES: ReadonlySet<string> = new Set(["ACTIVE", "REDUCING", "HALTED"]);

export function tradingStateFile(stateDir: string, venue: string): StateFile {
  const path = join(stateDir, `${venue}.trading-state.json`);
  return {
    read() {
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
    },
    fingerprint() {
      try {
        const seen = statSync(path);
        return `${seen.ino}:${seen.size}:${seen.mtimeMs}`;
      } catch {
        // No file, or none that can be seen: the same word both times, and `read` judges it.
        return "none";
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
  };
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
