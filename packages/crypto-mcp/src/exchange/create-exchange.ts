import { join } from "node:path";
import { TradingError } from "trading-core/domain/errors";
import type { TradingMode } from "trading-core/guard/policy";
import type { Broker } from "trading-core/ports/broker";
import type { Clock } from "trading-core/ports/clock";
import type { MarketData } from "trading-core/ports/market-data";
import { createBalances } from "./balances.ts";
import { createBroker } from "./broker.ts";
import { createConnection } from "./connection.ts";
import { createHistory } from "./history.ts";
import { type Credentials, loadExchange } from "./load-exchange.ts";
import { createMarkets, type Markets } from "./markets.ts";
import { type ExchangeId, profiles } from "./profile.ts";
import { createQuotes } from "./quotes.ts";
import { createSearch } from "./search.ts";
import { createSession, type ExchangeSession } from "./session.ts";
import { resolveSymbol } from "./symbols.ts";
import { createWire } from "./wire.ts";

export interface ExchangeOptions {
  exchange: ExchangeId;
  mode: TradingMode;
  /** Where the simulator listens, in mode sim: "http://127.0.0.1:51234". */
  simulatorBase: string | null;
  credentials: Credentials | null;
  accountName: string;
  allowWithdrawalKey: boolean;
  /** What a bare "BTC" is bought with: "USDT". */
  quoteCurrency: string;
  cashCurrencies: readonly string[];
  /** Markets are kept in `<stateDir>/exchanges/`. */
  stateDir: string;
  clock: Clock;
}

export interface ComposedExchange {
  broker: Broker;
  marketData: MarketData;
  session: ExchangeSession;
  /** Where requests go, without a path. */
  base: string;
  markets: Pick<Markets, "ready" | "all" | "readAt">;
  close(): void;
}

/**
 * A spot exchange behind the project's ports. Loads CCXT's file for it, and asks the exchange nothing yet.
 * Throws `no_sandbox` where the mode asks for a test system that the exchange does not have.
 */
export async function createExchange(options: ExchangeOptions): Promise<ComposedExchange> {
  const { clock, quoteCurrency, cashCurrencies } = options;
  const profile = profiles[options.exchange];
  const base = baseOf(options);
  const wire = createWire([base], clock);
  const exchange = await loadExchange({ profile, base, credentials: options.credentials, wire, clock });
  const connection = createConnection(exchange, clock);
  const markets = createMarkets(exchange, {
    cachePath: join(options.stateDir, "exchanges", `${profile.id}-${options.mode}-markets.json`),
    source: base,
    clock,
  });
  const quotes = createQuotes(connection, markets, clock);
  const session = createSession({
    connection,
    markets,
    mode: options.mode,
    base,
    credentials: options.credentials,
    accountName: options.accountName,
    allowWithdrawalKey: options.allowWithdrawalKey,
    clockSkew: wire.clockSkew,
    close: wire.close,
  });
  const balances = createBalances({
    connection,
    markets,
    quotes,
    clock,
    quoteCurrency,
    cashCurrencies,
    accountId: async () => (await session.identity()).accountId,
  });
  return {
    broker: createBroker({ connection, markets, clock }),
    marketData: {
      async resolve(symbol) {
        await markets.ready();
        return resolveSymbol(symbol, markets, profile, quoteCurrency);
      },
      quotes: quotes.quotes,
      rate: quotes.rate,
      ...createHistory({ connection, markets, clock, clockSkew: wire.clockSkew }),
      ...createSearch({ markets, profile, quoteCurrency }),
      schedule: () => Promise.resolve({ sessions: [], alwaysOpen: true }),
      ...balances,
    },
    session,
    base,
    markets,
    close: wire.close,
  };
}

function baseOf({ mode, exchange, simulatorBase }: ExchangeOptions): string {
  const profile = profiles[exchange];
  switch (mode) {
    case "live":
      return profile.liveBase;
    case "sim":
      if (simulatorBase === null) throw new Error("mode sim needs a simulator");
      return simulatorBase;
    default:
      if (profile.sandboxBase !== null) return profile.sandboxBase;
      throw new TradingError(
        "no_sandbox",
        `${profile.name} has no test system for spot trading.`,
        "Use CRYPTO_TRADING_MODE=sim, or another exchange.",
      );
  }
}
