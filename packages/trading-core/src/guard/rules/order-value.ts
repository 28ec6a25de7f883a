import { cents, plain } from "../../domain/money.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** The cap on one entry, at its worst-case price. */
export const orderValue: Rule = {
  name: "order-value",
  refuses: "an entry worth more than MAX_ORDER_VALUE at its worst-case price, or one that cannot be priced",
  exits: "exempt",
  codes: {
    order_value_exceeded: "The order's worst-case value is above the cap on one order.",
    order_unpriced: "The order's worst case cannot be priced.",
  },
  check({ facts, policy, isExit }) {
    if (isExit) return skip("exits are exempt");
    const { worstCase } = facts;
    if (worstCase.kind === "unpriced") {
      return refuse(
        "order_unpriced",
        `What the order may cost is not known: ${worstCase.reason}.`,
        "Try again when get_quote shows a live price; a limit_price needs one as well.",
        { observed: "unknown", limit: plain(policy.maxOrderValue), retryable: true },
      );
    }
    const seen = { observed: cents(worstCase.value), limit: plain(policy.maxOrderValue) };
    if (worstCase.value.lte(policy.maxOrderValue)) {
      return pass(`worst case ${cents(worstCase.value)} ${policy.riskCurrency}: ${worstCase.basis}`, seen);
    }
    return refuse(
      "order_value_exceeded",
      `The order may cost ${cents(worstCase.value)} ${policy.riskCurrency} (${worstCase.basis}), ` +
        `more than MAX_ORDER_VALUE ${plain(policy.maxOrderValue)}.`,
      "Make the order smaller. Only the operator can raise MAX_ORDER_VALUE.",
      seen,
    );
  },
};
