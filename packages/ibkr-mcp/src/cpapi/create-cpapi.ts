import type { Broker } from "trading-core/ports/broker";
import type { Clock } from "trading-core/ports/clock";
import type { MarketData } from "trading-core/ports/market-data";
import type { Session } from "trading-core/ports/session";
import { createClient, type Logger } from "./client.ts";
import { createContracts } from "./contracts.ts";
import { createExchangeRates } from "./exchange-rates.ts";
import { createHistory } from "./history.ts";
import { createBroker } from "./orders.ts";
import { createPnl } from "./pnl.ts";
import { createPortfolio } from "./portfolio.ts";
import { createQuotes } from "./quotes.ts";
import { createSchedules } from "./schedule.ts";
import { createSearch } from "./search.ts";
import { type CpapiSession, createSession } from "./session.ts";

export interface CpapiOptions {
  /** The gateway's address: "https://localhost:5000/v1/api"; the path may be left out. */
  baseUrl: string;
  /** PEM of the gateway's certificate, which is then verified; needed for none on loopback. */
  ca?: string | undefined;
  /** The account that this server may trade; null takes the login's only one. */
  accountId: string | null;
  /** Whether a revival may throw out the user's TWS or phone session. */
  compete: boolean;
  /** Where processes share pacing, lock-outs and the line: `<stateDir>/gateways/<host-port>/`. */
  stateDir: string;
  /** How long an ordinary read may take, milliseconds. */
  timeoutMs: number;
  clock: Clock;
  logger?: Logger | undefined;
}

export interface Cpapi {
  broker: Broker;
  marketData: Required<MarketData>;
  session: Session & Pick<CpapiSession, "tickle">;
  /** The folder that processes of this machine share about this gateway. */
  folder: string;
  /** Gives market data lines back, for a quarter of a second at most, and closes the connections. */
  close(): Promise<void>;
}

const FAREWELL_MS = 250;

/** Interactive Brokers behind the project's ports. Opens nothing until the first call. */
export function createCpapi(options: CpapiOptions): Cpapi {
  const { clock } = options;
  const client = createClient(options);
  const venueSession = createSession({ client, ...options });
  const quotes = createQuotes({ client, clock });
  const contracts = createContracts({ client, session: venueSession, clock });
  const portfolio = createPortfolio({ client, session: venueSession, clock });
  const pnl = createPnl({ client, session: venueSession, portfolio, clock });
  const rates = createExchangeRates({ client, clock });
  const schedules = createSchedules({ client, clock });
  const history = createHistory({ client, clock });
  const search = createSearch({ client });
  const broker = createBroker({ client, session: venueSession, quotes, clock });

  let closing: Promise<void> | null = null;
  function close(): Promise<void> {
    closing ??= sayGoodbye();
    return closing;
  }

  async function sayGoodbye(): Promise<void> {
    const done = new AbortController();
    await Promise.race([quotes.close(), clock.sleep(FAREWELL_MS, done.signal)]);
    done.abort();
    await client.close();
  }

  return {
    broker,
    marketData: {
      resolve: contracts.resolve,
      quotes: quotes.quotes,
      ...history,
      ...search,
      ...schedules,
      ...portfolio,
      ...pnl,
      ...rates,
    },
    session: { ...venueSession, close },
    folder: client.folder,
    close,
  };
}
