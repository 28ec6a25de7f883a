import type { AccountFlags, Identity, Position } from "../domain/account.ts";
import type { Decimal } from "../domain/money.ts";
import type { OrderRequest, OrderStatus, OrderType, Side } from "../domain/order.ts";
import type { Exchange } from "../domain/outcome.ts";
import type { Reading } from "../domain/reading.ts";
import type { VenuePreview } from "../ports/broker.ts";
import type { SessionState } from "../ports/session.ts";
import type { GroupAnswer } from "./bracket-answer.ts";
import type { MarketHours, TradingState } from "./facts.ts";
import type { Policy, TradingMode } from "./policy.ts";
import type { Check } from "./verdict.ts";

/** One order as every tool tells it. Absent numbers are null, never zero. */
export interface OrderAnswer {
  /** The venue's id; null for a dry run, and while the venue has not said one. */
  orderId: string | null;
  clientOrderId: string | null;
  status: OrderStatus;
  symbol: string;
  side: Side;
  message: string | null;
  orderType: OrderType | null;
  /** Shares or units; null for a buy by amount that has not filled. */
  quantity: Decimal | null;
  /** What a buy by amount was asked to spend; null otherwise. */
  cashAmount: Decimal | null;
  filledQuantity: Decimal | null;
  averagePrice: Decimal | null;
  limitPrice: Decimal | null;
  stopPrice: Decimal | null;
  /** Of a trailing stop: the one of the two that it was placed with. */
  trailAmount?: Decimal | null;
  trailPercent?: Decimal | null;
  /** Its bracket; null or absent for an order that stands alone. */
  group?: GroupAnswer | null;
  timeInForce: string | null;
  /** Worst-case value of an entry that works, value of the fills of one that is done; null where unknown. */
  notional: Decimal | null;
  currency: string | null;
  mode: TradingMode;
  /** "PAPER" or "LIVE" as the venue proves it; null where it does not. */
  accountType: "PAPER" | "LIVE" | null;
  dryRun: boolean;
  /** An earlier call with the same idempotency key placed it; this one sent nothing (S18). */
  replayed: boolean;
  /** Place of the last journal record about this order; null for orders that are not ours. */
  journalSeq: number | null;
  /** The venue's questions about it, and how they were answered. */
  exchanges: Exchange[];
  /** What the caller has to know besides, such as a position left without protection. */
  warnings: string[];
  /** On a dry run: the request that would have been sent, and what the venue made of it. */
  request: unknown;
  preview: VenuePreview | null;
}

export interface PreviewAnswer {
  symbol: string;
  side: Side;
  orderType: OrderType;
  quantity: Decimal | null;
  cashAmount: Decimal | null;
  limitPrice: Decimal | null;
  stopPrice: Decimal | null;
  trailAmount?: Decimal | null;
  trailPercent?: Decimal | null;
  group?: GroupAnswer | null;
  /** Whether the guard would let the order through now, with every rule's verdict. */
  allowed: boolean;
  checks: Check[];
  worstCase: Decimal | null;
  /** Null when the venue was not asked, with the reason in `venueMessage`. */
  venue: VenuePreview | null;
  venueMessage: string | null;
  request: unknown;
  mode: TradingMode;
  accountType: "PAPER" | "LIVE" | null;
  dryRun: boolean;
}

export interface CloseAnswer {
  /** Orders that were cancelled to free the position. */
  cancelled: string[];
  /** The order that closes it; null when there was nothing to close. */
  order: OrderAnswer | null;
  /** Protective orders that were placed again because the sale did not happen. */
  restored: OrderAnswer[];
  /** The position has no protective order now although it had one. */
  unprotected: boolean;
  /** An earlier call with the same idempotency key did all this; this one did nothing (S18). */
  replayed: boolean;
  message: string;
}

export interface CancelAnswer {
  orderId: string;
  clientOrderId: string | null;
  /** "done" only when the venue reported a terminal status. */
  outcome: "done" | "requested" | "rejected" | "not_sent" | "unknown";
  /** How the order stands after it; null where it could not be read. */
  order: OrderAnswer | null;
  message: string;
  warnings: string[];
}

/** What an agent may ask of the stop switch: to tighten it, and to take back what would open exposure (S30). */
export interface HaltRequest {
  /** HALTED instead of REDUCING: exits stop too. */
  stopExits: boolean;
  /** Cancel the entries that work. */
  cancelWorking: boolean;
  /** False in read mode: nothing reaches the venue as a write. */
  mayCancel: boolean;
  reason: string | null;
}

export interface HaltAnswer {
  state: TradingState;
  before: TradingState;
  /** False when the switch stood there, or tighter, already. */
  changed: boolean;
  /** Why the switch stands where it stands, and since when. */
  reason: string;
  /**
   * Every earlier intent has an outcome or is past its deadline, and the venue confirmed the cancels that
   * were asked for. The halt itself holds either way.
   */
  complete: boolean;
  /** Client order ids of orders that were on their way and have no outcome yet. */
  inFlight: string[];
  /** Client order ids whose fate is unknown: they may exist at the venue. */
  unresolved: string[];
  /** The entries that were to be cancelled; `confirmed` by the venue's final status. */
  orders: {
    clientOrderId: string;
    orderId: string | null;
    symbol: string;
    status: OrderStatus;
    confirmed: boolean;
    message: string | null;
  }[];
  /** What was left working on purpose, where it was looked for; null where it could not be read. */
  left: { exits: number; foreign: number | null };
  /** What could not be read or done, each with its reason. */
  unread: string[];
}

/** Which of this journal's working orders a sweep cancels (S31). */
export type CancelScope = "entries" | "exits" | "all";

export interface CancelAllRequest {
  scope: CancelScope;
  /** Only orders of this symbol; null for every one. */
  symbol: string | null;
}

export interface CancelAllAnswer {
  scope: CancelScope;
  /** True: nothing was sent, and `orders` is what would have been cancelled. */
  dryRun: boolean;
  /** Everything was read, and the venue confirmed the end of every order that was to go. */
  complete: boolean;
  /** The orders that were to be cancelled; `confirmed` by the venue's final status. */
  orders: (HaltAnswer["orders"][number] & { exit: boolean })[];
  /** What goes on working outside the scope, the symbol included; `foreign` null where it could not be read. */
  left: { entries: number; exits: number; foreign: number | null };
  /** What could not be read or done, each with its reason. */
  unread: string[];
  /** Positions that are left without protection. */
  warnings: string[];
}

/** What looking for the orders of unknown fate has brought. Nothing was sent. */
export interface ReconcileAnswer {
  /** Orders that were of unknown fate; `settled` where they are not any more, with what is left to do. */
  orders: { order: OrderAnswer; settled: boolean; nextStep: string | null }[];
  /** Working orders, executions and, where they were needed, positions could all be read. */
  complete: boolean;
  unread: string[];
}

/** One line of the trade history: an order's life in one record, or a refusal, newest last. */
export interface HistoryRecord {
  journalSeq: number;
  /** ISO 8601, UTC. */
  at: string;
  kind: string;
  clientOrderId: string | null;
  orderId: string | null;
  symbol: string | null;
  side: Side | null;
  orderType: OrderType | null;
  quantity: string | null;
  cashAmount: string | null;
  price: string | null;
  status: string | null;
  message: string | null;
}

/** Identity, mode, arm, limits, state and open questions in one answer. */
export interface Posture {
  venue: string;
  mode: TradingMode;
  session: SessionState;
  identity: Identity | null;
  identityMessage: string | null;
  accountType: "PAPER" | "LIVE" | null;
  flags: AccountFlags | null;
  dryRun: boolean;
  liveArmed: boolean;
  tradingState: TradingState;
  tradingStateReason: string;
  limits: {
    maxOrderValue: Decimal;
    maxDailyValue: Decimal | null;
    committedToday: Decimal | null;
    remainingToday: Decimal | null;
    maxPositionValue: Decimal | null;
    maxDailyLoss: Decimal | null;
    /** What the account gained today; null where no limit asks for it, and where it is not known. */
    dailyPnl: Decimal | null;
    maxOrdersPerMinute: number;
    /** Orders that were sent within the last 60 seconds, by all servers of the account. */
    ordersLastMinute: number | null;
    maxPriceDeviationPercent: Decimal;
    maxQuoteAgeSeconds: number;
    riskCurrency: string;
    duplicateWindowSeconds: number;
    allowlist: readonly string[];
    denylist: readonly string[];
    allowShort: boolean;
    day: string;
  };
  /** Client order ids whose fate is unknown. */
  unresolved: string[];
  /** Close plans that did not end: their positions may be without protection. */
  openPlans: string[];
  journalPath: string | null;
  journalSeq: number | null;
  /** Reasons why an entry would be refused now, whatever it is; empty when entries are possible. */
  obstacles: string[];
  /** What is dangerous although it is allowed. */
  warnings: string[];
}

export interface PlaceOptions {
  /** Who asks, for the journal of a plan; null for a tool call. */
  planId?: string | null;
}

/**
 * The only way to an order. It holds the venue's `Broker`; no tool, command or recovery path can send
 * an order around it. Methods throw a TradingError for every failure: a refusal carries its checks.
 */
export interface GuardedBroker {
  readonly policy: Policy;
  place(request: OrderRequest): Promise<OrderAnswer>;
  preview(request: OrderRequest): Promise<PreviewAnswer>;
  /** Closes the position, or `quantity` of it, as one journaled plan (S29); once for each key (S18). */
  closePosition(
    symbol: string,
    quantity: Decimal | null,
    idempotencyKey?: string | null,
  ): Promise<CloseAnswer>;
  /** `id` is the venue's order id or our client order id. */
  cancel(id: string): Promise<CancelAnswer>;
  /** Tightens the stop switch, never loosens it (S30). Never throws for what the venue or the journal does. */
  halt(request: HaltRequest): Promise<HaltAnswer>;
  /** Cancels this journal's working orders of a kind (S31); others' orders are counted, never touched. */
  cancelAll(request: CancelAllRequest): Promise<CancelAllAnswer>;
  /** Looks for every order of unknown fate and journals what it finds; sends nothing. */
  reconcile(): Promise<ReconcileAnswer>;
  order(id: string): Promise<OrderAnswer>;
  /** Waits until the order is done, at most `timeoutMs`; the signal ends the waiting only. */
  waitForFill(
    id: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<{ order: OrderAnswer; timedOut: boolean }>;
  /** Orders that work now, ours and foreign. Throws `orders_unread` when the venue's list cannot be relied on and none are ours. */
  openOrders(): Promise<{ orders: OrderAnswer[]; complete: boolean; message: string | null }>;
  /**
   * Positions as the venue lists them, corrected by our own fills that it lags behind; and in words what has
   * to be known besides, such as exits that work on more than is held (S9).
   */
  positions(): Promise<Reading<Position[]> & { warnings?: string[] }>;
  marketHours(symbol: string | null): Promise<MarketHours>;
  history(limit: number): Promise<{ records: HistoryRecord[]; omitted: number }>;
  posture(): Promise<Posture>;
  /** Resolves when no order is in flight any more; new orders are refused from now on (S13). */
  drain(): Promise<void>;
  /** No time is left to wait for the venue: what it has not answered ends as unknown now (S13). */
  hurry(): void;
  /** Whether an order is in flight now. */
  busy(): boolean;
  close(): void;
}
