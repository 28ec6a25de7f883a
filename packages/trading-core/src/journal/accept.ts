import { TradingError } from "../domain/errors.ts";
import { type Journal, LOCK_WAIT_MS } from "./journal.ts";

/**
 * The operator's word that a journal is to be relied on from here on, although something of it is gone or
 * was changed (S35). Journaled with what was wrong; entries are possible again, and the anchor moves on.
 *
 * @param by the operator's name, for the record
 * @param seen what was wrong when the operator decided
 * @returns what was accepted, and in which record; null where nothing was wrong and nothing was written.
 *   Throws `journal_changed` where something else is wrong by now, `busy` and `journal_unavailable`
 */
export async function acceptJournal(
  journal: Journal,
  by: string,
  seen: string,
): Promise<{ reason: string; seq: number } | null> {
  return journal.locked(LOCK_WAIT_MS, (append) => {
    const reason = journal.ledger.incomplete;
    if (reason === null) return null;
    if (reason !== seen) {
      throw new TradingError(
        "journal_changed",
        `Something else is wrong with it by now: ${reason}.`,
        "Nothing was accepted. Look again, then decide.",
      );
    }
    const { seq } = append({ kind: "note", note: "accepted", reason, by });
    return { reason, seq };
  });
}
