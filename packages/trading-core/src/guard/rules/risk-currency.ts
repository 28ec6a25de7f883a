import { otherRiskCurrencies } from "../../journal/commitments.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** Limits mean something only where everything is counted in the one currency that they are in. */
export const riskCurrency: Rule = {
  name: "risk-currency",
  refuses:
    "an entry priced in a currency without a fresh rate into RISK_CURRENCY, and entries while others of the day were decided in another risk currency",
  exits: "exempt",
  codes: {
    rate_unavailable: "What the order's currency is worth in the risk currency is not known.",
    risk_currency_changed: "Entries of the day, or limits of its servers, are in another risk currency.",
  },
  check({ facts, policy, isExit }) {
    if (isExit) return skip("exits are exempt");
    const committed = otherRiskCurrencies(facts.ledger, facts.onDay, policy.riskCurrency);
    const others = new Set([...committed, ...(policy.otherRiskCurrencies ?? [])]);
    if (others.size > 0) {
      const named = [...others].join(", ");
      return refuse(
        "risk_currency_changed",
        `RISK_CURRENCY is ${policy.riskCurrency}, and servers or open entries of ${facts.day} count in ${named}: ` +
          "the two cannot be added up.",
        "Exits go through. Entries are possible again on the next trading day, once no entry decided in " +
          `${named} still works; or the operator sets RISK_CURRENCY back.`,
        { observed: named, limit: policy.riskCurrency },
      );
    }
    const { rate } = facts;
    if (rate.kind === "known") {
      return pass(
        rate.from === rate.to
          ? "priced in the risk currency"
          : `one ${rate.from} counts ${rate.rate.toFixed()} ${rate.to}, as of ${new Date(rate.asOf).toISOString()}`,
        { observed: rate.rate.toFixed() },
      );
    }
    return refuse(
      "rate_unavailable",
      `What one ${rate.from} is worth in ${rate.to} is not known: ${rate.reason}.`,
      "Try again in a few seconds; an entry needs a fresh rate into the currency of the limits.",
      { observed: "unknown", limit: `${policy.maxQuoteAgeMs / 1000} s`, retryable: true },
    );
  },
};
