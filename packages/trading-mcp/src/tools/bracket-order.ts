import * as z from "zod";
import { orderAnswer } from "../format.ts";
import { ORDERS } from "./annotations.ts";
import {
  entryLimitPrice,
  idempotencyKey,
  quantity,
  side,
  stopLoss,
  symbol,
  takeProfit,
  timeInForce,
} from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { orderRequest } from "./order-request.ts";
import { order } from "./outputs.ts";

export const bracketOrder = defineTool({
  name: "bracket_order",
  title: "Bracket order",
  description:
    "Opens a position together with the two orders that close it: an entry (market, or limit with entry_limit_price), a take_profit limit and a stop_loss. The exits wait at the venue until the entry fills, stay until cancelled, and the fill of one takes the other away. The answer's group lists every leg. BUY: take_profit above, stop_loss below; SELL opens a short: the other way round. To protect what is held use stop_order. If it fails as bracket_incomplete, read which leg is missing before anything else.",
  input: z.strictObject({
    symbol,
    side,
    quantity,
    take_profit: takeProfit,
    stop_loss: stopLoss,
    entry_limit_price: entryLimitPrice.optional(),
    time_in_force: timeInForce.optional().describe("Of a limit entry: DAY (default) or GTC."),
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
