import { Big, roundDown, withCommas, ZERO } from "../market/decimal.ts";
import { commissionFor } from "../market/fees.ts";
import { instrumentByConid } from "../market/instruments.ts";
import { knownAccount } from "./accounts.ts";
import { type Gateway, type GatewayRequest, param } from "./gateway.ts";
import { expectedPrice, isSuppressed, orderValue, questionsAbout } from "./questions.ts";
import { refusalAtEntry, refusalAtSubmit } from "./refusals.ts";
import { json, type Reply, webError } from "./reply.ts";
import { parseTicket, type Ticket, ticketsOf } from "./tickets.ts";
import { valuationOf } from "./valuation.ts";

const USUAL_TIME = 1_100;

/** A preview: of the first ticket only, so a bad child of a bracket previews clean. */
export function previewOrder(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.conversations.interrupt();
  const account = knownAccount(request, gateway);
  if (account === null) {
    return webError(400, `Bad Request: accountId is not valid: ${param(request, "accountId")}`);
  }
  const [raw] = ticketsOf(request.body) ?? [];
  if (raw === undefined) return webError(400, "Bad Request: Missing order parameters");
  if (raw.conid !== undefined && instrumentByConid(Number(raw.conid)) === undefined)
    return webError(400, "Bad Request: conid is not valid");
  const parsed = parseTicket(raw, account);
  if (!parsed.ok) return parsed.reply;
  const ticket = parsed.value;
  const refusal = refusalAtEntry(gateway, ticket) ?? refusalAtSubmit(gateway, ticket);
  const warns = warningsAbout(gateway, ticket);
  const body = refusal === null ? acceptance(gateway, account, ticket) : refused(gateway, ticket);
  return {
    ...json({
      ...body,
      ...(warns[0] === undefined ? { warn: null } : { warn: warns[0] }),
      warns,
      error: refusal,
      errors: refusal === null ? [] : [refusal],
      data: rows(gateway, account, ticket, refusal === null),
    }),
    responseTime: USUAL_TIME,
  };
}

/** Warnings carry a message type before the slash, which is not the question's id. */
function warningsAbout(gateway: Gateway, ticket: Ticket): string[] {
  const { streams } = gateway.session.warmth();
  const texts = questionsAbout(gateway, ticket)
    .filter((question) => !isSuppressed(gateway, question))
    .flatMap((question) => question.texts);
  const unprimed = "You are trying to submit an order without having market data for this instrument.";
  const all = streams.has(ticket.draft.conid) ? texts : [unprimed, ...texts];
  return all.map((text, i) => `${21 + i}/${text}`);
}

function shares(gateway: Gateway, ticket: Ticket): Big {
  const { draft } = ticket;
  if (draft.quantity !== null) return draft.quantity;
  const price = expectedPrice(gateway, ticket);
  return price.gt(0) ? roundDown((draft.cashQuantity ?? ZERO).div(price), 4) : ZERO;
}

function acceptance(gateway: Gateway, account: string, ticket: Ticket) {
  const { draft } = ticket;
  const currency = ticket.instrument.currency;
  const quantity = shares(gateway, ticket);
  const amount = orderValue(gateway, ticket);
  const commission = commissionFor(quantity, draft.cashQuantity !== null);
  const value = valuationOf(gateway, account);
  const held = gateway.engine.state.accounts.get(account)?.positions.get(draft.conid)?.quantity ?? ZERO;
  const direction = draft.side === "BUY" ? 1 : -1;
  const total = draft.side === "BUY" ? amount.plus(commission) : amount.minus(commission);
  const change = (current: Big, by: Big) => ({
    current: withCommas(current, 0),
    change: withCommas(by, 0),
    after: withCommas(current.plus(by), 0),
  });
  const margin = amount.times("0.25").times(direction);
  const byCash = draft.cashQuantity !== null;
  const position = {
    current: held.toFixed(),
    change: quantity.times(direction).toFixed(),
    after: held.plus(quantity.times(direction)).toFixed(),
  };
  return {
    amount: {
      amount: `${withCommas(amount, 2)} ${currency} (${quantity.toFixed()} Shares)`,
      commission: `${commission.toFixed()} ${currency}`,
      total: `${withCommas(total, 2)} ${currency}`,
    },
    equity: byCash ? null : change(value.equity, commission.times(-1)),
    initial: byCash ? null : change(value.initialMargin, margin),
    maintenance: byCash ? null : change(value.maintenanceMargin, margin),
    position: byCash ? null : position,
  };
}

function refused(gateway: Gateway, ticket: Ticket) {
  const currency = ticket.instrument.currency;
  const amount = orderValue(gateway, ticket);
  return {
    amount: {
      amount: `${withCommas(amount, 2)} ${currency} (${shares(gateway, ticket).toFixed()} Shares)`,
      commission: "NA",
      total: "NA",
    },
    equity: null,
    initial: null,
    maintenance: null,
    position: null,
    accruedInterest: null,
    action: "convert_from_base_currency",
    cqe: {
      query: {
        account_id: ticket.draft.account,
        sec_type: "STK",
        order_currency: currency,
        exchange: "SMART",
        conid: String(ticket.draft.conid),
        order_total: amount.toFixed(),
      },
      request_method: "GET",
    },
  };
}

function rows(gateway: Gateway, account: string, ticket: Ticket, accepted: boolean) {
  const value = valuationOf(gateway, account);
  const held =
    gateway.engine.state.accounts.get(account)?.positions.get(ticket.draft.conid)?.quantity ?? ZERO;
  const direction = ticket.draft.side === "BUY" ? 1 : -1;
  const after = held.plus(shares(gateway, ticket).times(direction));
  const funds = value.availableFunds.minus(orderValue(gateway, ticket).times("0.25"));
  return [
    { N: "CURRENT_POS", L: "Current Position", V: [held.toFixed()] },
    ...(accepted ? [] : [{ N: "AFTER_POS", L: "Post Trade Position", V: [after.toFixed()] }]),
    { N: "CURRENT_FUNDS", L: "Available Funds", V: [value.availableFunds.toFixed(0)] },
    { N: "AFTER_FUNDS", L: "Post Trade Available Funds*", V: [new Big(funds).toFixed(0)] },
  ];
}
