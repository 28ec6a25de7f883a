import type { CloseAnswer } from "trading-core/guard/answers";
import * as z from "zod";
import { orderAnswer, textOrNull, texts } from "../format.ts";
import { CANCELS } from "./annotations.ts";
import { idempotencyKey, quantity, symbol } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { nestedOrder, text } from "./outputs.ts";

export const closePosition = defineTool({
  name: "close_position",
  title: "Close a position",
  description:
    "Leaves a position at the market, wholly or by quantity: cancels the orders that rest on it, waits until they are gone, sells what is held (or buys back a short), and puts the protection back if the sale does not happen. order is null when there was nothing to close. If unprotected is true, place a stop_order at once. Use sell to reduce without touching resting orders. With idempotency_key a repeated call closes nothing again.",
  input: z.strictObject({
    symbol,
    quantity: quantity.optional().describe("Shares or units to close; the whole position when left out."),
    idempotency_key: idempotencyKey.optional(),
  }),
  output: z.object({
    message: text,
    order: nestedOrder.nullable(),
    cancelled: z.array(z.string()),
    restored: z.array(nestedOrder),
    unprotected: z.boolean(),
    replayed: z.boolean(),
  }),
  annotations: CANCELS,
  kind: "order",
  async handler(args, context) {
    const { guard } = await context.venue();
    return answer(
      await guard.closePosition(args.symbol, args.quantity ?? null, args.idempotency_key ?? null),
    );
  },
});

function answer(closed: CloseAnswer) {
  return {
    message: textOrNull(closed.message),
    order: closed.order === null ? null : orderAnswer(closed.order),
    cancelled: texts(closed.cancelled, 64),
    restored: closed.restored.map(orderAnswer),
    unprotected: closed.unprotected,
    replayed: closed.replayed,
  };
}
