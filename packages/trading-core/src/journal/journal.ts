import { createHash, randomUUID } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { lockFile } from "./file-lock.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { type Entry, type JournalRecord, RECORD_VERSION, type Writer } from "./record.ts";
import { registerWriter } from "./writer.ts";

/**
 * One venue account's journal: append-only JSONL, mode 0600, every record chained to the one before it
 * by hash. The ledger is what its records add up to, kept in memory and brought up to date by reading
 * only the bytes that are new.
 */
export interface Journal {
  readonly path: string;
  /** The folder in which writers of this journal register (see writer.ts). */
  readonly folder: string;
  readonly ledger: Ledger;
  /** Reads what other processes appended since. Cheap; needs no lock. */
  catchUp(): void;
  /**
   * Runs `step` with the account's lock held and the ledger caught up. `step` is synchronous, so that
   * nothing slow can happen under the lock. Throws `busy` when the lock was not had within `waitMs`.
   */
  locked<T>(waitMs: number, step: (append: Append) => T): Promise<T>;
  /**
   * Leaves a record, whose time has passed without the lock or the disk, to this process's next locked
   * step. `null` from `make` drops it.
   */
  owe(make: () => Entry | null): void;
  /** The last `limit` records, oldest first, from the file. */
  tail(limit: number): JournalRecord[];
  close(): void;
}

/** Appends one record; on return it is on disk (`sync`, the default) or at least with the kernel. */
export type Append = (entry: Entry, options?: { sync?: boolean }) => JournalRecord;

export interface JournalIdentity {
  venue: string;
  account: string;
  mode: string;
}

/** @param writer in whose name records are written; this process, unless a test stands in for another */
export function openJournal(
  path: string,
  identity: JournalIdentity,
  clock: Clock,
  writer: Writer | null = null,
): Journal {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(path, "a+", 0o600);
  const registration = registerWriter(folder);
  const ledger = createLedger();
  const reader = createReader(fd, ledger);
  const owed: (() => Entry | null)[] = [];
  reader.readNew();

  function append(entry: Entry, options: { sync?: boolean } = {}): JournalRecord {
    // A torn tail of a killed writer is closed with a newline, never cut: others hold offsets. It may turn
    // out to be a whole record that lacked nothing but its newline, and the next one has to follow it.
    if (reader.endsTorn()) {
      writeWhole(fd, "\n");
      reader.readNew();
    }
    const record = {
      v: RECORD_VERSION,
      seq: reader.lastSeq() + 1,
      at: new Date(clock.now()).toISOString(),
      writer: writer ?? registration.writer,
      prev: reader.lastHash(),
      ...entry,
    } as JournalRecord;
    writeWhole(fd, `${JSON.stringify(record)}\n`);
    if (options.sync !== false) fsyncSync(fd);
    // The lock is held and the ledger was caught up: what is new now is this record, and nobody else's.
    reader.readNew(true);
    return record;
  }

  let closed = false;
  async function locked<T>(waitMs: number, step: (append: Append) => T): Promise<T> {
    const lock = await lockFile(`${path}.lock`, { clock, timeoutMs: waitMs });
    if (!lock) {
      throw new TradingError(
        "busy",
        `Another process held this account's journal for more than ${waitMs / 1000} s.`,
        "Nothing was sent. Try again; if it stays so, look for a stuck server of this account.",
        { retryable: true },
      );
    }
    try {
      // The kernel may have given the descriptor's number to another file: nothing is written there.
      if (closed) throw unavailable(path, new Error("it was closed"));
      reader.readNew();
      refuseMovedFile();
      if (reader.lastSeq() === 0) {
        append({ kind: "note", note: "opened", journalId: randomUUID(), ...identity });
      }
      payDebts();
      return step(append);
    } catch (error) {
      throw isSystemError(error) ? unavailable(path, error) : error;
    } finally {
      lock.release();
    }
  }

  function payDebts(): void {
    for (const make of owed.splice(0)) {
      try {
        const entry = make();
        if (entry) append(entry);
      } catch (error) {
        owed.push(make);
        throw error;
      }
    }
  }

  /** Another process that opens the journal anew would not see what this one writes, nor the other way round. */
  function refuseMovedFile(): void {
    const seen = statSync(path, { throwIfNoEntry: false });
    if (seen?.ino !== fstatSync(fd).ino) {
      ledger.quarantine("the journal's file was moved or deleted while this server runs; restart the server");
    }
  }

  return {
    path,
    folder,
    ledger,
    catchUp: () => {
      if (!closed) reader.readNew();
    },
    locked,
    owe: (make) => owed.push(make),
    tail: (limit) => readTail(fd, limit),
    close() {
      if (closed) return;
      closed = true;
      registration.release();
      closeSync(fd);
    },
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** The disk is full, or the file cannot be opened or written: said as what it is, with what was not done. */
export function unavailable(path: string, error: unknown): TradingError {
  return new TradingError(
    "journal_unavailable",
    `The journal ${path} cannot be written: ${messageOf(error)}.`,
    "Nothing is sent without a record of it. The operator looks at the disk and the file's permissions.",
    { retryable: true, cause: error },
  );
}

/** Writes all of it: a short write (a full disk) is an error, never a silent half record. */
function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
}

function createReader(fd: number, ledger: Ledger) {
  let offset = 0;
  let rest = Buffer.alloc(0);
  let seq = 0;
  let hash = "";

  /** @param own what is new was written by this process */
  function readNew(own = false): void {
    const size = fstatSync(fd).size;
    if (size < offset + rest.length) {
      ledger.quarantine(`the journal became shorter: ${size} bytes where ${offset + rest.length} were read`);
      // What is known stays known, and what is appended from here on is read again: without it an exit
      // that was just sent would be forgotten.
      offset = size;
      rest = Buffer.alloc(0);
      return;
    }
    const fresh = Buffer.alloc(size - offset - rest.length);
    let got = 0;
    while (got < fresh.length) {
      const count = readSync(fd, fresh, got, fresh.length - got, offset + rest.length + got);
      if (count === 0) break;
      got += count;
    }
    let pending = Buffer.concat([rest, fresh.subarray(0, got)]);
    for (let end = pending.indexOf(10); end !== -1; end = pending.indexOf(10)) {
      takeLine(pending.subarray(0, end), own);
      offset += end + 1;
      pending = pending.subarray(end + 1);
    }
    rest = Buffer.from(pending);
  }

  function takeLine(bytes: Buffer, own: boolean): void {
    if (bytes.length === 0) return;
    const record = parseRecord(bytes);
    if (typeof record === "string") {
      ledger.suspect(record);
      return;
    }
    if (record.prev === hash && record.seq === seq + 1) {
      // Whatever unreadable line stood in between was never part of the chain: the torn write of a
      // process that died, whose record nobody has relied on.
      ledger.suspect(null);
    } else {
      ledger.quarantine(`record ${record.seq} does not follow record ${seq}: the journal was edited or cut`);
    }
    seq = record.seq;
    hash = createHash("sha256").update(bytes).digest("hex");
    applySafely(record, own);
  }

  function applySafely(record: JournalRecord, own: boolean): void {
    if (record.v > RECORD_VERSION) {
      ledger.quarantine(`record ${record.seq} was written by a newer version (${record.v}) of this program`);
      return;
    }
    try {
      ledger.apply(record, own);
    } catch (error) {
      // Serves exits: a record that makes no sense stops entries, and must not stop the reading of others.
      ledger.quarantine(`record ${record.seq} makes no sense: ${messageOf(error)}`);
    }
  }

  return { readNew, lastSeq: () => seq, lastHash: () => hash, endsTorn: () => rest.length > 0 };
}

/** The record, or a sentence that says what is wrong with the line. */
function parseRecord(bytes: Buffer): JournalRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // Serves entries: the line is named and quarantined, and entries stop while exits go on.
    return `a line of ${bytes.length} bytes is not a record: ${messageOf(error)}`;
  }
  return isRecord(value) ? value : `a line of ${bytes.length} bytes is valid JSON but no record`;
}

/** Whether the envelope is whole: what is decided on without a look at the kind. */
function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== "object" || value === null) return false;
  const { v, seq, at, kind, prev, writer } = value as Partial<JournalRecord>;
  return (
    typeof v === "number" &&
    Number.isSafeInteger(seq) &&
    typeof at === "string" &&
    !Number.isNaN(Date.parse(at)) &&
    typeof kind === "string" &&
    typeof prev === "string" &&
    typeof writer === "object" &&
    writer !== null
  );
}

const TAIL_CHUNK = 256 * 1024;

function readTail(fd: number, limit: number): JournalRecord[] {
  let start = fstatSync(fd).size;
  let bytes = Buffer.alloc(0);
  let records: JournalRecord[] = [];
  while (start > 0 && records.length < limit) {
    const length = Math.min(TAIL_CHUNK, start);
    start -= length;
    const chunk = Buffer.alloc(length);
    readSync(fd, chunk, 0, length, start);
    bytes = Buffer.concat([chunk, bytes]);
    const lines = bytes.toString("utf8").split("\n");
    if (start > 0) lines.shift();
    records = lines.flatMap((line) => {
      const record = line === "" ? null : parseRecord(Buffer.from(line, "utf8"));
      return record === null || typeof record === "string" ? [] : [record];
    });
  }
  return records.slice(-limit);
}
