import type { MarketHours } from "trading-core/guard/facts";
import { type HealthCheck, ok, warn } from "trading-mcp/healthcheck/check";

/** What a person does where no prices come, or only late ones. */
export const DATA_STEP =
  "Look at Market Data Subscriptions in Client Portal; a paper user gets data only if the live user shares its own.";

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
