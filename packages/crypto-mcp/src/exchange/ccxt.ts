/**
 * The part of CCXT that this package uses, in our own words: its published types cost the compiler more than
 * the whole workspace, and promise numbers where we ask for text. With `number: String` every figure arrives
 * as the exchange wrote it, or undefined.
 */
export interface Ccxt {
  id: string;
  apiKey: string | undefined;
  secret: string | undefined;
  password: string | undefined;
  markets: Record<string, CcxtMarket> | undefined;
  marketsLoading: Promise<unknown> | undefined;
  options: Record<string, unknown>;
  has: Record<string, unknown>;
  urls: { api: Record<string, unknown> };
  precisionMode: number;
  verbose: boolean;
  enableRateLimit: boolean;
  number: unknown;
  log: (...values: unknown[]) => void;
  milliseconds: () => number;
  nonce: () => number;
  /** Builds and signs one request; sends nothing. */
  sign(path: string, api: string, method: string, params: Record<string, unknown>): SignedRequest;
  /** Signs, sends and reads one request of the exchange's own, without any unified meaning. */
  request(path: string, api: string, method: string, params: Record<string, unknown>): Promise<unknown>;
  fetch: (url: string, method: string, headers?: unknown, body?: unknown) => Promise<unknown>;
  /** Reads a whole answer: throws the exchange's errors, returns the parsed body. */
  handleRestResponse(
    response: RestResponse,
    url: string,
    method: string,
    headers: unknown,
    body: unknown,
  ): Promise<unknown>;
  setMarkets(markets: CcxtMarket[], currencies?: Record<string, unknown>): void;
  fetchMarkets(): Promise<CcxtMarket[]>;
  loadTimeDifference(): Promise<unknown>;
  fetchTickers(symbols: string[]): Promise<Record<string, CcxtTicker>>;
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<CcxtCandle[]>;
  fetchBalance(): Promise<CcxtBalance>;
  fetchOpenOrders(symbol?: string, since?: number, limit?: number, params?: object): Promise<CcxtOrder[]>;
  fetchClosedOrders(symbol?: string, since?: number, limit?: number, params?: object): Promise<CcxtOrder[]>;
  fetchOrder(id: string, symbol?: string, params?: object): Promise<CcxtOrder>;
  fetchMyTrades(symbol?: string, since?: number, limit?: number, params?: object): Promise<CcxtTrade[]>;
  parseOrder(order: unknown, market?: CcxtMarket): CcxtOrder;
}

export interface SignedRequest {
  url: string;
  method: string;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
}

export interface RestResponse {
  status: number;
  statusText: string;
  headers: Headers;
  text(): Promise<string>;
}

type Figure = string | undefined;

export interface CcxtMarket {
  id: string;
  symbol: string;
  base: string;
  quote: string;
  type: string;
  spot: boolean;
  contract: boolean | undefined;
  active: boolean | undefined;
  precision: { amount: Figure; price: Figure };
  limits: {
    amount?: { min?: Figure; max?: Figure };
    cost?: { min?: Figure; max?: Figure };
  };
  /** The exchange's own record, as far as it was kept. */
  info: Record<string, unknown>;
}

export interface CcxtTicker {
  symbol: string;
  timestamp: number | string | undefined;
  bid: Figure;
  ask: Figure;
  last: Figure;
}

/** Start in epoch milliseconds, open, high, low, close, volume in the base asset. */
export type CcxtCandle = [number | string, Figure, Figure, Figure, Figure, Figure];

export interface CcxtBalance {
  total: Record<string, Figure>;
  free: Record<string, Figure>;
  info: unknown;
}

export interface CcxtOrder {
  id: string | undefined;
  clientOrderId: string | undefined;
  symbol: string | undefined;
  side: string | undefined;
  status: string | undefined;
  amount: Figure;
  filled: Figure;
  average: Figure;
  cost: Figure;
  price: Figure;
  triggerPrice: Figure;
  stopLossPrice: Figure;
  timeInForce: string | undefined;
  info: Record<string, unknown>;
}

export interface CcxtTrade {
  id: string | undefined;
  order: string | undefined;
  symbol: string | undefined;
  side: string | undefined;
  amount: Figure;
  price: Figure;
  timestamp: number | string | undefined;
  fee: { cost: Figure; currency: string | undefined } | undefined;
  info: Record<string, unknown>;
}
