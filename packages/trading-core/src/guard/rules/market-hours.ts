import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** Nothing is sent into a closed market, except an exit that the venue holds until it opens. */
export const marketHours: Rule = {
  name: "market-hours",
  refuses: "orders outside the regular session, half days and holidays included",
  exits: "market orders: same; a limit or stop that the venue holds until the open passes",
  codes: {
    market_closed: "The market is closed.",
    market_hours_unknown: "Whether the market is open could not be found out.",
  },
  check({ intent, facts, isExit }) {
    const { hours } = facts;
    if (hours.kind === "open") return pass(`open (${hours.source})`, { observed: "open" });
    const held = isExit && intent.orderType !== "market" && intent.timeInForce !== "IOC";
    if (held) return skip("the venue holds this exit until the market opens");
    if (hours.kind === "unknown") {
      // Serves entries: an exit at the market into hours that nobody knows is the venue's to judge.
      if (isExit) return skip(`the hours are unknown (${hours.reason}); an exit is not stopped for that`);
      return refuse(
        "market_hours_unknown",
        `Whether the market is open is unknown: ${hours.reason}.`,
        "Look at market_status, then try again.",
        { retryable: true },
      );
    }
    const opens = hours.opens === null ? "" : ` It opens at ${hours.opens}.`;
    return refuse(
      "market_closed",
      `The market is closed: ${hours.reason} (${hours.source}).${opens}`,
      isExit
        ? "Wait for the session, or use a limit or stop order, which the venue holds until then."
        : "Wait for the session; see market_status.",
      { observed: "closed", limit: "open", retryable: true },
    );
  },
};
