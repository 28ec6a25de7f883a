import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import extensions from "fs-native-extensions";
import type { Clock } from "../ports/clock.ts";

/**
 * Locks between processes, kept by the kernel: one belongs to an open file and is gone when its holder
 * closes it or dies, however it dies. Nothing here judges by a timestamp or a heartbeat, so a
 * suspended holder keeps its lock. Two opens conflict within one process as well.
 */
export interface FileLock {
  release(): void;
}

export interface LockRange {
  /** Which byte of the file stands for this lock; several locks can share one file. Default 0. */
  byte?: number;
  /** Several holders at once, none while somebody holds it alone. Default false. */
  shared?: boolean;
}

/** The lock, or null while somebody else holds it. Creates the file (mode 0600) and its folder. */
export function tryLockFile(path: string, range: LockRange = {}): FileLock | null {
  const fd = open(path);
  let held = false;
  try {
    held = extensions.tryLock(fd, range.byte ?? 0, 1, { shared: range.shared ?? false });
  } finally {
    if (!held) closeSync(fd);
  }
  if (!held) return null;
  return {
    // A second release must not close a descriptor that the kernel has given to somebody else since.
    release() {
      if (!held) return;
      held = false;
      closeSync(fd);
    },
  };
}

/**
 * Waits for the lock, at most `timeoutMs`; null when that has passed or the signal aborted. Waiting
 * is by trying again with growing pauses (1–16 ms): a blocking kernel call could not be given up.
 */
export async function lockFile(
  path: string,
  options: LockRange & { clock: Clock; timeoutMs: number; signal?: AbortSignal },
): Promise<FileLock | null> {
  const deadline = options.clock.monotonic() + options.timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, 16)) {
    const lock = tryLockFile(path, options);
    if (lock) return lock;
    if (options.signal?.aborted || options.clock.monotonic() >= deadline) return null;
    await options.clock.sleep(pause, options.signal);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "a+", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, "a+", 0o600);
  }
}
