import type { Clock } from "trading-core/ports/clock";
import type { Ccxt } from "./ccxt.ts";
import { classesOf, failureOf } from "./failures.ts";
import { createLine, OPEN_LINE } from "./line.ts";
import type { Exchange, Passage } from "./load-exchange.ts";
import { createPacing } from "./pacing.ts";

/** Calls to one exchange, within its limits and in the order that it needs. */
export interface Connection {
  exchange: Exchange;
  /** A public read. Throws a TradingError. */
  ask<T>(what: string, call: (api: Ccxt) => Promise<T>): Promise<T>;
  /** A signed read, asked a second time where only its time or number was refused. Throws a TradingError. */
  askSigned<T>(what: string, call: (api: Ccxt) => Promise<T>): Promise<T>;
  /** A signed read that may say that there is no such order: null. */
  look<T>(what: string, call: (api: Ccxt) => Promise<T>): Promise<T | null>;
  /** Several signed reads made with `askRaw`. Throws a TradingError. */
  own<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** A signed read whose own error the caller looks at. */
  askRaw: <T>(call: (api: Ccxt) => Promise<T>) => Promise<T>;
  /** A write, alone on the line. Rejects with whatever went wrong. */
  write: <T>(passage: Passage, call: (api: Ccxt) => Promise<T>) => Promise<T>;
}

/** How long a read waits for another one on the line, and how long an order does. */
const READ_PATIENCE_MS = 10_000;
const WRITE_PATIENCE_MS = 1_000;

export function createConnection(exchange: Exchange, clock: Clock): Connection {
  const { profile, api } = exchange;
  const pacing = createPacing(profile.readLimit, clock);
  const line = profile.ascendingNonce ? createLine(clock) : OPEN_LINE;

  async function signed<T>(call: (api: Ccxt) => Promise<T>): Promise<T> {
    await pacing.turn();
    return await line.alone(() => exchange.read(call), READ_PATIENCE_MS);
  }

  async function twice<T>(call: (api: Ccxt) => Promise<T>): Promise<T> {
    try {
      return await signed(call);
    } catch (error) {
      if (!classesOf(error).includes("InvalidNonce")) throw error;
      // Serves both: the exchange looked at the clock or the number only, and a read changes nothing.
      if (!profile.ascendingNonce) await exchange.read(() => api.loadTimeDifference());
      return await signed(call);
    }
  }

  return {
    exchange,
    async ask(what, call) {
      await pacing.turn();
      try {
        return await exchange.read(call);
      } catch (error) {
        throw failureOf(error, profile, what);
      }
    },
    async askSigned(what, call) {
      try {
        return await twice(call);
      } catch (error) {
        throw failureOf(error, profile, what);
      }
    },
    async look(what, call) {
      try {
        return await twice(call);
      } catch (error) {
        if (profile.reads.isUnknownOrder(error)) return null;
        throw failureOf(error, profile, what);
      }
    },
    askRaw: twice,
    async own(what, work) {
      try {
        return await work();
      } catch (error) {
        throw failureOf(error, profile, what);
      }
    },
    write: (passage, call) => line.alone(() => exchange.write(passage, call), WRITE_PATIENCE_MS),
  };
}
