import type { HaltAnswer } from "trading-core/guard/answers";
import * as z from "zod";
import { capped, textOrNull, texts } from "../format.ts";
import { CANCELS } from "./annotations.ts";
import { defineTool } from "./define-tool.ts";
import { omitted, text } from "./outputs.ts";

/** More orders than this are counted, not listed. */
const SHOWN = 50;

const switchFlag = z.boolean({ error: "has to be true or false" });

export const haltTrading = defineTool({
  name: "halt_trading",
  title: "Halt trading",
  description:
    "Stops new positions on this venue at once, for every session: the state becomes REDUCING, in which only orders that reduce a position go through. stop_exits makes it HALTED: exits stop too. It can only tighten; a person resumes trading in a terminal. cancel_working also cancels this journal's working entries; protective exits and orders of others stay. complete false says that the halt holds but something was still on its way or could not be read: see in_flight, orders and unread.",
  input: z.strictObject({
    stop_exits: switchFlag.optional().describe("true stops exits too (HALTED). Default false."),
    cancel_working: switchFlag.optional().describe("true cancels working entries as well. Default false."),
    reason: z
      .string({ error: "has to be text" })
      .trim()
      .min(1, "has to say something, or be left out")
      .max(200, "has to be at most 200 characters")
      .optional()
      .describe("Why, for the operator: at most 200 characters."),
  }),
  output: z.object({
    state: z.string().describe("REDUCING or HALTED"),
    before: text,
    changed: z.boolean().describe("false: it stood there, or tighter, already"),
    reason: text,
    complete: z.boolean(),
    message: text,
    in_flight: z.array(z.string()),
    unresolved: z.array(z.string()),
    orders: z.array(z.record(z.string(), z.unknown())),
    omitted,
    exits_left: z.number(),
    foreign_left: z.number().nullable(),
    unread: z.array(z.string()),
  }),
  annotations: CANCELS,
  kind: "control",
  async handler(args, context) {
    const { guard } = await context.venue();
    const halt = await guard.halt({
      stopExits: args.stop_exits ?? false,
      cancelWorking: args.cancel_working ?? false,
      mayCancel: !context.server.readOnly,
      reason: textOrNull(args.reason, 200) || null,
    });
    return answer(halt);
  },
});

function answer(halt: HaltAnswer) {
  const { shown, omitted: more } = capped(halt.orders, SHOWN);
  return {
    state: halt.state,
    before: halt.before,
    changed: halt.changed,
    reason: textOrNull(halt.reason, 300),
    complete: halt.complete,
    message: messageFor(halt),
    in_flight: texts(halt.inFlight, 64),
    unresolved: texts(halt.unresolved, 64),
    orders: shown.map((each) => ({
      order_id: textOrNull(each.orderId, 64),
      client_order_id: each.clientOrderId,
      symbol: textOrNull(each.symbol, 64),
      status: each.status,
      cancel_confirmed: each.confirmed,
      message: textOrNull(each.message),
    })),
    omitted: more,
    exits_left: halt.left.exits,
    foreign_left: halt.left.foreign,
    unread: texts(halt.unread, 500),
  };
}

function messageFor(halt: HaltAnswer): string {
  const passes = halt.state === "HALTED" ? "no order goes through" : "only exits go through";
  const complete = halt.complete
    ? "Nothing that was on its way is left open."
    : "It is not complete: look at in_flight, orders and unread, then at open_orders.";
  return `Trading is ${halt.state}: ${passes}, until a person resumes it in a terminal. ${complete}`;
}
