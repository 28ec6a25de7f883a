import { fromExactJson, toExactJson } from "./exact-json.ts";
import { FOLD, type SavedLedger } from "./ledger.ts";
import { hashOf, journalIdOf, lineEndingAt } from "./lines.ts";
import { readIfThere, replaceFile } from "./small-file.ts";

/**
 * The ledger as it stood after one record (S36), so that starting up does not read the whole journal. It is
 * believed only where that record still stands in its place; otherwise all records are read, as without it.
 */
export interface Checkpoint {
  journalId: string;
  /** The record that the state includes last, and the offset at which its line ends. */
  seq: number;
  end: number;
  hash: string;
  state: SavedLedger;
}

interface Header extends Omit<Checkpoint, "state"> {
  fold: string;
  /** SHA-256 of the state's text: a loss of power may have left part of it. */
  sum: string;
}

function checkpointPath(journalPath: string): string {
  return `${journalPath}.checkpoint`;
}

export function writeCheckpoint(journalPath: string, { state, ...at }: Checkpoint): void {
  const body = toExactJson(state);
  const header: Header = { ...at, fold: FOLD, sum: hashOf(Buffer.from(body)) };
  replaceFile(checkpointPath(journalPath), `${JSON.stringify(header)}\n${body}\n`);
}

/** The checkpoint, or null where there is none that fits this journal and this program. Never throws. */
export function readCheckpoint(journalPath: string, fd: number): Checkpoint | null {
  try {
    const [first, body] = readIfThere(checkpointPath(journalPath))?.split("\n") ?? [];
    if (first === undefined || body === undefined) return null;
    const { fold, sum, ...at } = JSON.parse(first) as Header;
    if (fold !== FOLD || hashOf(Buffer.from(body)) !== sum) return null;
    if (at.journalId !== journalIdOf(fd)) return null;
    const line = lineEndingAt(fd, at.end);
    if (line === null || hashOf(line) !== at.hash) return null;
    return { ...at, state: fromExactJson(body) as SavedLedger };
  } catch {
    // Serves both: without it the journal is read from its beginning, which takes longer and says the same.
    return null;
  }
}
