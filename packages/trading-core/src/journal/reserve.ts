import { closeSync, fstatSync, fsyncSync, openSync, writeSync } from "node:fs";
import { tryLockFile } from "./file-lock.ts";
import { readBytes } from "./lines.ts";
import type { Entry, Writer } from "./record.ts";

/** An exit whose intent could not be written to the journal, and that was sent all the same (S23). */
export interface ReservedExit {
  intent: Entry & { kind: "intent" };
  writer: Writer;
}

/**
 * Room on the disk for the intents of exits when the journal takes none: a file beside it that is allocated
 * and synced before it is needed, and written in place, so that a full disk or a stuck lock does not stop
 * it. The next writer of the journal moves what is in it there.
 */
export interface Reserve {
  /** What waits to be moved, as far as it can be read. */
  pending(): ReservedExit[];
  /**
   * Runs `step` with nobody else deciding on the reserve; null when somebody does. `put` is true once the
   * exit is on disk. Throws what `step` throws.
   */
  alone<T>(step: (put: (exit: ReservedExit) => boolean) => T): { value: T } | null;
  /** Gives each waiting exit to `move`, which journals it, and frees its room after that. */
  empty(move: (exit: ReservedExit) => void): void;
  close(): void;
}

const SLOT = 4 * 1024;
const SLOTS = 16;

/** Null where the file cannot be made or opened: then there is no room, and the exits do without. */
export function openReserve(journalPath: string): Reserve | null {
  const path = `${journalPath}.reserve`;
  try {
    const fd = openSync(path, "a+", 0o600);
    closeSync(fd);
    return reserveIn(path, openSync(path, "r+"));
  } catch {
    // Serves exits: what is missing is missed only when the journal fails as well.
    return null;
  }
}

function reserveIn(path: string, fd: number): Reserve {
  if (fstatSync(fd).size < SLOT * SLOTS) {
    // Zeros that are written are blocks that are had; a hole in the file would be a promise.
    writeWholeAt(fd, Buffer.alloc(SLOT * SLOTS - fstatSync(fd).size), fstatSync(fd).size);
    fsyncSync(fd);
  }

  /** The exits by slot; null for a slot that is free or cannot be understood. */
  function read(): (ReservedExit | null)[] {
    const bytes = readBytes(fd, 0, SLOT * SLOTS);
    return Array.from({ length: SLOTS }, (_, slot) => {
      const text = bytes.subarray(slot * SLOT, (slot + 1) * SLOT);
      return text[0] === 0 ? null : parse(text.subarray(0, Math.max(0, text.indexOf(0))));
    });
  }

  function put(exit: ReservedExit): boolean {
    const text = Buffer.from(JSON.stringify(exit));
    const slot = read().indexOf(null);
    if (slot === -1 || text.length >= SLOT) return false;
    try {
      writeSlot(slot, text);
      return true;
    } catch {
      // Serves exits: what comes after the reserve is tried next, and half a slot means nothing to a reader.
      return false;
    }
  }

  function writeSlot(slot: number, text: Buffer): void {
    const bytes = Buffer.alloc(SLOT);
    text.copy(bytes);
    writeWholeAt(fd, bytes, slot * SLOT);
    fsyncSync(fd);
  }

  function free(slot: number): void {
    try {
      writeSlot(slot, Buffer.alloc(0));
    } catch {
      // Serves entries and exits: its order is in the journal now, and is not moved there twice.
    }
  }

  function alone<T>(step: (put: (exit: ReservedExit) => boolean) => T): { value: T } | null {
    const lock = tryLockFile(path);
    if (!lock) return null;
    try {
      return { value: step(put) };
    } finally {
      lock.release();
    }
  }

  return {
    pending: () => read().filter((exit) => exit !== null),
    alone,
    empty(move) {
      if (read().every((exit) => exit === null)) return;
      alone(() => {
        for (const [slot, exit] of read().entries()) {
          if (exit === null) continue;
          move(exit);
          free(slot);
        }
      });
    },
    close: () => closeSync(fd),
  };
}

function parse(text: Buffer): ReservedExit | null {
  try {
    const exit = JSON.parse(text.toString("utf8")) as ReservedExit | null;
    return typeof exit?.intent?.clientOrderId === "string" && exit.writer ? exit : null;
  } catch {
    // Serves both: half a slot is the write of a process that died before it sent anything.
    return null;
  }
}

function writeWholeAt(fd: number, bytes: Buffer, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}
