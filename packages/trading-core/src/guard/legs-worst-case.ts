import { childLegs } from "../domain/bracket.ts";
import type { OrderIntent } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import type { Reading } from "../domain/reading.ts";
import type { WorstCase } from "./facts.ts";
import type { Policy } from "./policy.ts";
import type { RiskRate } from "./risk-rate.ts";
import { firstTrigger } from "./trail.ts";
import { worstCaseOf } from "./worst-case.ts";

/**
 * What an order with all of its legs may cost at its worst (S7, S22). The exits of a BUY bracket sell what
 * was bought and cost nothing more. Those of a SELL bracket buy back what was sold short: one of them, so
 * the dearer stands for both where it is worth more than the sale.
 */
export function worstCaseOfLegs(
  intent: OrderIntent,
  quote: Reading<Quote>,
  policy: Policy,
  rate: RiskRate,
  now: number,
): WorstCase {
  const legs = [intent, ...(intent.side === "SELL" ? childLegs(intent).map((leg) => leg.intent) : [])];
  const each = legs.map((leg) =>
    worstCaseOf({ ...leg, stopPrice: triggerOf(leg, quote) }, leg.instrument, quote, policy, rate, now),
  );
  return each.reduce((worst, next) => {
    if (worst.kind === "unpriced" || next.kind === "unpriced")
      return worst.kind === "unpriced" ? worst : next;
    return next.value.gt(worst.value) ? { ...next, basis: `the dearer exit: ${next.basis}` } : worst;
  });
}

/** A trailing buy is filled at its first trigger at the dearest: from there it only comes down. */
function triggerOf(leg: OrderIntent, quote: Reading<Quote>) {
  if (leg.orderType !== "trailing_stop" || quote.kind === "unread") return leg.stopPrice;
  return firstTrigger(leg, quote.value);
}
