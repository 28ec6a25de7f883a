import { cents, type Decimal, max, plain, sum, ZERO } from "../../domain/money.ts";
import type { VenueOrder } from "../../domain/order.ts";
import { remainingWorstCase } from "../../journal/commitments.ts";
import { openOn } from "../../journal/ledger.ts";
import { remainingQuantity } from "../../journal/ledger-order.ts";
import type { RuleInput } from "../facts.ts";
import { describeHeld } from "../holdings.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";
import { freshAsk } from "../worst-case.ts";

/** The cap on one position: many small entries into the same instrument add up to what it bounds. */
export const positionValue: Rule = {
  name: "position-value",
  refuses:
    "an entry that may take the position (held, working and unresolved entries, this order) over MAX_POSITION_VALUE",
  exits: "exempt",
  codes: {
    position_value_exceeded: "The position with this order may be worth more than the cap on a position.",
    position_value_unknown: "What is held, or what it is worth, is not known.",
  },
  check(input) {
    const { facts, policy, isExit } = input;
    if (isExit) return skip("exits are exempt");
    if (policy.maxPositionValue === null) return skip("MAX_POSITION_VALUE is not set");
    const projected = projectedValue(input);
    if (typeof projected === "string") return unknown(projected, policy.maxPositionValue);
    const seen = { observed: cents(projected), limit: plain(policy.maxPositionValue) };
    const held = describeHeld(facts.holdings);
    if (projected.lte(policy.maxPositionValue)) {
      return pass(`${held} held; with working entries and this order at most ${cents(projected)}`, seen);
    }
    return refuse(
      "position_value_exceeded",
      `${held} ${input.intent.instrument.symbol} are held; with the entries that work and this order the position ` +
        `may be worth ${cents(projected)} ${policy.riskCurrency}, more than MAX_POSITION_VALUE ${seen.limit}.`,
      "Make the order smaller, cancel an entry that still works, or reduce the position first. " +
        "Only the operator can raise MAX_POSITION_VALUE.",
      seen,
    );
  },
};

/** What the position may be worth once everything that grows it is filled; or why that cannot be said. */
function projectedValue({ intent, facts, policy }: RuleInput): Decimal | string {
  const { holdings, worstCase, ledger, replaces, rate } = facts;
  if (holdings.kind === "unknown") return holdings.reason;
  if (worstCase.kind === "unpriced") return worstCase.reason;
  if (rate.kind === "unknown") return rate.reason;
  const held = max(ZERO, intent.side === "BUY" ? holdings.high : holdings.low.neg());
  const own = openOn(ledger, intent.instrument.id, intent.side).filter(
    (order) => !order.exit && !replaces.includes(order),
  );
  const others = facts.othersWorking.filter(
    (order) => order.instrumentId === intent.instrument.id && order.side === intent.side,
  );
  if (held.eq(ZERO) && own.length === 0 && others.length === 0) return worstCase.value;
  // A limit far below the market must not make what is held look cheap.
  const market = freshAsk(facts.quote, policy, facts.now);
  if (typeof market === "string") return market;
  const local = worstCase.price === null ? market : max(market, worstCase.price);
  const price = local.times(rate.rate);
  const working = own.map((order) =>
    max(remainingWorstCase(order), (remainingQuantity(order) ?? ZERO).times(price)),
  );
  const strange = others.map((order) => valueOfOthers(order, local)?.times(rate.rate) ?? null);
  if (strange.includes(null)) return "an order of somebody else on it has no size that can be read";
  return sum([held.times(price), ...working, ...strange.filter((value) => value !== null), worstCase.value]);
}

/** In the currency that the instrument is priced in, as is `price`; null when its size cannot be read. */
function valueOfOthers(order: VenueOrder, price: Decimal): Decimal | null {
  if (order.quantity === null) return order.cashAmount;
  const remaining = max(ZERO, order.quantity.minus(order.filledQuantity ?? ZERO));
  return remaining.times(max(price, order.limitPrice ?? ZERO, order.stopPrice ?? ZERO));
}

function unknown(reason: string, limit: Decimal): Verdict {
  return refuse(
    "position_value_unknown",
    `What the position may be worth with this order is not known: ${reason}.`,
    "Try again when positions and get_quote answer; nothing is added to a position that cannot be valued.",
    { observed: "unknown", limit: plain(limit), retryable: true },
  );
}
