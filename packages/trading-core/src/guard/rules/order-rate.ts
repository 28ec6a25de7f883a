import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

const WINDOW_MS = 60_000;

/** An agent in a loop sends many orders that are each allowed: the pace is what tells it from a trader. */
export const orderRate: Rule = {
  name: "order-rate",
  refuses:
    "an entry beyond MAX_ORDERS_PER_MINUTE orders sent within 60 seconds, by all servers of the account",
  exits: "exempt",
  codes: { too_many_orders: "Too many orders were sent within the last minute." },
  check({ facts, policy, isExit }) {
    if (isExit) return skip("exits are exempt");
    const { ledger, now } = facts;
    // What is decided and not yet sent counts as well, or a crowd of calls would pass as one. A dispatch that
    // seems to lie in the future was made before the clock jumped back, and counts.
    const inFlight = ledger.openOrders().filter((order) => order.phase === "intended").length;
    const sent = ledger.dispatchedSince(now - WINDOW_MS) + inFlight;
    const limit = policy.maxOrdersPerMinute;
    const seen = { observed: String(sent + 1), limit: String(limit) };
    if (sent < limit) return pass(`${sent} sent within the last minute`, seen);
    return refuse(
      "too_many_orders",
      `${sent} orders were sent within the last 60 s; with this one it would be more than MAX_ORDERS_PER_MINUTE ${limit}.`,
      "Wait up to a minute, and consider whether so many orders are meant. Exits still go through.",
      { ...seen, retryable: true },
    );
  },
};
