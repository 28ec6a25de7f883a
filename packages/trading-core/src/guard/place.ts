import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { plain } from "../domain/money.ts";
import type { OrderIntent, OrderRequest } from "../domain/order.ts";
import type { Outcome } from "../domain/outcome.ts";
import { unread } from "../domain/reading.ts";
import type { KeyedPlan, KeyUse } from "../journal/idempotency-keys.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import { isOfUnknownFate, type LedgerOrder } from "../journal/ledger-order.ts";
import { journaledOrder } from "../journal/record.ts";
import type { PreparedOrder, VenuePreview } from "../ports/broker.ts";
import type { OrderAnswer, PreviewAnswer } from "./answers.ts";
import { bracketIncomplete, describeUnsentGroup, missingExits } from "./bracket-answer.ts";
import { type Committed, commit, type Decided, findUse, type PlaceStep } from "./commit.ts";
import { type Decision, judgeNow } from "./decide.ts";
import { accountTypeOf, describeOwn } from "./describe.ts";
import { type Desk, identityFact, journalFor } from "./desk.ts";
import { dispatch, failureOf, isStoppedByJournal } from "./dispatch.ts";
import { exitPastJournal, type Wanted } from "./exit-past-journal.ts";
import { type Gathered, gather } from "./gather.ts";
import { bracketOf } from "./groups.ts";
import { checkKey, replayOrder } from "./idempotency.ts";
import { checkRequest, intentOf } from "./intent.ts";
import { refresh } from "./orders.ts";
import { describeOrphaned } from "./orphaned-exits.ts";
import { prepareForAccount } from "./prepare.ts";
import type { Check } from "./verdict.ts";

const ALONE: PlaceStep = { planId: null, replaces: [] };

/** The life of an order, from request to answer. Throws a TradingError for everything but an acknowledgement. */
export async function place(
  desk: Desk,
  request: OrderRequest,
  step: PlaceStep = ALONE,
): Promise<OrderAnswer> {
  const placed = await placeOrFind(desk, request, step);
  if (placed.kind === "placed") return placed.answer;
  // Only a close is told of a plan, and it comes here with a key of its own.
  throw new Error("an order that is no close found a close plan under its key");
}

export type Placed = { kind: "placed"; answer: OrderAnswer } | { kind: "plan"; plan: KeyedPlan };

/** The same for a close_position, whose key another process may have bound to a plan meanwhile (S18). */
export async function placeOrFind(desk: Desk, request: OrderRequest, step: PlaceStep): Promise<Placed> {
  checkRequest(request);
  checkKey(request.idempotencyKey);
  await desk.session.ensureReady();
  const instrument = await desk.marketData.resolve(request.symbol);
  const first = await findFirst(desk, request, instrument, step);
  if (first) return first;
  const overtaken: Gathered[] = [];
  for (;;) {
    const gathered = await gather(desk, instrument);
    const intent = freshIntent(desk, request, instrument, gathered);
    const journal = journalFor(desk, gathered.identity);
    let committed: Committed;
    try {
      committed = await commit(desk, journal, { gathered, overtaken, intent, request, step });
    } catch (error) {
      // Serves exits: one that is proven goes on without the journal; everything else is thrown again.
      return {
        kind: "placed",
        answer: await exitPastJournal(desk, journal, { intent, request, step }, error),
      };
    }
    if (committed.kind === "overtaken") {
      overtaken.push(gathered);
      continue;
    }
    if (committed.kind !== "bound") {
      return { kind: "placed", answer: await carryOut(desk, journal, { intent, request, step }, committed) };
    }
    const replayed = await replay(desk, journal, committed.use);
    if (replayed) return replayed;
  }
}

/**
 * What the key stands for already, before any facts are read for a new order: a repeated call costs the
 * venue next to nothing, and is answered although the journal cannot be locked. What this does not see is
 * seen under the lock.
 */
async function findFirst(
  desk: Desk,
  request: OrderRequest,
  instrument: Instrument,
  step: PlaceStep,
): Promise<Placed | null> {
  if (request.idempotencyKey == null) return null;
  const identity = await identityFact(desk);
  if (identity.kind === "unread") return null;
  const journal = journalFor(desk, identity);
  journal.catchUp();
  // No quote: a key is not compared by the bound of a market order.
  const intent = intentOf(request, instrument, unread("not needed"), desk.policy, "", desk.clock.now());
  const use = findUse(desk, journal, { request, intent, step });
  return use && replay(desk, journal, use);
}

/** Null when the order turned out never to have left, and the key is free. */
async function replay(desk: Desk, journal: Journal, use: KeyUse): Promise<Placed | null> {
  if (use.kind === "plan") return use;
  const answer = await replayOrder(desk, journal, use.order);
  return answer && { kind: "placed", answer };
}

async function carryOut(
  desk: Desk,
  journal: Journal,
  wanted: Wanted,
  decided: Decided,
): Promise<OrderAnswer> {
  const { intent } = wanted;
  if (decided.kind === "refused") throw refusal(desk, journal, intent, decided.decision, decided.seq);
  if (decided.kind === "dry_run") return answerDryRun(desk, journal, decided.prepared, decided.decision);

  const { outcome, journaled } = await dispatch(
    desk,
    journal,
    decided.prepared,
    decided.decision.isExit,
    decided.under,
  );
  if (isStoppedByJournal(outcome) && decided.decision.isExit) {
    // It never leaves, since nothing would say that it did; the exit is decided anew, past the journal (S23).
    return exitPastJournal(desk, journal, wanted, failureOf(outcome, intent, journaled));
  }
  const own = journal.ledger.orders.get(intent.clientOrderId);
  if (!own) throw failureOf(lostFromLedger(outcome), intent, false);
  const found = outcome.kind === "unknown" && (await lookFor(desk, journal, own));
  const exits = bracketOf(journal.ledger, own).filter((leg) => leg !== own);
  if (outcome.kind !== "acknowledged" && !found) throw failureOf(asSeen(outcome, own), intent, journaled);
  // An answer that leaves an exit out proves nothing about it: it is looked for as the entry would be (H7).
  for (const exit of exits) {
    if (isOfUnknownFate(exit)) await lookFor(desk, journal, exit);
  }
  if (missingExits(journal.ledger, own).length > 0) throw bracketIncomplete(journal.ledger, own);
  return describeOwn(desk, own, {
    message: found
      ? "The venue's answer was lost; the order was then found at the venue. It was sent once."
      : (boundMessage(intent) ?? (outcome.kind === "acknowledged" ? (outcome.order?.message ?? null) : null)),
    exchanges: outcome.kind === "acknowledged" ? outcome.exchanges : [],
    warnings: [
      ...(journaled ? [] : ["the outcome could not be written to the journal: the order counts as open"]),
      ...decided.decision.facts.orphanedExits.map(describeOrphaned),
    ],
    ledger: journal.ledger,
  });
}

/** Its intent was on disk before it was sent, so this cannot be; if it is, the caller keeps the id. */
function lostFromLedger(outcome: Outcome): Exclude<Outcome, { kind: "acknowledged" }> {
  if (outcome.kind !== "acknowledged") return outcome;
  const reason = `the venue took it as ${outcome.orderId}, and the journal does not hold it any more`;
  return { kind: "unknown", reason, exchanges: outcome.exchanges };
}

/** An order that was only seen inactive is not found: whether it will ever work is as unknown as before. */
function asSeen(
  outcome: Exclude<Outcome, { kind: "acknowledged" }>,
  own: LedgerOrder,
): Exclude<Outcome, { kind: "acknowledged" }> {
  if (outcome.kind !== "unknown" || own.orderId === null || !isOfUnknownFate(own)) return outcome;
  const seen = `the venue lists it as ${own.orderId}, inactive: a question about it may be unanswered`;
  return { ...outcome, reason: `${outcome.reason}; ${seen}` };
}

/** How long a call looks for an order whose answer was lost; the venue's list may be asked every 5 s. */
const LOOK_MS = 8_000;
const LOOK_PAUSE_MS = 1_000;

/** Looks for an order of unknown fate at the venue. Never sends anything. */
async function lookFor(desk: Desk, journal: Journal, own: LedgerOrder): Promise<boolean> {
  const deadline = desk.clock.monotonic() + LOOK_MS;
  // A server that is ending leaves the looking to the next one: the outcome is on disk.
  while (desk.ending.since === null) {
    try {
      await refresh(desk, journal, own);
    } catch (error) {
      // Serves both: the order stays unresolved, which is what the caller is told.
      desk.log.warn(
        { clientOrderId: own.clientOrderId, error: messageOf(error) },
        "looking for an order failed",
      );
    }
    if (own.phase === "working" || own.phase === "done") return true;
    if (desk.clock.monotonic() >= deadline) return false;
    await desk.clock.sleep(LOOK_PAUSE_MS);
  }
  return false;
}

function freshIntent(
  desk: Desk,
  request: OrderRequest,
  instrument: Instrument,
  gathered: Gathered,
): OrderIntent {
  return intentOf(
    request,
    instrument,
    gathered.quote,
    desk.policy,
    desk.newClientOrderId(),
    desk.clock.now(),
  );
}

/** Dry run (S20): the venue validates the built request, nothing is sent, and no later decision changes. */
async function answerDryRun(
  desk: Desk,
  journal: Journal,
  prepared: PreparedOrder,
  decision: Decision,
): Promise<OrderAnswer> {
  const { intent } = prepared;
  const venue = await askVenue(desk, prepared);
  const record = await journal.locked(LOCK_WAIT_MS, (append) =>
    append({
      kind: "dry_run",
      clientOrderId: intent.clientOrderId,
      order: journaledOrder(intent),
      checks: decision.checks,
      request: prepared.request,
    }),
  );
  const { worstCase } = decision.facts;
  return {
    orderId: null,
    clientOrderId: intent.clientOrderId,
    status: "pending",
    symbol: intent.instrument.symbol,
    side: intent.side,
    message: `Dry run: nothing was sent. ${dryRunMessage(desk, venue)}`,
    orderType: intent.orderType,
    quantity: intent.quantity,
    cashAmount: intent.cashAmount,
    filledQuantity: null,
    averagePrice: null,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    trailAmount: intent.trailAmount ?? null,
    trailPercent: intent.trailPercent ?? null,
    group: describeUnsentGroup(intent),
    timeInForce: intent.timeInForce,
    notional: decision.isExit || worstCase.kind === "unpriced" ? null : worstCase.local,
    currency: intent.instrument.currency,
    mode: desk.policy.mode,
    accountType: accountTypeOf(desk),
    dryRun: true,
    replayed: false,
    journalSeq: record.seq,
    exchanges: [],
    warnings: [...(venue.preview?.warnings ?? []), ...decision.facts.orphanedExits.map(describeOrphaned)],
    request: prepared.request,
    preview: venue.preview,
  };
}

function dryRunMessage(desk: Desk, venue: { preview: VenuePreview | null; message: string | null }): string {
  const off = `The operator turns dry run off with ${desk.policy.settings.dryRun}=false.`;
  if (venue.preview === null) return `The venue could not be asked about the order: ${venue.message}. ${off}`;
  if (venue.preview.refusal !== null) return `The venue would refuse it: ${venue.preview.refusal} ${off}`;
  return `The venue would take it. ${off}`;
}

async function askVenue(
  desk: Desk,
  prepared: PreparedOrder,
): Promise<{ preview: VenuePreview | null; message: string | null }> {
  try {
    return { preview: await desk.broker.preview(prepared), message: null };
  } catch (error) {
    // Serves neither: a preview sends no order, and its absence is said in the answer.
    return { preview: null, message: messageOf(error) };
  }
}

/** Everything about an order but the order: verdicts, the venue's estimate, the request. Writes nothing. */
export async function preview(desk: Desk, request: OrderRequest): Promise<PreviewAnswer> {
  checkRequest(request);
  await desk.session.ensureReady();
  const instrument = await desk.marketData.resolve(request.symbol);
  const gathered = await gather(desk, instrument);
  const intent = freshIntent(desk, request, instrument, gathered);
  const journal = journalFor(desk, gathered.identity);
  const { checks, refusals, facts } = judgeNow(desk, journal, gathered, intent, []);
  const prepared = prepareForAccount(desk, intent);
  const venue = await askVenue(desk, prepared);
  return {
    symbol: instrument.symbol,
    side: intent.side,
    orderType: intent.orderType,
    quantity: intent.quantity,
    cashAmount: intent.cashAmount,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    trailAmount: intent.trailAmount ?? null,
    trailPercent: intent.trailPercent ?? null,
    group: describeUnsentGroup(intent),
    allowed: refusals.length === 0,
    checks,
    worstCase: facts.worstCase.kind === "priced" ? facts.worstCase.value : null,
    venue: venue.preview,
    venueMessage: venue.message,
    request: prepared.request,
    mode: desk.policy.mode,
    accountType: accountTypeOf(desk),
    dryRun: desk.policy.dryRun,
  };
}

/** A refusal names every check that failed; its code is the first one's. */
export function refusal(
  desk: Desk,
  journal: Journal,
  intent: OrderIntent,
  decision: Pick<Decision, "refusals">,
  seq: number | null,
): TradingError {
  const [first, ...others] = decision.refusals as [Check, ...Check[]];
  const more =
    others.length === 0 ? "" : ` (and ${others.length} more: ${others.map((each) => each.rule).join(", ")})`;
  desk.log.info(
    {
      symbol: intent.instrument.symbol,
      rules: decision.refusals.map((each) => each.rule),
      journal: journal.path,
    },
    "refused an order",
  );
  return new TradingError(
    first.code ?? "refused",
    `Refused by ${first.rule}${more}: ${first.message}`,
    first.nextStep ?? "",
    {
      retryable: decision.refusals.every((each) => each.retryable),
      checks: decision.refusals,
      details: { outcome: "not_sent", journal_seq: seq },
    },
  );
}

function boundMessage(intent: OrderIntent): string | null {
  return intent.priceBound === null
    ? null
    : `Sent as a limit order at ${plain(intent.priceBound)}, the price that the limits were checked at.`;
}
