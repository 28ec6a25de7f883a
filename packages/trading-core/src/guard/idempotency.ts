import { messageOf, TradingError } from "../domain/errors.ts";
import { isProvenUnsent, type KeyUse } from "../journal/idempotency-keys.ts";
import type { Journal } from "../journal/journal.ts";
import { filledQuantity, isPresumedAbsent, type LedgerOrder } from "../journal/ledger-order.ts";
import type { CloseRequest, JournaledOrder } from "../journal/record.ts";
import { writerState } from "../journal/writer.ts";
import { describeAbsence } from "./absent-exits.ts";
import type { OrderAnswer } from "./answers.ts";
import { describeOwn } from "./describe.ts";
import type { Desk } from "./desk.ts";
import { failureOf } from "./dispatch.ts";
import { refresh } from "./orders.ts";

const KEY = /^[A-Za-z0-9._:-]{1,64}$/;

/** Refuses a key that could not be told from another one in a log or a file. */
export function checkKey(key: string | null | undefined): void {
  if (key == null || KEY.test(key)) return;
  throw new TradingError(
    "invalid_idempotency_key",
    "The idempotency_key is not 1 to 64 letters, digits or . _ : -.",
    "Nothing was sent. Give a key of that form, or none.",
  );
}

/** What a call asks for, as far as a key is compared by it. */
export type Asked =
  | { order: JournaledOrder; closes: null }
  /** A close is the same by what was asked: what is held, and with it the size, may have changed since. */
  | { order: Pick<JournaledOrder, "instrumentId">; closes: CloseRequest };

/** Refuses a key that already stands for something else than this call asks for. */
export function refuseOtherUse(use: KeyUse, asked: Asked): void {
  if (isSameRequest(use, asked)) return;
  throw new TradingError(
    "idempotency_key_reused",
    `This idempotency_key already stands for another order: ${describeUse(use)}.`,
    "Nothing was sent. Repeat the first call exactly to see how it stands, or give this order a key of its own.",
    { details: { outcome: "not_sent", ...idsOf(use) } },
  );
}

function isSameRequest(use: KeyUse, asked: Asked): boolean {
  const first = use.kind === "plan" ? use.plan : { ...use.order, ...use.order.order };
  if (asked.closes !== null) {
    return (
      first.instrumentId === asked.order.instrumentId && first.closes?.quantity === asked.closes.quantity
    );
  }
  if (use.kind === "plan" || first.closes !== null) return false;
  return SAME.every((name) => use.order.order[name] === asked.order[name]);
}

/** Numbers are plain text in both, without needless digits, and prices are on the venue's ticks. */
const SAME = [
  "instrumentId",
  // All pairs of one coin are one instrument: what it is priced in tells them apart.
  "currency",
  "side",
  "orderType",
  "quantity",
  "cashAmount",
  "limitPrice",
  "stopPrice",
  "trailAmount",
  "trailPercent",
  "takeProfit",
  "stopLoss",
  "timeInForce",
] as const satisfies readonly (keyof JournaledOrder)[];

function describeUse(use: KeyUse): string {
  if (use.kind === "plan") {
    return `close_position ${use.plan.symbol} of ${new Date(use.plan.openedAt).toISOString()}`;
  }
  const { order, closes, intentAt, clientOrderId, orderId } = use.order;
  const size = order.quantity ?? `${order.cashAmount} ${order.currency} of`;
  const prices = [
    order.limitPrice === null ? "" : ` limit ${order.limitPrice}`,
    order.stopPrice === null ? "" : ` stop ${order.stopPrice}`,
    order.trailAmount === undefined ? "" : ` trailing by ${order.trailAmount}`,
    order.trailPercent === undefined ? "" : ` trailing by ${order.trailPercent} %`,
    order.takeProfit === undefined ? "" : ` bracket ${order.takeProfit}/${order.stopLoss}`,
  ].join("");
  const call = closes === null ? "" : "close_position, sent as ";
  return `${call}${order.side} ${size} ${order.symbol} ${order.orderType}${prices} ${order.timeInForce}, order ${orderId ?? clientOrderId} of ${new Date(intentAt).toISOString()}`;
}

function idsOf(use: KeyUse): Record<string, unknown> {
  if (use.kind === "plan") return { plan_id: use.plan.planId };
  return { first_client_order_id: use.order.clientOrderId, first_order_id: use.order.orderId };
}

/**
 * How the order that a key stands for is doing now. Sends nothing. Null when it turned out never to have
 * left: then the key is free, and the call is judged afresh.
 */
export async function replayOrder(
  desk: Desk,
  journal: Journal,
  own: LedgerOrder,
): Promise<OrderAnswer | null> {
  await waitWhile(desk, journal, own.writer, () => own.phase === "intended" || own.phase === "dispatched");
  if (own.phase !== "done") await lookAgain(desk, journal, own);
  if (isProvenUnsent(own)) return null;
  const failure = failureNow(own);
  if (failure) throw failure;
  return describeOwn(desk, own, { message: replayMessage(own), replayed: true, ledger: journal.ledger });
}

/** How long a repeated call waits while the first one is still at work. */
const IN_FLIGHT_MS = 10_000;
const PAUSE_MS = 200;

/** Waits while what the first call does is unfinished and its process lives; a dead one will not finish. */
export async function waitWhile(
  desk: Desk,
  journal: Journal,
  writer: LedgerOrder["writer"],
  unfinished: () => boolean,
): Promise<void> {
  const deadline = desk.clock.monotonic() + IN_FLIGHT_MS;
  while (
    unfinished() &&
    desk.clock.monotonic() < deadline &&
    writerState(journal.folder, writer) === "alive"
  ) {
    await desk.clock.sleep(PAUSE_MS);
    journal.catchUp();
  }
}

/** Reads an order from the venue for a repeated call. */
export async function lookAgain(desk: Desk, journal: Journal, own: LedgerOrder): Promise<void> {
  try {
    await refresh(desk, journal, own);
  } catch (error) {
    // Serves both: nothing is sent either way, and the order is told as it was known last.
    desk.log.warn(
      { clientOrderId: own.clientOrderId, error: messageOf(error) },
      "an order could not be read for a repeated call",
    );
  }
}

/** The failure that an order's fate is told as, as its first call would be; null where there is an order. */
export function failureNow(own: LedgerOrder): TradingError | null {
  const about = {
    clientOrderId: own.clientOrderId,
    side: own.order.side,
    instrument: { symbol: own.order.symbol },
  };
  const reason = own.outcome?.reason ?? "no answer is on record";
  if (own.phase === "unresolved" || own.phase === "dispatched") {
    const unknown = failureOf({ kind: "unknown", reason, exchanges: [] }, about);
    return isPresumedAbsent(own) ? presumedAbsent(own, unknown) : asReplay(unknown);
  }
  if (own.phase === "done" && own.status === "rejected" && filledQuantity(own).eq(0)) {
    const rejected = failureOf({ kind: "rejected", reason, exchanges: [] }, about);
    return asReplay(rejected, "No order exists. A new attempt needs a new idempotency_key.");
  }
  return null;
}

/** S15: the key stays with the order that got lost, which may still be found; its owner is told what is possible. */
function presumedAbsent(own: LedgerOrder, unknown: TradingError): TradingError {
  const told = new TradingError(
    "outcome_unknown",
    `${unknown.message} ${describeAbsence(own)}`,
    unknown.nextStep,
    {
      details: { ...unknown.details, presumed_absent: true },
      cause: unknown,
    },
  );
  return asReplay(
    told,
    "This call sent nothing, and under this idempotency_key nothing will be sent. If the exit is still wanted, " +
      "make the same call with a new idempotency_key.",
  );
}

/** Says that this call sent nothing and tells what an earlier one came to. */
export function asReplay(error: TradingError, nextStep = error.nextStep): TradingError {
  return new TradingError(error.code, error.message, nextStep, {
    retryable: error.retryable,
    checks: error.checks ?? undefined,
    details: { ...error.details, replayed: true },
    cause: error,
  });
}

function replayMessage(own: LedgerOrder): string {
  const at = new Date(own.intentAt).toISOString();
  if (own.phase === "intended") {
    return `An earlier call with this idempotency_key is about to send this order (${at}); look at order_status. This call sent nothing.`;
  }
  return `This is the order that the same call placed at ${at}; this call sent nothing. Another order needs another idempotency_key.`;
}
