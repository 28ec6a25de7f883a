import * as z from "zod";
import { capped, orderAnswer, textOrNull, texts } from "../format.ts";
import { READS } from "./annotations.ts";
import { defineTool } from "./define-tool.ts";
import { nestedOrder, omitted, text } from "./outputs.ts";

/** More orders than this are counted, not listed. */
const SHOWN = 50;

export const reconcilePending = defineTool({
  name: "reconcile_pending",
  title: "Find orders of unknown fate",
  description:
    "Looks for every order whose fate is unknown, such as after outcome_unknown or a crash, in working orders, executions and the venue's history, and writes down what it finds. It never sends an order again and clears none. Each order has the fields of order_status, settled, and next_step while it is open. complete false says that something could not be read: not found is then no sign that it does not exist.",
  input: z.strictObject({}),
  output: z.object({
    orders: z.array(nestedOrder),
    omitted,
    open: z.number().describe("How many are still of unknown fate"),
    complete: z.boolean(),
    unread: z.array(z.string()),
    message: text,
  }),
  annotations: READS,
  kind: "read",
  async handler(_args, context) {
    const { guard } = await context.venue();
    const { orders, complete, unread } = await guard.reconcile();
    const open = orders.filter((each) => !each.settled).length;
    const { shown, omitted: more } = capped(
      orders.toSorted((a, b) => Number(a.settled) - Number(b.settled)),
      SHOWN,
    );
    return {
      orders: shown.map(({ order, settled, nextStep }) => ({
        ...orderAnswer(order),
        settled,
        next_step: textOrNull(nextStep),
      })),
      omitted: more,
      open,
      complete,
      unread: texts(unread, 500),
      message: messageFor(orders.length, open, complete),
    };
  },
});

function messageFor(all: number, open: number, complete: boolean): string {
  if (all === 0) return "No order is of unknown fate.";
  const found = `${all - open} of ${all} orders are settled.`;
  if (open === 0) return found;
  return `${found} ${open} keep their place in the limits: do not send them again.${complete ? "" : " Not everything could be read; call again."}`;
}
