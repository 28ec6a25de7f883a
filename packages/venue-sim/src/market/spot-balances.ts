import { Big, maxOf, ZERO } from "./decimal.ts";
import { isWorking, type Order } from "./order.ts";
import { pairOf } from "./spot-pairs.ts";
import type { VenueState } from "./venue-state.ts";

/** What an account owns of an asset, and how much of that its working orders hold. */
export interface SpotBalance {
  asset: string;
  total: Big;
  locked: Big;
  free: Big;
}

/**
 * Locks are no state of their own: they are what the working orders may still need, so that no crash can
 * leave one behind. Orders of one group lock once, since only one of them can fill.
 * @param feeInQuote the share of a buy's value that is locked for its commission on top
 */
export function lockedBalances(
  state: VenueState,
  account: string,
  feeInQuote: Big,
  except?: Order,
): Map<string, Big> {
  const locked = new Map<string, Big>();
  const groups = new Map<string, { asset: string; amount: Big }>();
  for (const order of state.orders.values()) {
    if (order.account !== account || order === except || !isWorking(order)) continue;
    if (isPending(state, order)) continue;
    const lock = lockOf(order, feeInQuote);
    const key = order.group === null ? `order ${order.id}` : `group ${order.group}`;
    const before = groups.get(key)?.amount ?? ZERO;
    groups.set(key, { asset: lock.asset, amount: maxOf(before, lock.amount) });
  }
  for (const { asset, amount } of groups.values()) {
    locked.set(asset, (locked.get(asset) ?? ZERO).plus(amount));
  }
  return locked;
}

/** Whether an order waits for its parent, and holds nothing until then. */
export function isPending(state: VenueState, order: Order): boolean {
  if (order.parentId === null) return false;
  return state.orders.get(order.parentId)?.state !== "filled";
}

/** What an order takes away from the free balance. */
export function lockOf(order: Order, feeInQuote: Big): { asset: string; amount: Big } {
  const { base, quote } = pairOf(order.conid);
  const left = order.quantity === null ? ZERO : order.quantity.minus(order.filled);
  if (order.side === "SELL") return { asset: base, amount: left };
  const spending =
    order.cashQuantity === null
      ? left.times(order.limitPrice ?? order.stopPrice ?? ZERO)
      : order.cashQuantity.minus(order.filledValue);
  return { asset: quote, amount: spending.times(feeInQuote.plus(1)) };
}

/** All assets that the account has ever owned, by name. */
export function spotBalances(state: VenueState, account: string, feeInQuote: Big): SpotBalance[] {
  const locked = lockedBalances(state, account, feeInQuote);
  const owned = state.accounts.get(account)?.balances ?? new Map<string, Big>();
  return [...owned]
    .map(([asset, total]) => {
      const held = locked.get(asset) ?? ZERO;
      return { asset, total, locked: held, free: total.minus(held) };
    })
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

/** What an account may use of an asset; an order's own lock can be left out. */
export function freeBalance(
  state: VenueState,
  account: string,
  asset: string,
  feeInQuote: Big,
  except?: Order,
): Big {
  const total = state.accounts.get(account)?.balances.get(asset) ?? new Big(0);
  return total.minus(lockedBalances(state, account, feeInQuote, except).get(asset) ?? ZERO);
}
