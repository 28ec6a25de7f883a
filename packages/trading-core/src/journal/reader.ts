import { fstatSync } from "node:fs";
import { messageOf } from "../domain/errors.ts";
import type { Ledger } from "./ledger.ts";
import { hashOf, parseRecord, readBytes } from "./lines.ts";
import { type JournalRecord, RECORD_VERSION } from "./record.ts";

/** Where reading stands: after the last whole line. */
export interface Place {
  /** Bytes read, whole lines only. */
  offset: number;
  seq: number;
  /** Of the last record's line; empty before the first. */
  hash: string;
}

export interface Reader {
  /** Applies what is new in the file. @param own it was written by this process */
  readNew(own?: boolean): void;
  /** After the last record: never in the middle of a line. */
  place(): Place;
  /** The file ends in a line without its newline. */
  endsTorn(): boolean;
}

const CHUNK = 4 * 1024 * 1024;

/** Reads a journal into a ledger, each byte once. */
export function createReader(fd: number, ledger: Ledger, from: Place | null = null): Reader {
  let { offset, seq, hash } = from ?? { offset: 0, seq: 0, hash: "" };
  let rest: Buffer = Buffer.alloc(0);
  // Of the last line that was a record: unreadable lines may stand after it.
  let recordEnd = offset;

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
    for (let at = offset + rest.length; at < size; at = offset + rest.length) {
      const fresh = readBytes(fd, at, Math.min(size, at + CHUNK));
      if (fresh.length === 0) return;
      takeLines(rest.length === 0 ? fresh : Buffer.concat([rest, fresh]), own);
    }
  }

  function takeLines(bytes: Buffer, own: boolean): void {
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      const lineEnd = offset + end + 1 - start;
      takeLine(bytes.subarray(start, end), lineEnd, own);
      offset = lineEnd;
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  }

  function takeLine(bytes: Buffer, end: number, own: boolean): void {
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
    hash = hashOf(bytes);
    recordEnd = end;
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

  return {
    readNew,
    place: () => ({ offset: recordEnd, seq, hash }),
    endsTorn: () => rest.length > 0,
  };
}
