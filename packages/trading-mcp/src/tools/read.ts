import { TradingError } from "trading-core/domain/errors";
import type { Reading } from "trading-core/domain/reading";

/** The value, or the error that says what could not be read and why. */
export function readOrThrow<T>(reading: Reading<T>, code: string, what: string): T {
  if (reading.kind === "read") return reading.value;
  throw new TradingError(
    code,
    `${what} could not be read: ${reading.reason}.`,
    "Try again in a few seconds; if it stays so, look at session_status.",
    { retryable: true },
  );
}
