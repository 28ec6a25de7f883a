import { plainOrNull } from "trading-core/domain/money";
import type { PreviewAnswer } from "trading-core/guard/answers";
import * as z from "zod";
import {
  centsOrNull,
  checkAnswer,
  previewFields,
  requestFields,
  textOrNull,
  trailAndGroup,
} from "../format.ts";
import { READS } from "./annotations.ts";
import {
  cashAmount,
  entryLimitPrice,
  limitPrice,
  quantity,
  side,
  stopLoss,
  stopPrice,
  symbol,
  takeProfit,
  timeInForce,
  trailAmount,
  trailPercent,
} from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { orderRequest } from "./order-request.ts";
import { text } from "./outputs.ts";

export const previewOrder = defineTool({
  name: "preview_order",
  title: "Preview an order",
  description:
    "What would become of an order, without sending it: every safety rule's verdict, the worst case in money, and the venue's own estimate of cost and commission. Takes the arguments of buy, sell, stop_order, trailing_stop and bracket_order; use it before them. Prices move, so a passing preview is no promise.",
  input: z.strictObject({
    symbol,
    side,
    cash_amount: cashAmount.optional(),
    quantity: quantity.optional(),
    limit_price: limitPrice.optional(),
    stop_price: stopPrice.optional(),
    trail_amount: trailAmount.optional(),
    trail_percent: trailPercent.optional(),
    take_profit: takeProfit.optional(),
    stop_loss: stopLoss.optional(),
    entry_limit_price: entryLimitPrice.optional(),
    time_in_force: timeInForce.optional(),
  }),
  output: z.object({
    symbol: text,
    side: text,
    order_type: text,
    quantity: text,
    cash_amount: text,
    limit_price: text,
    stop_price: text,
    trail_amount: text.optional(),
    trail_percent: text.optional(),
    group: z.unknown().optional(),
    allowed: z.boolean().describe("Whether the order would go through now"),
    checks: z.array(z.record(z.string(), z.unknown())),
    worst_case: text,
    venue: z.unknown(),
    venue_message: text,
    request: z.unknown(),
    mode: text,
    account_type: text,
    dry_run: z.boolean(),
  }),
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const request = orderRequest(args);
    const { guard } = await context.venue();
    return answer(await guard.preview(request));
  },
});

function answer(preview: PreviewAnswer) {
  return {
    symbol: preview.symbol,
    side: preview.side,
    order_type: preview.orderType,
    quantity: plainOrNull(preview.quantity),
    cash_amount: plainOrNull(preview.cashAmount),
    limit_price: plainOrNull(preview.limitPrice),
    stop_price: plainOrNull(preview.stopPrice),
    ...trailAndGroup(preview),
    allowed: preview.allowed,
    checks: preview.checks.map(checkAnswer),
    worst_case: centsOrNull(preview.worstCase),
    venue: previewFields(preview.venue),
    venue_message: textOrNull(preview.venueMessage),
    request: requestFields(preview.request),
    mode: preview.mode,
    account_type: preview.accountType,
    dry_run: preview.dryRun,
  };
}
