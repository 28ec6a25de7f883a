import type { Identity } from "../../domain/account.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, type Verdict } from "../verdict.ts";

/** How long an identity that was verified in this session serves exits while the venue does not answer. */
const REMEMBERED_MS = 10 * 60_000;

/** The account is what the venue says it is. A label that disagrees with it stops trading. */
export const accountIdentity: Rule = {
  name: "account-identity",
  refuses: "an account other than the configured one, paper or live unknown or unlike the label",
  exits: "same; a momentary read failure falls back to an identity verified in this session",
  codes: {
    account_unverified: "The venue did not say which account this is.",
    account_mismatch: "The venue is logged into another account than the configured one.",
    account_changed: "The account changed while this server was running.",
    paper_live_unknown: "The venue's answers do not prove paper or real money.",
    mode_mismatch: "The configured mode and the account's nature disagree.",
  },
  check(input) {
    const { facts, isExit } = input;
    const fact = facts.identity;
    if (fact.kind === "verified") return judge(fact.identity, input);
    if (fact.kind === "remembered" && isExit && fact.ageMs <= REMEMBERED_MS) {
      const verdict = judge(fact.identity, input);
      return verdict.verdict === "pass"
        ? pass(`the venue did not answer now (${fact.reason}); verified earlier in this session`, {
            observed: fact.identity.accountId,
          })
        : verdict;
    }
    return refuse(
      "account_unverified",
      `The account could not be verified: ${fact.reason}.`,
      "Nothing was sent. Look at session_status, then try again.",
      { retryable: true },
    );
  },
};

function judge(identity: Identity, { facts, policy }: RuleInput): Verdict {
  const { accountId, isPaper, evidence } = identity;
  if (policy.accountId !== null && policy.accountId !== accountId) {
    return refuse(
      "account_mismatch",
      `The venue is logged into account ${accountId}, the configuration names ${policy.accountId}.`,
      `Log in with the right user, or correct ${policy.settings.accountId}.`,
      { observed: accountId, limit: policy.accountId },
    );
  }
  if (facts.boundAccount !== null && facts.boundAccount !== accountId) {
    return refuse(
      "account_changed",
      `This server works for ${facts.boundAccount} since it was started; the venue now says ${accountId}.`,
      "Restart the server if the change of account is meant.",
      { observed: accountId, limit: facts.boundAccount },
    );
  }
  if (isPaper === null) {
    return refuse(
      "paper_live_unknown",
      `Whether ${accountId} is paper or real money is not proven: ${evidence}.`,
      "Look at session_status. Nothing is traded on an account whose nature is unknown.",
      { observed: "unknown", limit: policy.mode },
    );
  }
  const nature = isPaper ? "paper" : "live";
  const labelled = policy.mode === "live" ? "live" : "paper";
  if (nature !== labelled) {
    return refuse(
      "mode_mismatch",
      `${accountId} is a ${isPaper ? "paper" : "real-money"} account (${evidence}), but ${policy.settings.mode} says ${policy.mode}.`,
      `Log in with the other user, or correct ${policy.settings.mode}.`,
      { observed: nature, limit: policy.mode },
    );
  }
  return pass(`${accountId}, ${nature}: ${evidence}`, { observed: accountId });
}
