import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "trading-core/ports/clock";
import { asNumber, asRecord } from "./loose.ts";

/**
 * When a browser login was last seen at this gateway, by whichever process, and when it was first missed. It
 * is all that tells a login that IBKR ended at its midnight from one that nobody made.
 */
export interface LoginMemory {
  /** A request was answered as for somebody who is logged in. */
  seen(): void;
  /** A request was refused for want of a login. */
  missed(): void;
  /** The login that is missing was last seen within the hours before one of IBKR's midnights. */
  endedAtMidnight(): boolean;
}

interface Memory {
  /** Epoch milliseconds. */
  seenAt: number;
  missedAt: number | null;
}

/** IBKR resets a login at midnight of its server's region, which no answer names. */
const REGIONS = ["America/New_York", "Europe/Zurich", "Asia/Hong_Kong"];
/** Often enough to say which night it was, and seldom enough for a disk. */
const SAVE_EVERY_MS = 60_000;
/** With more between the last sight and the first miss, a midnight would explain nothing. */
const LONGEST_GAP_MS = 3 * 60 * 60_000;

export function createLoginMemory(folder: string, clock: Pick<Clock, "now">): LoginMemory {
  const path = join(folder, "login.json");
  let saved: Memory | null = null;

  function save(memory: Memory): void {
    saved = memory;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const temporary = `${path}.${process.pid}.tmp`;
      writeFileSync(temporary, JSON.stringify(memory), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      // Serves neither: only the words for a missing login become less precise.
    }
  }

  return {
    seen() {
      const now = clock.now();
      if (saved !== null && saved.missedAt === null && Math.abs(now - saved.seenAt) < SAVE_EVERY_MS) return;
      save({ seenAt: now, missedAt: null });
    },
    missed() {
      const memory = read(path) ?? saved;
      if (memory !== null && memory.missedAt === null) save({ ...memory, missedAt: clock.now() });
    },
    endedAtMidnight() {
      const memory = read(path) ?? saved;
      if (memory === null || memory.missedAt === null) return false;
      const { seenAt, missedAt } = memory;
      if (missedAt < seenAt || missedAt - seenAt > LONGEST_GAP_MS) return false;
      return REGIONS.some((zone) => dateIn(zone, seenAt) !== dateIn(zone, missedAt));
    },
  };
}

function dateIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at);
}

function read(path: string): Memory | null {
  try {
    const record = asRecord(JSON.parse(readFileSync(path, "utf8")));
    const seenAt = asNumber(record?.seenAt);
    return seenAt === null ? null : { seenAt, missedAt: asNumber(record?.missedAt) };
  } catch {
    // Serves neither: nothing is known of an earlier login.
    return null;
  }
}
