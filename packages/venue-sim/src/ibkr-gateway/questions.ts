import { type Big, isWhole, withCommas, ZERO } from "../market/decimal.ts";
import type { Gateway } from "./gateway.ts";
import { sizeText, termsText } from "./order-words.ts";
import type { Ticket } from "./tickets.ts";

/** Something the venue wants confirmed before it takes an order. */
export interface Question {
  /** One id per text; suppressing all of them suppresses the question. */
  messageIds: string[];
  texts: string[];
  options: [decline: string, accept: string] | ["Yes", "No"];
  suppressible: boolean;
}

const yesNo = (messageId: string, text: string): Question => ({
  messageIds: [messageId],
  texts: [text],
  options: ["Yes", "No"],
  suppressible: false,
});

const accept = (messageId: string, text: string): Question => ({
  messageIds: [messageId],
  texts: [text],
  options: ["Decline", "Accept and Continue"],
  suppressible: true,
});

/** What the venue asks about a ticket, in its order, before suppression. */
export function questionsAbout(gateway: Gateway, ticket: Ticket): Question[] {
  const questions = [
    ...limitQuestions(gateway, ticket),
    ...riskQuestions(gateway, ticket),
    ...typeQuestions(gateway, ticket),
  ];
  return questions.map((question) => ({ ...question, messageIds: shownIds(gateway, question.messageIds) }));
}

/** Documented id → the id that a live account saw with the same text. */
const OBSERVED: Record<string, string> = {
  o10151: "o10164",
  o10153: "o10223",
  o10164: "o10151",
  o10223: "o10153",
};

function shownIds(gateway: Gateway, ids: string[]): string[] {
  const { messageIds } = gateway.identity;
  if (messageIds === "none") return [];
  return messageIds === "observed" ? ids.map((id) => OBSERVED[id] ?? id) : ids;
}

/** Whether the session's suppressions cover everything that a question says. */
export function isSuppressed(gateway: Gateway, question: Question): boolean {
  const { suppressed } = gateway.session.warmth();
  return question.messageIds.length > 0 && question.messageIds.every((id) => suppressed.has(id));
}

/** The price an order would trade at for all the venue can tell. */
export function expectedPrice(gateway: Gateway, ticket: Ticket): Big {
  const { draft } = ticket;
  const quote = gateway.market.quote(draft.conid);
  return draft.limitPrice ?? draft.stopPrice ?? (draft.side === "BUY" ? quote?.ask : quote?.bid) ?? ZERO;
}

export function orderValue(gateway: Gateway, ticket: Ticket): Big {
  return ticket.draft.cashQuantity ?? (ticket.draft.quantity ?? ZERO).times(expectedPrice(gateway, ticket));
}

/** The customer's own precautionary settings: percentage, size, value; one question holds them all. */
function limitQuestions(gateway: Gateway, ticket: Ticket): Question[] {
  const { draft } = ticket;
  const { limits } = gateway;
  const found: { messageId: string; text: string }[] = [];
  const market = gateway.market.quote(draft.conid)?.last ?? ZERO;
  const order = `"${draft.side} ${sizeText(draft)} ${ticket.instrument.symbol} ${ticket.instrument.exchange} @ ${draft.limitPrice?.toFixed(2) ?? "Market"}"`;
  const sure = "Are you sure you want to submit this order?";
  if (draft.limitPrice !== null && market.gt(0)) {
    const away = draft.limitPrice.minus(market).abs().div(market).times(100);
    if (away.gt(limits.pricePercent)) {
      const text = `The following order ${order} price exceeds \nthe Percentage constraint of ${limits.pricePercent}%.\n${sure}`;
      found.push({ messageId: "o163", text });
    }
  }
  if (draft.quantity?.gt(limits.orderSize)) {
    const text = `The following order ${order} size exceeds the Size Limit of ${limits.orderSize}.\n${sure}`;
    found.push({ messageId: "o383", text });
  }
  const value = orderValue(gateway, ticket);
  if (value.gt(limits.orderValue)) {
    const limit = withCommas(value.times(0).plus(limits.orderValue), 0);
    const text = `The following order ${order} value estimate of ${withCommas(value, 2)} USD exceeds \nthe Total Value Limit of ${limit} USD.\n${sure}`;
    found.push({ messageId: "o451", text });
  }
  if (found.length === 0) return [];
  return [
    {
      messageIds: found.map(({ messageId }) => messageId),
      texts: found.map(({ text }) => text),
      options: ["Yes", "No"],
      suppressible: false,
    },
  ];
}

function riskQuestions(gateway: Gateway, ticket: Ticket): Question[] {
  const { draft } = ticket;
  const questions: Question[] = [];
  const availability = gateway.market.availability(draft.conid);
  if (availability === "N" || availability === "O") {
    questions.push(
      accept(
        "o354",
        "You are submitting an order without market data. We strongly recommend against this as it may result in erroneous and unexpected trades.\nAre you sure you want to submit this order?",
      ),
    );
  }
  const held = gateway.engine.state.accounts.get(draft.account)?.positions.get(draft.conid)?.quantity ?? ZERO;
  if (draft.side === "SELL" && ticket.parentReference === null && held.gte(0) && draft.quantity?.gt(held)) {
    questions.push(
      yesNo(
        "o2137",
        `Closing quantity ${draft.quantity.toFixed()} is larger than the position of ${held.toFixed()} ${ticket.instrument.symbol}.\nAre you sure you want to submit this order?`,
      ),
    );
  }
  const open = gateway.calendar().isOpen(gateway.clock.now());
  if (!open && draft.outsideRegularHours && draft.quantity !== null && !isWhole(draft.quantity)) {
    questions.push(yesNo("o2165", "Fractions of a share are not supported outside regular trading hours."));
  }
  if (wouldTrigger(gateway, ticket)) {
    questions.push(
      yesNo(
        "o403",
        "This order will most likely trigger and fill immediately.\nAre you sure you want to submit this order?",
      ),
    );
  }
  return questions;
}

function wouldTrigger(gateway: Gateway, ticket: Ticket): boolean {
  const { draft } = ticket;
  const last = gateway.market.quote(draft.conid)?.last;
  if (draft.stopPrice === null || last === undefined || ticket.parentReference !== null) return false;
  return draft.side === "BUY" ? last.gte(draft.stopPrice) : last.lte(draft.stopPrice);
}

/** Confirmations of an order type. Some are asked on the session's first order of that kind only. */
function typeQuestions(gateway: Gateway, ticket: Ticket): Question[] {
  const { draft } = ticket;
  const { asked } = gateway.session.warmth();
  const questions: Question[] = [];
  const once = (kind: string, question: Question) => {
    if (!asked.has(kind)) questions.push(question);
  };
  if (draft.cashQuantity !== null) {
    questions.push(
      accept(
        "o10223",
        "<h4>Cash Quantity Order Confirmation</h4>Orders that express size using a monetary value (cash quantity) are provided on a non-guaranteed basis. The system simulates the order by cancelling it once the specified amount is spent.",
      ),
      accept(
        "o10164",
        "Cash quantity details are provided on a best efforts basis only; the number of shares may differ from the estimate.",
      ),
    );
  } else if (draft.type === "MKT") {
    once(
      "market",
      accept(
        "o10151",
        "<h4>Market Order Confirmation</h4>&nbsp;A Market Order is filled at the best price that is available, which may be far from the last one.",
      ),
    );
  }
  if (draft.type === "MKT" || far(gateway, ticket)) {
    questions.push(
      accept(
        "o10153",
        `<h4>Confirm Mandatory Cap Price</h4>To avoid trading at a price that is not consistent with a fair and orderly market, IB may set a cap (for a buy order) or floor (for a sell order). ${termsText(draft)}`,
      ),
    );
  }
  if (draft.type === "STP" || draft.type === "STOP_LIMIT" || draft.type === "TRAIL") {
    once(
      "stop",
      yesNo(
        "o10331",
        "You are about to submit a stop order. Please be aware of the various stop order types available and the risks associated with each one.\nAre you sure you want to submit this order?",
      ),
    );
    questions.push(
      accept(
        "o10152",
        "<h4>Stop Order Activation</h4>A stop order becomes a market order once its stop price is touched, and may fill far from it.",
      ),
    );
  }
  return questions;
}

/** Limits this far off are capped as well. */
function far(gateway: Gateway, ticket: Ticket): boolean {
  const last = gateway.market.quote(ticket.draft.conid)?.last;
  if (ticket.draft.type !== "LMT" || ticket.draft.limitPrice === null || last === undefined || last.eq(0))
    return false;
  return ticket.draft.limitPrice.minus(last).abs().div(last).gt("0.5");
}

/** Kinds that this ticket's answered questions cover for the rest of the session. */
export function kindsOf(ticket: Ticket): string[] {
  if (ticket.draft.type === "MKT") return ["market"];
  return ticket.draft.type === "LMT" ? [] : ["stop"];
}
