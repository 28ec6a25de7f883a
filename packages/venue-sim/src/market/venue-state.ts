import { type AccountState, applyFillToAccount, applySpotFill, openAccount } from "./account-state.ts";
import { type Big, ZERO } from "./decimal.ts";
import type { VenueEvent } from "./events.ts";
import type { Execution, Order } from "./order.ts";

export const FIRST_ORDER_ID = 1_210_386_700;

/** The venue's truth, rebuilt from its events alone. */
export interface VenueState {
  accounts: Map<string, AccountState>;
  orders: Map<number, Order>;
  /** Before-images of orders, oldest first: the venue's lists lag. */
  orderChanges: Map<number, { at: number; before: Order }[]>;
  executions: Execution[];
  nextOrderId: number;
  /** Order numbers up to here are already on disk as handed out. */
  reservedIds: number;
  executionCount: number;
  /** How often accounts were opened: each reset opens them again. */
  openings: number;
}

export function emptyState(): VenueState {
  return {
    accounts: new Map(),
    orders: new Map(),
    orderChanges: new Map(),
    executions: [],
    nextOrderId: FIRST_ORDER_ID,
    reservedIds: FIRST_ORDER_ID,
    executionCount: 0,
    openings: 0,
  };
}

export function applyEvent(state: VenueState, event: VenueEvent): void {
  switch (event.kind) {
    case "opened":
      state.accounts = new Map(event.accounts.map((opening) => [opening.id, openAccount(opening)]));
      state.orders = new Map();
      state.orderChanges = new Map();
      state.executions = [];
      state.openings += 1;
      return;
    case "ids":
      state.openings = Math.max(state.openings, event.openings ?? 0);
      state.reservedIds = Math.max(state.reservedIds, event.upTo);
      return;
    case "order":
      state.orders.set(event.order.id, { ...event.order });
      return;
    case "adjusted":
      adjust(state, event);
      return;
    default: {
      const order = state.orders.get(event.id);
      if (order !== undefined) applyToOrder(state, order, event);
    }
  }
}

type OrderEvent = Exclude<VenueEvent, { kind: "opened" | "ids" | "order" | "adjusted" }>;

function applyToOrder(state: VenueState, order: Order, event: OrderEvent): void {
  const changes = state.orderChanges.get(order.id) ?? [];
  changes.push({ at: event.at, before: { ...order } });
  state.orderChanges.set(order.id, changes);
  order.updatedAt = event.at;
  switch (event.kind) {
    case "modified":
      Object.assign(order, event.changes, { expiresAt: event.expiresAt });
      return;
    case "resized":
      order.quantity = event.quantity;
      return;
    case "triggered":
      order.triggered = true;
      return;
    case "trailed":
      order.stopPrice = event.stopPrice;
      return;
    case "cancelling":
      order.cancelRequested = true;
      return;
    case "ended":
      order.state = event.state;
      order.endReason = event.reason;
      order.finishedAt = event.at;
      return;
    case "fill":
      applyFill(state, order, event);
  }
}

function applyFill(state: VenueState, order: Order, event: Extract<VenueEvent, { kind: "fill" }>): void {
  order.filled = order.filled.plus(event.quantity);
  order.filledValue = order.filledValue.plus(event.quantity.times(event.price));
  order.commission = order.commission.plus(event.commission);
  if (event.complete) {
    order.state = "filled";
    order.finishedAt = event.at;
  }
  state.executionCount += 1;
  const account = state.accounts.get(order.account);
  if (account === undefined) return;
  const positionAfter = settle(account, order, event);
  state.executions.push({
    id: event.execution,
    orderId: order.id,
    account: order.account,
    conid: order.conid,
    side: order.side,
    quantity: event.quantity,
    price: event.price,
    commission: event.commission,
    exchange: event.exchange,
    at: event.at,
    clientOrderId: order.clientOrderId,
    positionAfter,
    ...(event.spot === undefined ? {} : { commissionAsset: event.spot.commissionAsset }),
    ...(event.maker === undefined ? {} : { maker: event.maker }),
  });
}

/** Moves what a fill moves; answers what is held of the instrument, or of the base asset, afterwards. */
function settle(account: AccountState, order: Order, event: Extract<VenueEvent, { kind: "fill" }>): Big {
  const { spot } = event;
  if (spot !== undefined) return applySpotFill(account, { ...event, side: order.side, spot });
  return applyFillToAccount(account, { ...event, conid: order.conid, side: order.side }).quantity;
}

function adjust(state: VenueState, event: Extract<VenueEvent, { kind: "adjusted" }>): void {
  const account = state.accounts.get(event.account);
  if (account === undefined) return;
  if (event.cash !== undefined) account.cash = event.cash;
  if (event.balance !== undefined) account.balances.set(event.balance.asset, event.balance.quantity);
  const position = event.position;
  if (position === undefined) return;
  if (position.quantity.eq(0)) account.positions.delete(position.conid);
  else account.positions.set(position.conid, { ...position, realizedPnl: ZERO });
}

/** An order as it stood at an instant; null when it did not exist yet. */
export function orderAsOf(state: VenueState, order: Order, instant: number): Order | null {
  if (order.acceptedAt > instant) return null;
  const changes = state.orderChanges.get(order.id) ?? [];
  return changes.find((change) => change.at > instant)?.before ?? order;
}
