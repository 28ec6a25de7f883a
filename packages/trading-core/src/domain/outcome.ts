import type { VenueOrder } from "./order.ts";

/**
 * What became of a dispatch. The three that are not `acknowledged` mean different things for money
 * and cannot be mixed up: `not_sent` and `rejected` are proofs that no order exists, and free the
 * budget; `unknown` is the absence of proof, and frees nothing.
 */
export type Outcome =
  | { kind: "acknowledged"; orderId: string; order: VenueOrder | null; exchanges: Exchange[] }
  | { kind: "rejected"; reason: string; exchanges: Exchange[]; turnedAway?: TurnedAway }
  | { kind: "not_sent"; reason: string; code: string }
  | { kind: "unknown"; reason: string; exchanges: Exchange[] };

/**
 * Why the request was turned away before anybody looked at the order in it: a code and a next step of the
 * session's or the connection's, because there is nothing to change about the order.
 */
export interface TurnedAway {
  code: string;
  nextStep: string;
}

/** One question that the venue asked about an order, and what it was answered. Journaled with the outcome. */
export interface Exchange {
  questionIds: string[];
  /** The venue's text, bounded and stripped. */
  text: string;
  answer: "confirmed" | "declined";
}

export type CancelOutcome =
  /** The venue reported a terminal status for the order. */
  | { kind: "done"; order: VenueOrder }
  /** Asked, and not confirmed yet: the order may still fill. */
  | { kind: "requested"; order: VenueOrder | null; reason: string }
  | { kind: "rejected"; reason: string; order: VenueOrder | null }
  | { kind: "not_sent"; reason: string; code: string }
  | { kind: "unknown"; reason: string };
