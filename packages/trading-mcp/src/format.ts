import type { AccountSummary, Position } from "trading-core/domain/account";
import type { Decimal } from "trading-core/domain/money";
import { cents, plain, plainOrNull } from "trading-core/domain/money";
import { type Quote, quoteAge } from "trading-core/domain/quote";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { OrderAnswer } from "trading-core/guard/answers";
import type { GroupAnswer } from "trading-core/guard/bracket-answer";
import type { Check } from "trading-core/guard/verdict";
import type { VenuePreview } from "trading-core/ports/broker";
import { redactData } from "./redact.ts";

type Fields = Record<string, unknown>;

/** Text that a venue may have written: bounded, stripped, null where there is none. */
export function textOrNull(value: string | null | undefined, limit = 500): string | null {
  return value == null || value === "" ? null : untrustedText(value, limit);
}

export function texts(values: readonly string[], limit = 300): string[] {
  return values.slice(0, 20).map((value) => untrustedText(value, limit));
}

/** Money in an answer: cents. Prices and quantities stay exact. */
export function centsOrNull(value: Decimal | null | undefined): string | null {
  return value == null ? null : cents(value);
}

export function isoOrNull(at: number | null): string | null {
  return at === null || !Number.isFinite(at) ? null : new Date(at).toISOString();
}

export function orderFields(order: OrderAnswer): Fields {
  return {
    order_id: order.orderId,
    client_order_id: order.clientOrderId,
    status: order.status,
    symbol: untrustedText(order.symbol, 64),
    side: order.side,
    message: textOrNull(order.message),
    order_type: order.orderType,
    quantity: plainOrNull(order.quantity),
    cash_amount: plainOrNull(order.cashAmount),
    filled_quantity: plainOrNull(order.filledQuantity),
    average_price: plainOrNull(order.averagePrice),
    limit_price: plainOrNull(order.limitPrice),
    stop_price: plainOrNull(order.stopPrice),
    ...trailAndGroup(order),
    time_in_force: textOrNull(order.timeInForce, 32),
    notional: centsOrNull(order.notional),
    currency: textOrNull(order.currency, 16),
    mode: order.mode,
    account_type: order.accountType,
    dry_run: order.dryRun,
    journal_seq: order.journalSeq,
    ...(order.replayed ? { replayed: true } : {}),
    ...(order.warnings.length === 0 ? {} : { warnings: texts(order.warnings, 500) }),
    ...(order.exchanges.length === 0 ? {} : { questions: order.exchanges.slice(0, 20).map(questionFields) }),
    ...(order.dryRun ? { request: requestFields(order.request), preview: previewFields(order.preview) } : {}),
  };
}

/** What only trailing stops and brackets have is there only for them. */
export function trailAndGroup({
  trailAmount,
  trailPercent,
  group,
}: Pick<OrderAnswer, "trailAmount" | "trailPercent" | "group">): Fields {
  return {
    ...(trailAmount == null ? {} : { trail_amount: plain(trailAmount) }),
    ...(trailPercent == null ? {} : { trail_percent: plain(trailPercent) }),
    ...(group == null ? {} : { group: { id: group.id, role: group.role, legs: group.legs.map(legFields) } }),
  };
}

function legFields(leg: GroupAnswer["legs"][number]): Fields {
  return {
    role: leg.role,
    order_id: leg.orderId,
    client_order_id: leg.clientOrderId,
    status: leg.status,
    price: plainOrNull(leg.price),
    filled_quantity: plain(leg.filledQuantity),
  };
}

/**
 * An order's answer that cannot fail. A placed order must never turn into an error because one of its
 * numbers could not be written, so the fallback tells what identifies it.
 */
export function orderAnswer(order: OrderAnswer): Fields {
  try {
    return orderFields(order);
  } catch {
    return {
      order_id: order.orderId,
      client_order_id: order.clientOrderId,
      status: order.status,
      message: "The order's details could not be written out; ask order_status.",
      mode: order.mode,
      dry_run: order.dryRun,
      journal_seq: order.journalSeq,
    };
  }
}

function questionFields(exchange: OrderAnswer["exchanges"][number]): Fields {
  return {
    ids: texts(exchange.questionIds, 64),
    text: untrustedText(exchange.text, 500),
    answer: exchange.answer,
  };
}

const MAX_REQUEST = 4_000;

/** The request that a dry run built: our own, so it may be shown, but bounded and without credentials. */
export function requestFields(request: unknown): unknown {
  if (request == null) return null;
  const clean = redactData(request);
  const text = JSON.stringify(clean) ?? "null";
  return text.length <= MAX_REQUEST ? clean : { omitted: `${text.length} characters` };
}

export function previewFields(preview: VenuePreview | null): Fields | null {
  if (preview === null) return null;
  return {
    amount: plainOrNull(preview.amount),
    commission: plainOrNull(preview.commission),
    total: plainOrNull(preview.total),
    margin_change: plainOrNull(preview.marginChange),
    available_funds_before: plainOrNull(preview.availableFundsBefore),
    available_funds_after: plainOrNull(preview.availableFundsAfter),
    currency: textOrNull(preview.currency, 16),
    warnings: texts(preview.warnings, 500),
    refusal: textOrNull(preview.refusal),
  };
}

/** One rule's verdict; what only refusals have is there only for them. */
export function checkAnswer(check: Check): Fields {
  return {
    rule: check.rule,
    verdict: check.verdict,
    ...(check.code === null ? {} : { code: check.code }),
    observed: textOrNull(check.observed, 200),
    limit: textOrNull(check.limit, 200),
    message: untrustedText(check.message, 500),
    ...(check.nextStep === null ? {} : { next_step: untrustedText(check.nextStep, 500) }),
  };
}

export function positionFields(position: Position): Fields {
  return {
    symbol: untrustedText(position.symbol, 64),
    quantity: plainOrNull(position.quantity),
    average_cost: plainOrNull(position.averageCost),
    market_price: plainOrNull(position.marketPrice),
    market_value: centsOrNull(position.marketValue),
    unrealized_pnl: centsOrNull(position.unrealizedPnl),
    currency: textOrNull(position.currency, 16),
  };
}

export function quoteFields(quote: Quote, now: number): Fields {
  const age = quoteAge(quote, now);
  return {
    symbol: untrustedText(quote.symbol, 64),
    last: plainOrNull(quote.last),
    bid: plainOrNull(quote.bid),
    ask: plainOrNull(quote.ask),
    as_of: isoOrNull(quote.asOf),
    age_seconds: age === null ? null : Math.round(age / 100) / 10,
    delayed: quote.delayed,
    halted: quote.halted,
    last_is_previous_close: quote.lastIsPreviousClose,
  };
}

export function summaryFields(account: AccountSummary): Fields {
  return {
    account_id: textOrNull(account.accountId, 64),
    currency: textOrNull(account.currency, 16),
    net_liquidation: centsOrNull(account.netLiquidation),
    available_funds: centsOrNull(account.availableFunds),
    buying_power: centsOrNull(account.buyingPower),
    cash: centsOrNull(account.cash),
  };
}

/** The first `limit` of a list, and how many more there were. */
export function capped<T>(items: readonly T[], limit: number): { shown: T[]; omitted: number } {
  return { shown: items.slice(0, limit), omitted: Math.max(0, items.length - limit) };
}
