import type { AccountFlags } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import type { Clock } from "trading-core/ports/clock";
import type { GatewayClient } from "./client.ts";
import { unexpectedShape } from "./failures.ts";
import {
  type Definition,
  type Listing,
  makeInstrument,
  type Rules,
  readDefinitions,
  readListings,
  readRules,
  readSymbol,
  type SymbolQuery,
} from "./listings.ts";
import { route } from "./path.ts";
import { type Remembered, remembered } from "./remembered.ts";
import type { CpapiSession } from "./session.ts";

export interface Contracts {
  /** See `MarketData.resolve`: `unknown_symbol`, `ambiguous_symbol`; never a foreign listing. */
  resolve: (symbol: string) => Promise<Instrument>;
}

const KEPT_MS = 60 * 60_000;
/** An instrument whose rules could not be read is looked up again soon. */
const INCOMPLETE_MS = 30_000;
const MOST_KEPT = 500;

interface Options {
  client: GatewayClient;
  session: Pick<CpapiSession, "flags" | "requireAccount">;
  clock: Clock;
}

export function createContracts({ client, session, clock }: Options): Contracts {
  const known = new Map<string, Remembered<Instrument>>();

  async function definitions(conids: string[]): Promise<Map<string, Definition>> {
    const body = await client.read({
      method: "GET",
      path: "/trsrv/secdef",
      query: { conids: conids.join(",") },
    });
    const found = readDefinitions(body);
    if (!found) throw unexpectedShape("a security's definition");
    return found;
  }

  async function find(query: SymbolQuery): Promise<Definition> {
    const { symbol } = query;
    const body = await client.read({ method: "GET", path: "/trsrv/stocks", query: { symbols: symbol } });
    const listings = readListings(body, symbol);
    if (!listings) throw unexpectedShape("a symbol's listings");
    const possible = listings.filter((listing) => listing.isUS !== false).slice(0, 100);
    if (possible.length === 0) throw unknownSymbol(symbol, listings);
    const defined = await definitions(possible.map((listing) => listing.conid));
    const american = possible.filter(
      (listing) => (listing.isUS ?? defined.get(listing.conid)?.isUS) === true,
    );
    const wanted = american.filter(({ exchange, conid }) => {
      if (query.exchange === null) return true;
      return exchange === query.exchange || defined.get(conid)?.exchange === query.exchange;
    });
    const ids = new Set(wanted.map((listing) => listing.conid));
    if (ids.size === 0) throw unknownSymbol(symbol, american.length > 0 ? american : listings);
    if (ids.size > 1) throw ambiguous(symbol, wanted);
    const definition = defined.get([...ids][0] ?? "");
    if (!definition || definition.currency === null) throw unexpectedShape("a security's definition");
    // The two lists disagree about where it is listed: not something to buy on the strength of one.
    if (definition.isUS === false) throw unknownSymbol(symbol, listings);
    return { ...definition, isUS: true };
  }

  async function rulesOf(conid: string): Promise<{ rules: Rules; flags: AccountFlags; complete: boolean }> {
    try {
      const [flags, accountId, body] = await Promise.all([
        session.flags(),
        session.requireAccount(),
        client.read({
          method: "GET",
          path: route`/iserver/contract/${conid}/info-and-rules`,
          query: { isBuy: "true" },
        }),
      ]);
      return { rules: readRules(body, accountId), flags, complete: true };
    } catch (error) {
      if (!(error instanceof TradingError)) throw error;
      const flags = await session
        .flags()
        .catch(() => ({ supportsFractions: null, supportsCashAmount: null }));
      return { rules: { fractions: null, cashAmount: null, tradable: null }, flags, complete: false };
    }
  }

  async function look(query: SymbolQuery, forgetSoon: () => void): Promise<Instrument> {
    const definition = await find(query);
    const { rules, flags, complete } = await rulesOf(definition.conid);
    if (!complete) forgetSoon();
    return makeInstrument(query.symbol, definition, rules, flags);
  }

  return {
    async resolve(text) {
      const query = readSymbol(text);
      if (!query) {
        throw new TradingError(
          "unknown_symbol",
          "This is not a stock symbol: letters and digits, with a share class after a dot or a space.",
          "Pass a US ticker such as AAPL or BRK.B.",
        );
      }
      const key = `${query.symbol}@${query.exchange ?? ""}`;
      let entry = known.get(key);
      if (!entry) {
        let incompleteSince: number | null = null;
        const inner = remembered(clock, KEPT_MS, () =>
          look(query, () => {
            incompleteSince = clock.monotonic();
          }),
        );
        entry = {
          get() {
            if (incompleteSince !== null && clock.monotonic() - incompleteSince > INCOMPLETE_MS) {
              incompleteSince = null;
              inner.forget();
            }
            return inner.get();
          },
          forget: inner.forget,
        };
        const oldest = known.keys().next().value;
        if (known.size >= MOST_KEPT && oldest !== undefined) known.delete(oldest);
        known.set(key, entry);
      }
      return entry.get();
    },
  };
}

function unknownSymbol(symbol: string, listings: Listing[]): TradingError {
  const elsewhere = listings.slice(0, 5).map(({ exchange }) => exchange);
  const where = elsewhere.length > 0 ? ` It is listed at ${elsewhere.join(", ")}.` : "";
  return new TradingError(
    "unknown_symbol",
    `IBKR knows no US-listed stock under exactly ${symbol}.${where}`,
    "Use search_instruments to find the US ticker; foreign listings are not traded here.",
  );
}

function ambiguous(symbol: string, listings: Listing[]): TradingError {
  const candidates = listings.slice(0, 10).map(({ exchange, name }) => ({ exchange, name }));
  const shown = candidates.map(({ exchange, name }) => `${name} (${symbol}@${exchange})`).join("; ");
  return new TradingError(
    "ambiguous_symbol",
    `${symbol} stands for several US listings: ${shown}.`,
    `Ask the user which one is meant, and pass it with its exchange, such as ${symbol}@${candidates[0]?.exchange ?? ""}.`,
    { details: { candidates } },
  );
}
