import type { FoundInstrument, SearchResult } from "trading-core/domain/found-instrument";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { assetNamed } from "./asset-names.ts";
import type { CcxtMarket } from "./ccxt.ts";
import type { Markets } from "./markets.ts";
import type { ExchangeProfile } from "./profile.ts";

export interface Search {
  /** See `MarketData.search`. Asks the exchange nothing once its markets are known. */
  search: (query: string) => Promise<SearchResult>;
}

interface Options {
  markets: Pick<Markets, "ready" | "all" | "bySymbol">;
  profile: Pick<ExchangeProfile, "name">;
  /** What a bare "BTC" is bought with. */
  quoteCurrency: string;
}

/** A part of a name that is shorter than this is in nearly all of them. */
const SHORTEST_PART = 3;

export function createSearch({ markets, profile, quoteCurrency }: Options): Search {
  return {
    async search(text) {
      await markets.ready();
      const asked = text.trim().toUpperCase();
      const wanted = assetNamed(asked) ?? asked;
      const ranked = markets.all().flatMap((market) => {
        const closeness = closenessOf(market, wanted);
        return closeness === null ? [] : { market, closeness };
      });
      ranked.sort(
        (a, b) =>
          standing(a.market) - standing(b.market) ||
          a.closeness - b.closeness ||
          Number(b.market.quote === quoteCurrency) - Number(a.market.quote === quoteCurrency) ||
          (a.market.symbol < b.market.symbol ? -1 : 1),
      );
      return {
        found: ranked.map(({ market }) => describe(market, profile.name)),
        meaning: meaningOf(asked.includes("/") ? asked : `${asked}/${quoteCurrency}`, markets),
      };
    },
  };
}

/** How near a market is to what was asked for, 0 the nearest; null where it is something else. */
function closenessOf(market: CcxtMarket, wanted: string): number | null {
  if (namesOf(market).includes(wanted)) return 0;
  if (market.base === wanted) return 1;
  if (market.quote === wanted) return 2;
  if (wanted.length < SHORTEST_PART) return null;
  if (market.base.startsWith(wanted)) return 3;
  return namesOf(market).some((name) => name.startsWith(wanted)) ? 4 : null;
}

/** Its symbol and the exchange's own names of it: "BTC/USD", "XXBTZUSD", "XBTUSD", "XBT/USD". */
function namesOf({ symbol, id, info }: CcxtMarket): string[] {
  const names = [symbol, id, info.altname, info.wsname];
  return names.flatMap((name) => (typeof name === "string" ? name.toUpperCase() : []));
}

/** Null where the exchange does not say. */
function isTradable({ active, info }: CcxtMarket): boolean | null {
  if (info.isSpotTradingAllowed === false) return false;
  return active ?? null;
}

function standing(market: CcxtMarket): number {
  const tradable = isTradable(market);
  return tradable === true ? 0 : tradable === null ? 1 : 2;
}

function describe(market: CcxtMarket, exchange: string): FoundInstrument {
  const tradable = isTradable(market);
  return {
    symbol: untrustedText(market.symbol, 32),
    name: untrustedText(market.id, 80),
    kind: "spot",
    exchange,
    currency: untrustedText(market.quote, 16),
    tradable,
    reason: whyNot(tradable, exchange),
  };
}

function whyNot(tradable: boolean | null, exchange: string): string | null {
  if (tradable === true) return null;
  return `${exchange} ${tradable === null ? "does not say whether it trades it" : "does not trade it now"}.`;
}

/** As a symbol is read everywhere else: a bare asset means its market in the configured currency. */
function meaningOf(symbol: string, markets: Pick<Markets, "bySymbol">): string | null {
  const market = markets.bySymbol(symbol);
  return market !== null && isTradable(market) === true ? market.symbol : null;
}
