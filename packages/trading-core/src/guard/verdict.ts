/** One rule's answer about one order. */
export interface Verdict {
  verdict: "pass" | "skip" | "refuse";
  /** Stable code of a refusal, such as "order_value_exceeded"; null otherwise. */
  code: string | null;
  /** What the rule saw, and what it compares with: plain text, null where there is nothing to show. */
  observed: string | null;
  limit: string | null;
  message: string;
  /** What to do about a refusal. */
  nextStep: string | null;
  /** Whether the same order may pass later without a change of the operator's. */
  retryable: boolean;
}

/** A verdict with the rule that gave it: what answers and the journal carry. */
export interface Check extends Verdict {
  rule: string;
}

export function pass(message: string, seen: { observed?: string; limit?: string } = {}): Verdict {
  return {
    verdict: "pass",
    code: null,
    observed: seen.observed ?? null,
    limit: seen.limit ?? null,
    message,
    nextStep: null,
    retryable: false,
  };
}

/** The rule does not apply to this order, or has nothing to compare with; `message` says which. */
export function skip(message: string): Verdict {
  return {
    verdict: "skip",
    code: null,
    observed: null,
    limit: null,
    message,
    nextStep: null,
    retryable: false,
  };
}

export function refuse(
  code: string,
  message: string,
  nextStep: string,
  seen: { observed?: string; limit?: string; retryable?: boolean } = {},
): Verdict {
  return {
    verdict: "refuse",
    code,
    observed: seen.observed ?? null,
    limit: seen.limit ?? null,
    message,
    nextStep,
    retryable: seen.retryable ?? false,
  };
}
