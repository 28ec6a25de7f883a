import { cents, plain, plainOrNull } from "trading-core/domain/money";
import type { Posture } from "trading-core/guard/answers";
import { isLiveWithoutDailyLimit, type Policy } from "trading-core/guard/policy";
import { liveArm } from "trading-core/guard/rules/live-arm";
import { tradingState } from "trading-core/guard/rules/trading-state";
import { centsOrNull, textOrNull } from "../format.ts";
import { fail, type HealthCheck, ok, warn } from "./check.ts";
import { judge, type Standing } from "./judge.ts";

/** The operator's stop switch. */
export function tradingStateCheck(standing: Standing, policy: Policy): HealthCheck {
  const data = { state: standing.tradingState, reason: textOrNull(standing.tradingStateReason, 300) };
  const verdict = judge(tradingState, standing, policy);
  if (verdict.verdict === "refuse") return fail("trading_state", verdict.message, verdict.nextStep, data);
  return ok("trading_state", "ACTIVE: nobody halted trading.", data);
}

/** What may happen at all: dry run, real money, shorts, writing tools. */
export function armsCheck(standing: Standing, policy: Policy, readOnly: boolean): HealthCheck {
  const data = {
    dry_run: policy.dryRun,
    live_armed: policy.allowLive,
    allow_short: policy.allowShort,
    read_only: readOnly,
  };
  const verdict = judge(liveArm, standing, policy);
  if (verdict.verdict === "refuse") return fail("arms", verdict.message, verdict.nextStep, data);
  const said = [
    policy.dryRun ? "dry run on: orders are validated and not sent" : "dry run off: orders are sent",
    `live trading ${policy.allowLive ? "ARMED" : "not armed"}`,
    `shorts ${policy.allowShort ? "allowed" : "refused"}`,
    ...(readOnly ? ["no order tools (TRADING_TOOLS=read)"] : []),
  ];
  return ok("arms", `${capital(said.join("; "))}.`, data);
}

/** @param limits of the guard's posture; null when the journal that they are counted from was not read */
export function limitsCheck(limits: Posture["limits"] | null, policy: Policy): HealthCheck {
  const data = {
    risk_currency: policy.riskCurrency,
    max_order_value: plain(policy.maxOrderValue),
    max_daily_value: plainOrNull(policy.maxDailyValue),
    committed_today: centsOrNull(limits?.committedToday),
    remaining_today: centsOrNull(limits?.remainingToday),
    trading_day: limits?.day ?? null,
    duplicate_window_seconds: policy.duplicateWindowMs / 1000,
    allowlist: policy.allowlist,
    denylist: policy.denylist,
  };
  const message = `${told(limits, policy).join("; ")}.`;
  if (isLiveWithoutDailyLimit(policy)) {
    const danger = `${message} Nothing bounds what many small orders add up to in a day.`;
    return warn("limits", danger, "Set MAX_DAILY_VALUE.", data);
  }
  if (limits?.remainingToday?.lte(0)) {
    const step = "Wait for the next trading day, or raise MAX_DAILY_VALUE and restart the server.";
    return fail("limits", `The day's limit is used up. ${message}`, step, data);
  }
  return ok("limits", message, data);
}

function told(limits: Posture["limits"] | null, policy: Policy): string[] {
  const currency = policy.riskCurrency;
  const daily = policy.maxDailyValue === null ? "no daily limit" : `${plain(policy.maxDailyValue)} a day`;
  const said = [`${plain(policy.maxOrderValue)} ${currency} an order, ${daily}`];
  if (limits?.committedToday != null) {
    const left = limits.remainingToday === null ? "" : `, ${cents(limits.remainingToday)} left`;
    said.push(`${cents(limits.committedToday)} committed today${left}`);
  }
  if (policy.allowlist.length > 0) said.push(`only ${listed(policy.allowlist)}`);
  if (policy.denylist.length > 0) said.push(`never ${listed(policy.denylist)}`);
  return said;
}

const MOST_LISTED = 5;

function listed(symbols: readonly string[]): string {
  const more = symbols.length - MOST_LISTED;
  return symbols.slice(0, MOST_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
