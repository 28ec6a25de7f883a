import type { LedgerOrder } from "./ledger-order.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Nothing looks further back than 7 days (keys, executions); a day more, for days that are longer. */
const HORIZON_MS = 8 * DAY_MS;
const BLOCK = 1_000;

/**
 * Decides from the records' own times, and never from the clock, when orders that are done leave the
 * memory: the same records always forget the same orders. The time that counts is the earliest in a
 * block of records, so that a clock set forward for a moment makes nothing leave.
 */
export interface Horizon {
  /** Takes one record's place and time; the instant before which orders may leave, where it is time to look. */
  pass(seq: number, at: number): number | null;
  save(): number | null;
  restore(earliest: number | null): void;
}

export function createHorizon(): Horizon {
  let earliest: number | null = null;
  return {
    pass(seq, at) {
      earliest = earliest === null ? at : Math.min(earliest, at);
      if (seq % BLOCK !== 0) return null;
      const before = earliest - HORIZON_MS;
      earliest = null;
      return before;
    },
    save: () => earliest,
    restore(saved) {
      earliest = saved;
    },
  };
}

/** Orders at the front of the ledger that are done, and that nothing was heard of since this instant. */
export function departed(orders: ReadonlyMap<string, LedgerOrder>, before: number): Set<LedgerOrder> {
  const gone = new Set<LedgerOrder>();
  for (const order of orders.values()) {
    if (order.intentAt >= before) break;
    if (order.phase === "done" && order.lastAt < before) gone.add(order);
  }
  return gone;
}
