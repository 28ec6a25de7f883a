import type { Decimal } from "trading-core/domain/money";
import { isFresh, type Quote, quoteAge } from "trading-core/domain/quote";
import type { Reading } from "trading-core/domain/reading";
import type { MarketHours } from "trading-core/guard/facts";
import type { Policy } from "trading-core/guard/policy";
import { quoteFields } from "trading-mcp/format";
import { fail, type HealthCheck, ok, warn } from "./check.ts";

const DATA_STEP =
  "Look at Market Data Subscriptions in Client Portal; a paper user gets data only if the live user shares its own.";
const REFUSED = "orders that need a fresh price (market buys by quantity, stop entries) are refused";

/** A price comes, and is one that the guard would decide on. */
export function quoteCheck(
  reading: Reading<Quote>,
  hours: MarketHours,
  policy: Policy,
  now: number,
): HealthCheck {
  if (reading.kind === "unread") {
    return fail("quote", `There is no quote: ${reading.reason.replace(/\.$/, "")}.`, DATA_STEP);
  }
  const quote = reading.value;
  const data = quoteFields(quote, now);
  const message = `${quote.symbol} ${prices(quote)}; ${nature(quote, now)}`;
  if (quote.halted === true) {
    return warn("quote", `${message}; trading in it is halted.`, "Try another one with --symbol.", data);
  }
  // Outside of the session an old price is what there is.
  if (hours.kind === "closed" || isFresh(quote, now, policy.maxQuoteAgeMs)) {
    return ok("quote", `${message}.`, data);
  }
  const step = quote.delayed === false ? "Run this again; prices may just be coming in." : DATA_STEP;
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

/** Closed is no trouble: limit and stop orders wait for the open. */
export function hoursCheck(hours: MarketHours): HealthCheck {
  switch (hours.kind) {
    case "open": {
      const data = { open: true, source: hours.source, opens: null, closes: hours.closes };
      const until = hours.closes === null ? "" : ` until ${newYork(hours.closes)}`;
      return ok("market_hours", `Open${until}, by ${hours.source}.`, data);
    }
    case "closed": {
      const data = { open: false, source: hours.source, opens: hours.opens, closes: null };
      const next = hours.opens === null ? "" : `; opens ${newYork(hours.opens)}`;
      return ok("market_hours", `Closed${next}, by ${hours.source}.`, data);
    }
    case "unknown":
      return warn(
        "market_hours",
        `The hours are not known (${hours.reason}); market orders are refused.`,
        "Run this again; if it stays so, look at the exchange's own calendar.",
        { open: null, source: null, opens: null, closes: null },
      );
  }
}

const NEW_YORK = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  weekday: "short",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** "Fri, Oct 2, 16:00 New York" */
function newYork(iso: string): string {
  return `${NEW_YORK.format(new Date(iso))} New York`;
}
