import { messageOf, TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { MarketData } from "trading-core/ports/market-data";
import * as z from "zod";
import { quoteFields } from "../format.ts";
import { READS } from "./annotations.ts";
import { symbols } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { omitted, quote } from "./outputs.ts";

interface Unavailable {
  symbol: string;
  code: string;
  reason: string;
}

export const getQuotes = defineTool({
  name: "get_quotes",
  title: "Get several quotes",
  description:
    "Quotes of up to 50 symbols at once, with the fields of get_quote. A symbol without a quote is listed under unavailable with the reason; the others still come. For one symbol use get_quote.",
  input: z.strictObject({ symbols }),
  output: z.object({
    quotes: z.array(quote),
    unavailable: z.array(z.object({ symbol: z.string(), code: z.string(), reason: z.string() })),
    omitted,
  }),
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { session, marketData } = await context.venue();
    await session.ensureReady();
    const { found, unavailable } = await resolveAll(marketData, [...new Set(args.symbols)]);
    const readings = found.length === 0 ? [] : await marketData.quotes(found);
    const quotes = [];
    for (const [index, instrument] of found.entries()) {
      const reading = readings[index] ?? { kind: "unread", reason: "the venue gave no answer" };
      if (reading.kind === "read") quotes.push(quoteFields(reading.value, context.clock.now()));
      else unavailable.push(without(instrument.symbol, "quote_unavailable", reading.reason));
    }
    return { quotes, unavailable, omitted: 0 };
  },
});

/** One unknown symbol does not take the other quotes away. */
async function resolveAll(marketData: MarketData, names: string[]) {
  const found: Instrument[] = [];
  const unavailable: Unavailable[] = [];
  const results = await Promise.allSettled(names.map((name) => marketData.resolve(name)));
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") found.push(result.value);
    else unavailable.push(notResolved(names[index] ?? "", result.reason));
  }
  return { found, unavailable };
}

function notResolved(name: string, error: unknown): Unavailable {
  // What no symbol can cause is no symbol's fault, and is told as a failure of the call.
  if (!(error instanceof TradingError)) throw error;
  return without(name, error.code, messageOf(error));
}

function without(symbol: string, code: string, reason: string): Unavailable {
  return { symbol: untrustedText(symbol, 64), code, reason: untrustedText(reason, 300) };
}
