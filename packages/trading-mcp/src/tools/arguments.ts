import { type Decimal, decimal } from "trading-core/domain/money";
import {
  BAR_LENGTHS,
  HISTORY_PERIODS,
  type HistoryBar,
  type HistoryPeriod,
} from "trading-core/domain/price-history";
import * as z from "zod";

/**
 * The arguments that tools share, each described once. What reaches a handler is trimmed and exact;
 * what a schema refuses is told in the words of its `error`.
 */

const PLAIN_DECIMAL = /^(?:0|[1-9]\d{0,12})(?:\.\d{1,12})?$/;
const MAX_TEXT = 32;
const LARGEST = decimal("1e12");

type DecimalArgument = z.ZodType<Decimal, number | string>;

/** A positive size or price: a JSON number or plain decimal text, at most 12 decimals, at most 1e12. */
function positiveDecimal(what: string): DecimalArgument {
  return z
    .union([z.number(), z.string()], {
      error: `has to be a number or plain decimal text such as "187.50"`,
    })
    .transform((value, context): Decimal => {
      const parsed = readDecimal(value);
      if (typeof parsed !== "string") return parsed;
      context.addIssue({ code: "custom", message: parsed });
      return z.NEVER;
    })
    .describe(what);
}

/** The decimal, or why it is none. */
function readDecimal(value: number | string): Decimal | string {
  const text = typeof value === "number" ? plainNumber(value) : value;
  if (text.length > MAX_TEXT || !PLAIN_DECIMAL.test(text)) {
    return `has to be greater than 0, with at most 12 decimals, no exponent, sign, separator or blank, such as "187.50"`;
  }
  const parsed = decimal(text);
  if (parsed.lte(0)) return "has to be greater than 0";
  if (parsed.gt(LARGEST)) return "has to be at most 1000000000000";
  return parsed;
}

/** JSON has no other way to write 0.0000001 as a number, so its exponent is no mistake of the caller's. */
function plainNumber(value: number): string {
  return Number.isFinite(value) ? decimal(value).toFixed() : String(value);
}

/** Words with one separator between them, so that no symbol can be read as a path: "BRK B", "AAPL@NASDAQ". */
const SYMBOL = /^(?=.{1,32}$)[A-Za-z0-9]+(?:[ ./:@-][A-Za-z0-9]+)*$/;
/** No "..", nothing but a letter or digit at the front: "-1" means all orders to some venues. */
const ORDER_ID = /^(?=.{1,64}$)(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:-]*$/;

function symbolText(description: string) {
  return z
    .string({ error: "has to be text" })
    .trim()
    .regex(
      SYMBOL,
      `has to be letters and digits, with single blanks or . / : @ - between them, at most 32 characters, such as "AAPL" or "BTC/USDT"`,
    )
    .describe(description);
}

export const symbol = symbolText('Symbol, such as "AAPL" or "BTC/USDT".');

export const symbols = z
  .array(symbolText("Symbol."), { error: "has to be a list of symbols" })
  .min(1, "has to name at least 1 symbol")
  .max(50, "may name at most 50 symbols; split the call")
  .describe("1 to 50 symbols.");

export const side = z
  .enum(["BUY", "SELL"], { error: 'has to be "BUY" or "SELL"' })
  .describe('"BUY" or "SELL".');

export const cashAmount: DecimalArgument = positiveDecimal(
  "Money to spend in the quote currency. Market buys only; not with quantity.",
);
export const quantity: DecimalArgument = positiveDecimal("Shares or units of the asset.");
export const limitPrice: DecimalArgument = positiveDecimal(
  "Limit price per share or unit; makes it a limit order.",
);
export const stopPrice: DecimalArgument = positiveDecimal("Trigger price per share or unit.");
export const trailAmount: DecimalArgument = positiveDecimal("Distance from the market in price.");
export const trailPercent: DecimalArgument = positiveDecimal("Distance in percent of the price: 5 is 5 %.");
export const takeProfit: DecimalArgument = positiveDecimal("Limit price at which the profit is taken.");
export const stopLoss: DecimalArgument = positiveDecimal("Trigger price at which the loss is stopped.");
export const entryLimitPrice: DecimalArgument = positiveDecimal(
  "Limit price of the entry; left out, it is a market order.",
);

export const timeInForce = z
  .enum(["DAY", "GTC"], { error: 'has to be "DAY" or "GTC"' })
  .describe('"DAY" ends with the trading day, "GTC" stays until cancelled.');

export const idempotencyKey = z
  .string({ error: "has to be text" })
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, "has to be 1 to 64 letters, digits or . _ : -")
  .describe(
    "Your own name for this order (1-64 of A-Za-z0-9._:-): the same call again with it sends nothing.",
  );

export const orderId = z
  .string({ error: "has to be text" })
  .trim()
  .regex(ORDER_ID, "has to be 1 to 64 letters, digits or . _ : - with a letter or digit in front")
  .describe("order_id or client_order_id from an earlier answer.");

export const timeoutSeconds = z
  .number({ error: "has to be a number of seconds" })
  .min(0, "has to be at least 0")
  .max(120, "has to be at most 120")
  .describe("Seconds to wait, 0 to 120.");

export const limit = z
  .int({ error: "has to be a whole number" })
  .min(1, "has to be at least 1")
  .max(500, "has to be at most 500")
  .describe("How many, 1 to 500.");

const PERIODS = Object.keys(HISTORY_PERIODS) as [HistoryPeriod, ...HistoryPeriod[]];
const BARS = Object.keys(BAR_LENGTHS) as [HistoryBar, ...HistoryBar[]];

export const period = z
  .enum(PERIODS, { error: `has to be one of ${PERIODS.join(", ")} (mo is a month)` })
  .describe("How far back; mo is a month.");

export const bar = z
  .enum(BARS, { error: `has to be one of ${BARS.join(", ")}` })
  .describe("Length of a bar.");

/** Words as companies and tickers are written: no control, no markup, nothing that could be a path. */
const QUERY = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9 .,&'/:@-]{0,63}$/;

export const query = z
  .string({ error: "has to be text" })
  .trim()
  .regex(
    QUERY,
    `has to be 1 to 64 letters, digits, blanks or . , & ' / : @ - with a letter or digit in front, such as "AAPL", "apple" or "BTC"`,
  )
  .describe("Symbol, currency or part of a name.");
