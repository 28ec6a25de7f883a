import * as z from "zod";
import { quoteFields } from "../format.ts";
import { READS } from "./annotations.ts";
import { symbol } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { quote } from "./outputs.ts";
import { readOrThrow } from "./read.ts";

export const getQuote = defineTool({
  name: "get_quote",
  title: "Get a quote",
  description:
    "Last, bid and ask of one symbol, per share or unit in its quote currency, with the quote's age. Null means the venue did not say; delayed, halted or old prices are marked, and entries are refused on them. For several symbols use get_quotes.",
  input: z.strictObject({ symbol }),
  output: quote,
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { session, marketData } = await context.venue();
    await session.ensureReady();
    const instrument = await marketData.resolve(args.symbol);
    const [reading] = await marketData.quotes([instrument]);
    const value = readOrThrow(
      reading ?? { kind: "unread", reason: "the venue gave no answer" },
      "quote_unavailable",
      `The quote of ${instrument.symbol}`,
    );
    return quoteFields(value, context.clock.now());
  },
});
