import { type Decimal, decimal, min, plain, plainOrNull } from "../domain/money.ts";
import type { Append, Journal } from "../journal/journal.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { JournaledLimits } from "../journal/record.ts";
import type { Policy } from "./policy.ts";

/**
 * S25: several servers may work on one account under different settings. Each journals its limits at its
 * first decision of a day; while they differ, the tightest of each holds for all of them. So a limit that
 * is tightened holds at once, and one that is loosened from the next trading day on. A symbol has to be on
 * every allow-list and on no deny-list, and a short needs the arm of all. Amounts in two currencies have no
 * tightest: where servers count in different ones, rules/risk-currency.ts refuses entries.
 */
export function holdingPolicy(policy: Policy, ledger: Ledger, onDay: (at: number) => boolean): Policy {
  let held = policy;
  for (const each of ledger.policies) {
    if (onDay(each.at)) held = tighterOf(held, each.limits);
  }
  return held;
}

/** What limits were in before there was a setting for it. */
const FORMER_RISK_CURRENCY = "USD";

function tighterOf(policy: Policy, limits: JournaledLimits): Policy {
  const currency = limits.riskCurrency ?? FORMER_RISK_CURRENCY;
  const { allowlist, denylist } = limits;
  return {
    ...policy,
    ...(currency === policy.riskCurrency
      ? tighterAmounts(policy, limits)
      : { otherRiskCurrencies: including(policy.otherRiskCurrencies, [currency]) }),
    allowShort: policy.allowShort && limits.allowShort !== false,
    ...(allowlist != null &&
      !isSame(allowlist, policy.allowlist) && {
        otherAllowlists: [...(policy.otherAllowlists ?? []), allowlist],
      }),
    denylist: including(policy.denylist, denylist),
    maxOrdersPerMinute: Math.min(policy.maxOrdersPerMinute, limits.maxOrdersPerMinute),
    maxPriceDeviationPercent: min(policy.maxPriceDeviationPercent, decimal(limits.maxPriceDeviationPercent)),
    maxQuoteAgeMs: Math.min(policy.maxQuoteAgeMs, limits.maxQuoteAgeMs),
    duplicateWindowMs: Math.max(policy.duplicateWindowMs, limits.duplicateWindowMs),
  };
}

function tighterAmounts(policy: Policy, limits: JournaledLimits) {
  return {
    maxOrderValue: min(policy.maxOrderValue, decimal(limits.maxOrderValue)),
    maxDailyValue: least(policy.maxDailyValue, limits.maxDailyValue),
    maxPositionValue: least(policy.maxPositionValue, limits.maxPositionValue),
    maxDailyLoss: least(policy.maxDailyLoss, limits.maxDailyLoss),
  };
}

function including(own: readonly string[] = [], others: readonly string[] = []): readonly string[] {
  return others.every((each) => own.includes(each)) ? own : [...new Set([...own, ...others])];
}

function isSame(list: readonly string[], other: readonly string[]): boolean {
  return list.length === other.length && list.every((each) => other.includes(each));
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
    riskCurrency: policy.riskCurrency,
    allowShort: policy.allowShort,
    allowlist: policy.allowlist.length === 0 ? null : [...policy.allowlist].sort(),
    denylist: [...policy.denylist].sort(),
  };
}

type Bound = Exclude<keyof JournaledLimits, "riskCurrency" | "allowShort" | "allowlist" | "denylist">;

const SETTINGS: Record<Bound, string> = {
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
  const keys = Object.keys(SETTINGS) as Bound[];
  const bounds = keys
    .filter((key) => own[key] !== tight[key])
    .map(
      (key) =>
        `${SETTINGS[key]} ${shown(key, tight[key])} holds for the rest of the day: a server of today works under it, ` +
        `and this one's ${shown(key, own[key])} is looser.`,
    );
  return [...bounds, ...tightenedLists(policy, held)];
}

function tightenedLists(policy: Policy, held: Policy): string[] {
  const said: string[] = [];
  if (policy.allowShort && !held.allowShort) {
    said.push(
      `Shorts are refused for the rest of the day: a server of today works without ${policy.settings.allowShort}.`,
    );
  }
  for (const list of held.otherAllowlists ?? []) {
    said.push(`A server of today allows only ${listed(list)}; for the rest of the day this holds here too.`);
  }
  const denied = held.denylist.filter((each) => !policy.denylist.includes(each));
  if (denied.length > 0) {
    said.push(`A server of today denies ${listed(denied)}; for the rest of the day this holds here too.`);
  }
  if (held.otherRiskCurrencies !== undefined) {
    said.push(
      `Entries are refused for the rest of the day: this server's limits are in ${policy.riskCurrency}, ` +
        `those of a server of today in ${listed(held.otherRiskCurrencies)}.`,
    );
  }
  return said;
}

const MOST_LISTED = 10;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function shown(key: Bound, value: string | number | null): string {
  if (value === null) return "(none)";
  return key.endsWith("Ms") ? `${Number(value) / 1000}` : `${value}`;
}
