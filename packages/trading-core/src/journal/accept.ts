import type { Journal } from "./journal.ts";

/**
 * The operator's word that a journal is to be relied on from here on, although something of it is gone or
 * was changed (S35). Journaled with what was wrong; entries are possible again, and the anchor moves on.
 *
 * @param by the operator's name, for the record
 * @returns what was accepted, and in which record; null where nothing was wrong and nothing was written.
 *   Throws `busy` and `journal_unavailable`
 */
export async function acceptJournal(
  journal: Journal,
  by: string,
): Promise<{ reason: string; seq: number } | null> {
  return journal.locked(LOCK_WAIT_MS, (append) => {
    const reason = journal.ledger.incomplete;
    if (reason === null) return null;
    const { seq } = append({ kind: "note", note: "accepted", reason, by });
    return { reason, seq };
  });
}

const LOCK_WAIT_MS = 10_000;
