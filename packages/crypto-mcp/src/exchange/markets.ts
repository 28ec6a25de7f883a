import { TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";
import type { CcxtMarket } from "./ccxt.ts";
import { failureOf } from "./failures.ts";
import type { Exchange } from "./load-exchange.ts";
import { readMarketCache, writeMarketCache } from "./market-cache.ts";

/** The spot markets of one exchange. */
export interface Markets {
  /** Loads them where that has not succeeded yet. Throws a TradingError; the next call tries again. */
  ready(): Promise<void>;
  /** By the symbol, "BTC/USDT"; null where there is none. Needs `ready`. */
  bySymbol(symbol: string): CcxtMarket | null;
  /** By the exchange's own name, "BTCUSDT". */
  byId(id: string): CcxtMarket | null;
  all(): readonly CcxtMarket[];
  /** When the exchange was asked for them, epoch milliseconds; null before the first success. */
  readAt(): number | null;
}

const LOAD_MS = 30_000;

/** @param cachePath absolute; its folder belongs to the per-user state folder */
export function createMarkets(
  exchange: Exchange,
  options: { cachePath: string; source: string; clock: Pick<Clock, "now"> },
): Markets {
  const { cachePath, source, clock } = options;
  const { profile, api } = exchange;
  let loading: Promise<void> | null = null;
  let symbols = new Map<string, CcxtMarket>();
  let ids = new Map<string, CcxtMarket>();
  let lastRead: number | null = null;

  async function load(): Promise<void> {
    const cached = readMarketCache(cachePath, source, clock.now());
    if (cached !== null) return use(cached.markets, cached.readAt);
    const markets = await fetchSpot();
    use(markets, clock.now());
    writeMarketCache(cachePath, source, markets, clock.now());
  }

  async function fetchSpot(): Promise<CcxtMarket[]> {
    let listed: CcxtMarket[];
    try {
      listed = await exchange.read((each) => each.fetchMarkets(), LOAD_MS);
    } catch (error) {
      throw failureOf(error, profile, "the list of markets");
    }
    const spot = listed.filter((market) => market.spot === true && market.contract !== true).map(trimmed);
    if (spot.length > 0) return spot;
    throw new TradingError(
      "exchange_unavailable",
      `${profile.name} lists no spot market.`,
      "Look at the exchange's status page, then try again.",
      { retryable: true },
    );
  }

  /** What is needed of a market, in text: the exchange's whole record is hundreds of times as long. */
  function trimmed(market: CcxtMarket): CcxtMarket {
    const { id, symbol, base, quote, type, spot, active, precision, limits } = market;
    const info: Record<string, unknown> = {};
    for (const name of profile.keptInfo) {
      if (market.info[name] !== undefined) info[name] = market.info[name];
    }
    return {
      id,
      symbol,
      base,
      quote,
      type,
      spot,
      contract: false,
      active,
      precision: { amount: precision.amount, price: precision.price },
      limits: { amount: { ...limits.amount }, cost: { ...limits.cost } },
      info,
    };
  }

  function use(markets: CcxtMarket[], readAt: number): void {
    lastRead = readAt;
    api.setMarkets(markets);
    // What the library loads by itself it would load without our limits, and keep the failure for ever.
    api.marketsLoading = Promise.resolve(api.markets);
    profile.reads.useMarkets?.(api, markets);
    symbols = new Map(markets.map((market) => [market.symbol, market]));
    ids = new Map(markets.map((market) => [market.id, market]));
  }

  return {
    async ready() {
      loading ??= load();
      try {
        await loading;
      } catch (error) {
        // Serves both: a failure is not kept, so that the next call asks the exchange again.
        loading = null;
        throw error;
      }
    },
    bySymbol: (symbol) => symbols.get(symbol) ?? null,
    byId: (id) => ids.get(id) ?? null,
    all: () => [...symbols.values()],
    readAt: () => lastRead,
  };
}
