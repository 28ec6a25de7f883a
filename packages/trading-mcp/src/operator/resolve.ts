import { TradingError } from "trading-core/domain/errors";
import { type Decimal, decimal, plain, ZERO } from "trading-core/domain/money";
import type { OrderAnswer } from "trading-core/guard/answers";
import type { ResolvedAs, ResolveRequest } from "trading-core/guard/resolve";
import { takeOnly } from "../cli/command-flags.ts";
import { type CommandLine, UsageError } from "../cli/command-line.ts";
import { confirmTyped } from "../cli/confirm.ts";
import { complain, EXIT, type Room, say } from "./room.ts";

const AS: Record<string, ResolvedAs> = { placed: "placed", "not-placed": "not_placed" };

/** What the person declares, and the words that are typed to confirm it. */
interface Declaration extends Pick<ResolveRequest, "clientOrderId" | "as" | "filled" | "price"> {
  typed: string;
}

/**
 * `resolve <client order id> --as placed|not-placed [--filled QTY [--price P]]`: ends the question what
 * became of one order (S16).
 */
export async function resolve(room: Room, line: CommandLine): Promise<number> {
  const declared = declarationOf(line);
  if (process.stdin.isTTY !== true) {
    complain("resolve wants a person at a terminal: its input is none. Nothing was declared.");
    return EXIT.refused;
  }
  const connection = room.connect();
  try {
    const { guard } = await connection.venue();
    const answer = await guard.resolve({
      ...declared,
      user: room.user,
      confirm: (saw, order) => ask(declared, room.venueName, saw, order),
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
    say(`Order ${declared.clientOrderId} is declared ${declared.typed}. ${meaningOf(declared)}`);
    say("Should the venue ever show it or a fill of it, it counts in full and session_status says so.");
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof TradingError)) throw error;
    complain(`${error.message}\n${error.nextStep}`);
    return EXIT.failed;
  } finally {
    await connection.close();
  }
}

function declarationOf(line: CommandLine): Declaration {
  takeOnly("resolve", line, { words: [1, 1], flags: ["as", "filled", "price"] });
  const [clientOrderId = ""] = line.rest;
  const word = String(line.flags.as ?? "");
  const as = Object.hasOwn(AS, word) ? AS[word] : undefined;
  if (as === undefined) throw new UsageError("resolve wants --as placed or --as not-placed.");
  const filled = amountOf("filled", line.flags.filled);
  const price = amountOf("price", line.flags.price);
  if (filled !== null && as !== "placed")
    throw new UsageError("resolve takes --filled with --as placed only.");
  if (price !== null && filled === null) throw new UsageError("resolve takes --price with --filled only.");
  const fill =
    filled === null ? "" : ` filled ${plain(filled)}${price === null ? "" : ` at ${plain(price)}`}`;
  return { clientOrderId, as, filled, price, typed: `${word}${fill}` };
}

const AMOUNT = /^\d{1,15}(?:\.\d{1,12})?$/;

function amountOf(flag: string, text: string | boolean | undefined): Decimal | null {
  if (text === undefined) return null;
  const amount = typeof text === "string" && AMOUNT.test(text) ? decimal(text) : ZERO;
  if (amount.gt(ZERO)) return amount;
  throw new UsageError(`resolve takes a plain number greater than 0 for --${flag}, such as 10 or 0.5.`);
}

function meaningOf({ as, filled, price }: Declaration): string {
  if (as === "not_placed") return "It frees its place in the limits and the block on orders like it.";
  if (filled === null) return "It keeps its place in the limits, and no longer blocks orders like it.";
  const at = price === null ? "the worst price that it was checked at" : plain(price);
  return `It is over: ${plain(filled)} count as filled today at ${at}, and the rest is freed.`;
}

async function ask(
  declared: Declaration,
  venueName: string,
  saw: string,
  order: OrderAnswer,
): Promise<boolean> {
  const { clientOrderId, typed } = declared;
  const size = order.quantity?.toFixed() ?? `${order.cashAmount?.toFixed()} ${order.currency} of`;
  const question = [
    `Order ${clientOrderId}: ${order.side} ${size} ${order.symbol}, of unknown fate.`,
    `The venue: ${saw}.`,
    `Look in ${venueName}'s own client as well, at orders and trades of that day. ${meaningOf(declared)}`,
  ].join("\n");
  const terminal = { input: process.stdin, output: process.stderr };
  return (await confirmTyped(terminal, question, `${typed} ${clientOrderId}`)) === "confirmed";
}
