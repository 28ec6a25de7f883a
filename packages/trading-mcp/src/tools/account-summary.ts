import * as z from "zod";
import { summaryFields } from "../format.ts";
import { READS } from "./annotations.ts";
import { defineTool } from "./define-tool.ts";
import { summary } from "./outputs.ts";

export const accountSummary = defineTool({
  name: "account_summary",
  title: "Account summary",
  description:
    "Net liquidation value, available funds, buying power and cash of the account, in its currency. Null means the venue did not say. For what is held use positions, for both in one call portfolio; for the operator's spending limits session_status.",
  input: z.strictObject({}),
  output: summary,
  annotations: READS,
  kind: "read",
  async handler(_args, context) {
    const { session, marketData } = await context.venue();
    await (session.ensureReadable?.() ?? session.ensureReady());
    return summaryFields(await marketData.accountSummary());
  },
});
