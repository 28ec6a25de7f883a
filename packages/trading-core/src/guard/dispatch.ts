import { childLegs } from "../domain/bracket.ts";
import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { plainOrNull } from "../domain/money.ts";
import type { OrderIntent, OrderStatus } from "../domain/order.ts";
import type { Outcome } from "../domain/outcome.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import type { Entry } from "../journal/record.ts";
import type { DispatchGate, PreparedOrder } from "../ports/broker.ts";
import type { Desk } from "./desk.ts";
import { isTooLateToSend } from "./ending.ts";
import { exitOutcomes } from "./leg-outcomes.ts";
import { noteSent } from "./nothing-sent.ts";

/** How old an intent may be when its first byte leaves, by the monotonic and the wall clock (S11). */
const FRESH_MS = 5_000;

/** What was true when the order was decided, and has to be true still when it leaves. */
export interface DecidedUnder {
  wallClock: number;
  monotonic: number;
  tradingState: string;
  accountId: string | null;
  /** An exit whose intent is not in the journal, which cannot be written (S23): nothing is appended to it. */
  isPastJournal?: boolean;
}

export function decidedUnder(desk: Desk, accountId: string | null): DecidedUnder {
  return {
    wallClock: desk.clock.now(),
    monotonic: desk.clock.monotonic(),
    tradingState: desk.tradingState.fingerprint(),
    accountId,
  };
}

/** Sends one order whose intent is on disk, and puts its outcome there before anybody is told. */
export async function dispatch(
  desk: Desk,
  journal: Journal,
  prepared: PreparedOrder,
  isExit: boolean,
  under: DecidedUnder,
): Promise<{ outcome: Outcome; journaled: boolean }> {
  const { intent } = prepared;
  let begun = false;
  const gate: DispatchGate = {
    isExit,
    hurry: desk.ending.hurry.signal,
    async begin() {
      if (begun) {
        const reason = "the order was sent already; it is never sent a second time";
        return { kind: "stop", code: "already_dispatched", reason };
      }
      const look = await lastLook(desk, journal, intent, isExit, under);
      begun = look.kind === "go";
      if (begun) noteSent();
      return look;
    },
  };
  const outcome = await submit(desk, prepared, gate, () => begun);
  const journaled = await recordOutcome(desk, journal, intent, outcome, isExit);
  return { outcome, journaled };
}

async function submit(
  desk: Desk,
  prepared: PreparedOrder,
  gate: DispatchGate,
  begun: () => boolean,
): Promise<Outcome> {
  try {
    return await desk.broker.submit(prepared, gate);
  } catch (error) {
    desk.log.error({ error: messageOf(error) }, "the venue adapter threw while sending an order");
    // Serves both: before the last look nothing can have left; after it an adapter that threw proved
    // nothing about the order, so its fate is unknown.
    if (!begun()) return { kind: "not_sent", code: "dispatch_failed", reason: messageOf(error) };
    return { kind: "unknown", reason: messageOf(error), exchanges: [] };
  }
}

type Look = Awaited<ReturnType<DispatchGate["begin"]>>;

/** How long the last look waits for the account's lock; what it looks at is judged after the wait. */
const ENTRY_LOOK_MS = 1_000;
const EXIT_LOOK_MS = 4_000;

/** S11: immediately before the first byte. What it needs is in memory, but for one stat and one append. */
async function lastLook(
  desk: Desk,
  journal: Journal,
  intent: OrderIntent,
  isExit: boolean,
  under: DecidedUnder,
): Promise<Look> {
  if (under.isPastJournal) return changeSince(desk, under, isExit) ?? { kind: "go" };
  try {
    return await journal.locked(isExit ? EXIT_LOOK_MS : ENTRY_LOOK_MS, (append): Look => {
      const change = changeSince(desk, under, isExit);
      if (change) return change;
      for (const { clientOrderId } of [intent, ...childLegs(intent).map((leg) => leg.intent)]) {
        append({ kind: "dispatch", clientOrderId }, { sync: false });
      }
      return { kind: "go" };
    });
  } catch (error) {
    // Serves both: without this record a crash could not be told from an unsent order, so this one never
    // leaves. An exit is decided anew, past the journal (S23).
    return { kind: "stop", code: isBusy(error) ? "busy" : "journal_unavailable", reason: messageOf(error) };
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof TradingError && error.code === "busy";
}

/** What the decision stood on and is no longer so; null when it still stands. */
function changeSince(desk: Desk, under: DecidedUnder, isExit: boolean): Look | null {
  if (isTooLateToSend(desk, isExit)) {
    return { kind: "stop", code: "shutting_down", reason: "the server was told to end before it left" };
  }
  const waited = desk.clock.monotonic() - under.monotonic;
  const wallWaited = desk.clock.now() - under.wallClock;
  if (waited > FRESH_MS || Math.abs(wallWaited) > FRESH_MS) {
    const seconds = Math.round(Math.max(waited, Math.abs(wallWaited)) / 1000);
    return {
      kind: "stop",
      code: "decision_expired",
      reason: `the venue's line was free only ${seconds} s after the decision, or the clock was set meanwhile`,
    };
  }
  if (desk.tradingState.fingerprint() !== under.tradingState) {
    return {
      kind: "stop",
      code: "trading_state_changed",
      reason: "the trading state changed after the decision",
    };
  }
  if (desk.account !== under.accountId) {
    return { kind: "stop", code: "account_changed", reason: "the account changed after the decision" };
  }
  return null;
}

async function recordOutcome(
  desk: Desk,
  journal: Journal,
  intent: OrderIntent,
  outcome: Outcome,
  isExit: boolean,
): Promise<boolean> {
  const { clientOrderId } = intent;
  // The entry's comes last, and with its fsync all of them are on disk.
  const exits = exitOutcomes(intent, outcome);
  try {
    // An exit that the journal stopped has waited for it already, and is still to be decided anew.
    await journal.locked(isExit && isStoppedByJournal(outcome) ? 0 : LOCK_WAIT_MS, (append) => {
      for (const exit of exits) append(outcomeEntry(exit.clientOrderId, exit.outcome), { sync: false });
      append(outcomeEntry(clientOrderId, outcome));
    });
    return true;
  } catch (error) {
    // Serves both: until this process can write it, every decision counts the order as open; the caller
    // is told.
    desk.log.error(
      { clientOrderId, error: messageOf(error) },
      "an outcome could not be written to the journal",
    );
    for (const each of [...exits, { clientOrderId, outcome }]) {
      journal.owe(() => outcomeEntry(each.clientOrderId, each.outcome));
    }
    return false;
  }
}

/** Nothing left, because the dispatch could not be written. */
export function isStoppedByJournal(outcome: Outcome): outcome is Outcome & { kind: "not_sent" } {
  return outcome.kind === "not_sent" && (outcome.code === "busy" || outcome.code === "journal_unavailable");
}

export function outcomeEntry(clientOrderId: string, outcome: Outcome): Entry {
  const order = outcome.kind === "acknowledged" ? outcome.order : null;
  return {
    kind: "outcome",
    clientOrderId,
    outcome: outcome.kind,
    orderId: outcome.kind === "acknowledged" ? outcome.orderId : null,
    ...(order?.parentOrderId && { parentOrderId: order.parentOrderId }),
    status: order?.status ?? STATUS_OF[outcome.kind],
    filledQuantity: plainOrNull(order?.filledQuantity),
    averagePrice: plainOrNull(order?.averagePrice),
    reason: outcome.kind === "acknowledged" ? null : outcome.reason,
    exchanges: outcome.kind === "not_sent" ? [] : outcome.exchanges,
  };
}

const STATUS_OF: Record<Outcome["kind"], OrderStatus> = {
  acknowledged: "pending",
  rejected: "rejected",
  not_sent: "rejected",
  unknown: "unknown",
};

/** The failure that a dispatch without an acknowledgement is told as. */
export function failureOf(
  outcome: Exclude<Outcome, { kind: "acknowledged" }>,
  intent: Pick<OrderIntent, "clientOrderId" | "side"> & { instrument: Pick<Instrument, "symbol"> },
  journaled = true,
): TradingError {
  const details = {
    outcome: outcome.kind,
    client_order_id: intent.clientOrderId,
    ...(!journaled && { unjournaled: true }),
  };
  const what = `${intent.side} ${intent.instrument.symbol}`;
  switch (outcome.kind) {
    case "not_sent":
      return new TradingError(
        outcome.code,
        `Nothing was sent (${what}): ${outcome.reason}.`,
        nextStepOf(outcome.code, journaled),
        { retryable: outcome.code !== "account_changed", details },
      );
    case "rejected":
      return new TradingError(
        outcome.turnedAway?.code ?? "order_rejected",
        `The venue did not take the order (${what}): ${outcome.reason}`,
        `No order exists. ${outcome.turnedAway?.nextStep ?? "Change what the venue objects to before trying again."}`,
        { details, retryable: outcome.turnedAway !== undefined },
      );
    case "unknown":
      return new TradingError(
        "outcome_unknown",
        `The order was sent (${what}) and the venue's answer does not say what became of it: ${outcome.reason}`,
        `Do not send it again. Call order_status with ${intent.clientOrderId}, which looks for it at the venue.`,
        { details },
      );
  }
}

function nextStepOf(code: string, journaled: boolean): string {
  if (code === "account_changed") return "No order exists. Look at session_status before anything else.";
  if (code === "shutting_down") return "No order exists. Start the server again, then repeat the call.";
  if (code === "trading_state_changed") return "No order exists. Look at session_status, then try again.";
  if (code === "busy") {
    return "No order exists. Another server of this account is writing; the same call can be made again in a few seconds.";
  }
  if (!journaled) {
    return "No order exists, but that could not be written down yet: the order counts as open until it is.";
  }
  return "No order exists. The same call can be made again.";
}
