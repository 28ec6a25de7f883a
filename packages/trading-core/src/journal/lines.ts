import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import type { JournalRecord } from "./record.ts";

const NEWLINE = 10;
const CHUNK = 64 * 1024;
/** A line longer than this is none of ours. */
const LONGEST = 16 * 1024 * 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true });

export function hashOf(line: Buffer): string {
  return createHash("sha256").update(line).digest("hex");
}

/** The bytes from `start` to `end` of a file, fewer where it ends before. */
export function readBytes(fd: number, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, end - start));
  let got = 0;
  while (got < bytes.length) {
    const count = readSync(fd, bytes, got, bytes.length - got, start + got);
    if (count === 0) break;
    got += count;
  }
  return bytes.subarray(0, got);
}

/**
 * The line whose newline ends at this offset; null where none does. The file may end just before that
 * newline: a torn write that lacks nothing else.
 */
export function lineEndingAt(fd: number, end: number): Buffer | null {
  const newline = readBytes(fd, end - 1, end);
  if (newline.length === 1 && newline[0] !== NEWLINE) return null;
  for (let length = CHUNK; length <= LONGEST; length *= 4) {
    const start = Math.max(0, end - 1 - length);
    const bytes = readBytes(fd, start, end - 1);
    if (bytes.length < end - 1 - start) return null;
    const before = bytes.lastIndexOf(NEWLINE);
    if (before !== -1) return bytes.subarray(before + 1);
    if (start === 0) return bytes;
  }
  return null;
}

/** The id that the journal's first record gave it; null where it cannot be read. */
export function journalIdOf(fd: number): string | null {
  const bytes = readBytes(fd, 0, CHUNK);
  const end = bytes.indexOf(NEWLINE);
  const record = end === -1 ? null : parseRecord(bytes.subarray(0, end));
  if (record === null || typeof record === "string") return null;
  return record.kind === "note" && record.note === "opened" ? record.journalId : null;
}

/** The record, or a sentence that says what is wrong with the line. */
export function parseRecord(bytes: Buffer): JournalRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    // Serves entries: the line is named and quarantined, and entries stop while exits go on.
    return `a line of ${bytes.length} bytes is not a record: ${(error as Error).message}`;
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
