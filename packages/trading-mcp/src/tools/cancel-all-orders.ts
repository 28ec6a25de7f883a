import type { CancelAllAnswer } from "trading-core/guard/answers";
import * as z from "zod";
import { capped, textOrNull, texts } from "../format.ts";
import { CANCELS } from "./annotations.ts";
import { symbol } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { omitted, text } from "./outputs.ts";

/** More orders than this are counted, not listed. */
const SHOWN = 50;

export const cancelAllOrders = defineTool({
  name: "cancel_all_orders",
  title: "Cancel all orders",
  description:
    "Cancels the working orders of this journal: by default entries only, so that what protects a position stays. scope exits or all takes protection away; warnings name the positions left without a stop. Orders of others are counted and left. complete is true only when everything could be read and the venue reported a final status for each order; otherwise see orders and unread, then open_orders.",
  input: z.strictObject({
    scope: z
      .enum(["entries", "exits", "all"], { error: `has to be "entries", "exits" or "all"` })
      .optional()
      .describe("entries (default), exits (stops, take-profits, sells) or all."),
    symbol: symbol.optional().describe("Only orders of this symbol. Default: every symbol."),
  }),
  output: z.object({
    scope: text,
    complete: z.boolean(),
    dry_run: z.boolean().describe("true: nothing was sent"),
    message: text,
    orders: z.array(z.record(z.string(), z.unknown())),
    omitted,
    entries_left: z.number(),
    exits_left: z.number(),
    foreign_left: z.number().nullable(),
    unread: z.array(z.string()),
    warnings: z.array(z.string()),
  }),
  annotations: CANCELS,
  kind: "order",
  async handler(args, context) {
    const { guard } = await context.venue();
    return answer(await guard.cancelAll({ scope: args.scope ?? "entries", symbol: args.symbol ?? null }));
  },
});

function answer(swept: CancelAllAnswer) {
  // What still works is told before what is over, should the list be cut.
  const { shown, omitted: more } = capped(
    swept.orders.toSorted((a, b) => Number(a.confirmed) - Number(b.confirmed)),
    SHOWN,
  );
  return {
    scope: swept.scope,
    complete: swept.complete,
    dry_run: swept.dryRun,
    message: messageFor(swept),
    orders: shown.map((each) => ({
      order_id: textOrNull(each.orderId, 64),
      client_order_id: each.clientOrderId,
      symbol: textOrNull(each.symbol, 64),
      exit: each.exit,
      status: each.status,
      cancel_confirmed: each.confirmed,
      message: textOrNull(each.message),
    })),
    omitted: more,
    entries_left: swept.left.entries,
    exits_left: swept.left.exits,
    foreign_left: swept.left.foreign,
    unread: texts(swept.unread, 500),
    warnings: texts(swept.warnings, 500),
  };
}

function messageFor({ orders, complete, dryRun, unread }: CancelAllAnswer): string {
  const over = orders.filter((each) => each.confirmed).length;
  if (dryRun) return `Dry run: nothing was sent. ${orders.length} orders are in the scope.`;
  if (complete) {
    return orders.length === 0 ? "No order in the scope was working." : `All ${over} orders are over.`;
  }
  const open = orders.length - over;
  return (
    `It is not complete: ${over} orders are over, ${open} may still work` +
    `${unread.length > 0 ? ", and not everything could be read" : ""}. Look at orders and unread, then at open_orders.`
  );
}
