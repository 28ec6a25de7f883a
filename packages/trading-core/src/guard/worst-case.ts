import type { Instrument } from "../domain/instrument.ts";
import { roundLimitPrice } from "../domain/instrument.ts";
import { type Decimal, decimal, max, ONE, plain } from "../domain/money.ts";
import type { OrderRequest } from "../domain/order.ts";
import { isFresh, type Quote } from "../domain/quote.ts";
import type { Reading } from "../domain/reading.ts";
import type { WorstCase } from "./facts.ts";
import type { Policy } from "./policy.ts";
import type { RiskRate } from "./risk-rate.ts";

const PERCENT = decimal(100);

/**
 * S22: what an order may cost at its worst, without fees. A buy by amount is worth its amount. A limit
 * buy is worth its limit, which it can never be filled above. Everything that is filled at the market's
 * price is worth the greatest of stop and ask, with the allowed deviation on top, and needs a fresh
 * quote. What opens a short is worth the greatest of its limit, its stop and the ask: there is no upper
 * bound to what a seller is paid, so the market's price stands for it. All of it at the rate from the
 * currency that the instrument is priced in into the one that the limits are in (S21).
 */
export function worstCaseOf(
  order: Omit<OrderRequest, "symbol">,
  instrument: Instrument,
  quote: Reading<Quote>,
  policy: Policy,
  rate: RiskRate,
  now: number,
): WorstCase {
  if (rate.kind === "unknown") {
    return {
      kind: "unpriced",
      reason: `${instrument.symbol} is priced in ${rate.from}, and its rate into ${rate.to} is not known: ${rate.reason}`,
    };
  }
  if (order.cashAmount !== null) return priced(order.cashAmount, null, "its amount", rate);
  const { quantity } = order;
  if (quantity === null) return { kind: "unpriced", reason: "the order has no size" };
  if (order.side === "BUY" && order.limitPrice !== null) {
    const { limitPrice } = order;
    return priced(quantity.times(limitPrice), limitPrice, `quantity × limit ${plain(limitPrice)}`, rate);
  }
  const ask = freshAsk(quote, policy, now);
  if (typeof ask === "string") return { kind: "unpriced", reason: ask };
  const reference = max(ask, order.stopPrice ?? ask, order.limitPrice ?? ask);
  const price = reference.times(deviation(policy));
  return priced(
    quantity.times(price),
    price,
    `quantity × ${plain(reference)} plus ${plain(policy.maxPriceDeviationPercent)} %`,
    rate,
  );
}

/**
 * The limit at which a market buy by quantity is sent, so that the venue itself keeps it within what the
 * caps were checked at; null where the order is none, or nothing fresh is known to bound it with.
 */
export function priceBoundOf(
  order: Omit<OrderRequest, "symbol">,
  instrument: Instrument,
  quote: Reading<Quote>,
  policy: Policy,
  now: number,
): Decimal | null {
  if (order.side !== "BUY" || order.orderType !== "market" || order.quantity === null) return null;
  const ask = freshAsk(quote, policy, now);
  if (typeof ask === "string") return null;
  const bound = roundLimitPrice(instrument, "BUY", ask.times(deviation(policy)));
  // On an increment that is coarser than the price itself nothing is left of it.
  return bound.gt(0) ? bound : null;
}

function deviation(policy: Policy): Decimal {
  return ONE.plus(policy.maxPriceDeviationPercent.div(PERCENT));
}

function priced(
  local: Decimal,
  price: Decimal | null,
  basis: string,
  rate: RiskRate & { kind: "known" },
): WorstCase {
  const at = rate.from === rate.to ? "" : `, at ${plain(rate.rate)} ${rate.to} for one ${rate.from}`;
  return { kind: "priced", value: local.times(rate.rate), local, price, basis: basis + at };
}

/** The ask to price with, or why there is none. The last price stands in for an ask only when it is greater. */
export function freshAsk(quote: Reading<Quote>, policy: Policy, now: number): Decimal | string {
  if (quote.kind === "unread") return `no quote: ${quote.reason}`;
  const { ask, last } = quote.value;
  if (!isFresh(quote.value, now, policy.maxQuoteAgeMs)) return staleReason(quote.value, policy, now);
  if (ask === null || ask.lte(0)) return "the quote has no ask";
  return last?.gt(ask) ? last : ask;
}

function staleReason(quote: Quote, policy: Policy, now: number): string {
  if (quote.halted === true) return "trading is halted";
  if (quote.lastIsPreviousClose) return "the quote is the previous close";
  if (quote.delayed !== false) return "the quote is delayed, or does not say that it is live";
  if (quote.asOf === null) return "the quote does not say when it is from";
  if (quote.asOf > now) return "the quote's time is ahead of this machine's clock";
  return `the quote is ${Math.round((now - quote.asOf) / 1000)} s old, more than ${policy.maxQuoteAgeMs / 1000} s`;
}
