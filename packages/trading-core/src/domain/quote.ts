import type { Decimal } from "./money.ts";

/** Prices of one instrument. What the venue did not give is null, never zero. */
export interface Quote {
  instrumentId: string;
  symbol: string;
  last: Decimal | null;
  bid: Decimal | null;
  ask: Decimal | null;
  /** When the venue last updated it, epoch milliseconds; null where it does not say. */
  asOf: number | null;
  /** Delayed or frozen rather than live; null where the venue does not say. */
  delayed: boolean | null;
  halted: boolean | null;
  /** `last` is the previous close, not a trade of this session. */
  lastIsPreviousClose: boolean;
}

/** Age in milliseconds, never negative; null where the quote carries no time. */
export function quoteAge(quote: Quote, now: number): number | null {
  return quote.asOf === null ? null : Math.max(0, now - quote.asOf);
}

/**
 * Whether a decision may rest on this quote: live, not halted, with a time that is recent enough.
 * A quote that does not say how old it is is not fresh.
 */
export function isFresh(quote: Quote, now: number, maxAgeMs: number): boolean {
  const age = quoteAge(quote, now);
  return (
    age !== null &&
    age <= maxAgeMs &&
    // A time far ahead of ours says that one of the clocks is wrong, and nothing about the quote's age.
    (quote.asOf ?? 0) <= now + maxAgeMs &&
    quote.delayed === false &&
    quote.halted !== true &&
    !quote.lastIsPreviousClose
  );
}
