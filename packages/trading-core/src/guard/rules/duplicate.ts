import { type Decimal, decimal } from "../../domain/money.ts";
import type { OrderIntent } from "../../domain/order.ts";
import { countedQuantity, type LedgerOrder } from "../../journal/ledger-order.ts";
import type { Policy } from "../policy.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** The same order twice within the window is a retry that nobody meant to be a second order. */
export const duplicate: Rule = {
  name: "duplicate",
  refuses: "the same order again within DUPLICATE_WINDOW_SECONDS",
  exits: "same",
  codes: { duplicate_order: "The same order was sent a moment ago." },
  check({ intent, facts, policy }) {
    if (policy.duplicateWindowMs === 0) return skip("DUPLICATE_WINDOW_SECONDS is 0");
    const window = `${policy.duplicateWindowMs / 1000} s`;
    for (const earlier of facts.ledger.ordersOf(intent.instrument.id, facts.now - policy.duplicateWindowMs)) {
      // An order from the future is one that was placed before the clock jumped back.
      const age = Math.max(0, facts.now - earlier.intentAt);
      if (age >= policy.duplicateWindowMs || movedNoMoney(earlier) || !isSame(intent, earlier, policy))
        continue;
      return refuse(
        "duplicate_order",
        `The same order was sent ${(age / 1000).toFixed(1)} s ago (${earlier.orderId ?? earlier.clientOrderId}, ${earlier.status}).`,
        `Look at order_status of ${earlier.orderId ?? earlier.clientOrderId}. If a second one is meant, wait ${window}.`,
        { observed: `${(age / 1000).toFixed(1)} s`, limit: window, retryable: true },
      );
    }
    return pass(`no such order within ${window}`);
  },
};

/** Proven to have done nothing: a corrected retry is not held up by it. */
function movedNoMoney(order: LedgerOrder): boolean {
  return order.phase === "done" && countedQuantity(order).eq(0);
}

function isSame(intent: OrderIntent, earlier: LedgerOrder, policy: Policy): boolean {
  const other = earlier.order;
  return (
    // All pairs of one coin are one instrument: what it is priced in tells them apart.
    other.currency === intent.instrument.currency &&
    other.side === intent.side &&
    other.orderType === intent.orderType &&
    other.timeInForce === intent.timeInForce &&
    sameSize(intent.quantity, other.quantity) &&
    sameSize(intent.cashAmount, other.cashAmount) &&
    near(intent.limitPrice, other.limitPrice, policy) &&
    near(intent.stopPrice, other.stopPrice, policy) &&
    near(intent.trailAmount ?? null, other.trailAmount ?? null, policy) &&
    near(intent.trailPercent ?? null, other.trailPercent ?? null, policy) &&
    near(intent.exits?.takeProfit ?? null, other.takeProfit ?? null, policy) &&
    near(intent.exits?.stopLoss ?? null, other.stopLoss ?? null, policy)
  );
}

function sameSize(size: Decimal | null, other: string | null): boolean {
  return size === null || other === null ? size === null && other === null : size.eq(decimal(other));
}

/** Prices within the collar are the same order: a re-quote by a cent is no new idea. */
function near(price: Decimal | null, other: string | null, policy: Policy): boolean {
  if (price === null || other === null) return price === null && other === null;
  const collar = decimal(other).times(policy.maxPriceDeviationPercent).div(100);
  return price.minus(decimal(other)).abs().lte(collar);
}
