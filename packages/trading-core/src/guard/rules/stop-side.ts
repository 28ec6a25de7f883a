import { plain } from "../../domain/money.ts";
import { isFresh } from "../../domain/quote.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** A stop on the wrong side of the market fires at once: it is a market order by mistake. */
export const stopSide: Rule = {
  name: "stop-side",
  refuses: "a stop that would trigger at once; an entry's stop when no fresh quote shows which side it is on",
  exits: "same against a fresh quote; skipped without one",
  codes: {
    stop_triggers_at_once: "The stop is on the wrong side of the market.",
    stop_side_unknown: "Without a fresh quote it is unknown whether the stop would trigger at once.",
  },
  check({ intent, facts, policy, isExit }) {
    const { stopPrice, side } = intent;
    if (stopPrice === null) return skip("the order has no stop price");
    const quote = facts.quote.kind === "read" ? facts.quote.value : null;
    const fresh = quote !== null && isFresh(quote, facts.now, policy.maxQuoteAgeMs);
    // A sell stop triggers when the market falls to it; the last trade is what triggers, the bid stands in.
    const market = quote === null ? null : (quote.last ?? (side === "SELL" ? quote.bid : quote.ask));
    if (!fresh || market === null) {
      if (isExit) return skip("no fresh quote; a protective stop is not held up for that");
      return refuse(
        "stop_side_unknown",
        "There is no fresh quote to compare the stop with.",
        "Try again when get_quote shows a live price.",
        { observed: plain(stopPrice), limit: "unknown", retryable: true },
      );
    }
    const wrong = side === "SELL" ? stopPrice.gte(market) : stopPrice.lte(market);
    const seen = { observed: plain(stopPrice), limit: plain(market) };
    if (!wrong) return pass(`on the right side of ${plain(market)}`, seen);
    return refuse(
      "stop_triggers_at_once",
      `A ${side} stop at ${plain(stopPrice)} would trigger at once: the market is at ${plain(market)}.`,
      `A ${side} stop belongs ${side === "SELL" ? "below" : "above"} the market. To trade now, use ${side.toLowerCase()}.`,
      seen,
    );
  },
};
