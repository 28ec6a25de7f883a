import type { OrderIntent, VenueOrder } from "trading-core/domain/order";
import type { TurnedAway } from "trading-core/domain/outcome";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { type Answer, describe, errorText } from "./answer.ts";
import { failureOf } from "./failures.ts";
import { asArray, asId, asRecord, asText, type Json } from "./loose.ts";
import { readStatus } from "./order-status.ts";
import { type Question, readQuestion } from "./replies.ts";

/** What one answer to an order, or to a reply about it, proves. */
export type Meaning =
  | { kind: "acknowledged"; orderId: string; order: VenueOrder }
  | { kind: "question"; question: Question }
  /** Proof that no order exists. */
  | { kind: "refused"; reason: string; turnedAway?: TurnedAway }
  /** Not one byte left. */
  | { kind: "not_sent"; reason: string }
  /** Anything may have happened. */
  | { kind: "unproven"; reason: string };

/** Which answer this is: to the order itself, or to a confirmed question. */
export type Step = "order" | "reply";

/**
 * Reads an answer to an order. A refusal is a refusal only where the venue said so in a form that it
 * uses before it takes an order; everything else that is not an acknowledgement proves nothing, because
 * orders have been seen to land behind time-outs, 503s and empty answers.
 */
export function meaningOf(answer: Answer, step: Step, intent: OrderIntent): Meaning {
  const meaning = read(answer, step, intent);
  return meaning.kind === "refused" && step === "order" ? withCause(meaning, answer) : meaning;
}

/** Failures of the session or of the way to the venue, about which nothing in the order can be changed. */
const NOT_ABOUT_THE_ORDER = new Set([
  "rate_limited",
  "blocked_by_edge",
  "brokerage_session_down",
  "competing_session",
  "accounts_not_primed",
  "not_logged_in",
]);

function withCause(refused: Extract<Meaning, { kind: "refused" }>, answer: Answer): Meaning {
  const failure = failureOf(answer, { method: "POST", path: "" });
  if (!failure || !NOT_ABOUT_THE_ORDER.has(failure.code)) return refused;
  const { code, message, nextStep } = failure;
  return { kind: "refused", reason: message, turnedAway: { code, nextStep } };
}

function read(answer: Answer, step: Step, intent: OrderIntent): Meaning {
  if (answer.kind === "failed") {
    if (!answer.sent && step === "order") return { kind: "not_sent", reason: answer.detail };
    return { kind: "unproven", reason: answer.detail };
  }
  const text = answer.kind === "json" ? errorText(answer.body) : null;
  if (text !== null) return refusal(answer.status, text, step);
  if (answer.kind === "json" && answer.status === 200) return readBody(answer.body, intent);
  if (step === "order" && isTurnedAway(answer)) return { kind: "refused", reason: describe(answer) };
  return { kind: "unproven", reason: describe(answer) };
}

/** The edge and the pacing turn a request away before anything looks at the order in it. */
function isTurnedAway(answer: Exclude<Answer, { kind: "failed" }>): boolean {
  return answer.status === 429 || (answer.status === 403 && answer.kind === "html");
}

/** Texts by which an order may exist although the answer is an error. */
const DOUBTFUL =
  /already registered|reply id not found|tim(?:e|ed)[ -]?out|no response|unknown error|try again/i;
/** The web API misses its session: it says so before it takes an order, but also between question and reply. */
const SESSION = /no bridge|no session|not logged in|not authenticated|init session|\/accounts first/i;

function refusal(status: number, text: string, step: Step): Meaning {
  const said = `IBKR says: ${text}`;
  if (DOUBTFUL.test(text)) return { kind: "unproven", reason: said };
  if (step === "reply" && (status !== 200 || SESSION.test(text))) return { kind: "unproven", reason: said };
  if (status === 200 || status === 400 || status === 429) return { kind: "refused", reason: said };
  return { kind: "unproven", reason: `${said} (HTTP ${status})` };
}

function readBody(body: unknown, intent: OrderIntent): Meaning {
  const question = readQuestion(body);
  if (question === "unreadable") {
    return { kind: "unproven", reason: "IBKR asked a question that cannot be replied to" };
  }
  if (question !== null) return { kind: "question", question };
  const rows = asArray(body) ?? [body];
  const row = ownRow(rows, intent.clientOrderId);
  const orderId = asId(row?.order_id);
  if (row && orderId !== null) {
    return { kind: "acknowledged", orderId, order: acknowledged(row, orderId, intent) };
  }
  const inner = rows.length === 1 ? errorText(rows[0]) : null;
  if (inner !== null) return refusal(200, inner, "order");
  if (asRecord(body)?.prompt === true) {
    const text = untrustedText(asRecord(body)?.text, 300);
    return { kind: "unproven", reason: `IBKR asks something that only a person may answer: ${text}` };
  }
  return { kind: "unproven", reason: "IBKR's answer to the order has an unexpected shape" };
}

/** The row about our order: by the client order id where rows name it, else the only one. */
function ownRow(rows: unknown[], clientOrderId: string): Json | null {
  const named = rows.map(asRecord).find((row) => row?.local_order_id === clientOrderId);
  // Of a bracket's rows, which come in any order, the entry's is the one that names no parent.
  const parents = rows.filter((row) => asId(asRecord(row)?.parent_order_id) === null);
  if (!named && rows.length > 1 && parents.length === 1) return ownRow(parents, clientOrderId);
  if (named || rows.length !== 1) return named ?? null;
  const only = asRecord(rows[0]);
  // One that names another order says nothing about ours.
  return asText(only?.local_order_id) === null ? only : null;
}

/** The order as acknowledged: the venue's id, status and words, the rest as it was asked for. */
function acknowledged(row: Json, orderId: string, intent: OrderIntent): VenueOrder {
  const said = asText(row.text) ?? asText(row.order_status);
  return {
    orderId,
    clientOrderId: intent.clientOrderId,
    parentOrderId: asId(row.parent_order_id),
    instrumentId: intent.instrument.id,
    symbol: intent.instrument.symbol,
    side: intent.side,
    orderType: intent.orderType,
    quantity: intent.quantity,
    cashAmount: intent.cashAmount,
    filledQuantity: null,
    averagePrice: null,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    timeInForce: intent.timeInForce,
    status: readStatus(row.order_status, null, null),
    message: said && untrustedText(said, 200),
  };
}

/** Whether the answer to a declined question confirms that the order was dropped. */
export function isDeclined(answer: Answer): boolean {
  if (answer.kind !== "json" || answer.status !== 200) return false;
  const text = errorText(answer.body);
  if (text !== null) return /not confirmed/i.test(text);
  return asArray(answer.body)?.length === 0;
}
