import { isWhole, roundDown, ZERO } from "../market/decimal.ts";
import { isWorking } from "../market/order.ts";
import type { Gateway } from "./gateway.ts";
import { orderValue } from "./questions.ts";
import type { Ticket } from "./tickets.ts";
import { reservedCash, valuationOf } from "./valuation.ts";

const DAY = 24 * 60 * 60 * 1_000;

/** Why the venue refuses a ticket before it asks anything; null when it does not. */
export function refusalAtEntry(gateway: Gateway, ticket: Ticket): string | null {
  const { draft, instrument } = ticket;
  if (gateway.overrides.rejectOrder !== undefined) return gateway.overrides.rejectOrder;
  const duplicate = [...gateway.engine.state.orders.values()].some(
    (order) =>
      draft.clientOrderId !== null &&
      order.clientOrderId === draft.clientOrderId &&
      gateway.clock.now() - order.acceptedAt < DAY,
  );
  if (duplicate) {
    return `Order couldn't be submitted: Local order ID=${draft.clientOrderId} is already registered.`;
  }
  if (draft.cashQuantity !== null && !gateway.identity.supportsCashQuantity) {
    return "Cash quantity orders are not supported for this account";
  }
  if (draft.quantity !== null && !isWhole(draft.quantity) && !gateway.identity.supportsFractions) {
    return "Fractional orders are not supported for this account";
  }
  if (!instrument.isUS) return `No trading permission for ${instrument.exchange}.`;
  const quote = gateway.market.quote(draft.conid);
  if (
    draft.cashQuantity !== null &&
    quote !== null &&
    roundDown(draft.cashQuantity.div(quote.ask), 4).eq(0)
  ) {
    return "The cash quantity is less than the smallest part of a share";
  }
  if (draft.limitPrice !== null && quote !== null) {
    const tooFar =
      draft.side === "BUY"
        ? draft.limitPrice.gt(quote.ask.times("1.5"))
        : draft.limitPrice.lt(quote.bid.times("0.5"));
    if (tooFar) {
      return `We cannot accept an order at the limit price you selected. Please submit your order using a limit price that is closer to the current market price of ${quote.last.toFixed(2)}.`;
    }
  }
  return null;
}

/** Why the venue refuses a confirmed ticket for lack of money or shares; null when it does not. */
export function refusalAtSubmit(gateway: Gateway, ticket: Ticket): string | null {
  const { draft } = ticket;
  // A bracket's children close what their parent opens.
  if (ticket.parentReference !== null) return null;
  const account = gateway.engine.state.accounts.get(draft.account);
  if (account === undefined) return "invalid account id";
  const held = account.positions.get(draft.conid)?.quantity ?? ZERO;
  const size = draft.quantity ?? ZERO;
  const value = valuationOf(gateway, draft.account);
  if (draft.side === "SELL") {
    if (!account.margin && size.gt(held.minus(workingSells(gateway, ticket)))) {
      return "The order would open a short position, which this account may not hold.";
    }
    if (held.gte(size)) return null;
  } else if (held.lt(0) && size.lte(held.abs())) {
    return null;
  }
  const needed = account.margin ? orderValue(gateway, ticket).times("0.25") : orderValue(gateway, ticket);
  const reserved = reservedCash(gateway, draft.account).times(account.margin ? "0.25" : "1");
  const available = value.availableFunds.minus(reserved);
  if (needed.gt(available)) {
    return `The Available Funds are insufficient. Available converted to base: ${available.toFixed(2)} ${account.currency} Cash needed: ${needed.toFixed(2)} ${account.currency}`;
  }
  return null;
}

function workingSells(gateway: Gateway, ticket: Ticket) {
  let total = ZERO;
  for (const order of gateway.engine.state.orders.values()) {
    if (!isWorking(order) || order.side !== "SELL" || order.account !== ticket.draft.account) continue;
    if (order.conid === ticket.draft.conid) total = total.plus((order.quantity ?? ZERO).minus(order.filled));
  }
  return total;
}
