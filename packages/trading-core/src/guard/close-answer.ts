import { TradingError } from "../domain/errors.ts";
import type { Instrument } from "../domain/instrument.ts";
import { plain } from "../domain/money.ts";
import { isTerminal } from "../domain/order.ts";
import type { CloseAnswer, OrderAnswer } from "./answers.ts";

/** The failure of a close, with what became of the position's protection. */
export function withPlan(
  error: TradingError,
  cancelled: string[],
  restored: OrderAnswer[],
  unprotected: boolean,
): TradingError {
  const words = [
    cancelled.length === 0 ? "" : `Cancelled before: ${cancelled.join(", ")}.`,
    restored.length === 0
      ? ""
      : `Placed again: ${restored.map((each) => each.orderId ?? each.clientOrderId).join(", ")}.`,
    unprotected
      ? "THE POSITION HAS NO PROTECTIVE ORDER NOW: place a stop_order once its state is clear."
      : "",
  ];
  return new TradingError(error.code, [error.message, ...words].filter(Boolean).join(" "), error.nextStep, {
    retryable: error.retryable,
    checks: error.checks ?? undefined,
    details: {
      ...error.details,
      cancelled,
      restored: restored.map((each) => each.orderId ?? each.clientOrderId),
      unprotected,
    },
    cause: error,
  });
}

export function closed(
  cancelled: string[],
  order: OrderAnswer | null,
  restored: OrderAnswer[],
  unprotected: boolean,
  message: string,
  replayed = false,
): CloseAnswer {
  return { cancelled, order, restored, unprotected, replayed, message };
}

export function soldMessage(order: OrderAnswer): string {
  if (order.dryRun) return order.message ?? "Dry run: nothing was sent.";
  return `Sent ${order.side} ${order.quantity === null ? "" : plain(order.quantity)} ${order.symbol} to close; confirm it with wait_for_fill.`;
}

export function endMessage(
  instrument: Pick<Instrument, "symbol">,
  order: OrderAnswer | null,
  unprotected: boolean,
): string {
  const bare = unprotected ? " A PROTECTIVE ORDER COULD NOT BE PLACED AGAIN: look at open_orders." : "";
  if (order === null) {
    return `Nothing of ${instrument.symbol} is left to close: a protective order was filled while it was being cancelled.${bare}`;
  }
  if (isTerminal(order.status) && order.status !== "filled") {
    return `The order to close ${instrument.symbol} ended ${order.status}; what is still held is protected as before.${bare}`;
  }
  return `${soldMessage(order)}${bare}`;
}
