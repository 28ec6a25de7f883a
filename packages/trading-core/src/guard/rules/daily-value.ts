import { cents, plain, sum } from "../../domain/money.ts";
import { committedValue, remainingCommitment } from "../../journal/commitments.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** The cap on a day: what was filled and what still works, plus this order at its worst. */
export const dailyValue: Rule = {
  name: "daily-value",
  refuses: "an entry that takes the day's committed value over MAX_DAILY_VALUE",
  exits: "exempt",
  codes: {
    daily_value_exceeded: "The day's committed value and this order are above the cap on a day.",
    daily_value_unpriced: "The order's worst case cannot be priced.",
  },
  check({ facts, policy, isExit }) {
    if (isExit) return skip("exits are exempt");
    if (policy.maxDailyValue === null) return skip("MAX_DAILY_VALUE is not set");
    const { worstCase, expectedFee, ledger } = facts;
    const limit = plain(policy.maxDailyValue);
    if (worstCase.kind === "unpriced") {
      return refuse(
        "daily_value_unpriced",
        `What the order adds to the day is not known: ${worstCase.reason}.`,
        "Try again when get_quote shows a live price; a limit_price needs one as well.",
        { observed: "unknown", limit, retryable: true },
      );
    }
    const replaced = sum(facts.replaces.map(remainingCommitment));
    const committed = committedValue(ledger, facts.onDay, policy.riskCurrency).minus(replaced);
    const total = committed.plus(worstCase.value).plus(expectedFee);
    const fees = expectedFee.eq(0) ? "" : ` and its fees of up to ${cents(expectedFee)}`;
    if (total.lte(policy.maxDailyValue)) {
      return pass(`${cents(committed)} committed on ${facts.day}, ${cents(total)} with this order${fees}`, {
        observed: cents(total),
        limit,
      });
    }
    return refuse(
      "daily_value_exceeded",
      `${cents(committed)} ${policy.riskCurrency} is committed on ${facts.day}; with this order it may be ` +
        `${cents(total)}${fees}, more than MAX_DAILY_VALUE ${limit}.`,
      "Make the order smaller, cancel an entry that still works, or wait for the next trading day. " +
        "Only the operator can raise MAX_DAILY_VALUE.",
      { observed: cents(total), limit },
    );
  },
};
