import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import type { Quote } from "trading-core/domain/quote";
import { type Reading, read, unread } from "trading-core/domain/reading";
import type { Clock } from "trading-core/ports/clock";
import type { GatewayClient } from "./client.ts";
import { unexpectedShape } from "./failures.ts";
import type { Json } from "./loose.ts";
import { checkConid } from "./path.ts";
import { hasPrice, isComplete, QUOTE_FIELDS, readQuote, readRows, whyNoPrice } from "./quote-row.ts";

export interface Quotes {
  quotes: (instruments: Instrument[]) => Promise<Reading<Quote>[]>;
  /** Opens the contract's market data line, without which the venue previews no order. */
  warm(conid: string): Promise<void>;
  /** Gives the lines that this process opened back, as far as that works. */
  close: () => Promise<void>;
}

const MOST_CONIDS = 100;
const TRIES = 4;
const PAUSE_MS = 600;
/**
 * Each contract asked for holds one of the account's 100 market data lines. This process keeps the 20
 * that were used last, because a line that is open answers at once, and gives the others back.
 */
const LINES_KEPT = 20;

export function createQuotes({ client, clock }: { client: GatewayClient; clock: Clock }): Quotes {
  /** Lines by when they were used last: a Map keeps its order. */
  const lines = new Map<string, true>();

  async function snapshot(conids: string[]): Promise<Map<string, Json>> {
    const body = await client.read({
      method: "GET",
      path: "/iserver/marketdata/snapshot",
      query: { conids: conids.join(","), fields: QUOTE_FIELDS },
    });
    const rows = readRows(body);
    if (!rows) throw unexpectedShape("quotes");
    for (const conid of conids) {
      lines.delete(conid);
      lines.set(conid, true);
    }
    return rows;
  }

  /** Asks until every row is complete; once each has a price, one more try is enough. */
  async function rowsOf(conids: string[]): Promise<Map<string, Json>> {
    let rows = new Map<string, Json>();
    for (let attempt = 1; ; attempt += 1) {
      const latest = await snapshot(conids);
      // Fields come in pieces, and a later answer may carry fewer: what was seen stays.
      rows = new Map(conids.map((conid) => [conid, { ...rows.get(conid), ...latest.get(conid) }]));
      for (const conid of conids) if (Object.keys(rows.get(conid) ?? {}).length === 0) rows.delete(conid);
      if (conids.every((conid) => isComplete(rows.get(conid)))) return rows;
      if (attempt >= TRIES) return rows;
      if (attempt >= TRIES - 1 && conids.every((conid) => hasPrice(rows.get(conid)))) return rows;
      await clock.sleep(PAUSE_MS);
    }
  }

  async function quotesOf(instruments: Instrument[]): Promise<Reading<Quote>[]> {
    const began = clock.now();
    try {
      const rows = await rowsOf([...new Set(instruments.map(({ id }) => checkConid(id)))]);
      return instruments.map((instrument) => {
        const row = rows.get(instrument.id);
        const quote = row && readQuote(row, instrument);
        const priced = quote && (quote.last !== null || quote.bid !== null || quote.ask !== null);
        return priced ? read(quote, began) : unread(whyNoPrice(row));
      });
    } catch (error) {
      if (!(error instanceof TradingError)) throw error;
      return instruments.map(() => unread(error.message));
    }
  }

  async function giveBack(conids: string[]): Promise<void> {
    for (const conid of conids) lines.delete(conid);
    await Promise.all(
      conids.map((conid) =>
        // "unknown" comes back for a line that is gone already; neither answer changes anything here.
        client
          .call({ method: "POST", path: "/iserver/marketdata/unsubscribe", body: { conid: Number(conid) } })
          .catch(() => null),
      ),
    );
  }

  return {
    async quotes(instruments) {
      const readings: Reading<Quote>[] = [];
      for (let start = 0; start < instruments.length; start += MOST_CONIDS) {
        readings.push(...(await quotesOf(instruments.slice(start, start + MOST_CONIDS))));
        const surplus = [...lines.keys()].slice(0, Math.max(0, lines.size - LINES_KEPT));
        if (surplus.length > 0) await giveBack(surplus);
      }
      return readings;
    },
    async warm(conid) {
      if (!lines.has(conid)) await snapshot([conid]);
    },
    close: () => giveBack([...lines.keys()]),
  };
}
