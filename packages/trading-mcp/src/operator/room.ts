import { userInfo } from "node:os";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { SwitchRoom } from "trading-core/guard/operator";
import type { Policy } from "trading-core/guard/policy";
import type { OperatorGuard } from "trading-core/guard/resolve";
import { tradingStateFile } from "trading-core/guard/trading-state";
import { findJournals } from "trading-core/journal/find-journals";
import { openJournals } from "trading-core/journal/journals";
import { systemClock } from "trading-core/ports/clock";
import { writeStdout } from "../quiet-stdout.ts";

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
  /** What people call the venue: "IBKR". */
  venueName: string;
  connect: RoomOptions["connect"];
  /** The operator's user name on this machine, for the journal. */
  user: string;
}

export interface RoomOptions {
  policy: Policy;
  venueName: string;
  stateDir: string;
  /** Where the operator moved this venue's journals to; null for the state folder. */
  journalPath: string | null;
  /** Puts the venue together, for the one command that has to ask it. */
  connect(): { venue(): Promise<{ guard: OperatorGuard }>; close(): Promise<void> };
}

export function openRoom(options: RoomOptions): Room {
  const { policy, stateDir } = options;
  const { venue, mode, accountId } = policy;
  return {
    policy,
    stateDir,
    venueName: options.venueName,
    connect: () => options.connect(),
    accountId,
    user: userName(),
    clock: systemClock,
    tradingState: tradingStateFile(stateDir, venue),
    journals: openJournals({ stateDir, path: options.journalPath, venue, mode, clock: systemClock }),
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
