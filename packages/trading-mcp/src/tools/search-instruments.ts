import type { FoundInstrument, SearchResult } from "trading-core/domain/found-instrument";
import { untrustedText } from "trading-core/domain/untrusted-text";
import * as z from "zod";
import { capped, textOrNull } from "../format.ts";
import { READS } from "./annotations.ts";
import { limit, query } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { flag, omitted, text } from "./outputs.ts";

const DEFAULT_MATCHES = 20;

export const searchInstruments = defineTool({
  name: "search_instruments",
  title: "Search instruments",
  description:
    "What the venue lists under a symbol, a currency or a company's name. tradable false or null: reason says why. Pass symbol on exactly as a match gives it. meaning is what query means as a symbol; where it is null and several match, ask the user which one. Limits and deny-lists are not looked at: that is preview_order.",
  input: z.strictObject({ query, limit: limit.default(DEFAULT_MATCHES) }),
  output: z.object({
    matches: z.array(
      z
        .object({
          symbol: text,
          name: text,
          kind: text,
          exchange: text,
          currency: text,
          tradable: flag,
          reason: text,
        })
        .partial(),
    ),
    meaning: text,
    message: z.string(),
    omitted,
  }),
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { session, marketData } = await context.venue();
    await session.ensureReady();
    const result = await marketData.search(args.query);
    const { shown, omitted } = capped(result.found, args.limit);
    return {
      matches: shown.map(matchFields),
      meaning: textOrNull(result.meaning, 64),
      message: advice(args.query, result),
      omitted,
    };
  },
});

function matchFields(found: FoundInstrument) {
  return {
    symbol: untrustedText(found.symbol, 64),
    name: textOrNull(found.name, 80),
    kind: untrustedText(found.kind, 32),
    exchange: textOrNull(found.exchange, 32),
    currency: textOrNull(found.currency, 16),
    tradable: found.tradable,
    reason: textOrNull(found.reason, 200),
  };
}

/** What to do with the matches, in words of ours alone. */
function advice(asked: string, { found, meaning }: SearchResult): string {
  const tradable = found.filter((each) => each.tradable === true);
  const [only] = tradable;
  if (found.length === 0) return `Nothing is listed here as ${asked}. Try the ticker, or a part of the name.`;
  if (only === undefined) return "Nothing that matches can be traded here; reason says why.";
  if (tradable.length === 1) {
    return `One match can be traded here: ${named(only)}. Make sure that it is the one that the user means.`;
  }
  if (meaning === null) {
    return `${tradable.length} matches can be traded here. Ask the user which one is meant, and pass its symbol exactly.`;
  }
  return `${tradable.length} matches can be traded here; as a symbol, ${asked} means ${untrustedText(meaning, 64)}. If the user may mean another one, ask.`;
}

function named({ symbol }: FoundInstrument): string {
  return untrustedText(symbol, 64);
}
