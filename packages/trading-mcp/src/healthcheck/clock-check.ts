import { fail, type HealthCheck, ok, skipped, warn } from "./check.ts";

const WARN_MS = 10_000;
const FAIL_MS = 60_000;

/**
 * Trading days, quote ages and the duplicate window are told by this machine's clock.
 *
 * @param clockSkew venue time minus local time in milliseconds; null when nothing has answered
 * @param venue "the gateway"
 */
export function clockCheck(clockSkew: number | null, venue: string): HealthCheck {
  if (clockSkew === null) return skipped("clock", `an answer of ${venue}`);
  const data = { skew_seconds: Math.round(clockSkew / 100) / 10 };
  const off = Math.abs(clockSkew);
  // What a venue tells is a time in whole seconds.
  if (off < 1_500) return ok("clock", `This machine's clock agrees with ${venue}'s.`, data);
  const way = clockSkew > 0 ? "behind" : "ahead of";
  const message = `This machine's clock is ${duration(off)} ${way} ${venue}'s.`;
  if (off <= WARN_MS) return ok("clock", message, data);
  const step = "Let this machine set its clock from the network (NTP).";
  return off <= FAIL_MS ? warn("clock", message, step, data) : fail("clock", message, step, data);
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
