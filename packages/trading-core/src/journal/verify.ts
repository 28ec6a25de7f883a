import { closeSync, openSync } from "node:fs";
import { messageOf } from "../domain/errors.ts";
import { untrustedText } from "../domain/untrusted-text.ts";
import { headTrouble } from "./head.ts";
import { createLedger } from "./ledger.ts";
import { hashOf, parseRecord } from "./lines.ts";
import { readLines } from "./read-journal.ts";
import { type JournalRecord, RECORD_VERSION } from "./record.ts";

/** One thing that is wrong with a journal. */
export interface JournalFault {
  /** Line of the file, from 1; null for what belongs to no line. */
  line: number | null;
  what: string;
  /** What it says about the records, and what it does not. */
  meaning: string;
}

export interface Verification {
  path: string;
  records: number;
  /** ISO 8601 of the first and the last record; null in an empty journal. */
  from: string | null;
  to: string | null;
  /** In the order of the file; no more than the first `MOST_FAULTS`. */
  faults: JournalFault[];
  moreFaults: number;
  /** Lines of writers that were killed in the middle: closed off by the next one, part of no chain. */
  closedOff: number[];
  /** The last line lacks its newline: a record that is being written, or was torn by a crash. */
  torn: boolean;
  /** Lines at which the operator took the journal as it was. */
  accepted: number[];
}

/** A file that is not a journal is wrong in every line. */
const MOST_FAULTS = 20;

/**
 * Reads every record of a journal and follows its chain. Reads only, takes no lock, and may run while
 * servers write. Throws where the file cannot be opened.
 */
export function verifyJournal(path: string): Verification {
  const found: Verification = {
    path,
    records: 0,
    from: null,
    to: null,
    faults: [],
    moreFaults: 0,
    closedOff: [],
    torn: false,
    accepted: [],
  };
  const chain = followChain(found);
  for (const { number, bytes, torn } of readLines(path)) {
    if (torn) found.torn = true;
    else chain.take(number, bytes);
  }
  chain.end();
  const trouble = anchorTrouble(path);
  if (trouble !== null) {
    fault(found, null, trouble, "the file beside the journal remembers more than the journal holds");
  }
  return found;
}

function followChain(found: Verification) {
  const ledger = createLedger();
  let seq = 0;
  let hash = "";
  let unreadable: { line: number; why: string }[] = [];

  function take(line: number, bytes: Buffer): void {
    const record = parseRecord(bytes);
    if (typeof record === "string") {
      unreadable.push({ line, why: record });
      return;
    }
    if (record.seq === seq + 1 && record.prev === hash) {
      found.closedOff.push(...unreadable.map((each) => each.line));
    } else if (unreadable.length > 0) {
      reportUnreadable(`record ${seq + 1} should stand there: it was damaged or overwritten`);
    } else {
      const { what, meaning } = breakOf(record);
      fault(found, line, what, meaning);
    }
    unreadable = [];
    seq = record.seq;
    hash = hashOf(bytes);
    count(line, record);
  }

  /** Why a record does not follow the one before it. */
  function breakOf(record: JournalRecord): { what: string; meaning: string } {
    if (seq === 0 && record.seq !== 1) {
      return {
        what: `the journal begins with record ${record.seq}`,
        meaning: `its first ${record.seq - 1} records were cut off or moved elsewhere`,
      };
    }
    if (record.seq > seq + 1) {
      const gone =
        record.seq === seq + 2 ? `record ${seq + 1} is` : `records ${seq + 1} to ${record.seq - 1} are`;
      return { what: `record ${record.seq} follows record ${seq}`, meaning: `${gone} missing` };
    }
    if (record.seq <= seq) {
      return {
        what: `record ${record.seq} stands after record ${seq}`,
        meaning: "lines were moved, repeated or put in, or two files were joined",
      };
    }
    return {
      what: `record ${record.seq} does not carry the hash of the line before it`,
      meaning: `record ${seq} was changed after it was written, or record ${record.seq} was not written by this program`,
    };
  }

  function count(line: number, record: JournalRecord): void {
    found.records++;
    found.from ??= record.at;
    found.to = record.at;
    if (record.kind === "note" && (record as { note: string }).note === "accepted") found.accepted.push(line);
    if (record.v > RECORD_VERSION) {
      const what = `record ${record.seq} has version ${record.v}, and this program reads up to ${RECORD_VERSION}`;
      fault(found, line, what, "a newer version of this program wrote it; read it with that one");
      return;
    }
    try {
      ledger.apply(record);
    } catch (error) {
      // Serves neither: a verification tells what it finds.
      const what = `record ${record.seq} makes no sense: ${untrustedText(messageOf(error), 200)}`;
      fault(found, line, what, "what it says cannot be counted, so the sums without it may be wrong");
    }
  }

  function reportUnreadable(meaning: string): void {
    for (const { line, why } of unreadable) fault(found, line, untrustedText(why, 200), meaning);
  }

  return {
    take,
    end() {
      reportUnreadable("nothing that follows proves that it was never a record: the last record may be lost");
    },
  };
}

function fault(found: Verification, line: number | null, what: string, meaning: string): void {
  if (found.faults.length < MOST_FAULTS) found.faults.push({ line, what, meaning });
  else found.moreFaults++;
}

function anchorTrouble(path: string): string | null {
  const fd = openSync(path, "r");
  try {
    return headTrouble(path, fd);
  } catch (error) {
    // Serves neither: an anchor that cannot be read is told, and proves nothing about the journal.
    return `the file beside the journal cannot be read: ${messageOf(error)}`;
  } finally {
    closeSync(fd);
  }
}

/** The verification in words for a terminal, the first fault first. */
export function verificationText(found: Verification): string {
  const { path, records, from, to } = found;
  const span = from === null ? "" : `, ${from} to ${to}`;
  const lines = [`${path}: ${records} record${records === 1 ? "" : "s"}${span}`];
  const [first, ...others] = found.faults;
  if (first === undefined) {
    lines.push("OK: every record follows the one before it, and none was changed.");
  } else {
    lines.push(`BROKEN at ${placeOf(first)}: ${first.what}.`, `  It means: ${first.meaning}.`);
    for (const each of others) lines.push(`  Also at ${placeOf(each)}: ${each.what} (${each.meaning}).`);
    if (found.moreFaults > 0) lines.push(`  And ${found.moreFaults} more.`);
    lines.push("  Keep the file as it is. Entries stay refused on an incomplete journal; exits go through.");
  }
  if (found.accepted.length > 0) {
    lines.push(`The operator took the journal as it was at line ${found.accepted.join(", ")}.`);
  }
  if (found.closedOff.length > 0) {
    const shown = found.closedOff.slice(0, MOST_FAULTS).join(", ");
    lines.push(`Closed off, and part of no chain: line ${shown}, left by a writer that was killed.`);
  }
  if (found.torn) lines.push("The last line has no newline yet: it is being written, or a crash tore it.");
  return `${lines.join("\n")}\n`;
}

function placeOf({ line }: JournalFault): string {
  return line === null ? "its end" : `line ${line}`;
}
