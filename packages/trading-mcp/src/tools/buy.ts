import * as z from "zod";
import { orderAnswer } from "../format.ts";
import { ORDERS } from "./annotations.ts";
import { cashAmount, idempotencyKey, limitPrice, quantity, symbol, timeInForce } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { orderRequest } from "./order-request.ts";
import { order } from "./outputs.ts";

export const buy = defineTool({
  name: "buy",
  title: "Buy",
  description:
    "Places a buy order. Size it by exactly one of cash_amount (money, market order) or quantity (shares or units); limit_price makes it a limit order. Every safety rule runs first; a refusal lists the failing checks and sends nothing. Use preview_order before, wait_for_fill after. With idempotency_key the same call can be repeated: it is sent once and answers how that order stands now. Without one, look at open_orders when an answer is missing, and never repeat the call blindly. To buy back a short use close_position.",
  input: z.strictObject({
    symbol,
    cash_amount: cashAmount.optional(),
    quantity: quantity.optional(),
    limit_price: limitPrice.optional(),
    time_in_force: timeInForce.optional().describe('"DAY" (default) or "GTC"; limit orders only.'),
    idempotency_key: idempotencyKey.optional(),
  }),
  output: order,
  answersLike: "order_status",
  annotations: ORDERS,
  kind: "order",
  async handler(args, context) {
    const request = orderRequest({ ...args, side: "BUY" });
    const { guard } = await context.venue();
    return orderAnswer(await guard.place(request));
  },
});
