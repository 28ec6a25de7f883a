import { messageOf, TradingError } from "trading-core/domain/errors";
import type { Exchange, Outcome } from "trading-core/domain/outcome";
import type { DispatchGate, PreparedOrder } from "trading-core/ports/broker";
import type { Call, Conversation, GatewayClient } from "./client.ts";
import { CONVERSATION_MS } from "./line.ts";
import { isDeclined, type Meaning, meaningOf } from "./outcome.ts";
import { route } from "./path.ts";
import { kindOf, mayConfirm, mayConfirmForBracket, type Question } from "./replies.ts";

/** As long as the line is held: a question that comes later could not be answered alone on it any more. */
const ORDER_TIMEOUT_MS = CONVERSATION_MS;
const DECLINE_TIMEOUT_MS = 3_000;
const MOST_ROUNDS = 6;
/** No reply is sent with less than this left of the time for which the line is ours. */
const LAST_REPLY_MS = 500;
const ENDING = "the server is ending, and has no time left to answer IBKR's question";

/**
 * Sends one order and answers the venue's questions about it, alone on the line. It never throws, and
 * it never sends an order twice: what stays unclear is `unknown`, for others to look into.
 */
export async function submitOrder(
  client: Pick<GatewayClient, "converse">,
  prepared: PreparedOrder,
  gate: DispatchGate,
): Promise<Outcome> {
  const exchanges: Exchange[] = [];
  let begun = false;
  try {
    return await client.converse(gate.isExit, async (line) => {
      const look = await gate.begin();
      if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
      begun = true;
      return await converse(line, prepared, gate, exchanges);
    });
  } catch (error) {
    const reason = messageOf(error);
    // Before the gate opened nothing can have been sent; after that an exception proves nothing.
    if (begun) return { kind: "unknown", reason, exchanges };
    return { kind: "not_sent", reason, code: error instanceof TradingError ? error.code : "internal_error" };
  }
}

async function converse(
  line: Conversation,
  prepared: PreparedOrder,
  { isExit, hurry }: DispatchGate,
  exchanges: Exchange[],
): Promise<Outcome> {
  const { intent, request } = prepared;
  const { path, body } = request;
  const signal = hurry && { signal: hurry };
  const order: Call = { method: "POST", path, body, timeoutMs: ORDER_TIMEOUT_MS, ...signal };
  let meaning = meaningOf(await line.send(order), "order", intent);
  const asked = new Set<string>();

  for (;;) {
    if (meaning.kind !== "question") return settle(meaning, exchanges);
    const { question } = meaning;
    const objection = hurry?.aborted ? ENDING : whyNot(question, prepared, asked, line, isExit);
    if (objection !== null) return await decline(line, question, objection, exchanges);
    asked.add(question.replyId);
    exchanges.push({ questionIds: question.messageIds, text: question.text, answer: "confirmed" });
    const timeoutMs = Math.max(LAST_REPLY_MS, line.left());
    const reply = { ...replyTo(question, true), timeoutMs, ...signal };
    meaning = meaningOf(await line.send(reply), "reply", intent);
  }
}

function settle(meaning: Exclude<Meaning, { kind: "question" }>, exchanges: Exchange[]): Outcome {
  switch (meaning.kind) {
    case "acknowledged":
      return { kind: "acknowledged", orderId: meaning.orderId, order: meaning.order, exchanges };
    case "refused":
      return {
        kind: "rejected",
        reason: meaning.reason,
        exchanges,
        ...(meaning.turnedAway && { turnedAway: meaning.turnedAway }),
      };
    case "not_sent":
      return { kind: "not_sent", reason: meaning.reason, code: "gateway_unreachable" };
    case "unproven":
      return { kind: "unknown", reason: meaning.reason, exchanges };
  }
}

/** Why a question is declined; null when it may be confirmed. */
function whyNot(
  question: Question,
  { intent, opensShort }: PreparedOrder,
  asked: ReadonlySet<string>,
  line: Conversation,
  isExit: boolean,
): string | null {
  if (asked.has(question.replyId)) return "IBKR asked the same question again";
  if (asked.size >= MOST_ROUNDS) return `IBKR asked more than ${MOST_ROUNDS} questions`;
  if (line.left() < LAST_REPLY_MS) return "there was no time left to answer IBKR's question";
  const may = intent.exits
    ? mayConfirmForBracket(question, intent, opensShort)
    : mayConfirm(question, intent, kindOf(intent), isExit, opensShort);
  if (!may) {
    const ids = question.messageIds.join(", ") || "no id";
    return `IBKR asked a question that is not confirmed for this kind of order (${ids}): ${question.text}`;
  }
  // Last, because it is the one objection that a moment later may be gone.
  if (!isExit && line.exitWaits()) return "an order that closes a position is waiting, and goes first";
  return null;
}

/** Says no, so that nothing stays half-placed on the account. Only the venue's word makes it a rejection. */
async function decline(
  line: Conversation,
  question: Question,
  reason: string,
  exchanges: Exchange[],
): Promise<Outcome> {
  exchanges.push({ questionIds: question.messageIds, text: question.text, answer: "declined" });
  const answer = await line.send({ ...replyTo(question, false), timeoutMs: DECLINE_TIMEOUT_MS });
  if (isDeclined(answer)) return { kind: "rejected", reason: `Declined: ${reason}`, exchanges };
  return { kind: "unknown", reason: `${reason}; IBKR did not confirm that the order was dropped`, exchanges };
}

function replyTo(question: Question, confirmed: boolean): Call {
  return { method: "POST", path: route`/iserver/reply/${question.replyId}`, body: { confirmed } };
}
