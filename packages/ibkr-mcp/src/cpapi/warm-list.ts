import { TradingError } from "trading-core/domain/errors";
import { type Reading, read, unread } from "trading-core/domain/reading";
import type { Clock } from "trading-core/ports/clock";
import type { Row } from "./order-rows.ts";

interface Options<T> {
  clock: Clock;
  /** What the list is called in a reason: "orders". */
  name: string;
  generation: () => number;
  /** The list's rows; throws a TradingError. `started` is called when the request goes out. */
  fetchRows: (started: () => void) => Promise<unknown[]>;
  readRow: (row: unknown) => Row<T> | "skip";
}

/** The venue allows one request in five seconds; a reading of that age is served again, with its true start. */
const KEPT_MS = 5_000;

/**
 * A list that the venue serves empty on a session's first request, and a session can be a new one without
 * anybody noticing. So an empty answer after anything but an empty one is asked for again before it is
 * believed; a row that cannot be read spoils the whole list.
 */
export function createWarmList<T>({ clock, name, generation, fetchRows, readRow }: Options<T>) {
  let kept: { reading: Reading<T[]>; at: number; generation: number } | null = null;
  /** The session in which the list was empty twice in a row, and nothing else since. */
  let emptyIn: number | null = null;
  let running: { answer: Promise<Reading<T[]>>; round: number } | null = null;
  let round = 0;

  async function load(): Promise<Reading<T[]>> {
    const mine = round;
    let at = clock.monotonic();
    let began = clock.now();
    const started = () => {
      at = clock.monotonic();
      began = clock.now();
    };
    try {
      let rows = await fetchRows(started);
      if (rows.length === 0 && emptyIn !== generation()) rows = await fetchRows(started);
      emptyIn = rows.length === 0 ? generation() : null;
      const reading = readRows(rows, began);
      if (mine === round) kept = { reading, at, generation: generation() };
      return reading;
    } catch (error) {
      if (error instanceof TradingError) return unread(error.message);
      throw error;
    }
  }

  function readRows(rows: unknown[], began: number): Reading<T[]> {
    const values: T[] = [];
    for (const row of rows) {
      const value = readRow(row);
      if (value === null) return unread(`IBKR sent one of the ${name} in a form that cannot be read`);
      if (value === "foreign") return unread(`IBKR lists the ${name} of another account than ours`);
      if (value !== "skip") values.push(value);
    }
    return read(values, began);
  }

  return {
    get(): Promise<Reading<T[]>> {
      const fresh = kept !== null && clock.monotonic() - kept.at <= KEPT_MS;
      if (kept && fresh && kept.generation === generation()) return Promise.resolve(kept.reading);
      if (running?.round === round) return running.answer;
      const answer = load().finally(() => {
        if (running?.answer === answer) running = null;
      });
      running = { answer, round };
      return answer;
    },
    /** After a write of ours: what was read before it is not served any more. */
    forget(): void {
      round += 1;
      kept = null;
    },
  };
}
