import { TradingError } from "../domain/errors.ts";
import type { OrderIntent } from "../domain/order.ts";
import type { PreparedOrder } from "../ports/broker.ts";
import type { Desk } from "./desk.ts";

/**
 * Builds the request, and refuses one that names another account than the verified one: the venue's login
 * may change after the identity was read, and the adapter follows it.
 */
export function prepareForAccount(desk: Desk, intent: OrderIntent): PreparedOrder {
  if (intent.exits && desk.broker.takesBrackets !== true) throw noBrackets(desk);
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

function noBrackets({ policy }: Desk): TradingError {
  return new TradingError(
    "not_supported",
    `Brackets are not placed on ${policy.venue}: it does not take the three orders as one.`,
    "Nothing was sent. Open the position with buy, wait for the fill, then protect it with stop_order.",
    { details: { outcome: "not_sent" } },
  );
}
