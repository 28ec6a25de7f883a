import { userInfo } from "node:os";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { SwitchRoom } from "trading-core/guard/operator";
import type { Policy } from "trading-core/guard/policy";
import { tradingStateFile } from "trading-core/guard/trading-state";
import { findJournals } from "trading-core/journal/find-journals";
import { openJournals } from "trading-core/journal/journals";
import { systemClock } from "trading-core/ports/clock";
import type { Machine } from "trading-mcp/folders";
import { writeStdout } from "trading-mcp/quiet-stdout";
import { type LoadedIbkrSettings, policyOf, stateDirOf } from "../settings.ts";

/** How an operator's command ends. */
export const EXIT = {
  done: 0,
  /** It failed, or what it looked at is broken. */
  failed: 1,
  /** It was not asked for in the way that it wants: unusable words, no terminal, nothing confirmed. */
  refused: 2,
} as const;

/** What every operator's command is given: the files, and who types. Contacts nothing. */
export interface Room extends SwitchRoom {
  policy: Policy;
  stateDir: string;
  loaded: LoadedIbkrSettings;
  /** The operator's user name on this machine, for the journal. */
  user: string;
}

export function openRoom(loaded: LoadedIbkrSettings, machine: Machine): Room {
  const policy = policyOf(loaded.values);
  const stateDir = stateDirOf(loaded.values, machine);
  const { venue, mode, accountId } = policy;
  const path = loaded.values.TRADE_JOURNAL_PATH;
  return {
    policy,
    stateDir,
    loaded,
    accountId,
    user: userName(),
    clock: systemClock,
    tradingState: tradingStateFile(stateDir, venue),
    journals: openJournals({ stateDir, path, venue, mode, clock: systemClock }),
  };
}

/** The account that a command is about, as far as it is known without the venue; else the venue. */
export function targetOf(room: Room): string {
  if (room.accountId !== null) return room.accountId;
  const [only, ...others] = findJournals(room.journals);
  return only !== undefined && others.length === 0 ? only.account : room.policy.venue;
}

/** Journals that a command looks at: the configured account's, or all of this venue and mode. */
export function journalPaths(room: Room): string[] {
  if (room.accountId !== null) return [room.journals.pathOf(room.accountId)];
  return findJournals(room.journals).map(({ path }) => path);
}

function userName(): string {
  try {
    return untrustedText(userInfo().username, 64);
  } catch {
    // Serves neither: a container's user may have no name; its number still tells who it was.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

export function say(text: string): void {
  writeStdout(`${text}\n`);
}

export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}
