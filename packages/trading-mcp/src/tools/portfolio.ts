import type { Position } from "trading-core/domain/account";
import type { Decimal } from "trading-core/domain/money";
import { cents, sum } from "trading-core/domain/money";
import type { Session } from "trading-core/ports/session";
import * as z from "zod";
import { capped, positionFields, summaryFields } from "../format.ts";
import { READS } from "./annotations.ts";
import { defineTool } from "./define-tool.ts";
import { omitted, position, summary, text } from "./outputs.ts";
import { MAX_POSITIONS } from "./positions.ts";
import { readOrThrow } from "./read.ts";

export const portfolio = defineTool({
  name: "portfolio",
  title: "Portfolio",
  description:
    "account_summary and positions in one answer, with the unrealized profit and loss of all positions (null when any of them is unknown or currencies differ). Use it to start a review; use positions alone to check a single holding.",
  input: z.strictObject({}),
  output: z.object({
    mode: text,
    account_type: text,
    summary,
    positions: z.array(position),
    unrealized_pnl: text,
    omitted,
  }),
  annotations: READS,
  kind: "read",
  async handler(_args, context) {
    const { guard, session, marketData } = await context.venue();
    await (session.ensureReadable?.() ?? session.ensureReady());
    const [account, reading, accountType] = await Promise.all([
      marketData.accountSummary(),
      guard.positions(),
      accountTypeOf(session),
    ]);
    const held = readOrThrow(reading, "positions_unread", "Positions");
    const { shown, omitted } = capped(held, MAX_POSITIONS);
    return {
      mode: guard.policy.mode,
      account_type: accountType,
      summary: summaryFields(account),
      positions: shown.map(positionFields),
      unrealized_pnl: totalPnl(held),
      omitted,
    };
  },
});

/** As the venue proves it; what cannot be read now is not known. */
async function accountTypeOf(session: Session): Promise<"PAPER" | "LIVE" | null> {
  const identity = await session.identity().catch(() => null);
  if (identity === null || identity.isPaper === null) return null;
  return identity.isPaper ? "PAPER" : "LIVE";
}

/** A sum is only told when every part is known and they are the same money. */
function totalPnl(held: Position[]): string | null {
  const parts: Decimal[] = [];
  for (const { unrealizedPnl } of held) {
    if (unrealizedPnl === null) return null;
    parts.push(unrealizedPnl);
  }
  const currencies = new Set(held.map(({ currency }) => currency));
  return currencies.size > 1 ? null : cents(sum(parts));
}
