import type { AccountFlags } from "trading-core/domain/account";
import type { Posture } from "trading-core/guard/answers";
import type { Policy } from "trading-core/guard/policy";
import { accountIdentity } from "trading-core/guard/rules/account-identity";
import { textOrNull } from "trading-mcp/format";
import type { BalanceSteps } from "trading-mcp/healthcheck/balance-check";
import { fail, type HealthCheck, ok, warn } from "trading-mcp/healthcheck/check";
import { judge } from "trading-mcp/healthcheck/judge";

/** The account is the configured one, and as much paper or live as the label says: by the guard's own rule. */
export function accountCheck({ identity, ...posture }: Posture, policy: Policy): HealthCheck {
  const data = {
    account_id: textOrNull(identity?.accountId, 64),
    account_type: posture.accountType,
    evidence: textOrNull(identity?.evidence ?? posture.identityMessage, 300),
    configured_account: policy.accountId,
    configured_mode: policy.mode,
  };
  if (identity === null) {
    // The session was asked for the account first: when it is not the right one, the session says so.
    const { ready, message, nextStep } = posture.session;
    const why = ready ? `The account could not be read: ${data.evidence ?? "IBKR did not name it"}` : message;
    return fail("account", why, nextStep ?? "Run this again in a few seconds.", data);
  }
  const verdict = judge(accountIdentity, { identity, ...posture }, policy);
  if (verdict.verdict === "refuse") {
    const step = identity.isPaper === null ? UNPROVEN : verdict.nextStep;
    return fail("account", verdict.message, step, data);
  }
  const chosen = policy.accountId === null ? "the login's only account" : "as configured";
  return ok("account", `${identity.accountId}, ${data.account_type}, ${chosen} (${data.evidence}).`, data);
}

const UNPROVEN =
  "Log in again as the user that is meant; nothing is traded on an account that may be either.";

export function flagsCheck(flags: AccountFlags | null): HealthCheck {
  const fractions = flags?.supportsFractions ?? null;
  const amounts = flags?.supportsCashAmount ?? null;
  const data = { supports_fractions: fractions, supports_cash_amount: amounts };
  const message = `Fractions of shares: ${word(fractions)}; buys by cash amount: ${word(amounts)}.`;
  if (fractions !== false && amounts !== false) return ok("account_flags", message, data);
  const step =
    "Enable fractional shares in Client Portal (Settings, Trading Permissions), or order whole ones.";
  return warn("account_flags", message, step, data);
}

function word(flag: boolean | null): string {
  return flag === null ? "not told" : flag ? "yes" : "no";
}

export const BALANCE_STEPS: BalanceSteps = {
  untold: "Look at the account in Client Portal: IBKR does not tell its funds.",
  empty: "Put money into the account: IBKR refuses orders it has no funds for.",
};
