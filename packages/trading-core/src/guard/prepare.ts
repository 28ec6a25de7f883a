import { TradingError } from "../domain/errors.ts";
import type { OrderIntent } from "../domain/order.ts";
import type { PreparedOrder } from "../ports/broker.ts";
import type { Desk } from "./desk.ts";

/**
 * Builds the request, and refuses one that names another account than the verified one: the venue's login
 * may change after the identity was read, and the adapter follows it.
 */
export function prepareForAccount(desk: Desk, intent: OrderIntent): PreparedOrder {
  const prepared = desk.broker.prepare(intent);
  const verified = desk.bound?.identity.accountId ?? null;
  const addressed = prepared.accountId ?? verified;
  if (verified === null || addressed === verified) return prepared;
  throw new TradingError(
    "account_changed",
    `This server works for ${verified} since it was started; the order would have gone to ${addressed}.`,
    "Nothing was sent. Restart the server if the change of account is meant.",
    { details: { outcome: "not_sent" } },
  );
}
