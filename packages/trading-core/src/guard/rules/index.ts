import { childLegs, type LegRole } from "../../domain/bracket.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import type { Check } from "../verdict.ts";
import { accountIdentity } from "./account-identity.ts";
import { bracketSides } from "./bracket-sides.ts";
import { clock } from "./clock.ts";
import { dailyLoss } from "./daily-loss.ts";
import { dailyValue } from "./daily-value.ts";
import { duplicate } from "./duplicate.ts";
import { foreignWriter } from "./foreign-writer.ts";
import { instrument } from "./instrument.ts";
import { liveArm } from "./live-arm.ts";
import { marketHours } from "./market-hours.ts";
import { orderRate } from "./order-rate.ts";
import { orderValue } from "./order-value.ts";
import { oversell } from "./oversell.ts";
import { positionValue } from "./position-value.ts";
import { priceCollar } from "./price-collar.ts";
import { riskCurrency } from "./risk-currency.ts";
import { stopSide } from "./stop-side.ts";
import { symbolUniverse } from "./symbol-universe.ts";
import { tradingState } from "./trading-state.ts";
import { trailBounds } from "./trail-bounds.ts";
import { unresolved } from "./unresolved.ts";

/** The policy on one page. All of them run for every order; an answer names every one that refused. */
export const rules: readonly Rule[] = [
  tradingState,
  liveArm,
  accountIdentity,
  foreignWriter,
  clock,
  symbolUniverse,
  instrument,
  oversell,
  marketHours,
  riskCurrency,
  orderValue,
  dailyValue,
  positionValue,
  dailyLoss,
  orderRate,
  priceCollar,
  stopSide,
  bracketSides,
  trailBounds,
  duplicate,
  unresolved,
];

/**
 * What a bracket's exits are asked besides, each for itself: everything else about them follows from the
 * entry, or is judged by bracket-sides.
 */
const EXIT_RULES: readonly Rule[] = [instrument];

/** Every rule's verdict on one order, in the order of the list; a bracket's refusals name the leg. */
export function judge(input: RuleInput): Check[] {
  const checks = rules.map((rule) => ({ rule: rule.name, ...rule.check(input) }));
  const legs = childLegs(input.intent);
  if (legs.length === 0) return checks;
  const ofExits = legs.flatMap(({ role, intent }) =>
    EXIT_RULES.map((rule) =>
      named(role, { rule: rule.name, ...rule.check({ ...input, intent, isExit: true }) }),
    ),
  );
  return [
    ...checks.map((check) => (check.rule === bracketSides.name ? check : named("entry", check))),
    ...ofExits,
  ];
}

function named(role: LegRole, check: Check): Check {
  return check.verdict === "refuse" ? { ...check, message: `${role}: ${check.message}` } : check;
}
