import { existsSync } from "node:fs";
import { messageOf } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { acceptJournal } from "trading-core/journal/accept";
import { openJournal } from "trading-core/journal/journal";
import { takeOnly } from "../cli/command-flags.ts";
import type { CommandLine } from "../cli/command-line.ts";
import { confirmTyped } from "../cli/confirm.ts";
import { complain, EXIT, journalPaths, type Room, say, targetOf } from "./room.ts";

/**
 * `journal accept`: a journal of which something is gone or was changed is relied on again (S35), by a person
 * at a terminal who types what the question shows. Nothing is repaired: what is missing stays missing.
 */
export async function accept(room: Room, line: CommandLine): Promise<number> {
  takeOnly("journal accept", line, {});
  let code: number = EXIT.done;
  // The anchor beside it is what is left of a journal that was deleted.
  const paths = journalPaths(room).filter((path) => existsSync(path) || existsSync(`${path}.head`));
  for (const path of paths) code = Math.max(code, await acceptOne(room, path));
  if (paths.length > 0) return code;
  complain(`There is no journal of ${room.policy.venue} in mode ${room.policy.mode} in ${room.stateDir}.`);
  return EXIT.failed;
}

async function acceptOne(room: Room, path: string): Promise<number> {
  try {
    const { venue, mode } = room.policy;
    const account = room.accountId ?? targetOf(room);
    const journal = openJournal(path, { venue, account, mode }, room.clock);
    try {
      const reason = journal.ledger.incomplete;
      if (reason === null) {
        say(`${path} is relied on already: nothing to accept.`);
        return EXIT.done;
      }
      const confirmation = await confirmTyped(
        { input: process.stdin, output: process.stderr },
        [
          `${path}: ${untrustedText(reason, 300)}.`,
          "Orders, fills and spent limits that stood in what is missing are not known any more. Compare the",
          "account's positions and orders at the venue first. Entries are possible again after this.",
        ].join("\n"),
        `accept ${account}`,
      );
      if (confirmation !== "confirmed") {
        complain(
          confirmation === "no_terminal"
            ? "journal accept wants a person at a terminal: its input is none. Nothing was changed."
            : "Not confirmed. Nothing was changed.",
        );
        return EXIT.refused;
      }
      const accepted = await acceptJournal(journal, room.user, reason);
      say(
        accepted === null
          ? `${path} was accepted by somebody else meanwhile.`
          : `${path} is relied on from record ${accepted.seq} on.`,
      );
      return EXIT.done;
    } finally {
      journal.close();
    }
  } catch (error) {
    complain(`${path} was not accepted: ${messageOf(error)}`);
    return EXIT.failed;
  }
}
