import { TradingError } from "trading-core/domain/errors";
import type { Policy } from "trading-core/guard/policy";
import { accountIdentity } from "trading-core/guard/rules/account-identity";
import { textOrNull } from "trading-mcp/format";
import { fail, failedBy, type HealthCheck, ok, skipped, warn } from "trading-mcp/healthcheck/check";
import { judge } from "trading-mcp/healthcheck/judge";
import { quoteCheck } from "trading-mcp/healthcheck/quote-check";
import type { Seen } from "./look.ts";

/** What the settings say about the place and the key. */
export interface Place {
  /** "Binance". */
  name: string;
  policy: Policy;
  hasKey: boolean;
  maxQuoteAgeMs: number;
}

/** What a session says that is not about a key: the exchange, the way to it, or the clock. */
const OUT_OF_REACH = new Set([
  "exchange_unreachable",
  "exchange_unavailable",
  "exchange_error",
  "rate_limited",
  "wrong_host",
]);

/** Nothing has answered, or nothing of use has. */
export function isOutOfReach({ marketsTrouble, posture, clockSkew }: Seen): boolean {
  if (marketsTrouble !== null || clockSkew === null) return true;
  return !posture.session.ready && OUT_OF_REACH.has(posture.session.state);
}

export function exchangeCheck(seen: Seen, { name, policy }: Place): HealthCheck {
  const { base, marketsTrouble, posture } = seen;
  const data = { exchange: name, mode: policy.mode, host: base };
  if (isOutOfReach(seen)) {
    const { state, message, nextStep } = posture.session;
    const told = marketsTrouble ?? { code: state, message, nextStep: nextStep ?? AGAIN };
    return fail("exchange", `${told.message} It was asked at ${base}.`, told.nextStep, {
      ...data,
      code: told.code,
    });
  }
  const where = policy.mode === "sim" ? `The simulated ${name}` : name;
  return ok("exchange", `${where} answers at ${base}.`, data);
}

const AGAIN = "Run this again in a minute.";

/** Markets are read once a day: forms and steps of an order come from them. */
export function marketsCheck({ markets }: Seen, now: number): HealthCheck {
  if (markets === null) return skipped("markets", "the exchange");
  const minutes = Math.max(0, Math.round((now - markets.readAt) / 60_000));
  const data = {
    count: markets.count,
    read_at: new Date(markets.readAt).toISOString(),
    age_minutes: minutes,
  };
  const age =
    minutes < 1 ? "just now" : minutes < 120 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
  return ok("markets", `${markets.count} spot markets, read ${age}.`, data);
}

/** There is a key, the exchange takes it, and it cannot take money away. */
export function keyCheck(seen: Seen, { name, policy, hasKey }: Place): HealthCheck {
  const { session } = seen.posture;
  const simulated = policy.mode === "sim";
  const data = { configured: hasKey, can_withdraw: canWithdraw(seen) };
  if (!session.ready) {
    if (isOutOfReach(seen) && session.state !== "no_key") return skipped("key", "the exchange");
    return fail("key", session.message, session.nextStep, { ...data, code: session.state });
  }
  const which = simulated && !hasKey ? "The simulator's own key is used" : `${name} takes the API key`;
  // The simulator's key opens nothing that is real, whatever it may do there.
  if (simulated && !hasKey && seen.withdrawals !== "possible") return ok("key", `${which}.`, data);
  switch (seen.withdrawals) {
    case "possible":
      return warn(
        "key",
        `${which}, and it CAN WITHDRAW money. Nothing here ever does, and whoever steals it can.`,
        "Make a key that may read and trade spot, and nothing else, bound to this machine's address.",
        data,
      );
    case "impossible":
      return ok("key", `${which}; it cannot withdraw.`, data);
    default:
      return warn(
        "key",
        `${which}; whether it can withdraw money could not be read.`,
        `Look at the key's permissions on ${name}'s own site.`,
        data,
      );
  }
}

function canWithdraw({ withdrawals }: Seen): boolean | null {
  if (withdrawals === null || withdrawals === "unknown") return null;
  return withdrawals === "possible";
}

/** Paper or real money is what the host says, and agrees with the label: by the guard's own rule. */
export function accountCheck({ posture }: Seen, { policy }: Place): HealthCheck {
  const { identity } = posture;
  if (identity === null) return skipped("account", "a key that the exchange takes");
  const data = {
    account_id: textOrNull(identity.accountId, 64),
    account_type: posture.accountType,
    evidence: textOrNull(identity.evidence, 300),
    configured_mode: policy.mode,
  };
  const verdict = judge(accountIdentity, posture, policy);
  if (verdict.verdict === "refuse") return fail("account", verdict.message, verdict.nextStep, data);
  const type = posture.accountType === "LIVE" ? "REAL MONEY" : "no real money";
  return ok("account", `${identity.accountId}, ${type} (${data.evidence}).`, data);
}

export function priceCheck({ quote }: Seen, { maxQuoteAgeMs }: Place, now: number): HealthCheck {
  if (quote instanceof TradingError) {
    const failed = failedBy("quote", quote);
    return NAMES.has(quote.code)
      ? { ...failed, nextStep: "Give a pair that the exchange lists with --symbol, such as BTC/USDT." }
      : failed;
  }
  const dataStep = "Look at the exchange's status page; an entry needs a fresh price.";
  return quoteCheck(quote, { maxQuoteAgeMs, closed: false, dataStep, now });
}

const NAMES = new Set(["unknown_symbol", "ambiguous_symbol"]);
