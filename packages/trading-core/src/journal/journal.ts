import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { type FileLock, lockFile } from "./file-lock.ts";
import { headTrouble, isBehindHead, writeHead } from "./head.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { journalIdOf, parseRecord } from "./lines.ts";
import { createReader } from "./reader.ts";
import { type Entry, type JournalRecord, RECORD_VERSION, type Writer } from "./record.ts";
import { openReserve, type Reserve, type ReservedExit } from "./reserve.ts";
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
  /** Why it could not be opened: its ledger knows of nothing then (see stand-in.ts). Null once it is open. */
  readonly unopened: string | null;
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
  /** Room for the intents of exits while the journal takes none (S23); null where there is none. */
  readonly reserve: Reserve | null;
  /** In whose name this process writes. */
  readonly writer: Writer;
  /** Exits that were sent without any record of them, and are not in the journal yet. */
  unjournaled(): readonly (Entry & { kind: "intent" })[];
  /**
   * Every exit that was sent past the journal and is not in it yet, in the reserve or nowhere: each reserves
   * what it sells. Left out is what this process knows never to have become an order.
   */
  unwritten(): (Entry & { kind: "intent" })[];
  /** Proof that such an exit is no order at the venue; its records wait for the journal all the same. */
  provenAbsent(clientOrderId: string): void;
  /** Leaves such an exit, with its dispatch, to this process's next locked step. */
  oweUnjournaled(intent: Entry & { kind: "intent" }): void;
  /** The last `limit` records, oldest first, from the file. */
  tail(limit: number): JournalRecord[];
  close(): void;
}

/**
 * How long to wait for the account's lock with what is worth waiting for: an exit, or what the venue was
 * seen to do. An entry gives up sooner.
 */
export const LOCK_WAIT_MS = 10_000;

/** Appends one record; on return it is on disk (`sync`, the default) or at least with the kernel. */
export type Append = (entry: Entry, options?: AppendOptions) => JournalRecord;

export interface AppendOptions {
  sync?: boolean;
  /** In whose name it is written; this process. */
  writer?: Writer;
}

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
  let registration: ReturnType<typeof registerWriter> | null = null;
  try {
    registration = registerWriter(folder);
    return journalIn(fd, path, identity, clock, registration, writer);
  } catch (error) {
    // Serves both: whoever opens it again and again, until it can be opened, leaves nothing behind.
    registration?.release();
    closeSync(fd);
    throw error;
  }
}

function journalIn(
  fd: number,
  path: string,
  identity: JournalIdentity,
  clock: Clock,
  registration: ReturnType<typeof registerWriter>,
  writer: Writer | null,
): Journal {
  const checkpoint = readCheckpoint(path, fd);
  const ledger = createLedger(checkpoint?.state ?? null);
  const reader = createReader(fd, ledger, checkpoint && { ...checkpoint, offset: checkpoint.end });
  const owed: (() => Entry | null)[] = [];
  const trouble = headTrouble(path, fd);
  reader.readNew();
  // An anchor that was contradicted stays as it is until the operator accepts the journal: whoever opens
  // it next has to find the same.
  if (trouble !== null) ledger.quarantine(trouble);
  let journalId = journalIdOf(fd);
  let closed = false;
  let anchoredSeq = 0;
  let savedSeq = checkpoint?.seq ?? 0;

  const reserve = openReserve(path);
  let sentUnjournaled: (Entry & { kind: "intent" })[] = [];
  const absent = new Set<string>();

  function append(entry: Entry, options: AppendOptions = {}): JournalRecord {
    // A torn tail of a killed writer is closed with a newline, never cut: others hold offsets. It may turn
    // out to be a whole record that lacked nothing but its newline, and the next one has to follow it.
    if (reader.endsTorn()) {
      writeWhole(fd, "\n");
      reader.readNew();
    }
    const record = {
      v: RECORD_VERSION,
      seq: reader.place().seq + 1,
      at: new Date(clock.now()).toISOString(),
      writer: options.writer ?? writer ?? registration.writer,
      prev: reader.place().hash,
      ...entry,
    } as JournalRecord;
    writeWhole(fd, `${JSON.stringify(record)}\n`);
    if (options.sync !== false) fsyncSync(fd);
    // The lock is held and the ledger was caught up: what is new now is this record, and nobody else's.
    reader.readNew(true);
    if (options.sync !== false) anchor();
    return record;
  }

  /** S35. Whatever is wrong with the journal, the anchor of the time before is what proves it. */
  function anchor(): void {
    const { offset, seq, hash } = reader.place();
    if (ledger.incomplete !== null || seq <= anchoredSeq) return;
    journalId ??= journalIdOf(fd);
    try {
      writeHead(path, { journalId: journalId ?? "", seq, hash, size: offset });
      anchoredSeq = seq;
    } catch {
      // Serves both: an anchor that is behind its journal accuses nobody, and the next record moves it on.
    }
  }

  /** S36. Not under the lock: nobody waits for it, and it is true of what this process has read. */
  function saveCheckpoint(): void {
    const { offset, seq, hash } = reader.place();
    if (closed || journalId === null || ledger.incomplete !== null || seq === savedSeq) return;
    try {
      writeCheckpoint(path, { journalId, seq, end: offset, hash, state: ledger.save() });
    } catch {
      // Serves both: without a new one the next start reads more records.
    }
    savedSeq = seq;
  }

  // The more there is to save, the less often it is saved, so that a record costs the same on the average.
  function isCheckpointDue(): boolean {
    return reader.place().seq - savedSeq >= Math.max(CHECKPOINT_RECORDS, ledger.orders.size);
  }

  async function locked<T>(waitMs: number, step: (append: Append) => T): Promise<T> {
    const lock = await accountLock(waitMs);
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
      if (isBehindHead(path, fd, reader.place())) {
        ledger.quarantine("the journal was cut or edited while this server runs");
      }
      if (reader.place().seq === 0) {
        append({ kind: "note", note: "opened", journalId: randomUUID(), ...identity });
      }
      reserve?.empty(journalReserved);
      payDebts();
      return step(append);
    } catch (error) {
      throw isSystemError(error) ? unavailable(path, error) : error;
    } finally {
      lock.release();
      if (isCheckpointDue()) setImmediate(saveCheckpoint);
    }
  }

  async function accountLock(waitMs: number): Promise<FileLock | null> {
    try {
      return await lockFile(`${path}.lock`, { clock, timeoutMs: waitMs });
    } catch (error) {
      throw isSystemError(error) ? unavailable(path, error) : error;
    }
  }

  /** Once, however often it is tried: an exit that was sent has both records before anybody judges it. */
  function journalReserved({ intent, writer: by }: ReservedExit): void {
    const { clientOrderId } = intent;
    if (!ledger.orders.has(clientOrderId)) append(intent, { writer: by });
    if (ledger.orders.get(clientOrderId)?.phase === "intended") {
      append({ kind: "dispatch", clientOrderId }, { writer: by });
    }
  }

  function unjournaled(): readonly (Entry & { kind: "intent" })[] {
    sentUnjournaled = sentUnjournaled.filter((each) => !ledger.orders.has(each.clientOrderId));
    return sentUnjournaled;
  }

  function unwritten(): (Entry & { kind: "intent" })[] {
    const reserved = reserve?.pending().map((exit) => exit.intent) ?? [];
    return [...reserved, ...unjournaled()].filter(
      ({ clientOrderId }) => !ledger.orders.has(clientOrderId) && !absent.has(clientOrderId),
    );
  }

  function oweUnjournaled(intent: Entry & { kind: "intent" }): void {
    const { clientOrderId } = intent;
    sentUnjournaled.push(intent);
    owed.push(() => (ledger.orders.has(clientOrderId) ? null : intent));
    owed.push(() =>
      ledger.orders.get(clientOrderId)?.phase === "intended" ? { kind: "dispatch", clientOrderId } : null,
    );
  }

  function payDebts(): void {
    // One by one, and in their order: what cannot be written now is owed still, with all that follows it.
    for (let make = owed[0]; make; make = owed[0]) {
      const entry = make();
      if (entry) append(entry);
      owed.shift();
    }
  }

  /** Another process that opens the journal anew would not see what this one writes, nor the other way round. */
  function refuseMovedFile(): void {
    const seen = statSync(path, { throwIfNoEntry: false });
    if (seen?.ino !== fstatSync(fd).ino) {
      ledger.quarantine("the journal's file was moved or deleted while this server runs; restart the server");
    }
  }

  /** The last records may be anchored and saved now; a slow disk or a large state is not waited for. */
  function leaveTidy(): void {
    try {
      reader.readNew();
      if (reader.place().seq > anchoredSeq && anchoredSeq > 0) {
        fsyncSync(fd);
        anchor();
      }
      const worthIt = reader.place().seq - savedSeq >= CHECKPOINT_RECORDS / 10;
      if (worthIt && ledger.orders.size < CHECKPOINT_RECORDS) saveCheckpoint();
    } catch {
      // Serves both: nothing depends on it.
    }
  }

  if (isCheckpointDue()) setImmediate(saveCheckpoint);
  return {
    path,
    folder: dirname(path),
    ledger,
    unopened: null,
    catchUp: () => {
      if (!closed) reader.readNew();
    },
    locked,
    reserve,
    writer: writer ?? registration.writer,
    unjournaled,
    unwritten,
    provenAbsent: (clientOrderId) => void absent.add(clientOrderId),
    oweUnjournaled,
    owe: (make) => owed.push(make),
    tail: (limit) => readTail(fd, limit),
    close() {
      if (closed) return;
      leaveTidy();
      closed = true;
      registration.release();
      reserve?.close();
      closeSync(fd);
    },
  };
}

/** The disk or the system said it, not this program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
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

/** After how many records a checkpoint is written, at least. */
const CHECKPOINT_RECORDS = 2_000;

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
