import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import type { Check } from "../verdict.ts";
import { accountIdentity } from "./account-identity.ts";
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
  duplicate,
  unresolved,
];

/** Every rule's verdict on one order, in the order of the list. */
export function judge(input: RuleInput): Check[] {
  return rules.map((rule) => ({ rule: rule.name, ...rule.check(input) }));
}
