import { childLegs, type LegRole } from "../domain/bracket.ts";
import { TradingError } from "../domain/errors.ts";
import { type Decimal, decimal, plain, ZERO } from "../domain/money.ts";
import type { OrderIntent, OrderStatus } from "../domain/order.ts";
import type { Ledger } from "../journal/ledger.ts";
import { filledQuantity, isChild, isOfUnknownFate, type LedgerOrder } from "../journal/ledger-order.ts";
import { bracketOf } from "./groups.ts";

/** An order's place in its bracket, and how the whole bracket stands, entry first. */
export interface GroupAnswer {
  /** The entry's client order id. */
  id: string;
  role: LegRole;
  legs: LegAnswer[];
}

export interface LegAnswer {
  role: LegRole;
  orderId: string | null;
  clientOrderId: string;
  status: OrderStatus;
  /** The limit of an entry or a take-profit, the trigger of a stop-loss; null for an entry at the market. */
  price: Decimal | null;
  filledQuantity: Decimal;
}

/** How a bracket of ours stands; null for an order that stands alone. */
export function describeGroup(ledger: Ledger, own: LedgerOrder): GroupAnswer | null {
  if (own.group === null) return null;
  return { ...own.group, legs: bracketOf(ledger, own).map(legOf) };
}

function legOf(order: LedgerOrder): LegAnswer {
  const price = order.order.limitPrice ?? order.order.stopPrice;
  return {
    role: order.group?.role ?? "entry",
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    status: isOfUnknownFate(order) ? "unknown" : order.status,
    price: price === null ? null : decimal(price),
    filledQuantity: filledQuantity(order),
  };
}

/** A bracket that was built and not sent; null for an order that stands alone. */
export function describeUnsentGroup(intent: OrderIntent): GroupAnswer | null {
  const legs = childLegs(intent);
  if (legs.length === 0) return null;
  const entry = { role: "entry" as const, intent };
  return {
    id: intent.clientOrderId,
    role: "entry",
    legs: [entry, ...legs].map(({ role, intent: leg }) => ({
      role,
      orderId: null,
      clientOrderId: leg.clientOrderId,
      status: "pending",
      price: leg.limitPrice ?? leg.stopPrice,
      filledQuantity: ZERO,
    })),
  };
}

/** The exits that should stand behind an entry that exists, and that nobody has seen at the venue. */
export function missingExits(ledger: Ledger, own: LedgerOrder): LedgerOrder[] {
  const [entry, ...exits] = bracketOf(ledger, own);
  if (entry === undefined || isOfUnknownFate(entry) || isOver(entry)) return [];
  return exits.filter(
    (exit) => isOfUnknownFate(exit) || (exit.phase === "done" && exit.status === "rejected"),
  );
}

/** It opened nothing and never will. */
function isOver(entry: LedgerOrder): boolean {
  return entry.phase === "intended" || (entry.phase === "done" && filledQuantity(entry).eq(ZERO));
}

/** What an answer about an order says of exits that are missing beside it; empty when none is. */
export function missingExitsWarning(ledger: Ledger, own: LedgerOrder): string[] {
  const missing = missingExits(ledger, own);
  const [entry] = bracketOf(ledger, own);
  if (missing.length === 0 || entry === undefined) return [];
  const names = missing.map((exit) => `${exit.group?.role} (${exit.clientOrderId})`).join(" and ");
  return [
    `bracket_incomplete: the ${names} of this bracket ${missing.length === 1 ? "was" : "were"} not found at the venue, ` +
      `so nothing of that kind stands behind the entry ${idOf(entry)}. ${nextStepOf(entry)}`,
  ];
}

/** Half a bracket stands at the venue: the failure that names every leg, and what stands bare (H7). */
export function bracketIncomplete(ledger: Ledger, entry: LedgerOrder): TradingError {
  const legs = bracketOf(ledger, entry);
  const missing = missingExits(ledger, entry);
  const told = legs.map((leg) => {
    if (missing.includes(leg)) return `its ${leg.group?.role} was not found`;
    return `${isChild(leg) ? `its ${leg.group?.role}` : "the entry"} is ${idOf(leg)} (${leg.status}, ${plain(filledQuantity(leg))} filled)`;
  });
  return new TradingError(
    "bracket_incomplete",
    `The bracket (${entry.order.side} ${entry.order.quantity} ${entry.order.symbol}) was sent once and only a part of it is ` +
      `known to stand at the venue: ${told.join("; ")}. What the entry fills may stand without that exit.`,
    `Do not send it again. ${nextStepOf(entry)}`,
    {
      details: {
        outcome: "incomplete",
        client_order_id: entry.clientOrderId,
        order_id: entry.orderId,
        legs: legs.map((leg) => ({
          role: leg.group?.role,
          order_id: leg.orderId,
          client_order_id: leg.clientOrderId,
          status: isOfUnknownFate(leg) ? "unknown" : leg.status,
        })),
      },
    },
  );
}

function nextStepOf(entry: LedgerOrder): string {
  const id = idOf(entry);
  return entry.phase === "done"
    ? `Look at order_status of ${id}; if the exit stays missing, protect what was filled with stop_order or leave it with close_position.`
    : `Look at order_status of ${id}; if the exit stays missing, use cancel_order on ${id}, and stop_order for what it has filled.`;
}

function idOf(order: LedgerOrder): string {
  return order.orderId ?? order.clientOrderId;
}
