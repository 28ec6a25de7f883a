import type { AccountSummary } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import { type Decimal, sum } from "trading-core/domain/money";
import { type Reading, read, unread } from "trading-core/domain/reading";
import type { Clock } from "trading-core/ports/clock";
import type { DayGain } from "trading-core/ports/market-data";
import type { GatewayClient } from "./client.ts";
import { asRecord, looseDecimal } from "./loose.ts";
import type { CpapiSession } from "./session.ts";

/** The venue allows one request in five seconds; a reading of that age is served again, with its true start. */
const KEPT_MS = 5_000;

/**
 * The account's result of the day from `/iserver/account/pnl/partitioned`: `{"upnl":{"DU1.Core":{"dpl":…}}}`,
 * in its base currency; null when any of its parts cannot be read, or when there is none.
 */
export function readDailyPnl(body: unknown, accountId: string): Decimal | null {
  const rows = Object.entries(asRecord(asRecord(body)?.upnl) ?? {});
  const own = rows.filter(([key]) => key === accountId || key.startsWith(`${accountId}.`));
  const results = own.map(([, row]) => looseDecimal(asRecord(row)?.dpl));
  if (results.length === 0) return null;
  const known = results.filter((result) => result !== null);
  return known.length === results.length ? sum(known) : null;
}

interface Options {
  client: Pick<GatewayClient, "read">;
  session: Pick<CpapiSession, "requireAccount">;
  portfolio: { accountSummary(): Promise<AccountSummary> };
  clock: Clock;
}

export function createPnl({ client, session, portfolio, clock }: Options) {
  let kept: { accountId: string; reading: Reading<DayGain>; at: number } | null = null;
  let running: Promise<Reading<DayGain>> | null = null;
  let base: { accountId: string; currency: string } | null = null;

  /** An account's base currency is changed by its owner, overnight: read once. */
  async function baseCurrency(accountId: string): Promise<string> {
    if (base?.accountId !== accountId) {
      base = { accountId, currency: (await portfolio.accountSummary()).currency };
    }
    return base.currency;
  }

  /** A session that nobody asked yet answers with an empty object; the second answer is the first true one. */
  async function load(): Promise<Reading<DayGain>> {
    const accountId = await session.requireAccount();
    if (kept?.accountId === accountId && clock.monotonic() - kept.at <= KEPT_MS) return kept.reading;
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      let at = clock.monotonic();
      let began = clock.now();
      const body = await client.read({
        method: "GET",
        path: "/iserver/account/pnl/partitioned",
        onStart() {
          at = clock.monotonic();
          began = clock.now();
        },
      });
      const result = readDailyPnl(body, accountId);
      if (result !== null) {
        const reading = read({ amount: result, currency: await baseCurrency(accountId) }, began);
        kept = { accountId, reading, at };
        return reading;
      }
    }
    return unread("IBKR does not say what the account gained or lost today");
  }

  async function guarded(): Promise<Reading<DayGain>> {
    try {
      return await load();
    } catch (error) {
      // Serves entries: they are refused while the day's result is not known; exits do not look at it.
      if (error instanceof TradingError) return unread(error.message);
      throw error;
    }
  }

  /** One reading serves all who ask meanwhile. */
  function dailyPnl(): Promise<Reading<DayGain>> {
    running ??= guarded().finally(() => {
      running = null;
    });
    return running;
  }

  return { dailyPnl };
}
