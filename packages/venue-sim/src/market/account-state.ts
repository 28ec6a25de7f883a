import { Big, minOf, ZERO } from "./decimal.ts";
import type { OpeningAccount, SpotSettlement } from "./events.ts";
import type { Side } from "./order.ts";

export interface Position {
  conid: number;
  /** Negative when short. */
  quantity: Big;
  /** Per share, commissions included. */
  averageCost: Big;
  realizedPnl: Big;
}

/** Before-images, so that a reader can be shown the past: the venue's own caches lag. */
interface PositionChange {
  at: number;
  conid: number;
  before: Position | null;
}

export interface AccountState {
  id: string;
  currency: string;
  margin: boolean;
  isPaper: boolean;
  cash: Big;
  positions: Map<number, Position>;
  positionChanges: PositionChange[];
  cashChanges: { at: number; before: Big }[];
  /** On a spot exchange: what it owns of each asset, locked or not. */
  balances: Map<string, Big>;
}

export function openAccount(opening: OpeningAccount): AccountState {
  const positions = opening.positions.map((position) => ({ ...position, realizedPnl: ZERO }));
  return {
    id: opening.id,
    currency: opening.currency,
    margin: opening.margin,
    isPaper: opening.isPaper,
    cash: opening.cash,
    positions: new Map(positions.map((position) => [position.conid, position])),
    positionChanges: [],
    cashChanges: [],
    balances: new Map((opening.balances ?? []).map(({ asset, quantity }) => [asset, quantity])),
  };
}

/** A position after a fill of `quantity` (always positive) at `price`, the commission in its cost. */
export function positionAfterFill(
  before: Position | null,
  fill: { conid: number; side: Side; quantity: Big; price: Big; commission: Big },
): Position {
  const held = before?.quantity ?? ZERO;
  const cost = before?.averageCost ?? ZERO;
  const realizedBefore = before?.realizedPnl ?? ZERO;
  const direction = fill.side === "BUY" ? 1 : -1;
  const signed = fill.quantity.times(direction);
  const after = held.plus(signed);
  const adds = held.eq(0) || held.gt(0) === signed.gt(0);
  const perShare = fill.commission.div(fill.quantity).times(direction);
  if (adds) {
    const value = held.times(cost).plus(signed.times(fill.price.plus(perShare)));
    return { conid: fill.conid, quantity: after, averageCost: value.div(after), realizedPnl: realizedBefore };
  }
  const closed = minOf(held.abs(), fill.quantity);
  const gain = fill.price
    .minus(cost)
    .times(closed)
    .times(held.gt(0) ? 1 : -1);
  const crossed = !after.eq(0) && after.gt(0) !== held.gt(0);
  return {
    conid: fill.conid,
    quantity: after,
    averageCost: after.eq(0) ? ZERO : crossed ? fill.price.plus(perShare) : cost,
    realizedPnl: realizedBefore.plus(gain).minus(fill.commission),
  };
}

export function applyFillToAccount(
  account: AccountState,
  fill: { at: number; conid: number; side: Side; quantity: Big; price: Big; commission: Big },
): Position {
  const before = account.positions.get(fill.conid) ?? null;
  account.positionChanges.push({ at: fill.at, conid: fill.conid, before });
  account.cashChanges.push({ at: fill.at, before: account.cash });
  const after = positionAfterFill(before, fill);
  account.positions.set(fill.conid, after);
  const value = fill.quantity.times(fill.price);
  account.cash = (fill.side === "BUY" ? account.cash.minus(value) : account.cash.plus(value)).minus(
    fill.commission,
  );
  return after;
}

/** Exchanges one asset for the other and takes the commission; answers what is owned of the base then. */
export function applySpotFill(
  account: AccountState,
  fill: { side: Side; quantity: Big; price: Big; commission: Big; spot: SpotSettlement },
): Big {
  const { base, quote, commissionAsset } = fill.spot;
  const direction = fill.side === "BUY" ? 1 : -1;
  const add = (asset: string, amount: Big) =>
    account.balances.set(asset, (account.balances.get(asset) ?? ZERO).plus(amount));
  add(base, fill.quantity.times(direction));
  add(quote, fill.quantity.times(fill.price).times(-direction));
  add(commissionAsset, fill.commission.times(-1));
  return account.balances.get(base) ?? ZERO;
}

/** The positions as they stood at an instant, zero rows of later closes included. */
export function positionsAsOf(account: AccountState, instant: number): Position[] {
  const past = new Map<number, Position | null>(account.positions);
  for (let i = account.positionChanges.length - 1; i >= 0; i -= 1) {
    const change = account.positionChanges[i];
    if (change === undefined || change.at <= instant) break;
    past.set(change.conid, change.before);
  }
  return [...past.values()].filter((position) => position !== null);
}

export function cashAsOf(account: AccountState, instant: number): Big {
  return account.cashChanges.find((change) => change.at > instant)?.before ?? account.cash;
}

/** When this contract's position last changed; 0 when it never did. */
export function lastChangeOf(account: AccountState, conid: number): number {
  return account.positionChanges.findLast((change) => change.conid === conid)?.at ?? 0;
}

export function quantityHeld(account: AccountState, conid: number): Big {
  return account.positions.get(conid)?.quantity ?? new Big(0);
}
