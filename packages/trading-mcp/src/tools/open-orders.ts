import * as z from "zod";
import { capped, orderFields, textOrNull } from "../format.ts";
import { READS } from "./annotations.ts";
import { defineTool } from "./define-tool.ts";
import { nestedOrder, omitted, text } from "./outputs.ts";

const MAX_ORDERS = 200;

export const openOrders = defineTool({
  name: "open_orders",
  title: "Open orders",
  description:
    "Orders that work now, this server's and others on the account, with the fields of order_status. complete is false when the venue's list could not be relied on: an order may then be missing. Orders that are done are in trade_history. Use cancel_order to take one away.",
  input: z.strictObject({}),
  output: z.object({ orders: z.array(nestedOrder), omitted, complete: z.boolean(), message: text }),
  annotations: READS,
  kind: "read",
  async handler(_args, context) {
    const { guard } = await context.venue();
    const { orders, complete, message } = await guard.openOrders();
    const { shown, omitted } = capped(orders, MAX_ORDERS);
    return { orders: shown.map(orderFields), omitted, complete, message: textOrNull(message) };
  },
});
