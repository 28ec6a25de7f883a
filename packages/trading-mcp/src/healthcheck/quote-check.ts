import type { Decimal } from "trading-core/domain/money";
import { isFresh, type Quote, quoteAge } from "trading-core/domain/quote";
import type { Reading } from "trading-core/domain/reading";
import { quoteFields } from "../format.ts";
import { fail, type HealthCheck, ok, warn } from "./check.ts";

const REFUSED = "orders that need a fresh price (market buys by quantity, stop entries) are refused";

export interface QuoteTerms {
  maxQuoteAgeMs: number;
  /** Outside of the session an old price is what there is. */
  closed: boolean;
  /** What a person does where no data comes, or only late data. */
  dataStep: string;
  /** Epoch milliseconds. */
  now: number;
}

/** A price comes, and is one that the guard would decide on. */
export function quoteCheck(reading: Reading<Quote>, terms: QuoteTerms): HealthCheck {
  const { now, dataStep } = terms;
  if (reading.kind === "unread") {
    return fail("quote", `There is no quote: ${reading.reason.replace(/\.$/, "")}.`, dataStep);
  }
  const quote = reading.value;
  const data = quoteFields(quote, now);
  const message = `${quote.symbol} ${prices(quote)}; ${nature(quote, now)}`;
  if (quote.halted === true) {
    return warn("quote", `${message}; trading in it is halted.`, "Try another one with --symbol.", data);
  }
  if (terms.closed || isFresh(quote, now, terms.maxQuoteAgeMs)) {
    return ok("quote", `${message}.`, data);
  }
  const step = quote.delayed === false ? "Run this again; prices may just be coming in." : dataStep;
  return warn("quote", `${message}; ${REFUSED}.`, step, data);
}

function prices({ last, bid, ask }: Quote): string {
  return `${price(last)} (bid ${price(bid)}, ask ${price(ask)})`;
}

function price(value: Decimal | null): string {
  if (value === null) return "none";
  const exact = value.toFixed();
  return /\.\d\d/.test(exact) ? exact : value.toFixed(2);
}

function nature(quote: Quote, now: number): string {
  if (quote.lastIsPreviousClose) return "the previous close";
  const kind = quote.delayed === null ? "not said to be live" : quote.delayed ? "delayed" : "live";
  return `${kind}, ${ageOf(quote, now)}`;
}

function ageOf(quote: Quote, now: number): string {
  const age = quoteAge(quote, now);
  if (age === null) return "of unknown age";
  const seconds = Math.round(age / 1000);
  if (seconds < 120) return `${seconds} s old`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min old` : `${Math.round(seconds / 3_600)} h old`;
}
