import type { RuleInput } from "./facts.ts";
import type { Verdict } from "./verdict.ts";

/** One line of the policy: a name, and a pure check. */
export interface Rule {
  /** Kebab-case, as in the documentation's table. */
  name: string;
  /** What the rule refuses, in one line for the documentation. */
  refuses: string;
  /** What holds for proven exits, in one line for the documentation. */
  exits: string;
  /** Every code that `check` can refuse with, each with what it means. */
  codes: Record<string, string>;
  check(input: RuleInput): Verdict;
}
