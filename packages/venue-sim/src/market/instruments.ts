import { UNIVERSE } from "./universe.ts";

/** A contract that the simulated venue knows. */
export interface Instrument {
  conid: number;
  symbol: string;
  name: string;
  /** Listing exchange as IBKR names it. */
  exchange: string;
  isUS: boolean;
  currency: string;
  type: "COMMON" | "ETF" | "ADR";
  sector: string;
  group: string;
  category: string;
  /** The price around which the synthetic walk moves. */
  basePrice: number;
  /** Quoted as `N/A` and `-`: nobody publishes data for it. */
  withoutMarketData?: boolean;
  /** Shares one symbol with a similar name: listed, but not what the symbol's owner means. */
  lookAlike?: boolean;
  /** Whether parts of a share can be traded; only US listings. */
  fractional: boolean;
  /** In search results this row comes under the issuer's first listing. */
  issuer: string;
  chineseName?: string;
}

const byConid = new Map(UNIVERSE.map((instrument) => [instrument.conid, instrument]));

export function allInstruments(): readonly Instrument[] {
  return UNIVERSE;
}

export function instrumentByConid(conid: number): Instrument | undefined {
  return byConid.get(conid);
}

/** Every listing under a symbol, in the order of the venue's own list. */
export function listingsOf(symbol: string): Instrument[] {
  const wanted = symbol.toUpperCase();
  return UNIVERSE.filter((instrument) => instrument.symbol === wanted);
}

/** What a test or a scenario means by a bare symbol (its US listing, if any) or by a conid; throws on neither. */
export function instrumentOf(symbol: string | number): Instrument {
  const listings = typeof symbol === "number" ? [byConid.get(symbol)] : listingsOf(symbol);
  const found = listings.find((listing) => listing?.isUS) ?? listings[0];
  if (found === undefined) throw new Error(`the simulated venue lists no ${symbol}`);
  return found;
}
