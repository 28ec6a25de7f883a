import { messageOf } from "../domain/errors.ts";
import { isTerminal } from "../domain/order.ts";
import { unread } from "../domain/reading.ts";
import type { Journal } from "../journal/journal.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import { writerState } from "../journal/writer.ts";
import type { HaltAnswer, HaltRequest } from "./answers.ts";
import { cancelJournaled, refuseOnWrongAccount } from "./cancel-order.ts";
import type { Desk } from "./desk.ts";
import { reading } from "./gather.ts";
import { accountJournal, refresh } from "./orders.ts";
import { lookAtOwn } from "./own-orders.ts";
import { foreignOrders, type News, recordNews } from "./sync.ts";
import type { Move } from "./trading-state.ts";

/** How long the record of a halt waits for the account's lock. The switch itself waits for nobody. */
const RECORD_WAIT_MS = 3_000;
/** An intent older than this is never sent (S11). */
const INTENT_LIFE_MS = 5_000;
/** A conversation with the venue ends within 10 s (S12); a little is added for its record. */
const IN_FLIGHT_MS = 11_000;
/** How long the venue has for the terminal statuses of the orders that were cancelled. */
const CANCEL_MS = 10_000;
const PAUSE_MS = 500;
const REASON = "halt_trading was called";
const NOTHING: News = {
  orders: unread("not needed"),
  single: [],
  fills: unread("not needed"),
  positions: unread("not needed"),
};

/**
 * Stops entries, or everything (S30). The switch comes first and needs neither the venue nor the journal:
 * whatever fails after it is told in the answer, and takes nothing of the halt back. Never throws.
 */
export async function haltTrading(desk: Desk, request: HaltRequest): Promise<HaltAnswer> {
  const wanted = request.stopExits ? "HALTED" : "REDUCING";
  const reason = request.reason ?? REASON;
  const move = await desk.tradingState.tighten(wanted, reason, desk.clock);
  const halt = beginAnswer(move, desk.tradingState.read().reason);
  const journal = await journalOf(desk, halt);
  if (journal !== null) {
    await recordHalt(desk, journal, move, reason, halt);
    await waitForFlights(desk, journal, halt);
    if (request.cancelWorking) await cancelEntries(desk, journal, request, halt);
    halt.unread.push(...plansUnderWay(journal));
    const open = journal.ledger.openOrders();
    halt.unresolved = open.filter((own) => own.phase === "unresolved").map((own) => own.clientOrderId);
  }
  halt.complete =
    halt.unread.length === 0 && halt.inFlight.length === 0 && halt.orders.every((each) => each.confirmed);
  return halt;
}

function beginAnswer(move: Move & { error: string | null }, stateReason: string): HaltAnswer {
  return {
    state: move.state,
    before: move.before,
    changed: move.moved,
    reason: stateReason,
    complete: false,
    inFlight: [],
    unresolved: [],
    orders: [],
    left: { exits: 0, foreign: null },
    // Other servers read the file; what only this process knows stops nobody else.
    unread:
      move.error === null
        ? []
        : [
            `the switch could not be written (${move.error}): it holds for this server until it ends, and for no other`,
          ],
  };
}

/** The account's journal; while the venue is away, that of the account that is known. */
async function journalOf(desk: Desk, halt: HaltAnswer): Promise<Journal | null> {
  try {
    return await accountJournal(desk);
  } catch (error) {
    halt.unread.push(`the venue: ${messageOf(error)}`);
  }
  try {
    // Without any known account the halt is told where refusals without one are.
    const journal = desk.journals.of(desk.bound?.identity.accountId ?? desk.policy.accountId);
    journal.catchUp();
    return journal;
  } catch (error) {
    // Serves both: the switch holds without a record of it.
    halt.unread.push(`the journal: ${messageOf(error)}`);
    return null;
  }
}

/**
 * Who waits here for the lock waits for every last look that was under way; a later one sees the switch.
 * From then on only what had been dispatched before can still reach the venue.
 */
async function recordHalt(
  desk: Desk,
  journal: Journal,
  { moved, before, state }: Move,
  reason: string,
  halt: HaltAnswer,
): Promise<void> {
  try {
    await journal.locked(RECORD_WAIT_MS, (append) => {
      recordNews(journal, NOTHING, append);
      if (moved) append({ kind: "switch", state, before, reason, origin: "agent", user: null });
    });
  } catch (error) {
    // Serves both: the switch holds without a record of it, and the answer says that none was written.
    desk.log.error({ error: messageOf(error) }, "a halt could not be written to the journal");
    halt.unread.push(`the journal: ${messageOf(error)}`);
  }
}

async function waitForFlights(desk: Desk, journal: Journal, halt: HaltAnswer): Promise<void> {
  const deadline = desk.clock.monotonic() + IN_FLIGHT_MS;
  for (;;) {
    halt.inFlight = journal.ledger
      .openOrders()
      .filter((own) => isInFlight(own, desk.clock.now()))
      .map((own) => own.clientOrderId);
    const isQuiet = halt.inFlight.length === 0 && plansUnderWay(journal).length === 0;
    if (isQuiet || desk.clock.monotonic() >= deadline) return;
    await desk.clock.sleep(PAUSE_MS);
    journal.catchUp();
  }
}

/** A close that has begun ends with its protection where it stood (S29), which a halt does not stop. */
export function plansUnderWay(journal: Journal): string[] {
  return [...journal.ledger.openPlans.values()]
    .filter((plan) => !plan.unprotected && writerState(journal.folder, plan.writer) === "alive")
    .map((plan) => `closing ${plan.symbol} is under way: it puts back the protection that it cancelled`);
}

function isInFlight(own: LedgerOrder, now: number): boolean {
  return own.phase === "dispatched" || (own.phase === "intended" && now - own.intentAt <= INTENT_LIFE_MS);
}

/** Cancels the entries of this journal that work. What protects a position stays, and so does what others placed. */
async function cancelEntries(
  desk: Desk,
  journal: Journal,
  request: HaltRequest,
  halt: HaltAnswer,
): Promise<void> {
  if (!request.mayCancel || desk.policy.dryRun) {
    const why = request.mayCancel
      ? `dry run is on (${desk.policy.settings.dryRun})`
      : "this server only reads";
    halt.unread.push(`no order was cancelled: ${why}`);
    return;
  }
  try {
    await refuseOnWrongAccount(desk);
    await sweep(desk, journal, halt);
  } catch (error) {
    // Serves entries: what was not looked at may still work, and the answer says that it was not.
    halt.unread.push(`working orders: ${messageOf(error)}`);
    return;
  }
  const open = journal.ledger.openOrders();
  halt.left.exits = open.filter((own) => own.exit).length;
  halt.orders = await Promise.all(
    open.filter((own) => !own.exit).map((own) => cancelAndWait(desk, journal, own)),
  );
}

/** A list that cannot be relied on is not a list without orders. */
export async function sweep(
  desk: Desk,
  journal: Journal,
  halt: Pick<HaltAnswer, "unread"> & { left: { foreign: number | null } },
): Promise<void> {
  const orders = await reading(() => desk.broker.orders());
  const known = journal.ledger.openOrders().filter((own) => own.orderId !== null);
  const looks = await lookAtOwn(desk, journal.ledger, known, () => Promise.resolve(orders));
  const news: News = { ...NOTHING, ...looks, orders };
  await journal.locked(RECORD_WAIT_MS, (append) => recordNews(journal, news, append));
  const foreign = foreignOrders(journal.ledger, orders);
  if (foreign.kind === "read") halt.left.foreign = foreign.value.length;
  else halt.unread.push(`the venue's list of orders: ${foreign.reason}`);
}

/** Cancels one of ours and waits for its final status; never throws. */
export async function cancelAndWait(
  desk: Desk,
  journal: Journal,
  own: LedgerOrder,
): Promise<HaltAnswer["orders"][number]> {
  const { clientOrderId, orderId } = own;
  const about = { clientOrderId, orderId, symbol: own.order.symbol };
  if (orderId === null) {
    const message = "The venue has not been seen to hold it, so it cannot be cancelled there yet.";
    return { ...about, status: own.status, confirmed: false, message };
  }
  const { outcome, journaled } = await cancelJournaled(desk, journal, orderId, own);
  if (outcome.kind !== "done") await waitForEnd(desk, journal, own);
  const confirmed = own.phase === "done" || (outcome.kind === "done" && isTerminal(outcome.order.status));
  const said = "reason" in outcome && !confirmed ? `${outcome.kind}: ${outcome.reason}` : null;
  const message = journaled ? said : `${said ?? ""} The cancel could not be written to the journal.`.trim();
  return { ...about, status: own.status, confirmed, message };
}

async function waitForEnd(desk: Desk, journal: Journal, own: LedgerOrder): Promise<void> {
  const deadline = desk.clock.monotonic() + CANCEL_MS;
  while (own.phase !== "done" && desk.clock.monotonic() < deadline) {
    await desk.clock.sleep(PAUSE_MS);
    try {
      await refresh(desk, journal, own);
    } catch (error) {
      // Serves entries: the order counts as working until its end is read, and the answer says so.
      desk.log.warn({ error: messageOf(error) }, "an order that is being cancelled could not be read");
    }
  }
}
