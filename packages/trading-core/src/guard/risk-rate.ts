import { countedRate, type ExchangeRate } from "../domain/exchange-rate.ts";
import { type Decimal, ONE } from "../domain/money.ts";
import { type Reading, read, unread } from "../domain/reading.ts";
import type { Desk } from "./desk.ts";
import { reading } from "./gather.ts";
import type { Policy } from "./policy.ts";

/** What one unit of an order's quote currency counts in the risk currency, or why that is not known (S21). */
export type RiskRate =
  | { kind: "known"; from: string; to: string; rate: Decimal; asOf: number }
  | { kind: "unknown"; from: string; to: string; reason: string };

/** Reads the rate of a currency into the risk currency; one of itself needs no request. Never throws. */
export async function readRiskRate(
  desk: Pick<Desk, "marketData" | "policy" | "clock">,
  from: string,
): Promise<Reading<ExchangeRate>> {
  const now = desk.clock.now();
  const to = desk.policy.riskCurrency;
  if (from === to) return read({ from, to, rate: ONE, asOf: now }, now);
  return reading(() => desk.marketData.rate(from, to));
}

/**
 * The rate that a decision may rest on: of the currencies that were asked for, positive, and no older than
 * MAX_QUOTE_AGE_SECONDS.
 */
export function riskRateOf(seen: Reading<ExchangeRate>, from: string, policy: Policy, now: number): RiskRate {
  const to = policy.riskCurrency;
  if (from === to) return { kind: "known", from, to, rate: ONE, asOf: now };
  const unknown = (reason: string): RiskRate => ({ kind: "unknown", from, to, reason });
  if (seen.kind === "unread") return unknown(seen.reason);
  const { value } = seen;
  if (value.from !== from || value.to !== to) {
    return unknown(`the venue told that of ${value.from} into ${value.to}`);
  }
  if (value.rate.lte(0)) return unknown("the venue told none that is greater than 0");
  if (value.asOf > now + policy.maxQuoteAgeMs) return unknown("its time is ahead of this machine's clock");
  if (now - value.asOf > policy.maxQuoteAgeMs) {
    const seconds = Math.round((now - value.asOf) / 1000);
    return unknown(`it is ${seconds} s old, more than ${policy.maxQuoteAgeMs / 1000} s`);
  }
  return { kind: "known", from, to, rate: countedRate(value), asOf: value.asOf };
}

/** A reading of an amount of money in the risk currency; unread where it, or the rate, is. */
export async function inRiskCurrency(
  desk: Pick<Desk, "marketData" | "policy" | "clock">,
  seen: Reading<{ amount: Decimal; currency: string }>,
): Promise<Reading<Decimal>> {
  if (seen.kind === "unread") return seen;
  const { amount, currency } = seen.value;
  const rate = riskRateOf(await readRiskRate(desk, currency), currency, desk.policy, desk.clock.now());
  if (rate.kind === "known") return read(amount.times(rate.rate), seen.began);
  return unread(`it is counted in ${currency}, and the rate into ${rate.to} is not known: ${rate.reason}`);
}
