import type { AccountSummary } from "trading-core/domain/account";
import type { Decimal } from "trading-core/domain/money";
import { summaryFields } from "../format.ts";
import { type HealthCheck, ok, warn } from "./check.ts";

/** What a person does where the venue tells no funds, and where there are none. */
export interface BalanceSteps {
  untold: string;
  empty: string;
}

export function balanceCheck(summary: AccountSummary, steps: BalanceSteps): HealthCheck {
  const { netLiquidation, availableFunds, currency } = summary;
  const data = summaryFields(summary);
  const message = `Worth ${money(netLiquidation, currency)}, ${money(availableFunds, currency)} available to trade with.`;
  if (availableFunds === null) return warn("balance", message, steps.untold, data);
  if (availableFunds.gt(0)) return ok("balance", message, data);
  return warn("balance", message, steps.empty, data);
}

/** "1,000,000.00 USD" */
function money(value: Decimal | null, currency: string): string {
  if (value === null) return "an unknown amount";
  const [whole = "", decimals = ""] = value.toFixed(2).split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${decimals} ${currency}`;
}
