import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** Two journals on one account: each counts half of what is spent, and both believe to be within the limits. */
export const foreignWriter: Rule = {
  name: "foreign-writer",
  refuses:
    "entries while an order that works, or a fill of today, was sent by a server with another state folder",
  exits: "exempt",
  codes: { foreign_writer: "Another server with a journal of its own trades this account." },
  check({ facts, isExit }) {
    if (isExit) return skip("exits are exempt");
    const [first, ...more] = facts.otherWriters;
    if (first === undefined) return pass("no other server's orders were seen");
    return refuse(
      "foreign_writer",
      `${first}${more.length === 0 ? "" : ` and ${more.length} more`} came from a server with another state folder: ` +
        "what it spends is not in this journal, so no limit here would hold.",
      "The operator gives all servers of this account one TRADING_STATE_DIR, and cancels the other's orders. Exits still go through.",
      { observed: first, limit: "one state folder", retryable: true },
    );
  },
};
