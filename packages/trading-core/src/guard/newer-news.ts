import type { Instrument } from "../domain/instrument.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { Gathered } from "./gather.ts";
import { type Check, refuse } from "./verdict.ts";

/** How often facts are read again because another process was faster (S2). */
export const MOST_REREADS = 2;

/**
 * Whether another process did something with the instrument after these facts began to be read. What this
 * process did itself is in the ledger before its own next decision, and needs no second reading.
 */
export function isOvertaken(gathered: Gathered, ledger: Ledger, ids: readonly string[]): boolean {
  return ids.some((id) => ledger.lastNewsSeq(id) > gathered.ledgerSeq);
}

/** Ids of what an order on this instrument may move: of a pair also what it is priced in, unless that is cash. */
export function movedBy(
  { id, kind, currency }: Pick<Instrument, "id" | "kind" | "currency">,
  cashCurrencies: readonly string[],
): string[] {
  return kind === "spot" && !cashCurrencies.includes(currency) ? [id, currency] : [id];
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
