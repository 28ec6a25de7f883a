import type { Ccxt, CcxtMarket, CcxtOrder, CcxtTrade } from "../ccxt.ts";

export type Withdrawals = "possible" | "impossible" | "unknown";

/** What an exchange has to be asked in its own way. Every function is called as one signed read or several. */
export interface ExchangeReads {
  /** An order of ours by our id, among working and finished ones; null where none is found. */
  byClientOrderId(ask: Ask, clientOrderId: string, market: CcxtMarket): Promise<CcxtOrder | null>;
  /**
   * All own trades since an instant (epoch milliseconds), to the last one, of one market or, where the
   * exchange lists them together and `market` is null, of all. Null where there are more than are read.
   */
  trades(ask: Ask, since: number, market: CcxtMarket | null): Promise<CcxtTrade[] | null>;
  /** Whether an error says that the exchange knows no such order. */
  isUnknownOrder(error: unknown): boolean;
  /** Whether the answer to a read holds the list or the record that this path answers with. */
  isWhole(path: string, body: unknown): boolean;
  canWithdraw(ask: Ask): Promise<Withdrawals>;
  /** What CCXT keeps beside its list of markets, and has to be given where the list comes from the cache. */
  useMarkets?(api: Ccxt, markets: readonly CcxtMarket[]): void;
}

/** One signed read, within the exchange's limits. */
export type Ask = <T>(call: (api: Ccxt) => Promise<T>) => Promise<T>;

/** More pages than any day of this project's orders fills. */
export const MOST_PAGES = 20;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
