import type { AccountSummary, Position } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import { type Decimal, parseDecimal, ZERO } from "trading-core/domain/money";
import type { Quote } from "trading-core/domain/quote";
import { type Reading, read } from "trading-core/domain/reading";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { Clock } from "trading-core/ports/clock";
import type { Connection } from "./connection.ts";
import type { Markets } from "./markets.ts";
import type { Quotes } from "./quotes.ts";

export interface Balances {
  positions(): Promise<Reading<Position[]>>;
  accountSummary(): Promise<AccountSummary>;
}

interface Balance {
  asset: string;
  /** What is owned, what working orders hold included. */
  total: Decimal;
  free: Decimal | null;
}

interface Options {
  connection: Connection;
  markets: Markets;
  quotes: Quotes;
  clock: Clock;
  quoteCurrency: string;
  /** What is money and no position. */
  cashCurrencies: readonly string[];
  accountId: () => Promise<string>;
}

export function createBalances(options: Options): Balances {
  const { connection, markets, quotes, clock, quoteCurrency, cashCurrencies } = options;
  const { profile } = connection.exchange;

  async function balances(): Promise<{ held: Balance[]; began: number }> {
    await markets.ready();
    const began = clock.now();
    const balance = await connection.askSigned("the balances", (api) => api.fetchBalance());
    const held: Balance[] = [];
    for (const [asset, text] of Object.entries(balance.total)) {
      const total = parseDecimal(text);
      // An amount that cannot be read is not zero: the whole reading is none.
      if (total === null) throw unreadable(asset);
      if (total.gt(ZERO)) held.push({ asset, total, free: parseDecimal(balance.free[asset]) });
    }
    return { held, began };
  }

  function unreadable(asset: string): TradingError {
    return new TradingError(
      "exchange_error",
      `${profile.name}'s balance of ${untrustedText(asset, 20)} could not be read.`,
      "Try again.",
      { retryable: true },
    );
  }

  /** The pair in which an asset is shown: against the configured currency, else against other money. */
  function pairOf(asset: string): string | null {
    const quoted = [quoteCurrency, ...cashCurrencies].map((currency) => `${asset}/${currency}`);
    return quoted.find((symbol) => markets.bySymbol(symbol) !== null) ?? null;
  }

  async function priced(assets: string[]): Promise<Map<string, Quote>> {
    try {
      return await quotes.tickers(assets.flatMap((asset) => pairOf(asset) ?? []));
    } catch {
      // Serves exits: what is held is known without its price.
      return new Map();
    }
  }

  function positionOf({ asset, total }: Balance, found: Map<string, Quote>): Position {
    const symbol = pairOf(asset);
    const quote = symbol === null ? undefined : found.get(symbol);
    const marketPrice = quote?.bid ?? quote?.last ?? null;
    return {
      instrumentId: asset,
      symbol: symbol ?? untrustedText(asset, 20),
      quantity: total,
      // A spot exchange keeps no cost of what it holds.
      averageCost: null,
      marketPrice,
      marketValue: marketPrice === null ? null : total.times(marketPrice),
      unrealizedPnl: null,
      currency: symbol === null ? null : (symbol.split("/")[1] ?? null),
    };
  }

  /** In the configured currency; null where an asset has no price in it. */
  async function worth(held: Balance[]): Promise<Decimal | null> {
    const symbols = held.map(({ asset }) => `${asset}/${quoteCurrency}`);
    const found = await quotes.tickers(symbols);
    let sum = ZERO;
    for (const { asset, total } of held) {
      if (asset === quoteCurrency) {
        sum = sum.plus(total);
        continue;
      }
      const quote = found.get(`${asset}/${quoteCurrency}`);
      const price = quote?.bid ?? quote?.last;
      if (!price) return null;
      sum = sum.plus(total.times(price));
    }
    return sum;
  }

  return {
    async positions() {
      const { held, began } = await balances();
      const coins = held.filter(({ asset }) => !cashCurrencies.includes(asset));
      const found = await priced(coins.map(({ asset }) => asset));
      return read(
        coins.map((balance) => positionOf(balance, found)),
        began,
      );
    },
    async accountSummary() {
      const [{ held }, accountId] = await Promise.all([balances(), options.accountId()]);
      const own = held.find(({ asset }) => asset === quoteCurrency);
      const free = own === undefined ? ZERO : own.free;
      return {
        accountId,
        currency: quoteCurrency,
        netLiquidation: await worth(held).catch(() => null),
        availableFunds: free,
        // Spot: nothing is lent.
        buyingPower: free,
        cash: own?.total ?? ZERO,
      };
    },
  };
}
