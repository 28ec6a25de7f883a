import { type Decimal, max, plain, ZERO } from "../../domain/money.ts";
import type { Ledger } from "../../journal/ledger.ts";
import type { RuleInput } from "../facts.ts";
import { describeHeld, type Reduction } from "../holdings.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";

/** The proof that an order reduces: S1 to S9. What is not proven is an entry, and a sell that is none is refused. */
export const oversell: Rule = {
  name: "oversell",
  refuses:
    "a sell beyond held − working − unresolved, and any order that crosses zero; shorts unless allowed",
  exits: "this is the proof",
  codes: {
    oversell: "More than is held and free of other orders.",
    crosses_flat: "The order would turn a long into a short, or a short into a long.",
    holdings_unknown: "What is held could not be read.",
    foreign_orders_unknown: "Which other orders work on the account could not be read.",
  },
  check(input) {
    const { intent, facts, policy } = input;
    const { reduction } = facts;
    const observed = intent.quantity === null ? undefined : plain(intent.quantity);
    const beyond = facts.pays && paysTooMuch(input, facts.pays);
    if (beyond) return beyond;
    switch (reduction.kind) {
      case "exit":
        return pass(
          `reduces a position of ${describeHeld(facts.holdings)} (${noteOf(input)})${unlisted(facts)}`,
          {
            observed,
            limit: plain(reduction.capacity),
          },
        );
      case "crosses_flat":
        if (reduction.held.eq(0)) return unclear(input, observed);
        if (intent.quantity === null) return amountOverShort(input, reduction.held);
        return refuse(
          "crosses_flat",
          `${observed} is more than the ${plain(reduction.held)} held: the order would cross zero (${noteOf(input)}).`,
          `Close the position with at most ${plain(reduction.held)}, then open the other side with an order of its own.`,
          { observed, limit: plain(reduction.held) },
        );
      case "reserved":
        return reserved(input, reduction, observed);
      case "not_held":
        return short(input, observed);
      case "unknown":
        return intent.side === "BUY"
          ? skip("a buy; holdings are unknown")
          : unknownHoldings(reduction.reason, observed);
      case "entry":
        return policy.allowShort || intent.side === "BUY" ? skip(reduction.reason) : short(input, observed);
    }
  },
};

function reserved(
  { intent, facts }: RuleInput,
  { held, reserved, free }: Reduction & { kind: "reserved" },
  observed: string | undefined,
): Verdict {
  return refuse(
    "oversell",
    `${plain(held)} ${intent.instrument.symbol} are held, and working or unresolved orders already take ` +
      `${plain(reserved.quantity)} of them (${reserved.orderIds.join(", ")}): ${plain(free)} are free.`,
    nextStepOf(facts.ledger, reserved.orderIds),
    { observed, limit: plain(free) },
  );
}

/** close_position cancels what rests there of our own exits, and nothing else. */
function nextStepOf(ledger: Ledger, orderIds: string[]): string {
  const others = orderIds.filter((id) => {
    const own = ledger.byOrderId(id) ?? ledger.orders.get(id);
    return !own?.exit || own.order.orderType === "market" || own.phase !== "working";
  });
  if (others.length === 0) {
    return "To trade what an order protects, use close_position, which cancels it first; or cancel_order it yourself.";
  }
  return `Look at order_status of ${others.join(", ")}: wait until it is done, or cancel_order it.`;
}

/** A pair's buy sells what it pays with: no more of it than is held and free, as with any sale. */
function paysTooMuch(
  { facts }: RuleInput,
  { asset, holdings, reserved }: NonNullable<RuleInput["facts"]["pays"]>,
): Verdict | null {
  if (holdings.kind === "unknown") return unknownHoldings(holdings.reason, undefined);
  // What cannot be priced is refused by the caps.
  if (facts.worstCase.kind === "unpriced") return null;
  const cost = facts.worstCase.local;
  const free = max(ZERO, holdings.low.minus(reserved.quantity));
  if (cost.lte(free)) return null;
  const taken = reserved.orderIds.length === 0 ? "" : ` (${reserved.orderIds.join(", ")})`;
  return refuse(
    "oversell",
    `The order may pay ${plain(cost)} ${asset}; ${describeHeld(holdings)} ${asset} are held, and working or unresolved ` +
      `orders already take ${plain(reserved.quantity)} of them${taken}: ${plain(free)} are free.`,
    `Make the order smaller, buy on a pair that is paid in cash, or cancel_order what takes the ${asset}.`,
    { observed: plain(cost), limit: plain(free) },
  );
}

function amountOverShort({ intent, facts }: RuleInput, held: Decimal): Verdict {
  const { symbol } = intent.instrument;
  return refuse(
    "crosses_flat",
    `A short of ${plain(held)} ${symbol} is held (${noteOf({ facts })}), and how much of it an amount of money ` +
      "buys back is not known before: the order may cross zero.",
    `Cover it by quantity, with at most ${plain(held)}, or with close_position; then buy for an amount.`,
    {
      observed: intent.cashAmount === null ? undefined : `by amount ${plain(intent.cashAmount)}`,
      limit: plain(held),
    },
  );
}

/** Our own fills and the venue's list do not agree on whether anything is held at all. */
function unclear({ facts }: RuleInput, observed: string | undefined): Verdict {
  return refuse(
    "holdings_unknown",
    `Between ${describeHeld(facts.holdings)} are held (${noteOf({ facts })}).`,
    "Try again in a minute, when the venue's list has settled.",
    { observed, limit: "unknown", retryable: true },
  );
}

function short({ intent, facts, policy }: RuleInput, observed: string | undefined): Verdict {
  const isPair = intent.instrument.kind === "spot";
  if (policy.allowShort && !isPair) {
    if (facts.foreignOrders.kind === "unread") {
      return refuse(
        "foreign_orders_unknown",
        `Orders on the account could not be read: ${facts.foreignOrders.reason}.`,
        "Try again in a few seconds.",
        { retryable: true },
      );
    }
    return pass(`opens or grows a short, which ${policy.settings.allowShort} allows; capped as an entry`, {
      observed,
    });
  }
  return refuse(
    "oversell",
    `No ${intent.instrument.symbol} is held (${noteOf({ facts })}); selling it would open a short.`,
    isPair
      ? "Check positions. A pair cannot be sold short here."
      : `Check positions. Shorts are off; only the operator can set ${policy.settings.allowShort}=true.`,
    { observed, limit: "0" },
  );
}

function unknownHoldings(reason: string, observed: string | undefined): Verdict {
  return refuse(
    "holdings_unknown",
    `What is held is not known: ${reason}.`,
    "Look at positions, then try again; nothing is sold that is not proven to be held.",
    { observed, limit: "unknown", retryable: true },
  );
}

/** S5 counts the orders of others; where they could not be listed, the proof says what it lacks. */
function unlisted({ foreignOrders }: RuleInput["facts"]): string {
  return foreignOrders.kind === "read"
    ? ""
    : `; orders of others could not be listed (${foreignOrders.reason}), those seen last count`;
}

function noteOf({ facts }: Pick<RuleInput, "facts">): string {
  return facts.holdings.kind === "known" ? facts.holdings.note : facts.holdings.reason;
}
