import * as z from "zod";
import { orderAnswer } from "../format.ts";
import { ORDERS } from "./annotations.ts";
import { idempotencyKey, limitPrice, quantity, symbol, timeInForce } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { orderRequest } from "./order-request.ts";
import { order } from "./outputs.ts";

export const sell = defineTool({
  name: "sell",
  title: "Sell",
  description:
    "Sells a quantity (shares or units) that is held and not reserved by another order; limit_price makes it a limit order. Look up the quantity with positions. To leave a whole position, or one that a stop protects, use close_position, which frees it first; to protect a position use stop_order. Use preview_order before and wait_for_fill after. With idempotency_key a repeated call sends nothing again.",
  input: z.strictObject({
    symbol,
    quantity,
    limit_price: limitPrice.optional(),
    time_in_force: timeInForce.optional().describe('"DAY" (default) or "GTC"; limit orders only.'),
    idempotency_key: idempotencyKey.optional(),
  }),
  output: order,
  answersLike: "order_status",
  annotations: ORDERS,
  kind: "order",
  async handler(args, context) {
    const request = orderRequest({ ...args, side: "SELL" });
    const { guard } = await context.venue();
    return orderAnswer(await guard.place(request));
  },
});
