import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tryLockFile } from "trading-core/journal/file-lock";
import { asArray, asNumber, asRecord, asText } from "../cpapi/loose.ts";
import type { Outage } from "./outage.ts";

/**
 * The outage as all processes of this machine know it, so that two servers and a keep-alive tell it once, and a
 * job that cron starts every five minutes does not tell it every five minutes.
 */
export interface OutageFile {
  /**
   * Reads it, lets `change` make the next one of it, and writes that, under a lock. False, and nothing called,
   * while another process does the same: that one tells what there is to tell.
   */
  update(change: (outage: Outage | null) => Outage | null): boolean;
}

export function createOutageFile(folder: string): OutageFile {
  const path = join(folder, "outage.json");
  let unsaved: { outage: Outage | null } | null = null;

  function save(outage: Outage | null): void {
    try {
      if (outage === null) rmSync(path, { force: true });
      else {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const temporary = `${path}.${process.pid}.tmp`;
        writeFileSync(temporary, JSON.stringify(outage), { mode: 0o600 });
        renameSync(temporary, path);
      }
      unsaved = null;
    } catch {
      // Serves neither: this process remembers it, so that a full disk does not make it tell the same for ever.
      unsaved = { outage };
    }
  }

  return {
    update(change) {
      let lock: { release(): void } | null = null;
      try {
        lock = tryLockFile(join(folder, "outage.lock"));
        if (lock === null) return false;
      } catch {
        // Serves neither: without the lock two processes may tell the same, which is better than none.
      }
      try {
        const before = unsaved === null ? read(path) : unsaved.outage;
        const after = change(before);
        if (after !== null || before !== null) save(after);
        return true;
      } finally {
        lock?.release();
      }
    },
  };
}

function read(path: string): Outage | null {
  try {
    const record = asRecord(JSON.parse(readFileSync(path, "utf8")));
    const since = asNumber(record?.since);
    const state = asText(record?.state);
    if (!record || since === null || state === null) return null;
    return {
      since,
      state,
      stateSince: asNumber(record.stateSince) ?? since,
      told: (asArray(record.told) ?? []).filter((each) => typeof each === "string"),
      alerts: asNumber(record.alerts) ?? 0,
      lastAlertAt: asNumber(record.lastAlertAt),
    };
  } catch {
    // Serves neither: an outage that cannot be read begins now.
    return null;
  }
}
