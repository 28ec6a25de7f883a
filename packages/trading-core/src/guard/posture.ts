import type { AccountFlags, Identity } from "../domain/account.ts";
import { messageOf } from "../domain/errors.ts";
import { unread, valueOrNull } from "../domain/reading.ts";
import { committedValue } from "../journal/commitments.ts";
import type { Journal } from "../journal/journal.ts";
import { isOfUnknownFate, isPresumedAbsent } from "../journal/ledger-order.ts";
import { writerState } from "../journal/writer.ts";
import type { SessionState } from "../ports/session.ts";
import { describePresumed } from "./absent-exits.ts";
import type { Posture } from "./answers.ts";
import { dayOf, onDayOf } from "./day.ts";
import { lookAtResult } from "./day-result.ts";
import { accountTypeOf } from "./describe.ts";
import { type Desk, identityFact, journalFor } from "./desk.ts";
import type { Facts, IdentityFact } from "./facts.ts";
import { reading } from "./gather.ts";
import { holdingPolicy, tightenedLimits } from "./limits.ts";
import { type DayResult, dayResult, lossStopOn } from "./loss-stop.ts";
import { describeOrphaned, orphanedExits } from "./orphaned-exits.ts";
import { isLiveWithoutDailyLimit, type Policy } from "./policy.ts";
import { foundAfterAll } from "./resolve.ts";
import { accountIdentity } from "./rules/account-identity.ts";
import { clock } from "./rules/clock.ts";
import { dailyLoss } from "./rules/daily-loss.ts";
import { foreignWriter } from "./rules/foreign-writer.ts";
import { liveArm } from "./rules/live-arm.ts";
import { tradingState } from "./rules/trading-state.ts";

/** Where we stand: never throws, whatever the venue does. */
export async function posture(desk: Desk): Promise<Posture> {
  const session = await desk.session.status();
  const fact = session.ready ? await identityFact(desk) : knownIdentity(desk, session.message);
  const identity: Identity | null = fact.kind === "unread" ? null : fact.identity;
  const state = desk.tradingState.read();
  const { journal, trouble } = openedJournal(desk, fact);
  const day = dayOf(desk, desk.clock.now());
  const committed = journal
    ? committedValue(journal.ledger, onDayOf(desk, desk.clock.now()), desk.policy.riskCurrency)
    : null;
  const now = desk.clock.now();
  const policy = journal ? holdingPolicy(desk.policy, journal.ledger, onDayOf(desk, now)) : desk.policy;
  const result = await resultToday(desk, journal, session.ready && policy.maxDailyLoss !== null);
  const dailyPnl = valueOrNull(result.dailyPnl);
  const lossStop = journal ? lossStopOn(journal.ledger, day) : null;
  const open = journal?.ledger.openOrders() ?? [];
  return {
    venue: policy.venue,
    mode: policy.mode,
    session,
    identity,
    identityMessage: fact.kind === "verified" ? null : fact.reason,
    accountType: identity === null ? accountTypeOf(desk) : natureOf(identity),
    flags: session.ready ? await flagsOf(desk) : null,
    dryRun: policy.dryRun,
    liveArmed: policy.allowLive,
    tradingState: lossStop !== null && state.state === "ACTIVE" ? "REDUCING" : state.state,
    tradingStateReason:
      lossStop !== null && state.state === "ACTIVE"
        ? `${lossStop.reason}; entries are possible again on ${lossStop.until}`
        : state.reason,
    limits: {
      maxOrderValue: policy.maxOrderValue,
      maxDailyValue: policy.maxDailyValue,
      committedToday: committed,
      remainingToday:
        policy.maxDailyValue === null || committed === null ? null : policy.maxDailyValue.minus(committed),
      maxPositionValue: policy.maxPositionValue,
      maxDailyLoss: policy.maxDailyLoss,
      dailyPnl,
      maxOrdersPerMinute: policy.maxOrdersPerMinute,
      ordersLastMinute: journal?.ledger.dispatchedSince(now - 60_000) ?? null,
      maxPriceDeviationPercent: policy.maxPriceDeviationPercent,
      maxQuoteAgeSeconds: policy.maxQuoteAgeMs / 1000,
      riskCurrency: policy.riskCurrency,
      duplicateWindowSeconds: policy.duplicateWindowMs / 1000,
      allowlist: policy.allowlist,
      denylist: policy.denylist,
      allowShort: policy.allowShort,
      day,
    },
    unresolved: open
      .filter((order) => isOfUnknownFate(order) && !isPresumedAbsent(order))
      .map((order) => order.clientOrderId),
    openPlans: journal === null ? [] : openPlans(journal),
    journalPath: journal?.path ?? null,
    journalSeq: journal?.ledger.lastSeq ?? null,
    obstacles: obstacles(
      desk,
      policy,
      session,
      { identity: fact, lossStop, ...result },
      trouble ?? journal?.ledger.incomplete ?? null,
    ),
    warnings: [
      ...warnings(desk, identity),
      ...foundAfterAll(journal?.ledger.orders.values() ?? []),
      ...(journal ? describePresumed(journal.ledger) : []),
      ...tightenedLimits(desk.policy, policy),
      ...(journal ? await orphaned(desk, journal, session.ready) : []),
    ],
  };
}

/** The venue's word on the day's result, or else what the journal makes of it. */
async function resultToday(desk: Desk, journal: Journal | null, wanted: boolean): Promise<DayResult> {
  const said = await dayResult(desk, wanted);
  if (!wanted || desk.marketData.dailyPnl !== undefined || journal === null) return said;
  const now = desk.clock.now();
  const at = { day: dayOf(desk, now), onDay: onDayOf(desk, now), now };
  return { ...said, dailyPnl: await lookAtResult(desk, journal.ledger, at) };
}

/** While the session is down nobody is asked; what the journal of the known account says is told all the same. */
function knownIdentity(desk: Desk, reason: string): IdentityFact {
  if (desk.bound === null) return { kind: "unread", reason };
  const { identity, verifiedAt } = desk.bound;
  return { kind: "remembered", identity, ageMs: desk.clock.monotonic() - verifiedAt, reason };
}

/** The account's journal as it stands, or what keeps it from being read. */
function openedJournal(desk: Desk, fact: IdentityFact): { journal: Journal | null; trouble: string | null } {
  if (fact.kind === "unread") return { journal: null, trouble: null };
  try {
    const journal = journalFor(desk, fact);
    journal.catchUp();
    return { journal, trouble: null };
  } catch (error) {
    // Serves neither: where we stand can be told without it, and that it is missing is told too.
    return { journal: null, trouble: messageOf(error) };
  }
}

function natureOf({ isPaper }: Identity): "PAPER" | "LIVE" | null {
  return isPaper === null ? null : isPaper ? "PAPER" : "LIVE";
}

/** Positions that a close plan left without what protected them (S29). */
export function barePositions(journal: Journal): string[] {
  return [...journal.ledger.openPlans.values()]
    .filter((plan) => plan.unprotected)
    .map((plan) => bare(plan.symbol));
}

function bare(symbol: string): string {
  return `unprotected: closing ${symbol} left its position without its protective order; place a stop_order`;
}

function openPlans(journal: Journal): string[] {
  return [...journal.ledger.openPlans.values()].map((plan) => {
    if (plan.unprotected) return bare(plan.symbol);
    return writerState(journal.folder, plan.writer) === "alive"
      ? `closing ${plan.symbol} is under way`
      : `closing ${plan.symbol} did not end: look at its position and protect it`;
  });
}

async function flagsOf(desk: Desk): Promise<AccountFlags | null> {
  try {
    return await desk.session.flags();
  } catch {
    // Serves neither: flags are shown, not decided on here.
    return null;
  }
}

/** S9: the positions are read for it only where an exit works at all. */
async function orphaned(desk: Desk, journal: Journal, ready: boolean): Promise<string[]> {
  const { ledger } = journal;
  if (!ledger.openOrders().some((order) => order.exit)) return [];
  const positions = ready
    ? await reading(() => desk.marketData.positions())
    : unread("the session is not ready");
  return orphanedExits(ledger, positions, desk.clock.now()).map(describeOrphaned);
}

/** What would refuse any entry now: asked of the same rules that decide, so that the two cannot disagree. */
function obstacles(
  desk: Desk,
  policy: Policy,
  session: SessionState,
  seen: Pick<Facts, "identity" | "lossStop" | "dailyPnl" | "nextTradingDay">,
  incomplete: string | null,
): string[] {
  const found: string[] = [];
  if (!session.ready) found.push(session.message);
  const input = {
    facts: {
      ...seen,
      boundAccount: desk.bound?.identity.accountId ?? null,
      tradingState: desk.tradingState.read(),
      clockSkewMs: desk.session.clockSkew(),
      otherWriters: desk.otherWriters,
    },
    policy,
    isExit: false,
  } as Parameters<typeof liveArm.check>[0];
  const asked = session.ready
    ? [tradingState, liveArm, accountIdentity, foreignWriter, clock, dailyLoss]
    : [tradingState, foreignWriter];
  for (const rule of asked) {
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
