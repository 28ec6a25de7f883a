import { plainOrNull } from "trading-core/domain/money";
import type { Posture } from "trading-core/guard/answers";
import { centsOrNull, isoOrNull, textOrNull, texts } from "../format.ts";
import type { ServerFacts } from "./context.ts";

/** The guard's posture as `session_status` tells it. */
export function postureFields(posture: Posture, server: ServerFacts) {
  const standing = obstacles(posture, server);
  return {
    venue: posture.venue,
    server_version: server.version,
    mode: posture.mode,
    can_trade: standing.length === 0,
    next_step: nextStep(posture, standing),
    obstacles: texts(standing, 500),
    warnings: texts(posture.warnings, 500),
    configuration_problems: [...server.problems],
    read_only: server.readOnly,
    session: {
      ready: posture.session.ready,
      state: posture.session.state,
      message: textOrNull(posture.session.message),
      locked_until: isoOrNull(posture.session.lockedUntil),
      venue_software: textOrNull(posture.session.serverVersion, 100),
    },
    account_id: textOrNull(posture.identity?.accountId, 64),
    account_type: posture.accountType,
    identity_evidence: textOrNull(posture.identity?.evidence ?? posture.identityMessage, 300),
    dry_run: posture.dryRun,
    live_armed: posture.liveArmed,
    trading_state: posture.tradingState,
    trading_state_reason: textOrNull(posture.tradingStateReason, 300),
    limits: limitFields(posture.limits),
    unresolved: texts(posture.unresolved, 64),
    open_plans: texts(posture.openPlans, 200),
    journal: { path: posture.journalPath, seq: posture.journalSeq },
  };
}

function nextStep(posture: Posture, standing: string[]): string | null {
  if (posture.session.nextStep !== null) return textOrNull(posture.session.nextStep);
  return standing.length === 0 ? null : "Clear what obstacles lists, then ask again.";
}

function limitFields(limits: Posture["limits"]) {
  return {
    risk_currency: limits.riskCurrency,
    max_order_value: plainOrNull(limits.maxOrderValue),
    max_daily_value: plainOrNull(limits.maxDailyValue),
    committed_today: centsOrNull(limits.committedToday),
    remaining_today: centsOrNull(limits.remainingToday),
    max_position_value: plainOrNull(limits.maxPositionValue),
    max_daily_loss: plainOrNull(limits.maxDailyLoss),
    result_today: centsOrNull(limits.dailyPnl),
    max_orders_per_minute: limits.maxOrdersPerMinute,
    orders_last_minute: limits.ordersLastMinute,
    max_price_deviation_percent: plainOrNull(limits.maxPriceDeviationPercent),
    max_quote_age_seconds: limits.maxQuoteAgeSeconds,
    trading_day: limits.day,
    duplicate_window_seconds: limits.duplicateWindowSeconds,
    allow_short: limits.allowShort,
    allowlist: limits.allowlist.slice(0, 100),
    denylist: limits.denylist.slice(0, 100),
  };
}

/**
 * Why an entry would be refused now. The guard names its reasons; where it names none, the plain facts
 * are asked once more, because "can trade" must not be true in any state in which one was forgotten.
 */
function obstacles(posture: Posture, server: ServerFacts): string[] {
  const { session, limits } = posture;
  const found = [...posture.obstacles];
  if (found.length === 0) {
    if (!session.ready) found.push(`session: ${session.message}`);
    if (posture.tradingState !== "ACTIVE") {
      found.push(`trading state ${posture.tradingState}: ${posture.tradingStateReason}`);
    }
    // An identity that is only remembered serves exits, never an entry.
    if (posture.identity === null || posture.identityMessage !== null) {
      found.push(`account: ${posture.identityMessage ?? "identity not verified"}`);
    }
    if (limits.maxDailyValue !== null && !limits.remainingToday?.gt(0)) {
      found.push(
        `daily limit: ${plainOrNull(limits.remainingToday) ?? "an unknown part"} is left of ` +
          `${plainOrNull(limits.maxDailyValue)} ${limits.riskCurrency} for ${limits.day}`,
      );
    }
  }
  if (server.readOnly) found.push("this server only reads (TRADING_TOOLS=read)");
  return found;
}
