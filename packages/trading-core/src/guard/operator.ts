import { messageOf } from "../domain/errors.ts";
import { findJournals } from "../journal/find-journals.ts";
import type { Journals } from "../journal/journals.ts";
import type { Clock } from "../ports/clock.ts";
import type { TradingState } from "./facts.ts";
import type { Move, StateFile } from "./trading-state.ts";

/** How long the record of a moved switch waits for an account's lock. */
const RECORD_WAIT_MS = 3_000;

/** What the operator's side of the stop switch needs: no venue, no session. */
export interface SwitchRoom {
  tradingState: StateFile;
  journals: Journals;
  /** The configured account; null where the login's only one is meant. */
  accountId: string | null;
  clock: Clock;
}

export interface OperatorMove extends Move {
  /** Journals that hold a record of it now. */
  journaled: string[];
  /** Where it could not be written down, with the reason: the switch was moved all the same. */
  unjournaled: string[];
}

/**
 * Tightens the switch as the operator. Throws when the file could not be written: then nothing was halted.
 *
 * @param user the operator's user name on this machine
 */
export async function operatorHalt(
  room: SwitchRoom,
  options: { stopExits: boolean; reason: string; user: string },
): Promise<OperatorMove> {
  const wanted = options.stopExits ? "HALTED" : "REDUCING";
  const { error, ...move } = await room.tradingState.tighten(wanted, options.reason, room.clock);
  if (error !== null) throw new Error(error);
  return { ...move, ...(await record(room, move, options)) };
}

/** Loosens the switch, if it still is as it was when the operator looked at it (`seen`, its fingerprint). */
export async function operatorResume(
  room: SwitchRoom,
  options: { seen: string; reason: string; user: string },
): Promise<OperatorMove> {
  const move = await room.tradingState.loosen(options.seen, options.reason, room.clock);
  return { ...move, ...(await record(room, move, options)) };
}

/** The switch is the venue's, so every account's journal of this venue and mode is told. */
async function record(
  room: SwitchRoom,
  { moved, before, state }: { moved: boolean; before: TradingState; state: TradingState },
  { reason, user }: { reason: string; user: string },
): Promise<Pick<OperatorMove, "journaled" | "unjournaled">> {
  const said = { journaled: [] as string[], unjournaled: [] as string[] };
  if (!moved) return said;
  for (const account of accountsToTell(room)) {
    const path = room.journals.pathOf(account);
    try {
      const journal = room.journals.of(account);
      await journal.locked(RECORD_WAIT_MS, (append) =>
        append({ kind: "switch", state, before, reason, origin: "operator", user }),
      );
      said.journaled.push(path);
    } catch (error) {
      // Serves both: the switch was moved and holds; that there is no record of it is told.
      said.unjournaled.push(`${path}: ${messageOf(error)}`);
    }
  }
  return said;
}

function accountsToTell({ journals, accountId }: SwitchRoom): (string | null)[] {
  if (accountId !== null) return [accountId];
  const found = findJournals(journals).map(({ account }) => account);
  return found.length > 0 ? found : [null];
}
