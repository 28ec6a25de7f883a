import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** Beyond this, a quote's age, the day and the minute are no longer what they seem (S26). */
const MOST_SKEW_MS = 60_000;

/** Whether the two agree, by the venue's time minus ours; true while the venue has not told its time. */
export function isInStep(skewMs: number | null): boolean {
  return skewMs === null || Math.abs(skewMs) <= MOST_SKEW_MS;
}

/** Ages, days and windows are measured by this machine's clock: it has to agree with the venue's. */
export const clock: Rule = {
  name: "clock",
  refuses: "entries while this machine's clock is more than 60 s apart from the venue's",
  exits: "exempt",
  codes: { clock_skewed: "This machine's clock and the venue's are too far apart." },
  check({ facts, isExit }) {
    if (isExit) return skip("exits are exempt");
    const skew = facts.clockSkewMs;
    if (skew === null) return pass("the venue has not told its time yet");
    const seconds = `${Math.round(Math.abs(skew) / 1000)} s`;
    const seen = { observed: seconds, limit: `${MOST_SKEW_MS / 1000} s` };
    if (isInStep(skew)) return pass("in step with the venue's clock", seen);
    return refuse(
      "clock_skewed",
      `This machine's clock is ${seconds} ${skew > 0 ? "behind" : "ahead of"} the venue's.`,
      "Nothing was sent. The operator sets the clock right (time synchronisation); exits still go through.",
      { ...seen, retryable: true },
    );
  },
};
