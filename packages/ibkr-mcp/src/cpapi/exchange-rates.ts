import { TradingError } from "trading-core/domain/errors";
import type { ExchangeRate } from "trading-core/domain/exchange-rate";
import type { Decimal } from "trading-core/domain/money";
import { type Reading, read, unread } from "trading-core/domain/reading";
import type { Clock } from "trading-core/ports/clock";
import type { GatewayClient } from "./client.ts";
import { asRecord, loosePrice } from "./loose.ts";

/** A rate moves little in this time, and orders that follow one another cost one request between them. */
const KEPT_MS = 20_000;

/** The rate from `/iserver/exchangerate`: `{"rate":0.86656614}`; null when it is no positive number. */
export function readExchangeRate(body: unknown): Decimal | null {
  return loosePrice(asRecord(body)?.rate);
}

interface Options {
  client: Pick<GatewayClient, "read">;
  clock: Clock;
}

/** What one currency is worth in another by IBKR, which does not say when that was: as of the question. */
export function createExchangeRates({ client, clock }: Options) {
  const kept = new Map<string, { reading: Reading<ExchangeRate>; at: number }>();
  const running = new Map<string, Promise<Reading<ExchangeRate>>>();

  async function load(from: string, to: string): Promise<Reading<ExchangeRate>> {
    const known = kept.get(`${from}.${to}`);
    if (known && clock.monotonic() - known.at <= KEPT_MS) return known.reading;
    let at = clock.monotonic();
    let began = clock.now();
    try {
      const body = await client.read({
        method: "GET",
        path: "/iserver/exchangerate",
        query: { source: from, target: to },
        onStart() {
          at = clock.monotonic();
          began = clock.now();
        },
      });
      const rate = readExchangeRate(body);
      if (rate === null) return unread(`IBKR does not say what one ${from} is worth in ${to}`);
      const reading = read({ from, to, rate, asOf: began }, began);
      kept.set(`${from}.${to}`, { reading, at });
      return reading;
    } catch (error) {
      // Serves entries: they are refused without a rate; exits do not look at it.
      if (error instanceof TradingError) return unread(error.message);
      throw error;
    }
  }

  /** One reading serves all who ask for the same pair meanwhile. */
  function rate(from: string, to: string): Promise<Reading<ExchangeRate>> {
    const pair = `${from}.${to}`;
    const started = running.get(pair) ?? load(from, to).finally(() => running.delete(pair));
    running.set(pair, started);
    return started;
  }

  return { rate };
}
