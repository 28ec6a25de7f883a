import * as z from "zod";
import { orderFields } from "../format.ts";
import { READS } from "./annotations.ts";
import { orderId } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { order } from "./outputs.ts";

export const orderStatus = defineTool({
  name: "order_status",
  title: "Order status",
  description:
    "How one order stands now: status, filled quantity (shares or units) and average price. Takes the venue's order_id or our client_order_id. An inactive order may still run; an unknown one may exist at the venue. To wait for the fill use wait_for_fill; to list what works use open_orders.",
  input: z.strictObject({ order_id: orderId }),
  output: order,
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { guard } = await context.venue();
    return orderFields(await guard.order(args.order_id));
  },
});
