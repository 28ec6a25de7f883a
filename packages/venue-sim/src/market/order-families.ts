import { type Big, minOf, ZERO } from "./decimal.ts";
import { isWorking, type Order } from "./order.ts";
import type { VenueRules } from "./venue-rules.ts";
import type { VenueState } from "./venue-state.ts";

function parentFilled(state: VenueState, order: Order): Big | null {
  return order.parentId === null ? null : (state.orders.get(order.parentId)?.filled ?? null);
}

/** Orders that wait, or waited, for this one. */
export function childrenOf(state: VenueState, id: number): Order[] {
  return [...state.orders.values()].filter((order) => order.parentId === id);
}

/** The other working orders of an order's group. */
export function siblingsOf(state: VenueState, order: Order): Order[] {
  if (order.group === null) return [];
  return [...state.orders.values()].filter(
    (other) =>
      other.group === order.group &&
      other.id !== order.id &&
      other.account === order.account &&
      isWorking(other),
  );
}

/** Whether a child still waits for its parent. */
export function isWaiting(state: VenueState, rules: VenueRules, order: Order): boolean {
  if (order.parentId === null) return false;
  if (rules.childrenWaitFor === "first fill") return parentFilled(state, order)?.eq(0) ?? false;
  return state.orders.get(order.parentId)?.state !== "filled";
}

/** How much a working order may still fill now; null means its own size only. */
export function ceilingOf(state: VenueState, order: Order): Big | null {
  const scenario = order.fillCeiling === null ? null : order.fillCeiling.minus(order.filled);
  const opened = parentFilled(state, order);
  if (opened === null || order.parentId === null) return scenario;
  // What the parent opened, its children close once, whichever of them does it.
  const closed = childrenOf(state, order.parentId).reduce((sum, child) => sum.plus(child.filled), ZERO);
  const open = opened.minus(closed);
  return scenario === null ? open : minOf(scenario, open);
}
