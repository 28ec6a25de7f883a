import * as z from "zod";
import { orderFields } from "../format.ts";
import { READS } from "./annotations.ts";
import { orderId, timeoutSeconds } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { order } from "./outputs.ts";

const DEFAULT_SECONDS = 30;

export const waitForFill = defineTool({
  name: "wait_for_fill",
  title: "Wait for a fill",
  description:
    "Waits until an order is filled, cancelled, rejected or expired, at most timeout_seconds (default 30), and answers how it stands. timed_out means that it still works: call again, or cancel_order. Waiting changes nothing at the venue. To look without waiting use order_status.",
  input: z.strictObject({ order_id: orderId, timeout_seconds: timeoutSeconds.default(DEFAULT_SECONDS) }),
  output: order.extend({ timed_out: z.boolean() }),
  answersLike: "order_status, and timed_out",
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { guard } = await context.venue();
    const waited = await guard.waitForFill(args.order_id, args.timeout_seconds * 1000, context.signal);
    return { ...orderFields(waited.order), timed_out: waited.timedOut };
  },
});
