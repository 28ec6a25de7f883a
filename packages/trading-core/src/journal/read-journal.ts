import { closeSync, fstatSync, openSync } from "node:fs";
import { parseRecord, readBytes } from "./lines.ts";
import type { JournalRecord } from "./record.ts";

const CHUNK = 1024 * 1024;
const NEWLINE = 10;

export interface JournalLine {
  /** As an editor counts them, from 1. */
  number: number;
  /** Without the newline. */
  bytes: Buffer;
  /** The file ends with it and its newline is missing: it is being written now, or was torn. */
  torn: boolean;
}

/**
 * The lines of a journal as it is now, oldest first, without a lock and without writing: a server may have
 * it open, and what it appends after the start is left out. Blank lines are left out, and counted.
 */
export function* readLines(path: string): Generator<JournalLine> {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (let at = 0; at < size; ) {
      const fresh = readBytes(fd, at, Math.min(size, at + CHUNK));
      if (fresh.length === 0) break;
      at += fresh.length;
      const bytes = Buffer.concat([rest, fresh]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        number++;
        if (end > start) yield { number, bytes: bytes.subarray(start, end), torn: false };
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
    }
    if (rest.length > 0) yield { number: number + 1, bytes: rest, torn: true };
  } finally {
    closeSync(fd);
  }
}

/** What can be read as a record, oldest first. What cannot is for `verify` to tell. */
export function* readRecords(path: string): Generator<JournalRecord> {
  for (const { bytes, torn } of readLines(path)) {
    const record = torn ? null : parseRecord(bytes);
    if (record !== null && typeof record !== "string") yield record;
  }
}
