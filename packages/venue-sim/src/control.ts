import type { Fault } from "./faults.ts";
import type { GatewayIdentity, GatewayLimits, GatewayTimings } from "./ibkr-gateway/gateway.ts";
import type { ReceivedRequest } from "./ibkr-gateway/server.ts";
import type { SessionState } from "./ibkr-gateway/session.ts";
import type { HoursOptions } from "./market/hours.ts";
import type { DataAvailability, PinnedPrice } from "./market/market.ts";

/** The venue's truth about an order, for assertions. Quantities and prices are decimal strings. */
export interface OrderTruth {
  orderId: number;
  account: string;
  conid: number;
  symbol: string;
  side: "BUY" | "SELL";
  type: string;
  timeInForce: string;
  /** Null for an order by amount. */
  quantity: string | null;
  cashQuantity: string | null;
  limitPrice: string | null;
  stopPrice: string | null;
  clientOrderId: string | null;
  parentId: number | null;
  /** The venue's word: `Submitted`, `Filled` … */
  status: string;
  filled: string;
  averagePrice: string | null;
  commission: string;
}

export interface AccountTruth {
  id: string;
  cash: string;
  /** Open positions by symbol; quantity negative when short. */
  positions: { symbol: string; conid: number; quantity: string; averageCost: string }[];
}

/** What really is, without lags, caches and priming. */
export interface VenueTruth {
  /** Epoch milliseconds. */
  time: number;
  session: SessionState;
  boxedUntil: number | null;
  accounts: AccountTruth[];
  /** Every order ever accepted, oldest first; unanswered tickets are no orders. */
  orders: OrderTruth[];
  executions: {
    executionId: string;
    orderId: number;
    symbol: string;
    side: "BUY" | "SELL";
    quantity: string;
    price: string;
    commission: string;
    at: number;
  }[];
  /** Tickets whose question nobody has answered, as long as the venue shows them. */
  unansweredTickets: number[];
}

export interface RequestFilter {
  method?: string;
  /** Part of the path (without base, with query), or a pattern for it. */
  path?: string | RegExp;
}

/** The levers behind a simulated gateway. Nothing here counts as a request or touches the session. */
export interface GatewayControl {
  /** Pins a price (bid and ask one cent around it unless given) and lets the market react to it. */
  setPrice(symbol: string | number, price: PinnedPrice): void;
  /** Hands prices back to the walk: of one symbol, or of all. */
  unpinPrice(symbol?: string | number): void;
  /** Delayed, frozen or missing data for a symbol; see field 6509. */
  setMarketData(symbol: string | number, availability: DataAvailability): void;
  /** A halted stock is quoted with `H` and does not trade. */
  setHalted(symbol: string | number, halted: boolean): void;
  /** Other trading hours from now on; working orders keep the end they were given. */
  setHours(hours: HoursOptions): void;

  /** Moves time forward, matching and expiring on the way. */
  advance(milliseconds: number): void;
  setTime(instant: Date | number | string): void;
  /** Matches now, without moving time. */
  tick(): void;

  /** Sets the venue's truth, visible at once everywhere. Account: the first one unless told. */
  setCash(cash: number | string, account?: string): void;
  setPosition(
    symbol: string | number,
    quantity: number | string,
    averageCost?: number | string,
    account?: string,
  ): void;
  /** An accepted order turns out refused (status `Inactive`). */
  rejectOrder(orderId: number, reason: string): void;

  faults: {
    /** Adds a fault (hits the next matching request unless it says otherwise); the answer removes it. */
    add(fault: Fault): () => void;
    clear(): void;
  };
  session: {
    state(): SessionState;
    /** Forces a state; `ready` starts a fresh brokerage session with everything unprimed. */
    set(state: SessionState): void;
  };
  pacing: {
    /** Epoch milliseconds, or null when requests are answered. */
    boxedUntil(): number | null;
    /** Enforces limits or not; lifting them opens the penalty box too. */
    set(enabled: boolean): void;
    /** Forgets what was counted and opens the penalty box. */
    reset(): void;
  };
  /** Changes what the venue says and how slowly, from the next request on. */
  configure(change: {
    timings?: Partial<GatewayTimings>;
    limits?: Partial<GatewayLimits>;
    identity?: Partial<GatewayIdentity>;
    immediateFills?: boolean;
  }): void;

  /** Requests received so far, oldest first, those of /sim/ left out. */
  requests(filter?: RequestFilter): ReceivedRequest[];
  clearRequests(): void;
  /** The venue's truth. */
  state(): VenueTruth;
  /** Opens the accounts anew: no orders, positions, faults, pins; the session starts over. */
  reset(): void;
}
