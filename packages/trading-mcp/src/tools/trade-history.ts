import { untrustedText } from "trading-core/domain/untrusted-text";
import type { HistoryRecord } from "trading-core/guard/answers";
import * as z from "zod";
import { textOrNull } from "../format.ts";
import { READS } from "./annotations.ts";
import { limit } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { omitted, text } from "./outputs.ts";

const DEFAULT_RECORDS = 50;

export const tradeHistory = defineTool({
  name: "trade_history",
  title: "Trade history",
  description:
    "The newest records of this server's journal, newest last: orders, fills, cancels, halts, dry runs and refusals, with times in ISO 8601 UTC. limit defaults to 50; omitted says how many older ones there are. Trades made elsewhere are not in it. For what works now use open_orders, for one order order_status.",
  input: z.strictObject({ limit: limit.default(DEFAULT_RECORDS) }),
  output: z.object({
    records: z.array(
      z
        .object({
          journal_seq: z.number(),
          at: text,
          kind: text,
          client_order_id: text,
          order_id: text,
          symbol: text,
          side: text,
          order_type: text,
          quantity: text,
          cash_amount: text,
          price: text,
          status: text,
          message: text,
        })
        .partial(),
    ),
    omitted,
  }),
  annotations: READS,
  kind: "read",
  async handler(args, context) {
    const { guard } = await context.venue();
    const { records, omitted } = await guard.history(args.limit);
    return { records: records.map(recordFields), omitted };
  },
});

function recordFields(record: HistoryRecord) {
  return {
    journal_seq: record.journalSeq,
    at: record.at,
    kind: record.kind,
    client_order_id: record.clientOrderId,
    order_id: record.orderId,
    symbol: record.symbol === null ? null : untrustedText(record.symbol, 64),
    side: record.side,
    order_type: record.orderType,
    quantity: record.quantity,
    cash_amount: record.cashAmount,
    price: record.price,
    status: record.status,
    message: textOrNull(record.message, 300),
  };
}
