import { binance } from "./order-forms/binance.ts";
import { kraken } from "./order-forms/kraken.ts";
import type { OrderForms } from "./order-forms/order-forms.ts";
import { binanceReads } from "./reads/binance.ts";
import { krakenReads } from "./reads/kraken.ts";
import type { ExchangeReads } from "./reads/reads.ts";

export type ExchangeId = "binance" | "kraken";

/**
 * All that is particular about one exchange. A new one is an entry here, its order forms, and the requests
 * that were captured for them (order-forms/captured.test.ts): nothing about it is taken from CCXT's flags,
 * which promise orders that are then sent as other ones.
 */
export interface ExchangeProfile {
  /** CCXT's name of it. */
  id: ExchangeId;
  name: string;
  /** What most of its pairs are priced in. */
  quoteCurrency: string;
  /** Where real money is, without a path. */
  liveBase: string;
  /** Its public test system; null where it has none. */
  sandboxBase: string | null;
  /** CCXT's table of addresses for a base; what is not in it cannot be called. */
  urls(base: string): Record<string, string>;
  /** CCXT's options: one request for the markets, no margin, no futures, no retries. */
  options: Record<string, unknown>;
  /** Reads: so many at once, then so many a second. Orders and cancels never wait for it. */
  readLimit: { burst: number; perSecond: number };
  /** Signed requests carry an ascending number, and two that overtake each other are refused. */
  ascendingNonce: boolean;
  /** What of a market's own record is kept in the cache, because a form depends on it. */
  keptInfo: readonly string[];
  /** The list of own trades has to be asked for symbol by symbol. */
  tradesBySymbol: boolean;
  forms: OrderForms;
  reads: ExchangeReads;
}

export const profiles: Readonly<Record<ExchangeId, ExchangeProfile>> = {
  binance: {
    id: "binance",
    name: "Binance",
    quoteCurrency: "USDT",
    liveBase: "https://api.binance.com",
    sandboxBase: "https://testnet.binance.vision",
    urls: (base) => ({ public: `${base}/api/v3`, private: `${base}/api/v3`, sapi: `${base}/sapi/v1` }),
    options: {
      defaultType: "spot",
      fetchMarkets: { types: ["spot"] },
      fetchMargins: false,
      fetchCurrencies: false,
      fetchOpenOrders: { warnWithoutSymbol: false },
      warnOnFetchOpenOrdersWithoutSymbol: false,
      maxRetriesOnFailure: 0,
    },
    readLimit: { burst: 20, perSecond: 10 },
    ascendingNonce: false,
    keptInfo: ["orderTypes", "isSpotTradingAllowed", "quoteOrderQtyMarketAllowed", "allowTrailingStop"],
    tradesBySymbol: true,
    forms: binance,
    reads: binanceReads,
  },
  kraken: {
    id: "kraken",
    name: "Kraken",
    quoteCurrency: "USD",
    liveBase: "https://api.kraken.com",
    sandboxBase: null,
    urls: (base) => ({ public: base, private: base }),
    options: { maxRetriesOnFailure: 0 },
    readLimit: { burst: 8, perSecond: 0.5 },
    ascendingNonce: true,
    keptInfo: ["altname", "wsname"],
    tradesBySymbol: false,
    forms: kraken,
    reads: krakenReads,
  },
};
