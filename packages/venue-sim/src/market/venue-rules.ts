import { Big } from "./decimal.ts";
import type { SpotSettlement } from "./events.ts";
import { commissionFor } from "./fees.ts";
import { goodTillCancelledEnd } from "./hours.ts";
import { instrumentByConid } from "./instruments.ts";
import type { Order } from "./order.ts";
import type { VenueState } from "./venue-state.ts";

/** A fill that is about to be written down. */
export interface CandidateFill {
  quantity: Big;
  price: Big;
  /** Whether the order had rested in the book. */
  maker: boolean;
}

/** Where kinds of venues differ in how orders live and what fills cost. */
export interface VenueRules {
  charge(order: Order, fill: CandidateFill): { commission: Big; exchange: string; spot?: SpotSettlement };
  goodTillCancelledEnd(now: number): number;
  tickOf(conid: number): Big;
  /** Decimal places of the smallest quantity that an order by amount trades. */
  quantityPlaces(conid: number): number;
  /** When one order of a group fills, the others shrink by as much, or end. */
  groups: "shrink" | "end";
  /** What of its parent a child waits for. */
  childrenWaitFor: "first fill" | "whole fill";
  /** Whether the account has what an order needs that has just become active. */
  isCovered(state: VenueState, order: Order): boolean;
  /** The most that the account can pay for at this price; null where it may borrow. */
  affordable(state: VenueState, order: Order, price: Big): Big | null;
}

/** Shares on an account that may borrow. */
export const STOCK_RULES: VenueRules = {
  charge: (order, fill) => ({
    commission: commissionFor(order.filled.plus(fill.quantity), order.cashQuantity !== null).minus(
      order.commission,
    ),
    exchange: instrumentByConid(order.conid)?.exchange ?? "SMART",
  }),
  goodTillCancelledEnd,
  tickOf: () => new Big("0.01"),
  quantityPlaces: () => 4,
  groups: "shrink",
  childrenWaitFor: "first fill",
  isCovered: () => true,
  affordable: () => null,
};
