import { cents, type Decimal, plain } from "../../domain/money.ts";
import { projectedPosition } from "../projected-value.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";

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
    const { policy, isExit } = input;
    if (isExit) return skip("exits are exempt");
    if (policy.maxPositionValue === null) return skip("MAX_POSITION_VALUE is not set");
    const projected = projectedPosition(input);
    if (typeof projected === "string") return unknown(projected, policy.maxPositionValue);
    const { name, held, value } = projected;
    const seen = { observed: cents(value), limit: plain(policy.maxPositionValue) };
    if (value.lte(policy.maxPositionValue)) {
      return pass(`${held} held; with working entries and this order at most ${cents(value)}`, seen);
    }
    return refuse(
      "position_value_exceeded",
      `${held} ${name} are held; with the entries that work and this order the position ` +
        `may be worth ${cents(value)} ${policy.riskCurrency}, more than MAX_POSITION_VALUE ${seen.limit}.`,
      "Make the order smaller, cancel an entry that still works, or reduce the position first. " +
        "Only the operator can raise MAX_POSITION_VALUE.",
      seen,
    );
  },
};

function unknown(reason: string, limit: Decimal): Verdict {
  return refuse(
    "position_value_unknown",
    `What the position may be worth with this order is not known: ${reason}.`,
    "Try again when positions and get_quote answer; nothing is added to a position that cannot be valued.",
    { observed: "unknown", limit: plain(limit), retryable: true },
  );
}
