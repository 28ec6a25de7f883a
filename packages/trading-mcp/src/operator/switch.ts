import { messageOf } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { type OperatorMove, operatorHalt, operatorResume } from "trading-core/guard/operator";
import { confirmTyped } from "../cli/confirm.ts";
import { complain, EXIT, type Room, say, targetOf } from "./room.ts";

/** `halt`: stops entries, or everything. Needs no gateway, no terminal and no confirmation. */
export async function halt(
  room: Room,
  options: { stopExits: boolean; reason: string | null },
): Promise<number> {
  const reason = untrustedText(options.reason ?? "", 200) || "halted by the operator";
  let move: OperatorMove;
  try {
    move = await operatorHalt(room, { stopExits: options.stopExits, reason, user: room.user });
  } catch (error) {
    complain(`NOTHING WAS HALTED: the switch in ${room.stateDir} cannot be written: ${messageOf(error)}`);
    complain("End the client sessions, or log the gateway out: then nothing can be sent.");
    return EXIT.failed;
  }
  say(
    move.moved
      ? `Trading on ${room.policy.venue} is ${move.state} now (it was ${move.before}): ${reason}.`
      : `Trading on ${room.policy.venue} was ${move.state} already; a halt never loosens it.`,
  );
  say(
    move.state === "HALTED"
      ? "No order goes through; entries can still be cancelled."
      : "Only orders that reduce a position go through.",
  );
  say("Running servers obey at their next decision. What works at the venue still works. `resume` ends it.");
  complainOf(move);
  return EXIT.done;
}

/** `resume`: back to ACTIVE, by a person at a terminal who types what the question shows. */
export async function resume(room: Room): Promise<number> {
  const seen = room.tradingState.fingerprint();
  const { state, reason } = room.tradingState.read();
  if (state === "ACTIVE") {
    say(`Trading on ${room.policy.venue} is ACTIVE already.`);
    return EXIT.done;
  }
  const question = [
    `Trading on ${room.policy.venue} is ${state}: ${untrustedText(reason, 300)}.`,
    `Resuming it lets every server of this user trade again, on ${targetOf(room)} in mode ${room.policy.mode}.`,
  ].join("\n");
  const terminal = { input: process.stdin, output: process.stderr };
  const confirmation = await confirmTyped(terminal, question, `resume ${targetOf(room)}`);
  if (confirmation !== "confirmed") {
    complain(
      confirmation === "no_terminal"
        ? "resume wants a person at a terminal: its input is none. Nothing was changed."
        : "Not confirmed. Nothing was changed.",
    );
    return EXIT.refused;
  }
  const move = await operatorResume(room, { seen, reason: "resumed by the operator", user: room.user });
  if (!move.moved) {
    complain(
      `The switch moved while you typed, or is being moved: it is ${move.state}. Look again, then decide.`,
    );
    return EXIT.refused;
  }
  say(`Trading on ${room.policy.venue} is ACTIVE again. Running servers see it at their next decision.`);
  complainOf(move);
  return EXIT.done;
}

function complainOf({ unjournaled }: OperatorMove): void {
  for (const each of unjournaled) complain(`It holds, but could not be written to a journal: ${each}`);
}
