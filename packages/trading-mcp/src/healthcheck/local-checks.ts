import type { Posture } from "trading-core/guard/answers";
import type { Policy } from "trading-core/guard/policy";
import type { Clock } from "trading-core/ports/clock";
import { attempt, type HealthCheck } from "./check.ts";
import { journalCheck } from "./journal-check.ts";
import { standingWithoutVenue } from "./judge.ts";
import { armsCheck, limitsCheck, tradingStateCheck } from "./policy-checks.ts";

export interface LocalOptions {
  policy: Policy;
  stateDir: string;
  journalPath: string | null;
  readOnly: boolean;
  clock: Clock;
}

/**
 * What this machine holds: the operator's switch, arms and limits, and the journal.
 *
 * @param posture null when the venue could not be asked
 */
export async function localChecks(posture: Posture | null, options: LocalOptions): Promise<HealthCheck[]> {
  const { policy, stateDir, readOnly } = options;
  const standing = posture ?? standingWithoutVenue(stateDir, policy);
  return [
    tradingStateCheck(standing, policy),
    armsCheck(standing, policy, readOnly),
    limitsCheck(posture?.limits ?? null, policy),
    await attempt("journal", async () => journalCheck({ posture, ...options })),
  ];
}
