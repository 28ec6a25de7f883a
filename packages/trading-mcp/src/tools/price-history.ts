import { TradingError } from "trading-core/domain/errors";
import { plain, plainOrNull } from "trading-core/domain/money";
import {
  type Bar,
  barsOf,
  type HistoryBar,
  type HistoryPeriod,
  periodsWith,
} from "trading-core/domain/price-history";
import { untrustedText } from "trading-core/domain/untrusted-text";
import * as z from "zod";
import { isoOrNull, textOrNull } from "../format.ts";
import { READS } from "./annotations.ts";
import { bar, limit, period, symbol } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { flag, omitted, text } from "./outputs.ts";

const DEFAULT_PERIOD = "1mo";
const DEFAULT_BARS = 100;

const column = z.array(z.string());

export const priceHistory = defineTool({
  name: "price_history",
  title: "Price history",
  description:
    "Past prices of one symbol as bars in columns, oldest first. time is a bar's start (ISO 8601 UTC), volume in shares or units. bar defaults to what suits period; omitted counts bars older than the newest limit. last_bar_final false: the newest bar is unfinished and may still change. Stocks: regular hours only. For the price now use get_quote.",
  input: z.strictObject({
    symbol,
    period: period.default(DEFAULT_PERIOD),
    bar: bar.optional(),
    limit: limit.default(DEFAULT_BARS),
  }),
  output: z.object({
    symbol: text,
    currency: text,
    period: text,
    bar: text,
    time: column,
    open: column,
    high: column,
    low: column,
    close: column,
    volume: z.array(text),
    omitted,
    last_bar_final: flag,
    delayed: flag,
    message: text,
  }),
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const chosen = fittingBar(args.period, args.bar);
    const { session, marketData } = await context.venue();
    await session.ensureReady();
    const instrument = await marketData.resolve(args.symbol);
    const history = await marketData.history(instrument, args.period, chosen);
    const shown = history.bars.slice(-args.limit);
    return {
      symbol: untrustedText(instrument.symbol, 64),
      currency: textOrNull(instrument.currency, 16),
      period: args.period,
      bar: chosen,
      ...columns(shown),
      omitted: history.bars.length - shown.length,
      last_bar_final: history.lastBarFinal,
      delayed: history.delayed,
      message: textOrNull(history.message),
    };
  },
});

/** The bar that was asked for, or the usual one of the period. Throws `bar_not_offered`. */
function fittingBar(wanted: HistoryPeriod, asked: HistoryBar | undefined): HistoryBar {
  const [usual, ...others] = barsOf(wanted);
  const chosen = asked ?? usual;
  if (chosen !== undefined && [usual, ...others].includes(chosen)) return chosen;
  throw new TradingError(
    "bar_not_offered",
    `A period of ${wanted} does not come in bars of ${asked}: they would be too many or too few.`,
    `With period ${wanted} use bar ${list(barsOf(wanted))}; with bar ${asked} use period ${list(periodsWith(chosen ?? "1d"))}.`,
  );
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function columns(bars: readonly Bar[]) {
  return {
    time: bars.map((each) => isoOrNull(each.start) ?? ""),
    open: bars.map((each) => plain(each.open)),
    high: bars.map((each) => plain(each.high)),
    low: bars.map((each) => plain(each.low)),
    close: bars.map((each) => plain(each.close)),
    volume: bars.map((each) => plainOrNull(each.volume)),
  };
}
