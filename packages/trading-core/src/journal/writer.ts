import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { type FileLock, tryLockFile } from "./file-lock.ts";
import type { Writer } from "./record.ts";

/**
 * This process as a writer of journals. It holds a kernel lock on a file of its own for as long as it
 * lives, so that another process can tell a dead writer from a slow or suspended one.
 */
export function registerWriter(folder: string): { writer: Writer; release(): void } {
  const writer = thisWriter();
  const path = lockPath(folder, writer);
  const shared = holders.get(path);
  if (shared) {
    shared.users++;
  } else {
    const lock = tryLockFile(path);
    if (lock) holders.set(path, { lock, users: 1 });
    forgetDeadWriters(folder);
  }
  return {
    writer,
    release() {
      const holder = holders.get(path);
      if (!holder || --holder.users > 0) return;
      holders.delete(path);
      holder.lock.release();
    },
  };
}

/** How this process is named in records. */
export function thisWriter(): Writer {
  return { pid: process.pid, started: Math.round(performance.timeOrigin), boot: bootId() };
}

// One process may open several journals of one folder; they share its one lock.
const holders = new Map<string, { lock: FileLock; users: number }>();

/**
 * Whether the process that wrote a record still runs. A writer of an earlier boot is dead for certain,
 * but what it wrote without a sync may be lost with that boot, so it proves less.
 */
export function writerState(folder: string, writer: Writer): "alive" | "dead" | "dead_before_reboot" {
  if (writer.boot !== bootId()) return "dead_before_reboot";
  const path = lockPath(folder, writer);
  if (holders.has(path)) return "alive";
  const lock = tryLockFile(path);
  lock?.release();
  return lock === null ? "alive" : "dead";
}

/** Lock files of writers whose process is long gone: nothing that is still open can name them. */
const FORGET_MS = 8 * 24 * 60 * 60_000;

/**
 * Removes the lock files of dead writers that are older than anything is judged by. To judge a writer whose
 * file is gone makes a new one, so a file that vanishes under a judge costs nothing.
 */
function forgetDeadWriters(folder: string): void {
  try {
    const writers = join(folder, "writers");
    for (const name of readdirSync(writers)) {
      const path = join(writers, name);
      if (holders.has(path) || Date.now() - statSync(path).mtimeMs < FORGET_MS) continue;
      const lock = tryLockFile(path);
      if (!lock) continue;
      rmSync(path, { force: true });
      lock.release();
    }
  } catch {
    // Serves neither: the files are small, and the next start tries again.
  }
}

function lockPath(folder: string, writer: Writer): string {
  return join(folder, "writers", `${writer.pid}-${writer.started}.lock`);
}

let boot: string | null = null;
function bootId(): string {
  boot ??= readBootId();
  return boot;
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux. The instant of the boot, in steps of ten minutes: coarse enough to be stable while the
    // machine is up. When it does change, a writer counts as one of an earlier boot, which proves less.
    return `up-${Math.round((Date.now() / 1000 - uptime()) / 600)}`;
  }
}
