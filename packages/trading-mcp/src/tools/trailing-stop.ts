import { TradingError } from "trading-core/domain/errors";
import * as z from "zod";
import { orderAnswer } from "../format.ts";
import { ORDERS } from "./annotations.ts";
import {
  idempotencyKey,
  quantity,
  side,
  symbol,
  timeInForce,
  trailAmount,
  trailPercent,
} from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { orderRequest } from "./order-request.ts";
import { order } from "./outputs.ts";

export const trailingStop = defineTool({
  name: "trailing_stop",
  title: "Trailing stop",
  description:
    "Places a stop at the venue that follows the market at a distance, exactly one of trail_amount and trail_percent, and never moves back. SELL protects a long position, BUY covers a short or enters on strength; once triggered it is a market order. For a fixed trigger use stop_order. Take it away with cancel_order.",
  input: z.strictObject({
    symbol,
    side,
    quantity,
    trail_amount: trailAmount.optional(),
    trail_percent: trailPercent.optional(),
    time_in_force: timeInForce.optional().describe('"GTC" (default) or "DAY".'),
    idempotency_key: idempotencyKey.optional(),
  }),
  output: order,
  answersLike: "order_status",
  annotations: ORDERS,
  kind: "order",
  async handler(args, context) {
    if (args.trail_amount === undefined && args.trail_percent === undefined) throw noDistance();
    const request = orderRequest(args);
    const { guard } = await context.venue();
    return orderAnswer(await guard.place(request));
  },
});

/** Without a distance the arguments would mean a market order. */
function noDistance(): TradingError {
  return new TradingError(
    "trail_required",
    "The trailing stop has no distance.",
    "Give exactly one: trail_amount (in price) or trail_percent.",
  );
}
