import type { Clock } from "../market/clock.ts";
import type { Engine } from "../market/engine.ts";
import type { TradingCalendar } from "../market/hours.ts";
import type { Market } from "../market/market.ts";
import type { Conversations } from "./conversations.ts";
import type { Session } from "./session.ts";

/** Delays and limits of the venue; all in milliseconds of the simulator's clock unless said otherwise. */
export interface GatewayTimings {
  /** How long /portfolio positions hide a fill. */
  positionsLag: number;
  /** The same right after an invalidate. */
  invalidatedLag: number;
  /** How long the orders list hides a new order. */
  ordersLag: number;
  /** From ssodh/init to a working bridge. */
  bridgeTime: number;
  idleTimeout: number;
  /** How long an unanswered ticket stays in the orders list. */
  ticketLifetime: number;
  /** From here on the status of an unanswered ticket is 503 instead of 404. */
  ticketStatusDelay: number;
  /** Length of the penalty box. */
  penalty: number;
  /** REAL milliseconds before the status of an unknown order is refused; the venue takes five seconds. */
  unknownOrderDelay: number;
}

/** Precautionary limits above which an order is questioned, and how many market data lines there are. */
export interface GatewayLimits {
  orderSize: number;
  orderValue: number;
  /** Percent between a limit price and the market. */
  pricePercent: number;
  marketDataLines: number;
}

/** What the answers about identity say; a scenario can make them contradict each other. */
export interface GatewayIdentity {
  /** Any JSON value: old builds sent other types than a boolean. */
  isPaper: unknown;
  loginType: number;
  accountType: string;
  /** Replaces the account id in every identity answer. */
  accountId: string | null;
  supportsFractions: boolean;
  supportsCashQuantity: boolean;
  /**
   * Ids of questions: as the documentation pairs them with texts, as a live account saw some of them
   * paired, or none at all. A client must go by the text.
   */
  messageIds: "documented" | "observed" | "none";
}

/** Everything an endpoint may look at. */
export interface Gateway {
  clock: Clock;
  market: Market;
  engine: Engine;
  session: Session;
  conversations: Conversations;
  calendar: () => TradingCalendar;
  timings: GatewayTimings;
  limits: GatewayLimits;
  identity: GatewayIdentity;
  /** Account ids, in the order they were opened. */
  accounts: () => string[];
  /** The account that endpoints without one in their path mean. */
  selectedAccount: string;
  /** Per account: up to when its position cache was invalidated. */
  invalidated: Map<string, number>;
  /** Overrides a lag for the request in hand. */
  overrides: RequestOverrides;
  /** Deterministic lower-case UUIDs for questions. */
  nextReplyId: () => string;
}

/** How a fault bends the request in hand. */
export interface RequestOverrides {
  emptyList?: boolean;
  positionsLag?: number;
  ordersLag?: number;
  isPaper?: { value: unknown };
  wrongAccount?: string;
  rejectOrder?: string;
  /** Most that the order placed by this request may ever fill. */
  fillCeiling?: string;
  /** How many of the tickets of this request reach the book. */
  ticketsLanding?: number;
}

/** One request as an endpoint sees it. */
export interface GatewayRequest {
  method: string;
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Parsed JSON; undefined when there was no body. */
  body: unknown;
}

export function param(request: GatewayRequest, name: string): string {
  return request.params[name] ?? "";
}

export function bodyObject(request: GatewayRequest): Record<string, unknown> {
  const { body } = request;
  return typeof body === "object" && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : {};
}

/** Seconds, as several endpoints want them. */
export function seconds(instant: number): number {
  return Math.floor(instant / 1_000);
}
