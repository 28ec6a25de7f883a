import { TradingError } from "trading-core/domain/errors";
import type { OrderAnswer } from "trading-core/guard/answers";
import type { ResolvedAs } from "trading-core/guard/resolve";
import { takeOnly } from "trading-mcp/cli/command-flags";
import { type CommandLine, UsageError } from "trading-mcp/cli/command-line";
import { confirmTyped } from "trading-mcp/cli/confirm";
import { createLogger } from "trading-mcp/logger";
import { createIbkrVenue } from "../venue.ts";
import { complain, EXIT, type Room, say } from "./room.ts";

const AS: Record<string, ResolvedAs> = { placed: "placed", "not-placed": "not_placed" };
const MEANING: Record<ResolvedAs, string> = {
  placed: "It keeps its place in the limits, and no longer blocks orders like it.",
  not_placed: "It frees its place in the limits and the block on orders like it.",
};

/** `resolve <client order id> --as placed|not-placed`: ends the question what became of one order (S16). */
export async function resolve(room: Room, line: CommandLine): Promise<number> {
  takeOnly("resolve", line, { words: [1, 1], flags: ["as"] });
  const [id = ""] = line.rest;
  const word = String(line.flags.as ?? "");
  const as = Object.hasOwn(AS, word) ? AS[word] : undefined;
  if (as === undefined) throw new UsageError("resolve wants --as placed or --as not-placed.");
  if (process.stdin.isTTY !== true) {
    complain("resolve wants a person at a terminal: its input is none. Nothing was declared.");
    return EXIT.refused;
  }
  const { values, secrets } = room.loaded;
  const logger = createLogger({ name: "ibkr", level: values.LOG_LEVEL, secrets });
  const ibkr = createIbkrVenue({ settings: values, stateDir: room.stateDir, clock: room.clock, logger });
  try {
    const { guard } = await ibkr.venue();
    const answer = await guard.resolve({
      clientOrderId: id,
      as,
      user: room.user,
      confirm: (saw, order) => ask(id, word, as, saw, order),
    });
    if (answer.kind === "not_confirmed") {
      complain("Not confirmed. Nothing was declared.");
      return EXIT.refused;
    }
    if (answer.kind === "found") {
      say(
        `The venue has it as order ${answer.order.orderId}, ${answer.order.status}. That was journaled instead.`,
      );
      return EXIT.done;
    }
    say(`Order ${id} is declared ${word}. ${MEANING[as]}`);
    say("Should the venue ever show it or a fill of it, it counts in full and session_status says so.");
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof TradingError)) throw error;
    complain(`${error.message}\n${error.nextStep}`);
    return EXIT.failed;
  } finally {
    await ibkr.close();
  }
}

async function ask(
  id: string,
  word: string,
  as: ResolvedAs,
  saw: string,
  order: OrderAnswer,
): Promise<boolean> {
  const size = order.quantity?.toFixed() ?? `${order.cashAmount?.toFixed()} ${order.currency} of`;
  const question = [
    `Order ${id}: ${order.side} ${size} ${order.symbol}, of unknown fate.`,
    `The venue: ${saw}.`,
    `Look in IBKR's own client as well, at orders and trades of that day. ${MEANING[as]}`,
  ].join("\n");
  const terminal = { input: process.stdin, output: process.stderr };
  return (await confirmTyped(terminal, question, `${word} ${id}`)) === "confirmed";
}
