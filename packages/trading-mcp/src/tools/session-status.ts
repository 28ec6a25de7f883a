import { TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import * as z from "zod";
import { READS } from "./annotations.ts";
import type { ServerFacts, ToolContext } from "./context.ts";
import { defineTool } from "./define-tool.ts";
import { flag, text } from "./outputs.ts";
import { postureFields } from "./posture.ts";

export const sessionStatus = defineTool({
  name: "session_status",
  title: "Session status",
  description:
    "Call this first, and whenever something is refused. Tells the venue, mode, login state, account and whether it is paper or real money, dry run, limits (in the risk currency) and what is left of them today, orders whose fate is unknown, what stands in the way, and the next human step. can_trade is true only when an entry is possible now. Works without configuration: it then says what is missing. For market hours use market_status.",
  input: z.strictObject({}),
  output: z.object({
    venue: text,
    server_version: text,
    mode: text,
    can_trade: z.boolean(),
    next_step: text,
    obstacles: z.array(z.string()),
    warnings: z.array(z.string()),
    configuration_problems: z.array(z.string()),
    read_only: z.boolean(),
    session: z.record(z.string(), z.unknown()).nullable(),
    account_id: text,
    account_type: text,
    identity_evidence: text,
    dry_run: flag,
    live_armed: flag,
    trading_state: text,
    trading_state_reason: text,
    limits: z.record(z.string(), z.unknown()).nullable(),
    unresolved: z.array(z.string()),
    open_plans: z.array(z.string()),
    journal: z.record(z.string(), z.unknown()).nullable(),
  }),
  annotations: READS,
  kind: "read",
  async handler(_args, context) {
    try {
      return await askVenue(context);
    } catch (error) {
      // Even a venue that cannot be used has a status, and this is the tool that tells it.
      if (error instanceof TradingError) return withoutVenue(context.server, error);
      throw error;
    }
  },
});

async function askVenue(context: ToolContext) {
  const { guard } = await context.venue();
  return postureFields(await guard.posture(), context.server);
}

/** What is known without the venue. Everything else is null: not known, and never assumed to be safe. */
function withoutVenue(server: ServerFacts, error: TradingError) {
  return {
    venue: server.name,
    server_version: server.version,
    mode: server.mode,
    can_trade: false,
    next_step: untrustedText(error.nextStep, 500),
    obstacles: [`${error.code}: ${untrustedText(error.message, 500)}`],
    warnings: [],
    configuration_problems: [...server.problems],
    read_only: server.readOnly,
    session: null,
    account_id: null,
    account_type: null,
    identity_evidence: null,
    dry_run: null,
    live_armed: null,
    trading_state: null,
    trading_state_reason: null,
    limits: null,
    unresolved: [],
    open_plans: [],
    journal: null,
  };
}
