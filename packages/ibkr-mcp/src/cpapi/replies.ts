import { childLegs } from "trading-core/domain/bracket";
import type { OrderIntent } from "trading-core/domain/order";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { asArray, asRecord, asText } from "./loose.ts";

/** A question of the venue's about an order that it has not taken yet. */
export interface Question {
  /** What the reply is addressed to; checked, because it becomes part of a path. */
  replyId: string;
  messageIds: string[];
  text: string;
}

/** A question in an answer to an order or to a reply; null when it is none. "unreadable" has no usable reply id. */
export function readQuestion(body: unknown): Question | "unreadable" | null {
  const first = asRecord(asArray(body)?.[0]);
  if (!first || !("message" in first) || "order_id" in first) return null;
  const replyId = asText(first.id);
  if (replyId === null || !/^[A-Za-z0-9-]{1,64}$/.test(replyId)) return "unreadable";
  const texts = asArray(first.message) ?? [first.message];
  return {
    replyId,
    messageIds: (asArray(first.messageIds) ?? []).map((id) => untrustedText(id, 20)),
    text: untrustedText(texts.map(String).join(" "), 1000),
  };
}

/** The order as far as the questions about it depend on it. */
export type OrderKind = "market" | "bounded_market" | "cash" | "limit" | "stop";

export function kindOf(intent: OrderIntent): OrderKind {
  if (intent.orderType === "limit") return "limit";
  if (["stop", "stop_limit", "trailing_stop"].includes(intent.orderType)) return "stop";
  if (intent.cashAmount !== null) return "cash";
  return intent.priceBound === null ? "market" : "bounded_market";
}

/*
 * What may be confirmed without asking anybody, per kind of order. All of it repeats what the order
 * says itself: that a market order has no price, that a stop becomes one, that a limit is far away. Ids
 * that say more than that (o2137: closes more than is held; o403 on a stop: fires at once) are in no
 * list, and neither is any other id. One exception: see opensFromNothing.
 */
const NO_MARKET_DATA = "o354";
const FAR_FROM_MARKET = "o163";
const CAP_PRICE = "o10153";
const FILLS_NOW = "o403";
const MARKET_ORDER = ["o10151", "o10164", "o10223", CAP_PRICE];

const CONFIRMABLE: Record<OrderKind, { BUY: readonly string[]; SELL: readonly string[] }> = {
  // A market buy without a bound and without market data would be a blank cheque.
  market: { BUY: MARKET_ORDER, SELL: [...MARKET_ORDER, NO_MARKET_DATA] },
  bounded_market: both([...MARKET_ORDER, NO_MARKET_DATA, FAR_FROM_MARKET, FILLS_NOW]),
  cash: both([...MARKET_ORDER, NO_MARKET_DATA]),
  limit: both([FAR_FROM_MARKET, NO_MARKET_DATA, CAP_PRICE, "o10223", FILLS_NOW]),
  stop: both(["o10152", "o10331", FAR_FROM_MARKET, NO_MARKET_DATA, CAP_PRICE, "o10223"]),
};

/**
 * Beyond the size and value limits that the user set at the venue: those are meant for what is opened. An
 * order that is proven to reduce a position is not held up by them.
 */
const BEYOND_USER_LIMITS = ["o382", "o383", "o451"];

function both(ids: string[]) {
  return { BUY: ids, SELL: ids };
}

/*
 * The ids and the texts do not always belong together: the venue has been seen to use one id for another
 * question than it documents. So the text has a veto.
 */
const USER_LIMITS = [
  /\bsize limit\b/i,
  /\b(?:total )?value (?:limit|estimate)\b/i,
  /\bexceeds? (?:your |the |its )?(?:current |existing )?size\b/i,
];
const ALARMING = [
  /\b(?:larger|greater|more) than (?:your |the |its )?(?:current |existing )?(?:position|holding|quantity)/i,
  /\bexceeds? (?:your |the |its )?(?:current |existing )?(?:position|holdings?|quantity|buying power)/i,
  /\bclosing (?:quantity|order)\b/i,
  /\b(?:sell(?:ing)?|go(?:es|ing)?|sold) short\b|\bshort (?:sale|sell|selling|position)\b/i,
  /\b(?:cross|opposite)[ -]side\b/i,
  /\bmargin (?:call|deficit|violation|requirement is not)\b|\bliquidat/i,
];
/** That an order fills at once is what a marketable limit is for, and an alarm for everything else. */
const FILLS_AT_ONCE = /\btrigger and fill immediately\b/i;

/**
 * The same for a bracket, of which a question may concern any leg without saying which: confirmed is what may
 * be for one of them as an entry's would be, and never that something fills at once.
 */
export function mayConfirmForBracket(question: Question, intent: OrderIntent, opensShort = false): boolean {
  if (question.messageIds.includes(FILLS_NOW) || FILLS_AT_ONCE.test(question.text)) return false;
  const legs = [intent, ...childLegs(intent).map((leg) => leg.intent)];
  return legs.some((leg) => mayConfirm(question, leg, kindOf(leg), false, leg === intent && opensShort));
}

/**
 * Whether a question may be confirmed for this order. Every id has to be known, and there has to be one.
 *
 * @param isExit the order is proven to reduce a position
 * @param opensShort the guard found nothing held, and lets it open a short
 */
export function mayConfirm(
  question: Question,
  intent: Pick<OrderIntent, "side">,
  kind: OrderKind,
  isExit: boolean,
  opensShort = false,
): boolean {
  const opening = opensShort ? opensFromNothing(question) : null;
  if (opening !== null) return opening.messageIds.length === 0 || mayConfirm(opening, intent, kind, false);
  const allowed = [...CONFIRMABLE[kind][intent.side], ...(isExit ? BEYOND_USER_LIMITS : [])];
  if (question.messageIds.length === 0) return false;
  if (!question.messageIds.every((id) => allowed.includes(id))) return false;
  if (FILLS_AT_ONCE.test(question.text) && !allowed.includes(FILLS_NOW)) return false;
  const alarming = isExit ? ALARMING : [...ALARMING, ...USER_LIMITS];
  return !alarming.some((pattern) => pattern.test(question.text));
}

const CLOSES_TOO_MUCH = "o2137";
const OF_NOTHING =
  /\bclosing quantity [\d.,]+ is larger than the position of 0(?:\.0+)?(?= |$)[^.?!]*[.?!]?(?:\s*are you sure you want to submit this order\?)?/i;

/**
 * A short that the operator allows begins with nothing held, and the venue asks whether more than nothing is
 * meant to be closed. Where it names a position of 0 it repeats what the guard has found, and what is left of
 * the question is judged as any other; naming more, it knows of a position that the guard does not.
 */
function opensFromNothing(question: Question): Question | null {
  if (!question.messageIds.includes(CLOSES_TOO_MUCH) || !OF_NOTHING.test(question.text)) return null;
  const text = question.text.replace(OF_NOTHING, "").trim();
  const messageIds = question.messageIds.filter((id) => id !== CLOSES_TOO_MUCH);
  // A text that goes on without an id of its own says something that no id vouches for.
  if (messageIds.length === 0 && text !== "") return null;
  return { ...question, text, messageIds };
}
