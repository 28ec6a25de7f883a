import type { Clock } from "./clock.ts";
import { type Big, minOf, ZERO } from "./decimal.ts";
import type { EventLog } from "./event-log.ts";
import type { AssetBalance, OpeningAccount, OrderChanges, VenueEvent } from "./events.ts";
import type { TradingCalendar } from "./hours.ts";
import type { Market } from "./market.ts";
import { isSpent, isTouched, takesFrom, trailedStop } from "./matching.ts";
import { hasTrigger, isWorking, type Order, type OrderDraft } from "./order.ts";
import { ceilingOf, childrenOf, isWaiting, siblingsOf } from "./order-families.ts";
import { STOCK_RULES, type VenueRules } from "./venue-rules.ts";
import { applyEvent, type VenueState } from "./venue-state.ts";

/** Takes orders, matches them on every tick, and keeps what happened in the log. */
export interface Engine {
  readonly state: VenueState;
  /** An order number nobody has had, even before a restart. */
  nextOrderId(): number;
  /** Accepts orders; on return they are on disk. */
  submit(entries: { id: number; draft: OrderDraft }[]): Order[];
  modify(id: number, changes: OrderChanges): void;
  /** Asks for a cancel, which the next tick carries out unless a fill comes first. */
  requestCancel(id: number): void;
  /** Puts cash or a holding where a scenario wants it. */
  adjust(
    account: string,
    change: { cash?: Big; position?: OpeningAccount["positions"][number]; balance?: AssetBalance },
  ): void;
  reject(id: number, reason: string): void;
  tick(): void;
  /** Forgets orders and fills and opens the accounts anew. */
  reset(accounts: OpeningAccount[]): void;
  /** Whether the order waits: for its parent, for the session, or for its stop. */
  isHeld(order: Order): boolean;
  dayEnd(order: Pick<OrderDraft, "timeInForce" | "outsideRegularHours">): number;
}

const ID_BLOCK = 1_000;

export function createEngine(parts: {
  clock: Clock;
  market: Market;
  calendar: () => TradingCalendar;
  state: VenueState;
  log: EventLog;
  /** How orders live at this kind of venue; as shares do unless told. */
  rules?: VenueRules;
}): Engine {
  const { clock, market, state, log, rules = STOCK_RULES } = parts;
  // What was handed out and not written down may have been anything below the reserved number.
  state.nextOrderId = Math.max(state.nextOrderId, state.reservedIds);

  function record(event: VenueEvent): void {
    log.write(event);
    applyEvent(state, event);
  }

  function nextOrderId(): number {
    if (state.nextOrderId >= state.reservedIds) {
      record({ kind: "ids", upTo: state.nextOrderId + ID_BLOCK });
      log.flush();
    }
    const id = state.nextOrderId;
    state.nextOrderId += 1;
    return id;
  }

  function dayEnd(order: Pick<OrderDraft, "timeInForce" | "outsideRegularHours">): number {
    return order.timeInForce === "GTC"
      ? rules.goodTillCancelledEnd(clock.now())
      : parts.calendar().dayEnd(clock.now(), order.outsideRegularHours);
  }

  function submit(entries: { id: number; draft: OrderDraft }[]): Order[] {
    const at = clock.now();
    for (const { id, draft } of entries) {
      const order: Order = {
        ...draft,
        id,
        state: "working",
        acceptedAt: at,
        updatedAt: at,
        finishedAt: null,
        expiresAt: dayEnd(draft),
        triggered: false,
        cancelRequested: false,
        filled: ZERO,
        filledValue: ZERO,
        commission: ZERO,
        endReason: null,
      };
      record({ kind: "order", at, order });
    }
    log.flush();
    return entries.flatMap(({ id }) => state.orders.get(id) ?? []);
  }

  function modify(id: number, changes: OrderChanges): void {
    const order = state.orders.get(id);
    if (order === undefined) return;
    const expiresAt =
      changes.timeInForce === undefined ? order.expiresAt : dayEnd({ ...order, ...changes } as Order);
    record({ kind: "modified", at: clock.now(), id, changes, expiresAt });
    log.flush();
  }

  function requestCancel(id: number): void {
    record({ kind: "cancelling", at: clock.now(), id });
    log.flush();
  }

  function end(order: Order, how: "cancelled" | "expired" | "rejected", reason: string | null): void {
    record({ kind: "ended", at: clock.now(), id: order.id, state: how, reason });
    for (const child of childrenOf(state, order.id)) {
      if (!isWorking(child) || child.quantity === null) continue;
      // A parent that never filled takes its children along; after a part fill they protect that part.
      if (isWaiting(state, rules, child)) end(child, "cancelled", "parent cancelled");
      else if (child.quantity.gt(order.filled)) {
        record({ kind: "resized", at: clock.now(), id: child.id, quantity: order.filled });
      }
    }
  }

  function isHeld(order: Order): boolean {
    if (isWaiting(state, rules, order)) return true;
    if (!parts.calendar().isOpen(clock.now(), order.outsideRegularHours && order.type !== "MKT")) return true;
    return waitsForStop(order);
  }

  function match(order: Order): void {
    if (
      isWaiting(state, rules, order) ||
      !parts.calendar().isOpen(clock.now(), order.outsideRegularHours && order.type !== "MKT")
    ) {
      return;
    }
    const quote = market.quote(order.conid);
    if (quote === null || market.isHalted(order.conid)) return;
    const trailed = order.triggered ? null : trailedStop(order, quote, rules.tickOf(order.conid));
    if (trailed !== null) record({ kind: "trailed", at: clock.now(), id: order.id, stopPrice: trailed });
    if (waitsForStop(order)) {
      if (!isTouched(order, quote)) return;
      record({ kind: "triggered", at: clock.now(), id: order.id });
      if (rules.groups === "end") endSiblings(order);
    }
    const levels = market.levelsAgainst(order.side, order.conid);
    const takes = takesFrom(order, levels, ceilingOf(state, order), rules.quantityPlaces(order.conid));
    if (order.timeInForce === "FOK" && !fillsWhole(order, takes)) return;
    for (const take of takes) {
      const affordable = rules.affordable(state, order, take.price);
      const quantity = affordable === null ? take.quantity : minOf(take.quantity, affordable);
      if (quantity.lte(0)) break;
      market.consume(order.side, order.conid, take.price, quantity);
      fill(order, take.price, quantity);
      if (!isWorking(order)) break;
    }
  }

  function fill(order: Order, price: Big, quantity: Big): void {
    const filled = order.filled.plus(quantity);
    const byAmount = order.cashQuantity !== null;
    const spent = isSpent(
      { ...order, filledValue: order.filledValue.plus(price.times(quantity)) },
      price,
      rules.quantityPlaces(order.conid),
    );
    const number = state.executionCount + 1;
    const maker = order.type === "LMT" && order.acceptedAt < clock.now();
    const charge = rules.charge(order, { quantity, price, maker });
    record({
      kind: "fill",
      at: clock.now(),
      id: order.id,
      execution: `${hex(order.id)}.${hex(number)}.01.01`,
      quantity,
      price,
      commission: charge.commission,
      exchange: charge.exchange,
      ...(charge.spot === undefined ? {} : { spot: charge.spot, maker }),
      complete: byAmount ? spent : order.quantity !== null && filled.gte(order.quantity),
    });
    if (!isWorking(order)) dropUncovered(order);
    if (rules.groups === "end") endSiblings(order);
    else if (order.group !== null) reduceSiblings(order, quantity);
  }

  /** What becomes active with its parent's last fill is taken only if the account can pay for it. */
  function dropUncovered(parent: Order): void {
    for (const child of childrenOf(state, parent.id)) {
      if (isWorking(child) && !rules.isCovered(state, child)) end(child, "rejected", "insufficient balance");
    }
  }

  function endSiblings(order: Order): void {
    for (const sibling of siblingsOf(state, order))
      end(sibling, "expired", "another of its group was executed");
  }

  /** What one order of a group fills, the others need no longer. */
  function reduceSiblings(order: Order, quantity: Big): void {
    for (const sibling of siblingsOf(state, order)) {
      if (sibling.quantity === null) continue;
      const left = sibling.quantity.minus(quantity);
      if (left.lte(sibling.filled)) end(sibling, "cancelled", "one of its group filled");
      else record({ kind: "resized", at: clock.now(), id: sibling.id, quantity: left });
    }
  }

  function tick(): void {
    const now = clock.now();
    for (const order of state.orders.values()) {
      if (!isWorking(order)) continue;
      if (order.expiresAt <= now) {
        end(order, "expired", "the order's time in force ended");
        continue;
      }
      match(order);
      if (!isWorking(order)) continue;
      if (order.cancelRequested) end(order, "cancelled", null);
      else if ((order.timeInForce === "IOC" || order.timeInForce === "FOK") && !isHeld(order))
        end(order, "cancelled", "immediate or cancel");
    }
    log.flush();
  }

  return {
    state,
    nextOrderId,
    submit,
    modify,
    requestCancel,
    adjust: (account, change) => {
      record({ kind: "adjusted", at: clock.now(), account, ...change });
      log.flush();
    },
    reject: (id, reason) => {
      const order = state.orders.get(id);
      if (order !== undefined && isWorking(order)) end(order, "rejected", reason);
      log.flush();
    },
    tick,
    reset: (accounts) => {
      record({ kind: "opened", at: clock.now(), accounts });
      log.flush();
    },
    isHeld,
    dayEnd,
  };
}

function waitsForStop(order: Order): boolean {
  return hasTrigger(order.type) && !order.triggered;
}

function fillsWhole(order: Order, takes: { quantity: Big }[]): boolean {
  const taken = takes.reduce((sum, { quantity }) => sum.plus(quantity), ZERO);
  return order.quantity === null || taken.gte(order.quantity.minus(order.filled));
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
