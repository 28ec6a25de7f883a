import { messageOf } from "../domain/errors.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { OpenPlan } from "../journal/open-plans.ts";
import type { Entry, JournaledOrder } from "../journal/record.ts";
import { writerState } from "../journal/writer.ts";
import { waitForEnds } from "./close-cancel.ts";
import { findTarget } from "./close-target.ts";
import type { Desk } from "./desk.ts";
import { accountJournal } from "./orders.ts";
import { protectAgain } from "./protect-again.ts";

/**
 * Ends the close plans whose process died (S29): what they had cancelled is placed again, for what is held
 * and not protected already. Nothing is sold: whether to close is the agent's to say again. Never throws;
 * a plan that cannot be judged now is left for the next call.
 */
export async function finishPlans(desk: Desk): Promise<void> {
  try {
    const journal = desk.account === null ? await accountJournal(desk) : desk.journals.of(desk.account);
    journal.catchUp();
    for (const plan of abandoned(journal)) await finishPlan(desk, journal, plan);
  } catch (error) {
    // Serves both: the call that came along says itself what stands in its way, and the posture that the plan is open.
    desk.log.warn({ error: messageOf(error) }, "close plans of servers that ended could not be finished");
  }
}

function abandoned(journal: Journal): OpenPlan[] {
  return [...journal.ledger.openPlans.values()].filter((plan) => isAbandoned(journal, plan));
}

/** A plan that ended bare was tried already: from there on it is said, and the agent's to mend. */
function isAbandoned(journal: Journal, plan: OpenPlan): boolean {
  return !plan.unprotected && writerState(journal.folder, plan.writer) !== "alive";
}

async function finishPlan(desk: Desk, journal: Journal, plan: OpenPlan): Promise<void> {
  const instrument = await desk.marketData.resolve(plan.symbol);
  const [{ side } = { side: "SELL" as const }] = plan.protections;
  // Before the plan is taken over: while holdings or orders cannot be read it stays for the next call.
  await findTarget(desk, journal, instrument, null);
  if (!(await takeOver(journal, plan))) return;
  let unprotected = true;
  let reason = "the server that ran it ended before it did";
  try {
    const unclear = await unclearCancels(desk, journal, plan);
    const protections = withoutRestored(cancelsOf(journal, plan), restoredBy(journal, plan));
    const again = await protectAgain(desk, journal, { instrument, side, protections }, plan.planId, true);
    // A record of an older version does not name what it cancelled.
    unprotected = again.unprotected || unclear || plan.cancels === undefined;
    if (again.restored.length > 0) reason += "; what it had cancelled was placed again";
  } catch (error) {
    // Serves the exit: the position counts as bare, and is said to be, until something protects it.
    desk.log.error({ symbol: plan.symbol, error: messageOf(error) }, "a close plan could not be finished");
  }
  const end = { ...aboutPlan(plan), step: "failed" as const, reason, ...(unprotected && { unprotected }) };
  try {
    await journal.locked(LOCK_WAIT_MS, (append) => append(end));
  } catch (error) {
    // Serves both: the plan counts as open, and as under way, until this is written.
    desk.log.error(
      { planId: plan.planId, error: messageOf(error) },
      "the end of a close plan is not on disk",
    );
    journal.owe(() => end);
  }
}

/** One process takes it: from its record on this one runs the plan, and everybody else leaves it alone. */
function takeOver(journal: Journal, { planId }: OpenPlan): Promise<boolean> {
  return journal.locked(LOCK_WAIT_MS, (append) => {
    const plan = journal.ledger.openPlans.get(planId);
    if (!plan || !isAbandoned(journal, plan)) return false;
    append({ ...aboutPlan(plan), step: "opened", reason: "taken over from a server that ended" });
    return true;
  });
}

function aboutPlan(plan: OpenPlan): Omit<Entry & { kind: "plan" }, "step" | "reason" | "unprotected"> {
  const { planId, symbol, instrumentId, quantity, protections, cancels, idempotencyKey, closes } = plan;
  return {
    kind: "plan",
    planId,
    symbol,
    instrumentId,
    quantity,
    protections,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(closes && { closes }),
    ...(cancels && { cancels }),
  };
}

/** Whether a cancel that was asked for may still take an order away, after it was waited for. */
async function unclearCancels(desk: Desk, journal: Journal, plan: OpenPlan): Promise<boolean> {
  const asked = cancelsOf(journal, plan).filter((own) => own.cancelRequested && own.phase !== "done");
  return (await waitForEnds(desk, journal, asked)).length > 0;
}

function cancelsOf(journal: Journal, plan: OpenPlan): LedgerOrder[] {
  return (plan.cancels ?? []).flatMap((id) => journal.ledger.orders.get(id) ?? []);
}

/** What the plan itself, or an earlier try to finish it, has placed again. A sale is at the market. */
function restoredBy(journal: Journal, plan: OpenPlan): LedgerOrder[] {
  return journal.ledger
    .ordersOf(plan.instrumentId)
    .filter((own) => own.planId === plan.planId && own.order.orderType !== "market" && own.phase !== "done");
}

function withoutRestored(protections: LedgerOrder[], restored: LedgerOrder[]): LedgerOrder[] {
  const left = [...restored];
  return protections.filter((own) => {
    const twin = left.findIndex((each) => isSameProtection(each.order, own.order));
    if (twin >= 0) left.splice(twin, 1);
    return twin < 0;
  });
}

/** The size may differ: less may be held by now. */
function isSameProtection(one: JournaledOrder, other: JournaledOrder): boolean {
  return JSON.stringify({ ...one, quantity: null }) === JSON.stringify({ ...other, quantity: null });
}
