import { AsyncLocalStorage } from "node:async_hooks";
import { asNotSent, TradingError } from "../domain/errors.ts";

/**
 * One call of the guard that may send something. AsyncLocalStorage, because an order and its plan pass many
 * hands, and only the gate right before the first byte knows that something leaves.
 */
const current = new AsyncLocalStorage<{ left: boolean }>();

/** The next thing is the first byte: from here on a failure of this call proves nothing by itself. */
export function noteSent(): void {
  const call = current.getStore();
  if (call) call.left = true;
}

/**
 * Runs a call, and lets a failure of it that came before anything left say so (`details.outcome` is
 * `not_sent`): a login that is missing, a read that timed out, a key that stands for another order.
 */
export async function tellingNotSent<T>(work: () => Promise<T>): Promise<T> {
  const call = { left: false };
  try {
    return await current.run(call, work);
  } catch (error) {
    // Serves both: the failure stays what it was, with what is proven about the order.
    throw error instanceof TradingError && !call.left ? asNotSent(error) : error;
  }
}
