import { type Decimal, max, min, plain } from "../../domain/money.ts";
import type { BracketExits } from "../../domain/order.ts";
import { isFresh } from "../../domain/quote.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";

/**
 * A bracket's exits belong on either side of what its entry will be filled at: for a limit that the market
 * has already reached that is the market, for one that waits it is the limit, wherever the market is now.
 */
export const bracketSides: Rule = {
  name: "bracket-sides",
  refuses:
    "a bracket whose take-profit or stop-loss would execute at once, judged at the price at which its entry fills, and one whose entry closes a position",
  exits: "same",
  codes: {
    take_profit_wrong_side: "The take-profit is not beyond the price at which the entry fills.",
    stop_loss_wrong_side: "The stop-loss is not behind the price at which the entry fills.",
    bracket_sides_unknown: "Without a fresh quote it is unknown at what price the entry fills.",
    bracket_not_an_entry: "The bracket's entry would close a position, and its exits would open another.",
  },
  check(input) {
    const { exits } = input.intent;
    if (!exits) return skip("the order is no bracket");
    if (!opens(input)) return notAnEntry(input);
    const at = fillPrice(input);
    return at === null ? unknown() : compare(input, exits, at);
  },
};

/** The exits are proven by what the entry opens; an entry that closes, or may close, opens nothing. */
function notAnEntry({ intent, facts }: RuleInput): Verdict {
  const { symbol } = intent.instrument;
  const why =
    facts.reduction.kind === "unknown"
      ? `what is held of ${symbol} is not known (${facts.reduction.reason}), so the entry may close a position`
      : `the account holds ${symbol} on the other side, and the entry would close it`;
  return refuse(
    "bracket_not_an_entry",
    `A bracket opens a position and protects it; ${why}.`,
    "Leave the position with close_position first; protect one that is held with stop_order or trailing_stop.",
    { retryable: facts.reduction.kind === "unknown" },
  );
}

/** Nothing is held, or may be held, on the other side. */
function opens({ intent, facts: { reduction, holdings } }: RuleInput): boolean {
  if (reduction.kind === "not_held") return true;
  return (
    reduction.kind === "entry" && !(intent.side === "BUY" && holdings.kind === "known" && holdings.low.lt(0))
  );
}

/** What the entry is filled at, and the last trade by then, which is what sets off a stop. */
interface FillPrice {
  filledAt: Decimal;
  last: Decimal;
}

function compare(
  { intent }: RuleInput,
  { takeProfit, stopLoss }: BracketExits,
  { filledAt, last }: FillPrice,
): Verdict {
  const buys = intent.side === "BUY";
  const profits = buys ? takeProfit.gt(filledAt) : takeProfit.lt(filledAt);
  const stops = buys ? stopLoss.lt(min(filledAt, last)) : stopLoss.gt(max(filledAt, last));
  if (profits && stops) {
    return pass(
      `take-profit ${plain(takeProfit)} and stop-loss ${plain(stopLoss)} around ${plain(filledAt)}`,
      {
        observed: plain(filledAt),
      },
    );
  }
  const wrong = [
    ...(profits ? [] : [`take_profit ${plain(takeProfit)} has to be ${buys ? "above" : "below"} the fill`]),
    ...(stops ? [] : [`stop_loss ${plain(stopLoss)} has to be ${buys ? "below" : "above"} both`]),
  ];
  return refuse(
    profits ? "stop_loss_wrong_side" : "take_profit_wrong_side",
    `The entry (${intent.side}) fills at about ${plain(filledAt)}, the last trade being ${plain(last)} then: ${wrong.join(", and ")}. It would be executed at once.`,
    "Correct the prices of the exits; take_profit is where the position gains, stop_loss where it loses.",
    { observed: plain(profits ? stopLoss : takeProfit), limit: plain(filledAt) },
  );
}

/** What the entry is filled at, as far as it can be known before; null without a fresh quote. */
function fillPrice({ intent, facts, policy }: RuleInput): FillPrice | null {
  const quote = facts.quote.kind === "read" ? facts.quote.value : null;
  if (quote === null || !isFresh(quote, facts.now, policy.maxQuoteAgeMs)) return null;
  const market = (intent.side === "BUY" ? quote.ask : quote.bid) ?? quote.last;
  if (!market?.gt(0)) return null;
  const { limitPrice } = intent;
  const waits =
    limitPrice !== null && (intent.side === "BUY" ? limitPrice.lt(market) : limitPrice.gt(market));
  return waits
    ? { filledAt: limitPrice, last: limitPrice }
    : { filledAt: market, last: quote.last ?? market };
}

function unknown(): Verdict {
  return refuse(
    "bracket_sides_unknown",
    "There is no fresh quote that says at what price the entry would be filled.",
    "Try again when get_quote shows a live price.",
    { observed: "unknown", retryable: true },
  );
}
