import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** Real money needs the operator's arm, whether the label or the venue says that it is real money. */
export const liveArm: Rule = {
  name: "live-arm",
  refuses: "an order for real money while the venue's arm is off",
  exits: "same",
  codes: { live_not_armed: "The account holds real money and the operator has not armed live trading." },
  check(input) {
    const { policy } = input;
    const real = realMoney(input);
    if (real === null) return skip("neither the label nor the venue says real money");
    // To be able to try before arming is what the dry run is for; it ends before any intent (S20).
    if (policy.dryRun) return skip("a dry run sends nothing, and needs no arm");
    if (policy.allowLive)
      return pass(`real money, armed by ${policy.settings.allowLive}`, { observed: real });
    return refuse(
      "live_not_armed",
      `This would trade real money (${real}), and live trading is not armed.`,
      `If that is meant, the operator sets ${policy.settings.allowLive}=true and restarts the server. ` +
        "Otherwise log the venue into the paper account.",
      { observed: real, limit: `${policy.settings.allowLive}=true` },
    );
  },
};

function realMoney({ facts, policy }: RuleInput): string | null {
  if (policy.mode === "live") return `${policy.settings.mode}=live`;
  const fact = facts.identity;
  if (fact.kind !== "unread" && fact.identity.isPaper === false) {
    return `the venue says that ${fact.identity.accountId} is a real-money account`;
  }
  return null;
}
