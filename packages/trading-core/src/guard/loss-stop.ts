import { cents, type Decimal, plain } from "../domain/money.ts";
import { type Reading, unread } from "../domain/reading.ts";
import type { Append, Journal } from "../journal/journal.ts";
import type { Ledger, ReducingUntil } from "../journal/ledger.ts";
import { nextTradingDay } from "./day.ts";
import type { Marks } from "./day-result.ts";
import type { Desk } from "./desk.ts";
import type { Policy } from "./policy.ts";
import { inRiskCurrency } from "./risk-rate.ts";

/** What the account gained today in the risk currency, and when a stop because of it would end. */
export interface DayResult {
  dailyPnl: Reading<Decimal>;
  nextTradingDay: string;
  /** Where the venue tells no result: what it is worked out with, under the lock (day-result.ts). */
  marks?: Marks;
}

const NOT_ASKED: Reading<never> = unread("it was not asked for: MAX_DAILY_LOSS is not set");

/** Asks the venue only where a limit depends on the answer: it may be asked every five seconds. */
export async function dayResult(desk: Desk, wanted: boolean): Promise<DayResult> {
  const [dailyPnl, next] = await Promise.all([
    wanted ? readDailyPnl(desk) : Promise.resolve(NOT_ASKED),
    nextTradingDay(desk, desk.clock.now()),
  ]);
  return { dailyPnl, nextTradingDay: next };
}

async function readDailyPnl(desk: Desk): Promise<Reading<Decimal>> {
  const { marketData } = desk;
  if (marketData.dailyPnl === undefined) return unread("this venue does not tell the day's result");
  try {
    return await inRiskCurrency(desk, await marketData.dailyPnl());
  } catch (error) {
    // Serves entries: without it they are refused; exits do not look at it.
    return unread(error instanceof Error ? error.message : String(error));
  }
}

/** The journaled stop of entries that holds on this day (YYYY-MM-DD at the venue); null when none does. */
export function lossStopOn(ledger: Ledger, day: string): ReducingUntil | null {
  return ledger.reducing !== null && day < ledger.reducing.until ? ledger.reducing : null;
}

/**
 * S24: a loss that has reached its limit ends the day's entries, in the same locked step that saw it and
 * for every process. It is written once: the price may recover, the day does not.
 *
 * @param policy the limits that hold (see limits.ts)
 */
export function recordLossStop(journal: Journal, result: DayResult, policy: Policy, append: Append): void {
  const { dailyPnl, nextTradingDay: until } = result;
  if (policy.maxDailyLoss === null || dailyPnl.kind === "unread") return;
  if (dailyPnl.value.neg().lt(policy.maxDailyLoss)) return;
  const standing = journal.ledger.reducing;
  if (standing !== null && standing.until >= until) return;
  append({
    kind: "state",
    state: "REDUCING",
    until,
    reason:
      `the day's result of ${cents(dailyPnl.value)} ${policy.riskCurrency} reached ` +
      `MAX_DAILY_LOSS ${plain(policy.maxDailyLoss)}`,
  });
}
