import { type Fill, isTerminal, type VenueOrder } from "../domain/order.ts";
import type { Reading } from "../domain/reading.ts";

const OUR_FORM = /^[a-z0-9]{18}$/;

/**
 * S25: client order ids in our form that begin with another state folder's four characters, of orders that
 * work and of those that were filled today. Another server writes another journal on this account.
 *
 * @param working orders of others that work now, those of an earlier reading included
 * @param orders the venue's list: what it holds and is done, was done in this session
 */
export function otherWriters(
  prefix: string,
  working: readonly VenueOrder[],
  orders: Reading<VenueOrder[]>,
  fills: Reading<Fill[]>,
  onDay: (at: number) => boolean,
): string[] {
  const listed = orders.kind === "read" ? orders.value : [];
  const filled = listed.filter((order) => !isTerminal(order.status) || order.filledQuantity?.gt(0));
  const executed = fills.kind === "read" ? fills.value.filter((fill) => onDay(fill.executedAt)) : [];
  const ids = [...working, ...filled, ...executed].map((each) => each.clientOrderId);
  return [...new Set(ids)].filter(
    (id) => id !== null && OUR_FORM.test(id) && !id.startsWith(prefix),
  ) as string[];
}
