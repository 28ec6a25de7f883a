import type { Big } from "./decimal.ts";
import { instrumentByConid, instrumentOf } from "./instruments.ts";

/** What the market has to know of an instrument to quote it. */
export interface Listed {
  conid: number;
  symbol: string;
  /** The price around which the synthetic walk moves. */
  basePrice: number;
  withoutMarketData?: boolean;
  /** Smallest step of a price; a cent when absent. */
  tick?: Big;
  /** What is typically offered at the best price is some multiple of this; 100 when absent. */
  touchSize?: number;
  /** How much wilder than a share it moves; 1 when absent. */
  volatility?: number;
  /** Its price is that of one instrument in terms of another's, by their numbers. */
  cross?: { of: number; in: number };
}

/** What a venue lists. */
export interface Listing {
  byNumber(conid: number): Listed | undefined;
  /** By symbol or number; throws on neither. */
  of(symbol: string | number): Listed;
}

export const STOCK_LISTING: Listing = { byNumber: instrumentByConid, of: instrumentOf };
