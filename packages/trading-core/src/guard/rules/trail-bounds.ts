import { priceIncrement } from "../../domain/instrument.ts";
import { decimal, isMultipleOf, plain } from "../../domain/money.ts";
import { isFresh } from "../../domain/quote.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { firstTrigger, trailDistance, trailedPrice } from "../trail.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";

const PERCENT = decimal(100);
/** A distance in percent with more digits than this says more than any price can follow. */
const PERCENT_STEP = decimal("0.01");

/** A trailing stop too close behind the market is a market order, one too far behind it is no protection. */
export const trailBounds: Rule = {
  name: "trail-bounds",
  refuses:
    "a trailing stop that would trigger at once, could never trigger, or has a distance that the venue does not take; an entry's further than MAX_PRICE_DEVIATION_PERCENT",
  exits: "same, what depends on a quote only against a fresh one",
  codes: {
    trail_out_of_bounds: "The distance is so large that the stop could never trigger.",
    wrong_trail_increment: "The distance is not a multiple of what the venue takes.",
    trail_triggers_at_once: "The distance is within the spread: the stop would trigger at once.",
    trail_too_wide: "An entry's trailing stop may trigger too far from the market.",
    trail_bounds_unknown: "Without a fresh quote the distance cannot be compared with the market.",
  },
  check(input) {
    if (input.intent.orderType !== "trailing_stop") return skip("the order does not trail");
    return checkStep(input) ?? againstMarket(input);
  },
};

function checkStep({ intent }: RuleInput): Verdict | null {
  const { trailAmount = null, trailPercent = null, instrument } = intent;
  const step = trailAmount === null ? PERCENT_STEP : priceIncrement(instrument, trailAmount);
  const distance = trailAmount ?? trailPercent;
  if (distance !== null && !isMultipleOf(distance, step)) {
    return refuse(
      "wrong_trail_increment",
      `${trailAmount === null ? "trail_percent" : "trail_amount"} ${plain(distance)} is not a multiple of ${plain(step)}.`,
      `Use a distance in steps of ${plain(step)}.`,
      { observed: plain(distance), limit: plain(step) },
    );
  }
  if (trailPercent?.gte(PERCENT)) {
    return refuse(
      "trail_out_of_bounds",
      `trail_percent ${plain(trailPercent)} leaves nothing of the price.`,
      "Use a percentage well below 100, such as 5.",
      { observed: plain(trailPercent), limit: "100" },
    );
  }
  return null;
}

function againstMarket({ intent, facts, policy, isExit }: RuleInput): Verdict {
  const { side } = intent;
  const quote = facts.quote.kind === "read" ? facts.quote.value : null;
  const price = quote === null ? null : trailedPrice(side, quote);
  if (quote === null || price === null || !isFresh(quote, facts.now, policy.maxQuoteAgeMs)) {
    if (isExit) return skip("no fresh quote; a protective stop is not held up for that");
    return refuse(
      "trail_bounds_unknown",
      "There is no fresh quote to compare the distance with.",
      "Try again when get_quote shows a live price.",
      { observed: "unknown", retryable: true },
    );
  }
  const distance = trailDistance(intent, price) ?? price;
  const trigger = firstTrigger(intent, quote) ?? price;
  const seen = { observed: plain(trigger), limit: plain(price) };
  if (side === "SELL" && distance.gte(price)) {
    return refuse(
      "trail_out_of_bounds",
      `A distance of ${plain(distance)} below ${plain(price)} is no price: the stop could never trigger.`,
      "Use a distance smaller than the price.",
      seen,
    );
  }
  // What the order would be filled at now: a stop on the wrong side of that fires at the next trade.
  const filledAt = (side === "SELL" ? quote.bid : quote.ask) ?? price;
  if (side === "SELL" ? trigger.gte(filledAt) : trigger.lte(filledAt)) {
    return refuse(
      "trail_triggers_at_once",
      `The stop would start at ${plain(trigger)}, and a ${side} would be filled at ${plain(filledAt)} now: it would trigger at once.`,
      `Use a greater distance. To trade now, use ${side.toLowerCase()} or close_position.`,
      { observed: plain(trigger), limit: plain(filledAt) },
    );
  }
  const widest = price.times(policy.maxPriceDeviationPercent).div(PERCENT);
  if (!isExit && distance.gt(widest)) {
    return refuse(
      "trail_too_wide",
      `The stop would start ${plain(distance)} from ${plain(price)}, further than ${plain(policy.maxPriceDeviationPercent)} %.`,
      `Use at most ${plain(widest)}. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.`,
      { observed: plain(distance), limit: plain(widest) },
    );
  }
  return pass(`starts at ${plain(trigger)}, ${plain(distance)} from ${plain(price)}`, seen);
}
