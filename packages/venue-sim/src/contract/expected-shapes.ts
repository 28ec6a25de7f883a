import { CONTRACT_SHAPES } from "./expected-contracts.ts";
import { ORDER_SHAPES } from "./expected-orders.ts";
import { PORTFOLIO_SHAPES } from "./expected-portfolio.ts";
import { SESSION_SHAPES } from "./expected-session.ts";
import type { Shape } from "./shape.ts";

/** One thing that an endpoint may answer. */
export interface ExpectedAnswer {
  endpoint: string;
  status: number;
  /** Which of several answers with this status. */
  name: string;
  /** `empty` for no body; everything else is about the JSON. */
  shape: Shape;
}

/** Every answer of every endpoint that a client of this gateway relies on. */
export const EXPECTED: ExpectedAnswer[] = [
  ...SESSION_SHAPES,
  ...PORTFOLIO_SHAPES,
  ...CONTRACT_SHAPES,
  ...ORDER_SHAPES,
];
