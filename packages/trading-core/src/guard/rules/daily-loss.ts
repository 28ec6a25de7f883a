import { cents, plain } from "../../domain/money.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/**
 * The end of a bad day. What was reached once is journaled (loss-stop.ts) and holds until the next trading
 * day, for every process, whatever the market does meanwhile.
 */
export const dailyLoss: Rule = {
  name: "daily-loss",
  refuses:
    "entries until the next trading day once the day's loss has reached MAX_DAILY_LOSS, or while it is unknown",
  exits: "exempt",
  codes: {
    daily_loss_reached:
      "The day's loss has reached its limit; only exits go through until the next trading day.",
    daily_loss_unknown: "What the account lost today is not known.",
  },
  check({ facts, policy, isExit }) {
    if (isExit) return skip("exits are exempt");
    const limit = policy.maxDailyLoss === null ? undefined : plain(policy.maxDailyLoss);
    const ended = (reason: string, until: string, observed?: string) =>
      refuse(
        "daily_loss_reached",
        `${reason}; until ${until} only exits go through, also when the price recovers.`,
        `Positions can be reduced or closed. Entries are possible again on ${until}.`,
        { observed, limit },
      );
    if (facts.lossStop !== null) return ended(facts.lossStop.reason, facts.lossStop.until);
    if (policy.maxDailyLoss === null) return skip("MAX_DAILY_LOSS is not set");
    const { dailyPnl } = facts;
    if (dailyPnl.kind === "unread") {
      return refuse(
        "daily_loss_unknown",
        `What the account lost today is not known: ${dailyPnl.reason}.`,
        "Try again in a few seconds; while MAX_DAILY_LOSS is set, entries need the day's result.",
        { observed: "unknown", limit, retryable: true },
      );
    }
    const result = cents(dailyPnl.value);
    if (dailyPnl.value.neg().lt(policy.maxDailyLoss)) {
      return pass(`the day's result is ${result} ${policy.riskCurrency}`, {
        observed: result,
        limit: plain(policy.maxDailyLoss),
      });
    }
    return ended(
      `The day's result of ${result} ${policy.riskCurrency} has reached MAX_DAILY_LOSS ${limit}`,
      facts.nextTradingDay,
      result,
    );
  },
};
