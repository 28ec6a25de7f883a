import { childLegs } from "../domain/bracket.ts";
import type { OrderIntent } from "../domain/order.ts";
import type { Outcome } from "../domain/outcome.ts";

/**
 * What the outcome of a whole request proves about each of a bracket's exits; empty for an order that stands
 * alone. What is refused or not sent is so for all three. An acknowledgement proves the entry alone: its
 * rows do not say which exit is which, and half a bracket has been seen to land (H7), so each exit is looked
 * at before anybody is told.
 */
export function exitOutcomes(
  intent: OrderIntent,
  outcome: Outcome,
): { clientOrderId: string; outcome: Outcome }[] {
  return childLegs(intent).map(({ role, intent: { clientOrderId } }) => {
    if (outcome.kind !== "acknowledged") return { clientOrderId, outcome };
    const reason = `the venue's answer is about the bracket's entry, and does not name its ${role}`;
    return { clientOrderId, outcome: { kind: "unknown", reason, exchanges: [] } };
  });
}
