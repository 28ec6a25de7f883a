import type { Identity } from "trading-core/domain/account";
import type { Posture } from "trading-core/guard/answers";
import type { IdentityFact, RuleInput } from "trading-core/guard/facts";
import type { Policy } from "trading-core/guard/policy";
import type { Rule } from "trading-core/guard/rule";
import { tradingStateFile } from "trading-core/guard/trading-state";
import type { Verdict } from "trading-core/guard/verdict";
import { fail, type HealthCheck } from "./check.ts";

/** The part of a posture that the guard's rules about where we stand look at. */
export interface Standing {
  identity: Identity | null;
  /** Why the identity is not known; null when it is. */
  identityMessage: string | null;
  tradingState: Posture["tradingState"];
  tradingStateReason: string;
}

/** What is known on this machine when the venue could not be asked for a posture. */
export function standingWithoutVenue(stateDir: string, policy: Policy): Standing {
  const { state, reason } = tradingStateFile(stateDir, policy.venue).read();
  const identityMessage = "the venue was not asked";
  return { identity: null, identityMessage, tradingState: state, tradingStateReason: reason };
}

/**
 * What one of the guard's rules about where we stand says to any entry now. Only rules that look at the
 * identity, the trading state and the policy can be asked: there is no order to look at.
 */
export function judge(rule: Rule, standing: Standing, policy: Policy): Verdict {
  const identity: IdentityFact =
    standing.identity === null
      ? { kind: "unread", reason: standing.identityMessage ?? "it was not read" }
      : { kind: "verified", identity: standing.identity };
  const facts = {
    identity,
    boundAccount: null,
    tradingState: { state: standing.tradingState, reason: standing.tradingStateReason },
  };
  return rule.check({ facts, policy, isExit: false } as RuleInput);
}

/**
 * The guard has the last word: what its posture names as an obstacle is one, even if no check knew it. It
 * then stands in the place of the trading state, which is the guard's own.
 */
export function heedObstacles(checks: HealthCheck[], [obstacle]: readonly string[]): HealthCheck[] {
  if (obstacle === undefined || checks.some(({ status }) => status === "fail")) return checks;
  const step = "Clear that; session_status tells it in the same words.";
  return checks.map((check) =>
    check.name === "trading_state" ? fail("trading_state", obstacle, step, check.data) : check,
  );
}
