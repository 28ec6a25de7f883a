import { messageOf, TradingError } from "../domain/errors.ts";
import { type Decimal, decimal, max, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderStatus, type VenueOrder } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import { filledQuantity, type LedgerOrder } from "../journal/ledger-order.ts";
import { cancelJournaled } from "./cancel-order.ts";
import type { Desk } from "./desk.ts";
import { refresh } from "./orders.ts";

/** How long the cancelled orders have to reach a terminal status before the plan is given up. */
const CANCEL_WAIT_MS = 10_000;
const POLL_MS = 500;

/** A protective order that is over at the venue, whether or not the journal could be told of it. */
export interface Gone {
  own: LedgerOrder;
  status: OrderStatus;
  /** Shares or units, in all. */
  filled: Decimal;
}

/**
 * Cancels the orders one by one and waits for the venue's terminal status of each. What is over is put into
 * `gone` at once, so that a failure half way tells what has to be placed again. The switch is looked at
 * before each cancel: a halt leaves standing what stands.
 */
export async function cancelAll(
  desk: Desk,
  journal: Journal,
  orders: LedgerOrder[],
  gone: Gone[],
): Promise<void> {
  const deadline = desk.clock.monotonic() + CANCEL_WAIT_MS;
  for (const own of orders) {
    const { orderId } = own;
    if (orderId === null) continue;
    refuseWhenHalted(desk, own);
    const { outcome } = await cancelJournaled(desk, journal, orderId, own);
    let end = endOf(own, outcome.kind === "done" ? outcome.order : null);
    while (end === null && desk.clock.monotonic() < deadline) {
      await desk.clock.sleep(POLL_MS);
      end = await lookForEnd(desk, journal, own, orderId);
    }
    if (end === null) {
      const why = "reason" in outcome ? outcome.reason : "the venue did not confirm it";
      throw new TradingError(
        "cancel_not_confirmed",
        `Order ${orderId} could not be cancelled within ${CANCEL_WAIT_MS / 1000} s: ${why}.`,
        `Nothing was sold. Look at order_status of ${orderId}, then try again.`,
        { retryable: true },
      );
    }
    gone.push(end);
  }
}

/** Waits for the ends of orders whose cancel another process had asked for; those that did not end in time. */
export async function waitForEnds(
  desk: Desk,
  journal: Journal,
  orders: LedgerOrder[],
): Promise<LedgerOrder[]> {
  const deadline = desk.clock.monotonic() + CANCEL_WAIT_MS;
  const open = () => orders.filter((own) => own.phase !== "done");
  while (open().length > 0 && desk.clock.monotonic() < deadline) {
    await desk.clock.sleep(POLL_MS);
    for (const own of open()) await refresh(desk, journal, own);
  }
  return open();
}

/** What a protective order had still to fill when it ended; nothing of one that works or was filled. */
export function cancelledRest(own: LedgerOrder, gone: Gone[]): Decimal {
  const { status, filled } = gone.find((each) => each.own === own) ?? { ...own, filled: filledQuantity(own) };
  if (!isTerminal(status) || status === "filled" || own.order.quantity === null) return ZERO;
  return max(ZERO, decimal(own.order.quantity).minus(filled));
}

function refuseWhenHalted(desk: Desk, own: LedgerOrder): void {
  const { state, reason } = desk.tradingState.read();
  if (state !== "HALTED") return;
  throw new TradingError(
    "trading_halted",
    `Trading was halted (${reason}) before ${own.orderId} was cancelled: it stands, and nothing was sold.`,
    "Only the operator can resume trading, in a terminal.",
    { details: { outcome: "not_sent" } },
  );
}

function endOf(own: LedgerOrder, seen: VenueOrder | null): Gone | null {
  if (own.phase === "done") return { own, status: own.status, filled: filledQuantity(own) };
  if (seen === null || !isTerminal(seen.status)) return null;
  return { own, status: seen.status, filled: max(filledQuantity(own), seen.filledQuantity ?? ZERO) };
}

async function lookForEnd(
  desk: Desk,
  journal: Journal,
  own: LedgerOrder,
  orderId: string,
): Promise<Gone | null> {
  try {
    await refresh(desk, journal, own);
    return endOf(own, null);
  } catch (error) {
    // Serves the exit: what the journal cannot be told (S23) is true all the same, and asked for again.
    desk.log.error({ orderId, error: messageOf(error) }, "what became of a cancel could not be journaled");
  }
  const seen = await desk.broker.order(orderId).catch(() => null);
  return endOf(own, seen);
}
