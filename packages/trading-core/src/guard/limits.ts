import { type Decimal, decimal, min, plain, plainOrNull } from "../domain/money.ts";
import type { Append, Journal } from "../journal/journal.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { JournaledLimits } from "../journal/record.ts";
import type { Policy } from "./policy.ts";

/**
 * S25: several servers may work on one account under different settings. Each journals its limits at its
 * first decision of a day; while they differ, the tightest of each holds for all of them. So a limit that
 * is tightened holds at once, and one that is loosened from the next trading day on.
 */
export function holdingPolicy(policy: Policy, ledger: Ledger, onDay: (at: number) => boolean): Policy {
  let held = policy;
  for (const each of ledger.policies) {
    if (onDay(each.at)) held = tighterOf(held, each.limits);
  }
  return held;
}

function tighterOf(policy: Policy, limits: JournaledLimits): Policy {
  return {
    ...policy,
    maxOrderValue: min(policy.maxOrderValue, decimal(limits.maxOrderValue)),
    maxDailyValue: least(policy.maxDailyValue, limits.maxDailyValue),
    maxPositionValue: least(policy.maxPositionValue, limits.maxPositionValue),
    maxDailyLoss: least(policy.maxDailyLoss, limits.maxDailyLoss),
    maxOrdersPerMinute: Math.min(policy.maxOrdersPerMinute, limits.maxOrdersPerMinute),
    maxPriceDeviationPercent: min(policy.maxPriceDeviationPercent, decimal(limits.maxPriceDeviationPercent)),
    maxQuoteAgeMs: Math.min(policy.maxQuoteAgeMs, limits.maxQuoteAgeMs),
    duplicateWindowMs: Math.max(policy.duplicateWindowMs, limits.duplicateWindowMs),
  };
}

/** Null is no limit. */
function least(own: Decimal | null, other: string | null): Decimal | null {
  if (other === null) return own;
  return own === null ? decimal(other) : min(own, decimal(other));
}

/** Journals this server's limits, unless a server of today already works under the same. */
export function recordPolicy(
  journal: Journal,
  policy: Policy,
  onDay: (at: number) => boolean,
  append: Append,
): void {
  const limits = limitsOf(policy);
  const text = JSON.stringify(limits);
  const isKnown = journal.ledger.policies.some(
    (each) => JSON.stringify(each.limits) === text && onDay(each.at),
  );
  if (!isKnown) append({ kind: "policy", limits }, { sync: false });
}

function limitsOf(policy: Policy): JournaledLimits {
  return {
    maxOrderValue: plain(policy.maxOrderValue),
    maxDailyValue: plainOrNull(policy.maxDailyValue),
    maxPositionValue: plainOrNull(policy.maxPositionValue),
    maxDailyLoss: plainOrNull(policy.maxDailyLoss),
    maxOrdersPerMinute: policy.maxOrdersPerMinute,
    maxPriceDeviationPercent: plain(policy.maxPriceDeviationPercent),
    maxQuoteAgeMs: policy.maxQuoteAgeMs,
    duplicateWindowMs: policy.duplicateWindowMs,
  };
}

const SETTINGS: Record<keyof JournaledLimits, string> = {
  maxOrderValue: "MAX_ORDER_VALUE",
  maxDailyValue: "MAX_DAILY_VALUE",
  maxPositionValue: "MAX_POSITION_VALUE",
  maxDailyLoss: "MAX_DAILY_LOSS",
  maxOrdersPerMinute: "MAX_ORDERS_PER_MINUTE",
  maxPriceDeviationPercent: "MAX_PRICE_DEVIATION_PERCENT",
  maxQuoteAgeMs: "MAX_QUOTE_AGE_SECONDS",
  duplicateWindowMs: "DUPLICATE_WINDOW_SECONDS",
};

/** Every limit of this server for which another server of today is stricter, in one sentence each. */
export function tightenedLimits(policy: Policy, held: Policy): string[] {
  const own = limitsOf(policy);
  const tight = limitsOf(held);
  const keys = Object.keys(SETTINGS) as (keyof JournaledLimits)[];
  return keys
    .filter((key) => own[key] !== tight[key])
    .map(
      (key) =>
        `${SETTINGS[key]} ${shown(key, tight[key])} holds for the rest of the day: a server of today works under it, ` +
        `and this one's ${shown(key, own[key])} is looser.`,
    );
}

function shown(key: keyof JournaledLimits, value: string | number | null): string {
  if (value === null) return "(none)";
  return key.endsWith("Ms") ? `${Number(value) / 1000}` : `${value}`;
}
