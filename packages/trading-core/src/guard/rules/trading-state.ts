import type { Rule } from "../rule.ts";
import { pass, refuse } from "../verdict.ts";

/** The operator's stop switch. What cannot be read counts as REDUCING, so a broken file never opens the door. */
export const tradingState: Rule = {
  name: "trading-state",
  refuses: "every order when HALTED, entries when REDUCING",
  exits: "pass when REDUCING; refused when HALTED, but for the protection that a close had cancelled",
  codes: {
    trading_halted: "Trading is halted; only cancels of entries go through.",
    trading_reducing: "Only orders that provably reduce a position go through.",
  },
  check({ facts, isExit }) {
    const { state, reason } = facts.tradingState;
    if (state === "ACTIVE") return pass("trading is active", { observed: state });
    // A halt must not be what strips a position: what a close took away goes back to where it stood.
    if (isExit && facts.restores === true) {
      return pass("places again the protection that a close had cancelled", { observed: state });
    }
    if (state === "HALTED") {
      return refuse(
        "trading_halted",
        `Trading is halted: ${reason}.`,
        "Entries can still be cancelled. Only the operator can resume trading, in a terminal.",
        { observed: state, limit: "ACTIVE" },
      );
    }
    if (isExit) return pass("reducing only, and this order reduces", { observed: state });
    return refuse(
      "trading_reducing",
      `Only exits are allowed: ${reason}.`,
      "Positions can be reduced or closed. Only the operator can resume trading, in a terminal.",
      { observed: state, limit: "ACTIVE" },
    );
  },
};
