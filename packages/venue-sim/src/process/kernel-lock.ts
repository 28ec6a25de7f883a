import { closeSync, openSync } from "node:fs";
import { tryLock } from "fs-native-extensions";

/** A lock that the kernel holds for this process and drops when the process ends, however it ends. */
export interface KernelLock {
  release(): void;
}

const WHOLE_FILE = { offset: 0, length: 1 };

/** Null when somebody else holds it. The file itself stays: its content and age mean nothing. */
export function takeKernelLock(path: string): KernelLock | null {
  const descriptor = openSync(path, "a+", 0o600);
  if (!tryLock(descriptor, WHOLE_FILE.offset, WHOLE_FILE.length)) {
    closeSync(descriptor);
    return null;
  }
  return { release: () => closeSync(descriptor) };
}

/** Whether somebody holds the lock right now. */
export function isKernelLocked(path: string): boolean {
  const descriptor = openSync(path, "a+", 0o600);
  try {
    // A shared lock: two processes that ask at once do not take each other for the holder.
    return !tryLock(descriptor, WHOLE_FILE.offset, WHOLE_FILE.length, { shared: true });
  } finally {
    closeSync(descriptor);
  }
}
