/** One hit of a search. Names are the venue's text: bounded and stripped, and never interpreted. */
export interface FoundInstrument {
  /** As every other call takes it, with its exchange where the symbol alone would be ambiguous. */
  symbol: string;
  name: string | null;
  /** "stock", "spot", or what else the venue calls it. */
  kind: string;
  exchange: string | null;
  currency: string | null;
  /** Whether this server can trade it; null where the venue did not say enough. */
  tradable: boolean | null;
  /** Why not, or what is not known; null where it is tradable. */
  reason: string | null;
}

export interface SearchResult {
  /** Tradable ones first, the closest first among them. */
  found: FoundInstrument[];
  /** The symbol of the one instrument that the query itself means as a symbol here; null for none or several. */
  meaning: string | null;
}
