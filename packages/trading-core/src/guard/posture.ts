import { tradingDay } from "../calendar/trading-day.ts";
import type { AccountFlags, Identity } from "../domain/account.ts";
import { committedValue } from "../journal/ledger.ts";
import type { SessionState } from "../ports/session.ts";
import type { Posture } from "./answers.ts";
import { dayZone } from "./decide.ts";
import { accountTypeOf } from "./describe.ts";
import { type Desk, identityFact, journalFor } from "./desk.ts";
import type { IdentityFact } from "./facts.ts";
import { isLiveWithoutDailyLimit } from "./policy.ts";
import { accountIdentity } from "./rules/account-identity.ts";
import { liveArm } from "./rules/live-arm.ts";
import { tradingState } from "./rules/trading-state.ts";

/** Where we stand: never throws, whatever the venue does. */
export async function posture(desk: Desk): Promise<Posture> {
  const session = await desk.session.status();
  const fact: IdentityFact = session.ready
    ? await identityFact(desk)
    : { kind: "unread", reason: session.message };
  const identity: Identity | null = fact.kind === "unread" ? null : fact.identity;
  const state = desk.tradingState.read();
  const journal = fact.kind === "unread" ? null : journalFor(desk, fact);
  journal?.catchUp();
  const day = tradingDay(new Date(desk.clock.now()), dayZone(desk));
  const committed = journal
    ? committedValue(journal.ledger, (at) => tradingDay(new Date(at), dayZone(desk)) === day)
    : null;
  const { policy } = desk;
  const open = journal?.ledger.openOrders() ?? [];
  return {
    venue: policy.venue,
    mode: policy.mode,
    session,
    identity,
    identityMessage: fact.kind === "verified" ? null : fact.reason,
    accountType: accountTypeOf(desk),
    flags: session.ready ? await flagsOf(desk) : null,
    dryRun: policy.dryRun,
    liveArmed: policy.allowLive,
    tradingState: state.state,
    tradingStateReason: state.reason,
    limits: {
      maxOrderValue: policy.maxOrderValue,
      maxDailyValue: policy.maxDailyValue,
      committedToday: committed,
      remainingToday:
        policy.maxDailyValue === null || committed === null ? null : policy.maxDailyValue.minus(committed),
      riskCurrency: policy.riskCurrency,
      duplicateWindowSeconds: policy.duplicateWindowMs / 1000,
      allowlist: policy.allowlist,
      denylist: policy.denylist,
      allowShort: policy.allowShort,
      day,
    },
    unresolved: open
      .filter((order) => order.phase === "unresolved" || order.phase === "dispatched")
      .map((order) => order.clientOrderId),
    openPlans: [...(journal?.ledger.openPlans.values() ?? [])].map(
      (plan) => `closing ${plan.symbol} did not end: look at its position and protect it`,
    ),
    journalPath: journal?.path ?? null,
    journalSeq: journal?.ledger.lastSeq ?? null,
    obstacles: obstacles(desk, session, fact, journal?.ledger.incomplete ?? null),
    warnings: warnings(desk, identity),
  };
}

async function flagsOf(desk: Desk): Promise<AccountFlags | null> {
  try {
    return await desk.session.flags();
  } catch {
    // Serves neither: flags are shown, not decided on here.
    return null;
  }
}

/** What would refuse any entry now: asked of the same rules that decide, so that the two cannot disagree. */
function obstacles(
  desk: Desk,
  session: SessionState,
  fact: IdentityFact,
  incomplete: string | null,
): string[] {
  const found: string[] = [];
  if (!session.ready) found.push(session.message);
  const input = {
    facts: {
      identity: fact,
      boundAccount: desk.bound?.identity.accountId ?? null,
      tradingState: desk.tradingState.read(),
    },
    policy: desk.policy,
    isExit: false,
  } as Parameters<typeof liveArm.check>[0];
  for (const rule of session.ready ? [tradingState, liveArm, accountIdentity] : [tradingState]) {
    const verdict = rule.check(input);
    if (verdict.verdict === "refuse") found.push(`${verdict.message} ${verdict.nextStep}`);
  }
  if (incomplete !== null) found.push(`The journal cannot be relied on: ${incomplete}.`);
  return found;
}

function warnings(desk: Desk, identity: Identity | null): string[] {
  const said: string[] = [];
  if (identity?.isPaper === false) said.push("This is a real-money account.");
  if (isLiveWithoutDailyLimit(desk.policy)) {
    said.push(
      "Live trading is armed without MAX_DAILY_VALUE: nothing bounds what many small orders add up to in a day.",
    );
  }
  return said;
}
