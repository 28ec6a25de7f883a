import type { AccountSummary, Position } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import { cents, type Decimal, decimal } from "trading-core/domain/money";
import { type Reading, read, unread } from "trading-core/domain/reading";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { Clock } from "trading-core/ports/clock";
import type { GatewayClient } from "./client.ts";
import { unexpectedShape } from "./failures.ts";
import { asArray, asId, asNumber, asRecord, asText, type Json, looseDecimal } from "./loose.ts";
import { route } from "./path.ts";
import type { CpapiSession } from "./session.ts";

const MOST_PAGES = 50;

/** The account's money, from `/portfolio/{account}/summary`; null when the answer is not a summary. */
export function readSummary(body: unknown, accountId: string): AccountSummary | null {
  const lines = asRecord(body);
  const net = asRecord(lines?.netliquidation);
  const currency = asText(net?.currency);
  // Amounts of an unknown currency are none: limits are compared with them.
  if (!lines || !net || currency === null) return null;
  const amount = (key: string): Decimal | null => {
    const line = asRecord(lines[key]);
    if (!line || line.isNull === true) return null;
    const value = looseDecimal(line.amount);
    // The venue sends floats with long tails; money has cents.
    return value && decimal(cents(value));
  };
  return {
    accountId,
    currency: untrustedText(currency, 10),
    netLiquidation: amount("netliquidation"),
    availableFunds: amount("availablefunds"),
    buyingPower: amount("buyingpower"),
    cash: amount("totalcashvalue"),
  };
}

/** One row of the positions list; null when what it holds, or of what, cannot be read. */
export function readPosition(item: unknown, accountId: string): Position | null {
  const row = asRecord(item);
  const conid = asId(row?.conid);
  const quantity = looseDecimal(row?.position);
  if (!row || conid === null || quantity === null) return null;
  const owner = asText(row.acctId);
  if (owner !== null && owner !== accountId) return null;
  const symbol = asText(row.contractDesc) ?? asText(row.ticker) ?? asText(row.description);
  return {
    instrumentId: conid,
    symbol: untrustedText(symbol ?? conid, 60),
    quantity,
    averageCost: looseDecimal(row.avgCost) ?? looseDecimal(row.avgPrice),
    marketPrice: looseDecimal(row.mktPrice) ?? looseDecimal(row.marketPrice),
    marketValue: money(row.mktValue) ?? money(row.marketValue),
    unrealizedPnl: money(row.unrealizedPnl),
    currency: asText(row.currency) && untrustedText(row.currency, 10),
  };
}

function money(value: unknown): Decimal | null {
  const amount = looseDecimal(value);
  return amount && decimal(cents(amount));
}

interface Options {
  client: GatewayClient;
  session: Pick<CpapiSession, "requireAccount" | "primePortfolio">;
  clock: Clock;
}

export function createPortfolio({ client, session, clock }: Options) {
  /** The venue caches positions for tens of seconds after a fill, unless it is told not to. */
  async function invalidate(accountId: string): Promise<void> {
    await client.call({ method: "POST", path: route`/portfolio/${accountId}/positions/invalidate` });
  }

  async function page(accountId: string, index: number): Promise<unknown[]> {
    const body = await client.read({
      method: "GET",
      path: route`/portfolio/${accountId}/positions/${String(index)}`,
      query: { sort: "position", direction: "a" },
    });
    const rows = asArray(body);
    if (!rows) throw unexpectedShape("positions");
    return rows;
  }

  /** Every row of every page. A page that repeats the one before means that the index was ignored. */
  async function allRows(accountId: string): Promise<unknown[]> {
    const all: unknown[] = [];
    let before = "";
    for (let index = 0; index < MOST_PAGES; index += 1) {
      const rows = await page(accountId, index);
      if (rows.length === 0) return all;
      const text = JSON.stringify(rows.map((row) => asRecord(row)?.conid));
      if (text === before) throw unexpectedShape("positions (every page is the same)");
      before = text;
      all.push(...rows);
      if (isLastPage(rows)) return all;
    }
    throw unexpectedShape(`positions (more than ${MOST_PAGES} pages)`);
  }

  async function positions(): Promise<Reading<Position[]>> {
    try {
      const accountId = await session.requireAccount();
      await session.primePortfolio();
      const began = clock.now();
      await invalidate(accountId);
      const found = new Map<string, Position>();
      for (const row of await allRows(accountId)) {
        const position = readPosition(row, accountId);
        if (!position) return unread("IBKR sent a position that cannot be read; none of the list is used");
        const known = found.get(position.instrumentId);
        found.set(position.instrumentId, known ? add(known, position) : position);
      }
      return read(
        [...found.values()].filter(({ quantity }) => !quantity.eq(0)),
        began,
      );
    } catch (error) {
      if (error instanceof TradingError) return unread(error.message);
      throw error;
    }
  }

  async function accountSummary(): Promise<AccountSummary> {
    const accountId = await session.requireAccount();
    await session.primePortfolio();
    const body = await client.read({ method: "GET", path: route`/portfolio/${accountId}/summary` });
    const summary = readSummary(body, accountId);
    if (!summary) throw unexpectedShape("the account's summary");
    return summary;
  }

  return { positions, accountSummary };
}

/** Rows name the size of a page; without that, only an empty page is the end. */
function isLastPage(rows: unknown[]): boolean {
  const size = asNumber((rows[0] as Json | undefined)?.pageSize);
  return size !== null && size > 0 && rows.length < size;
}

/** One contract under two of the account's models is one holding. */
function add(first: Position, second: Position): Position {
  return {
    ...first,
    quantity: first.quantity.plus(second.quantity),
    averageCost: null,
    marketValue: first.marketValue && second.marketValue ? first.marketValue.plus(second.marketValue) : null,
    unrealizedPnl:
      first.unrealizedPnl && second.unrealizedPnl ? first.unrealizedPnl.plus(second.unrealizedPnl) : null,
  };
}
