import type { CancelAnswer } from "trading-core/guard/answers";
import * as z from "zod";
import { orderAnswer, textOrNull, texts } from "../format.ts";
import { CANCELS } from "./annotations.ts";
import { orderId } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { nestedOrder, text } from "./outputs.ts";

export const cancelOrder = defineTool({
  name: "cancel_order",
  title: "Cancel an order",
  description:
    "Asks the venue to cancel a working order. outcome is done only when the venue reported a final status; after requested or unknown the order may still fill: check with order_status. An order may have filled in part before. Cancelling a stop leaves its position unprotected, which warnings say. To leave a position use close_position, which cancels what rests on it.",
  input: z.strictObject({ order_id: orderId }),
  output: z.object({
    order_id: text,
    client_order_id: text,
    outcome: z.string().describe("done, requested, rejected, not_sent or unknown"),
    message: text,
    warnings: z.array(z.string()),
    order: nestedOrder.nullable(),
  }),
  annotations: CANCELS,
  kind: "order",
  async handler(args, context) {
    const { guard } = await context.venue();
    return answer(await guard.cancel(args.order_id));
  },
});

function answer(cancelled: CancelAnswer) {
  return {
    order_id: cancelled.orderId,
    client_order_id: cancelled.clientOrderId,
    outcome: cancelled.outcome,
    message: textOrNull(cancelled.message),
    warnings: texts(cancelled.warnings, 500),
    order: cancelled.order === null ? null : orderAnswer(cancelled.order),
  };
}
