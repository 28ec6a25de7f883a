import { untrustedText } from "trading-core/domain/untrusted-text";
import type { MarketHours } from "trading-core/guard/facts";
import * as z from "zod";
import { isoOrNull, textOrNull } from "../format.ts";
import { READS } from "./annotations.ts";
import { symbol } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { flag, text } from "./outputs.ts";

export const marketStatus = defineTool({
  name: "market_status",
  title: "Market hours",
  description:
    "Whether the market takes orders now, and when it next opens or closes (ISO 8601, UTC). Give a symbol for that instrument's own hours, holidays and half days included. open is null when the hours are not known; market orders are then refused. Says nothing about the login: that is session_status.",
  input: z.strictObject({ symbol: symbol.optional() }),
  output: z.object({
    symbol: text,
    open: flag,
    reason: text,
    source: text,
    opens: text,
    closes: text,
    as_of: text,
  }),
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { guard } = await context.venue();
    const hours = await guard.marketHours(args.symbol ?? null);
    return { symbol: args.symbol ?? null, ...hoursFields(hours), as_of: isoOrNull(context.clock.now()) };
  },
});

function hoursFields(hours: MarketHours) {
  switch (hours.kind) {
    case "open":
      return {
        open: true,
        reason: null,
        source: untrustedText(hours.source, 100),
        opens: null,
        closes: textOrNull(hours.closes, 40),
      };
    case "closed":
      return {
        open: false,
        reason: untrustedText(hours.reason, 200),
        source: untrustedText(hours.source, 100),
        opens: textOrNull(hours.opens, 40),
        closes: null,
      };
    case "unknown":
      return {
        open: null,
        reason: untrustedText(hours.reason, 200),
        source: null,
        opens: null,
        closes: null,
      };
  }
}
