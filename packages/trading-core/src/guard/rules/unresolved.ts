import type { OrderIntent } from "../../domain/order.ts";
import { openOn } from "../../journal/ledger.ts";
import type { LedgerOrder } from "../../journal/ledger-order.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse } from "../verdict.ts";

/** While the fate of an order is unknown, its twin might be the second one (S17). */
export const unresolved: Rule = {
  name: "unresolved",
  refuses: "an entry while one on the same instrument and side is unresolved",
  exits: "the identical exit; other exits are bounded by what is held",
  codes: { unresolved_order: "An earlier order may or may not exist at the venue." },
  check({ intent, facts, isExit }) {
    const open = openOn(facts.ledger, intent.instrument.id, intent.side).filter(
      // A dispatch without an outcome is one whose process died in between, or is still at it.
      (order) => order.phase === "unresolved" || order.phase === "dispatched",
    );
    const inTheWay = open.find((order) => (isExit ? order.exit && isIdentical(intent, order) : !order.exit));
    if (!inTheWay) return pass("nothing unresolved on this instrument and side");
    return refuse(
      "unresolved_order",
      `The fate of ${inTheWay.clientOrderId} (${intent.side} ${intent.instrument.symbol}, sent ` +
        `${new Date(inTheWay.intentAt).toISOString()}) is unknown: it may exist at the venue.`,
      `Call order_status with ${inTheWay.clientOrderId}: it looks for the order at the venue. ` +
        `Until it is found there, ${isExit ? "is presumed absent, " : ""}or the operator resolves it in a terminal, no second order like it is sent.`,
      { observed: inTheWay.clientOrderId, limit: "none unresolved", retryable: true },
    );
  },
};

function isIdentical(intent: OrderIntent, order: LedgerOrder): boolean {
  const same = (one: { eq(other: string): boolean } | null, other: string | null) =>
    one === null || other === null ? one === null && other === null : one.eq(other);
  return (
    order.order.currency === intent.instrument.currency &&
    order.order.orderType === intent.orderType &&
    order.order.timeInForce === intent.timeInForce &&
    same(intent.quantity, order.order.quantity) &&
    same(intent.limitPrice, order.order.limitPrice) &&
    same(intent.stopPrice, order.order.stopPrice) &&
    same(intent.trailAmount ?? null, order.order.trailAmount ?? null) &&
    same(intent.trailPercent ?? null, order.order.trailPercent ?? null)
  );
}
