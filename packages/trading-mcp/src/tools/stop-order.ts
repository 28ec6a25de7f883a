import * as z from "zod";
import { orderAnswer } from "../format.ts";
import { ORDERS } from "./annotations.ts";
import { idempotencyKey, limitPrice, quantity, side, stopPrice, symbol, timeInForce } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { orderRequest } from "./order-request.ts";
import { order } from "./outputs.ts";

export const stopOrder = defineTool({
  name: "stop_order",
  title: "Stop order",
  description:
    "Places an order that rests at the venue until the price reaches stop_price. SELL below the market protects a long position; BUY above the market covers a short or enters on strength. With limit_price it becomes a stop-limit order, which may stay unfilled when the price jumps past it. Check it with open_orders; take it away with cancel_order. To get out now use close_position. With idempotency_key a repeated call sends nothing again.",
  input: z.strictObject({
    symbol,
    side,
    quantity,
    stop_price: stopPrice,
    limit_price: limitPrice.optional().describe("Limit price once triggered; makes it a stop-limit order."),
    time_in_force: timeInForce.optional().describe('"GTC" (default) or "DAY".'),
    idempotency_key: idempotencyKey.optional(),
  }),
  output: order,
  answersLike: "order_status",
  annotations: ORDERS,
  kind: "order",
  async handler(args, context) {
    const request = orderRequest(args);
    const { guard } = await context.venue();
    return orderAnswer(await guard.place(request));
  },
});
