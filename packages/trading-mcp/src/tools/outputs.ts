import * as z from "zod";

/**
 * Shapes that several tools answer with. Numbers leave as decimal text; null means not known, never zero.
 * Status and text fields are plain strings: venues invent words, and a new word must not break an answer.
 */

export const text = z.string().nullable();
export const flag = z.boolean().nullable();
const count = z.number().nullable();
const list = z.array(z.string());

export const order = z
  .object({
    order_id: text,
    client_order_id: text,
    status: z
      .string()
      .describe(
        "pending, submitted, partially_filled, filled, cancelled, rejected, expired, inactive or unknown",
      ),
    symbol: text,
    side: text,
    message: text,
    order_type: text,
    quantity: text,
    cash_amount: text,
    filled_quantity: text,
    average_price: text,
    limit_price: text,
    stop_price: text,
    trail_amount: text,
    trail_percent: text,
    group: z.unknown(),
    time_in_force: text,
    notional: text,
    currency: text,
    mode: text,
    account_type: text,
    dry_run: z.boolean().describe("true: nothing was sent"),
    journal_seq: count,
    replayed: z.boolean(),
    warnings: list,
    questions: z.array(z.unknown()),
    request: z.unknown(),
    preview: z.unknown(),
  })
  .partial();

/** An order inside another answer, with the same fields as `order_status` gives. */
export const nestedOrder = z.record(z.string(), z.unknown());

export const position = z
  .object({
    symbol: text,
    quantity: text,
    average_cost: text,
    market_price: text,
    market_value: text,
    unrealized_pnl: text,
    currency: text,
  })
  .partial();

export const quote = z
  .object({
    symbol: text,
    last: text,
    bid: text,
    ask: text,
    as_of: text,
    age_seconds: count,
    delayed: flag,
    halted: flag,
    last_is_previous_close: flag,
  })
  .partial();

export const summary = z
  .object({
    account_id: text,
    currency: text,
    net_liquidation: text,
    available_funds: text,
    buying_power: text,
    cash: text,
  })
  .partial();

export const omitted = z.number().describe("How many more there are");
