import { TradingError } from "trading-core/domain/errors";
import type { FoundInstrument, SearchResult } from "trading-core/domain/found-instrument";
import type { GatewayClient } from "./client.ts";
import { unexpectedShape } from "./failures.ts";
import { type Definition, readDefinitions, readSymbol, type SymbolQuery } from "./listings.ts";
import { readSearchRows, type SearchRow } from "./search-rows.ts";

export interface Search {
  /** See `MarketData.search`. */
  search: (query: string) => Promise<SearchResult>;
}

/** As many definitions as one request is sure to give. */
const MOST_ROWS = 100;

interface Hit {
  row: SearchRow;
  found: FoundInstrument;
}

export function createSearch({ client }: { client: Pick<GatewayClient, "read"> }): Search {
  async function rowsOf(symbol: string, byName: boolean): Promise<SearchRow[]> {
    const query = { symbol, ...(byName && { name: "true" }) };
    try {
      const rows = readSearchRows(
        await client.read({ method: "GET", path: "/iserver/secdef/search", query }),
      );
      if (rows) return rows;
    } catch (error) {
      // Serves neither: some gateways tell in words what others tell with an empty list.
      if (error instanceof TradingError && /no symbol found/i.test(error.message)) return [];
      throw error;
    }
    throw unexpectedShape("a search");
  }

  /** What the rows do not say: where each is listed, and in which currency. */
  async function definitionsOf(rows: SearchRow[]): Promise<Map<string, Definition>> {
    if (rows.length === 0) return new Map();
    const conids = rows.map(({ conid }) => conid).join(",");
    const body = await client.read({ method: "GET", path: "/trsrv/secdef", query: { conids } });
    const found = readDefinitions(body);
    if (!found) throw unexpectedShape("securities' definitions");
    return found;
  }

  return {
    async search(text) {
      const query = readSymbol(text);
      const [bySymbol, byName] = await Promise.all([
        query ? rowsOf(query.symbol, false) : [],
        rowsOf(text.trim(), true),
      ]);
      const rows = new Map([...bySymbol, ...byName].map((row) => [row.conid, row]));
      const shown = [...rows.values()].slice(0, MOST_ROWS);
      const definitions = await definitionsOf(shown.filter(isStock));
      const hits = shown.map((row) => ({ row, found: describe(row, definitions.get(row.conid)) }));
      const named = hits
        .map((hit) => withExchange(hit, hits))
        .sort((a, b) => rank(a, query) - rank(b, query));
      return { found: named.map(({ found }) => found), meaning: meaningOf(query, named) };
    },
  };
}

const isStock = ({ kinds }: SearchRow) => kinds.includes("STK");

function describe(row: SearchRow, definition: Definition | undefined): FoundInstrument {
  const listed = {
    symbol: row.symbol,
    name: row.name,
    exchange: definition?.exchange ?? row.exchange,
    currency: definition?.currency ?? null,
  };
  if (!isStock(row)) {
    const kind = row.kinds[0] ?? "unknown";
    return { ...listed, kind, tradable: false, reason: "Not a stock; only stocks and ETFs are traded here." };
  }
  return { ...listed, kind: "stock", ...standing(row, definition) };
}

/** Whether it is one of those that this server trades: stocks listed in the United States. */
function standing(row: SearchRow, definition: Definition | undefined) {
  const isUS = definition?.isUS ?? null;
  if (isUS === null) return { tradable: null, reason: "IBKR does not say in which country it is listed." };
  if (!isUS) {
    const where = definition?.exchange ?? row.exchange ?? "an exchange abroad";
    return { tradable: false, reason: `Listed at ${where}, not in the United States.` };
  }
  if (readSymbol(row.symbol) === null) {
    return { tradable: false, reason: "Its symbol is not in a form that order tools take." };
  }
  return { tradable: true, reason: null };
}

/** Two US listings under one symbol are told apart by their exchange, as `resolve` takes it. */
function withExchange(hit: Hit, all: Hit[]): Hit {
  const { symbol, exchange, tradable } = hit.found;
  const twins = all.filter(({ found }) => found.tradable === true && found.symbol === symbol);
  const precise = `${symbol}@${exchange ?? ""}`;
  if (tradable !== true || twins.length < 2 || readSymbol(precise)?.exchange == null) return hit;
  return { row: hit.row, found: { ...hit.found, symbol: precise } };
}

function rank({ row, found }: Hit, query: SymbolQuery | null): number {
  const exact = row.symbol === query?.symbol ? 0 : 1;
  if (found.tradable === true) return exact;
  return (found.tradable === null ? 2 : 4) + exact;
}

function meaningOf(query: SymbolQuery | null, hits: Hit[]): string | null {
  const meant = hits.filter(({ row, found }) => {
    if (query === null || found.tradable !== true || row.symbol !== query.symbol) return false;
    // The search and the definition may name one exchange in two ways, and orders take either.
    return query.exchange === null || [row.exchange, found.exchange].includes(query.exchange);
  });
  return meant.length === 1 ? (meant[0]?.found.symbol ?? null) : null;
}
