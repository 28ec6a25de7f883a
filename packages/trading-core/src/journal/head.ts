import { fstatSync } from "node:fs";
import { hashOf, journalIdOf, lineEndingAt } from "./lines.ts";
import type { Place } from "./reader.ts";
import { readIfThere, replaceFile } from "./small-file.ts";

/**
 * The anchor beside a journal (S35): how far it had come. What a journal alone cannot tell, that its end or
 * all of it is gone, or that its last record was changed, is told by this file.
 *
 * It is replaced after every record that was synced, and is not synced itself. Behind the journal it may
 * well be. It never names a record that a loss of power could take away, so that ahead of the journal
 * means that somebody shortened it.
 */
export interface Head {
  journalId: string;
  seq: number;
  /** Of the record's line, SHA-256, hex. */
  hash: string;
  /** Bytes of the journal up to the end of that record. */
  size: number;
}

function headPath(journalPath: string): string {
  return `${journalPath}.head`;
}

export function writeHead(journalPath: string, head: Head): void {
  replaceFile(headPath(journalPath), `${JSON.stringify(head)}\n`);
}

/** What the anchor says against the journal, in words; null when the two agree. Throws where it cannot be read. */
export function headTrouble(journalPath: string, fd: number): string | null {
  const text = readIfThere(headPath(journalPath));
  // None yet, or one that a loss of power emptied.
  if (text === null || text.trim() === "") return null;
  const head = parseHead(text);
  if (head === null) return `the file ${headPath(journalPath)} cannot be understood`;
  const { size } = fstatSync(fd);
  if (size === 0) return `the journal was deleted: it had ${head.seq} records`;
  if (journalIdOf(fd) !== head.journalId)
    return `the journal was replaced: the one before had ${head.seq} records`;
  // A lost newline is no loss: the next writer puts it there.
  if (size < head.size - 1) {
    return `the journal was cut: it had ${head.size} bytes and ${head.seq} records, and has ${size} bytes`;
  }
  const line = lineEndingAt(fd, head.size);
  if (line === null || hashOf(line) !== head.hash) {
    return `the journal was edited: record ${head.seq} is not the one that was written`;
  }
  return null;
}

/** The same in short, for every locked step: one small file is read, and the place is known. */
export function isBehindHead(journalPath: string, fd: number, place: Place): boolean {
  const head = parseHead(readIfThere(headPath(journalPath)) ?? "");
  if (head === null) return false;
  return fstatSync(fd).size < head.size - 1 || (place.seq === head.seq && place.hash !== head.hash);
}

function parseHead(text: string): Head | null {
  try {
    const head = JSON.parse(text) as Partial<Head> | null;
    const whole =
      typeof head?.journalId === "string" &&
      typeof head.hash === "string" &&
      Number.isSafeInteger(head.seq) &&
      Number.isSafeInteger(head.size);
    return whole ? (head as Head) : null;
  } catch {
    // Serves entries: an anchor that says nothing is told from one that was never there.
    return null;
  }
}
