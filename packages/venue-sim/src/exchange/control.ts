import type { RequestFilter } from "../control.ts";
import type { Fault } from "../faults.ts";
import type { ReceivedRequest } from "../ibkr-gateway/server.ts";
import type { PinnedPrice } from "../market/market.ts";
import type { ExchangeFaultAction } from "./faults.ts";
import type { ExchangeSettings } from "./options.ts";

export type ExchangeFault = Fault<ExchangeFaultAction>;

/** The exchange's truth about an order, for assertions. Quantities and prices are decimal strings. */
export interface ExchangeOrderTruth {
  /** As the exchange names it: on Binance unique only within its symbol. */
  orderId: string;
  /** `BTC/USDT`. */
  symbol: string;
  side: "BUY" | "SELL";
  /** The exchange's word, such as `STOP_LOSS_LIMIT` or `stop-loss-limit`. */
  type: string;
  timeInForce: string;
  /** Null for an order by amount. */
  quantity: string | null;
  cashQuantity: string | null;
  limitPrice: string | null;
  stopPrice: string | null;
  clientOrderId: string | null;
  /** The order list or the parent that it belongs to. */
  listId: string | null;
  /** The exchange's word. */
  status: string;
  filled: string;
  averagePrice: string | null;
  commission: string;
}

/** What really is, without lags. */
export interface ExchangeTruth {
  /** Epoch milliseconds, by the simulator's clock. */
  time: number;
  account: string;
  balances: { asset: string; free: string; locked: string }[];
  /** Every order ever accepted, oldest first. */
  orders: ExchangeOrderTruth[];
  trades: {
    tradeId: number;
    orderId: string;
    symbol: string;
    side: "BUY" | "SELL";
    quantity: string;
    price: string;
    commission: string;
    commissionAsset: string;
    at: number;
  }[];
}

/** The levers behind a simulated exchange. Nothing here counts as a request. */
export interface ExchangeControl {
  /** Pins a price (bid and ask one tick around it unless given) and lets the market react to it. */
  setPrice(symbol: string, price: PinnedPrice): void;
  /** Hands prices back to the walk: of one symbol, or of all. */
  unpinPrice(symbol?: string): void;
  /** A halted symbol is listed as such and takes no orders. */
  setHalted(symbol: string, halted: boolean): void;
  /** Moves time forward, matching on the way. */
  advance(milliseconds: number): void;
  setTime(instant: Date | number | string): void;
  /** Matches now, without moving time. */
  tick(): void;
  /** Sets what the account owns of an asset, locked or not. */
  setBalance(asset: string, quantity: number | string): void;
  faults: {
    /** Adds a fault (hits the next matching request unless it says otherwise); the answer removes it. */
    add(fault: ExchangeFault): () => void;
    clear(): void;
  };
  /** Changes what the exchange says and how it behaves, from the next request on. */
  configure(change: Partial<ExchangeSettings>): void;
  /** Requests received so far, oldest first, those of /sim/ left out; paths with query. */
  requests(filter?: RequestFilter): ReceivedRequest[];
  clearRequests(): void;
  state(): ExchangeTruth;
  /** Opens the account anew: no orders, faults, pins. Settings stay. */
  reset(): void;
}
