import { type Decimal, decimal, ONE, plain } from "../../domain/money.ts";
import { isFresh } from "../../domain/quote.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";

/** A price far on the losing side of the market is a typing error, whatever size it stands beside. */
export const priceCollar: Rule = {
  name: "price-collar",
  refuses:
    "an entry's limit or stop further on the losing side of a fresh quote than MAX_PRICE_DEVIATION_PERCENT, a stop-limit's limit so far from its own stop, and either without a fresh quote",
  exits: "limits only, and only against a fresh quote; never a protective trigger",
  codes: {
    price_outside_collar: "A price is too far on the losing side of the market.",
    price_collar_no_quote: "Without a fresh quote a price cannot be compared with the market.",
  },
  check(input) {
    const { intent, policy, isExit } = input;
    if (intent.limitPrice === null && intent.stopPrice === null) return skip("the order has no price");
    if (isExit && intent.limitPrice === null)
      return skip("a protective trigger is judged by stop-side alone");
    const market = freshMarket(input);
    if (market === null) {
      if (isExit) return skip("no fresh quote; an exit is not held up for that");
      return refuse(
        "price_collar_no_quote",
        "There is no fresh quote to compare the order's price with.",
        "Try again when get_quote shows a live price.",
        { observed: "unknown", limit: `${plain(policy.maxPriceDeviationPercent)} %`, retryable: true },
      );
    }
    const { limitPrice, stopPrice } = intent;
    const ofStop = stopPrice === null || isExit ? null : judge("stop_price", stopPrice, market, input);
    if (ofStop !== null) return ofStop;
    // Once triggered, a stop-limit is a limit order at its stop's price, wherever the market is now.
    const ofLimit =
      limitPrice === null
        ? null
        : judge(
            "limit_price",
            limitPrice,
            stopPrice === null ? market : { name: "its stop", price: stopPrice, asOf: null },
            input,
          );
    if (ofLimit !== null) return ofLimit;
    return pass(
      `within ${plain(policy.maxPriceDeviationPercent)} % of ${market.name} ${plain(market.price)}`,
      {
        limit: plain(boundOf(market.price, input)),
        observed: plain(limitPrice ?? stopPrice ?? market.price),
      },
    );

    function judge(name: string, price: Decimal, reference: Reference, at: RuleInput): Verdict | null {
      const bound = boundOf(reference.price, at);
      const loses = intent.side === "BUY" ? price.gt(bound) : price.lt(bound);
      if (!loses) return null;
      const way = intent.side === "BUY" ? "above" : "below";
      return refuse(
        "price_outside_collar",
        `${name} ${plain(price)} is more than ${plain(policy.maxPriceDeviationPercent)} % ${way} ` +
          `${reference.name} ${plain(reference.price)}${timeOf(reference)}.`,
        `Check the price; ${plain(bound)} is the furthest that is taken. Only the operator can raise MAX_PRICE_DEVIATION_PERCENT.`,
        { observed: plain(price), limit: plain(bound) },
      );
    }
  },
};

interface Reference {
  name: string;
  price: Decimal;
  /** The quote's own time, epoch milliseconds; null for a price of the order itself. */
  asOf: number | null;
}

/** An agent that sees how old the price is can tell a moved market from a typing error. */
function timeOf({ asOf }: Reference): string {
  return asOf === null ? "" : ` (as of ${new Date(asOf).toISOString()})`;
}

/** What the order would be filled at now; null when nothing fresh says so. */
function freshMarket({ intent, facts, policy }: RuleInput): Reference | null {
  if (facts.quote.kind === "unread") return null;
  const quote = facts.quote.value;
  if (!isFresh(quote, facts.now, policy.maxQuoteAgeMs)) return null;
  const [name, price] =
    intent.side === "BUY" ? (["the ask", quote.ask] as const) : (["the bid", quote.bid] as const);
  if (price?.gt(0)) return { name, price, asOf: quote.asOf };
  return quote.last?.gt(0) ? { name: "the last price", price: quote.last, asOf: quote.asOf } : null;
}

/** The furthest price on the losing side that is still taken. */
function boundOf(reference: Decimal, { intent, policy }: RuleInput): Decimal {
  const deviation = policy.maxPriceDeviationPercent.div(decimal(100));
  return reference.times(intent.side === "BUY" ? ONE.plus(deviation) : ONE.minus(deviation));
}
