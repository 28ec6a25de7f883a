import type { Ledger } from "../journal/ledger.ts";
import type { Gathered } from "./gather.ts";
import { type Check, refuse } from "./verdict.ts";

/** How often facts are read again because another process was faster (S2). */
export const MOST_REREADS = 2;

/**
 * Whether another process did something with the instrument after these facts began to be read. What this
 * process did itself is in the ledger before its own next decision, and needs no second reading.
 */
export function isOvertaken(gathered: Gathered, ledger: Ledger, instrumentId: string): boolean {
  return ledger.lastNewsSeq(instrumentId) > gathered.ledgerSeq;
}

/** An entry waits until the others are done; an exit is decided on the most cautious figure that was read. */
export function factsChanged(symbol: string): Check {
  return {
    rule: "facts",
    ...refuse(
      "facts_changed",
      `Another server of this account traded ${symbol} each time the facts were read (${MOST_REREADS + 1} times).`,
      "Nothing was sent. Try again in a few seconds, when the other orders are done.",
      { observed: "overtaken", limit: "facts newer than the journal", retryable: true },
    ),
  };
}
