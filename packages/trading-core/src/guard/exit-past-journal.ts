import { messageOf, TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { type Decimal, decimal, plain } from "../domain/money.ts";
import type { OrderIntent, OrderRequest, VenueOrder } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import { lettersOf } from "../journal/journals.ts";
import { type Entry, type JournaledOrder, journaledOrder } from "../journal/record.ts";
import type { PreparedOrder } from "../ports/broker.ts";
import type { OrderAnswer } from "./answers.ts";
import type { PlaceStep } from "./commit.ts";
import { type Decision, judgeNow } from "./decide.ts";
import { describeForeign, describeOwn } from "./describe.ts";
import { accountOf, type Desk } from "./desk.ts";
import { decidedUnder, dispatch, failureOf } from "./dispatch.ts";
import { type Gathered, gather, reading } from "./gather.ts";
import { intentOf } from "./intent.ts";
import { prepareForAccount } from "./prepare.ts";

export interface Wanted {
  /** The intent that could not be journaled: it was not sent, and never will be. */
  intent: OrderIntent;
  request: OrderRequest & { idempotencyKey?: string | null };
  step: PlaceStep;
}

/**
 * S23: an exit goes on when its intent cannot be written to the journal. It is decided again, on facts that
 * are read again, and its intent goes to the reserve; where that fails too, a market order may leave
 * without any record, one for each instrument, under an id that a second process would choose as well, so
 * that the venue would refuse the second one.
 *
 * @param error why it could not be written; thrown again for everything but a proven exit
 */
export async function exitPastJournal(
  desk: Desk,
  journal: Journal,
  wanted: Wanted,
  error: unknown,
): Promise<OrderAnswer> {
  if (!isJournalTrouble(error) || desk.policy.dryRun || wanted.request.quantity === null) throw error;
  const { instrument } = wanted.intent;
  const gathered = await gather(desk, instrument);
  refuseUnjournaled(journal, instrument, error.message);
  if (journal.unopened !== null) await refuseUnsettled(desk, gathered, instrument, error);
  journal.catchUp();
  const { prepared, under, isReserved } = decideWithout(desk, journal, wanted, gathered, error);
  desk.log.error(
    { clientOrderId: prepared.intent.clientOrderId, isReserved, error: messageOf(error) },
    "an exit goes out although the journal does not take it",
  );
  const { outcome } = await dispatch(desk, journal, prepared, true, { ...under, isPastJournal: true });
  if (outcome.kind === "rejected" || outcome.kind === "not_sent") {
    journal.provenAbsent(prepared.intent.clientOrderId);
  }
  if (outcome.kind !== "acknowledged") throw failureOf(outcome, prepared.intent, false);
  const warnings = [
    `unjournaled: ${isReserved ? "the order is in the reserve beside the journal, and is moved there" : "no record of the order is on disk; it is written"} ` +
      `as soon as the journal can be written again (${messageOf(error)})` +
      (isReserved ? "" : `. Until then ${instrument.symbol} takes nothing but cancels from this server`),
  ];
  const own = journal.ledger.orders.get(prepared.intent.clientOrderId);
  if (own) return describeOwn(desk, own, { exchanges: outcome.exchanges, warnings });
  const order = outcome.order ?? { ...venueOrder(wanted.intent), orderId: outcome.orderId };
  const { clientOrderId } = prepared.intent;
  return { ...describeForeign(desk, order), clientOrderId, exchanges: outcome.exchanges, warnings };
}

/** The journal cannot be written, or not in time: what stops entries and does not stop exits (S23). */
export function isJournalTrouble(error: unknown): error is TradingError {
  return error instanceof TradingError && (error.code === "busy" || error.code === "journal_unavailable");
}

/** For how long the venue's list of positions may lack an execution. */
const LAG_MS = 2 * 60_000;

/**
 * Without a journal there is no telling which orders and fills are ours, so an exit stands on the venue's
 * word alone: all of it has to be read, and nothing may have moved the position while its list lags.
 */
async function refuseUnsettled(
  desk: Desk,
  { news }: Gathered,
  { id, symbol }: Instrument,
  cause: TradingError,
): Promise<void> {
  const fills = await reading(() => desk.broker.fills(1, [symbol]));
  const missing = [news.orders, news.positions, fills].find((each) => each.kind === "unread");
  const since = desk.clock.now() - LAG_MS;
  const moved =
    fills.kind === "read" && fills.value.some((each) => each.instrumentId === id && each.executedAt >= since);
  if (!missing && !moved) return;
  const what =
    missing?.kind === "unread" ? missing.reason : `${symbol} was traded within the last two minutes`;
  throw new TradingError(
    "holdings_unknown",
    `What is held and free of ${symbol} is not certain without the journal: ${what}. ${cause.message}`,
    "Nothing was sent. Try again in two minutes; cancels go through meanwhile.",
    { retryable: true, details: { outcome: "not_sent" } },
  );
}

interface Sendable {
  prepared: PreparedOrder;
  under: ReturnType<typeof decidedUnder>;
  isReserved: boolean;
}

/** Decides, and puts the intent where it still can be put. Nothing waits in here. */
function decideWithout(
  desk: Desk,
  journal: Journal,
  wanted: Wanted,
  gathered: Gathered,
  error: TradingError,
): Sendable {
  const reserved = journal.reserve?.alone((put): Sendable | null => {
    const decided = decideExit(desk, journal, wanted, gathered, error, desk.newClientOrderId());
    const isReserved = put({ intent: decided.entry, writer: journal.writer });
    return isReserved ? { ...decided, isReserved } : null;
  });
  if (reserved?.value) return reserved.value;
  // Somebody else decides on the reserve at this moment: what is free is not known.
  if (reserved === null) throw error;
  if (wanted.request.orderType !== "market") throw error;
  const id = (held: Decimal) => derivedId(desk, gathered, wanted.intent.instrument.id, held);
  const decided = decideExit(desk, journal, wanted, gathered, error, id);
  journal.oweUnjournaled(decided.entry);
  return { ...decided, isReserved: false };
}

function decideExit(
  desk: Desk,
  journal: Journal,
  { intent: failed, request, step }: Wanted,
  gathered: Gathered,
  error: TradingError,
  id: string | ((held: Decimal) => string),
) {
  const { instrument } = failed;
  const key = request.idempotencyKey ?? null;
  const unwritten = journal.unwritten();
  const waiting = journal.reserve?.pending().map((exit) => exit.intent) ?? [];
  const keys = [...waiting, ...journal.unjournaled()].map((each) => each.idempotencyKey);
  // Its own intent may stand in the journal, called off because its dispatch could not be written.
  const stillborn = journal.ledger.orders.get(failed.clientOrderId);
  const use = key === null ? null : journal.ledger.boundTo(key, desk.clock.now());
  const isTaken = use !== null && !(use.kind === "order" && use.order === stillborn);
  if (key !== null && (isTaken || keys.includes(key))) throw error;
  const under = decidedUnder(desk, accountOf(gathered.identity));
  const replaces = stillborn?.phase === "intended" ? [...step.replaces, stillborn] : step.replaces;
  refuseUnjournaled(journal, instrument, error.message);
  const known = { ...withUnwritten(gathered, unwritten, desk.foreign), restores: step.restores === true };
  const build = (clientOrderId: string) =>
    intentOf(request, instrument, gathered.quote, desk.policy, clientOrderId, desk.clock.now());
  // The id takes no part in the decision, and may depend on what the decision found to be held.
  const decision = judgeNow(desk, journal, known, build(failed.clientOrderId), replaces);
  if (decision.refusals.length > 0) throw refusalOf(decision, error);
  if (!decision.isExit) throw error;
  const { reduction } = decision.facts;
  const held = reduction.kind === "exit" ? reduction.capacity : decimal(0);
  const intent = build(typeof id === "string" ? id : id(held));
  const entry: Entry & { kind: "intent" } = {
    kind: "intent",
    clientOrderId: intent.clientOrderId,
    order: journaledOrder(intent),
    exit: true,
    worstCase: null,
    riskCurrency: desk.policy.riskCurrency,
    checks: [],
    planId: step.planId,
    ...(key !== null && { idempotencyKey: key }),
    ...(step.closes && { closes: step.closes }),
  };
  return { prepared: prepareForAccount(desk, intent), under, entry };
}

/** Exits that are in no ledger yet reserve what they sell, whatever the venue's list says of them. */
export function withUnwritten(
  gathered: Gathered,
  unwritten: readonly (Entry & { kind: "intent" })[],
  foreign: VenueOrder[],
): Gathered {
  if (unwritten.length === 0) return gathered;
  const { orders } = gathered.news;
  const ours = unwritten.map(({ clientOrderId, order }) => venueOrderOf(clientOrderId, order));
  const ids = new Set(unwritten.map((each) => each.clientOrderId));
  const others = orders.kind === "read" ? orders.value : foreign;
  const value = [...others.filter((each) => !ids.has(each.clientOrderId ?? "")), ...ours];
  const began = orders.kind === "read" ? orders.began : 0;
  return { ...gathered, news: { ...gathered.news, orders: { kind: "read", value, began } } };
}

function venueOrder(intent: OrderIntent): VenueOrder {
  return venueOrderOf(intent.clientOrderId, journaledOrder(intent));
}

function venueOrderOf(clientOrderId: string, order: JournaledOrder): VenueOrder {
  const number = (text: string | null | undefined) => (text == null ? null : decimal(text));
  return {
    ...order,
    orderId: clientOrderId,
    clientOrderId,
    parentOrderId: null,
    quantity: number(order.quantity),
    cashAmount: number(order.cashAmount),
    filledQuantity: null,
    averagePrice: null,
    limitPrice: number(order.limitPrice),
    stopPrice: number(order.stopPrice),
    trailAmount: number(order.trailAmount),
    trailPercent: number(order.trailPercent),
    status: "submitted",
    message: null,
  };
}

/** The same for whoever sells the same holding: one of two such orders is refused by the venue. */
function derivedId(desk: Desk, gathered: Gathered, instrumentId: string, held: Decimal): string {
  const text = JSON.stringify([accountOf(gathered.identity), instrumentId, plain(held)]);
  return desk.idPrefix + lettersOf(text).slice(0, 14);
}

/** Refuses an instrument of which an exit was sent without any record, until that is written. */
export function refuseUnjournaled(
  journal: Journal,
  { id, symbol }: Pick<Instrument, "id" | "symbol">,
  why: string,
): void {
  if (!journal.unjournaled().some((each) => each.order.instrumentId === id)) return;
  throw new TradingError(
    "unjournaled_order",
    `An exit of ${symbol} was sent of which no record is on disk yet: ${why}`,
    `Until it is written, ${symbol} takes nothing but cancels. The operator frees the disk; then any call writes it.`,
    { retryable: true, details: { outcome: "not_sent" } },
  );
}

function refusalOf(decision: Decision, cause: TradingError): TradingError {
  const [first] = decision.refusals;
  if (!first || !decision.isExit) return cause;
  return new TradingError(
    first.code ?? "refused",
    `Refused by ${first.rule}: ${first.message} (The journal cannot be written: ${cause.message})`,
    first.nextStep ?? "",
    { checks: decision.refusals, details: { outcome: "not_sent" }, retryable: true },
  );
}
