import type { Movement } from "./ledger-order.ts";

/** How our own orders moved positions, instrument by instrument, as far back as holdings look (S1, S8). */
export interface Movements {
  /** In the order in which they happened, as far as is known. */
  of(instrumentId: string): Movement[];
  /** Instruments that anything is kept of. */
  instruments(): string[];
  /** @param settledSeq place of the record that last settled the instrument's figure; 0 before the first */
  add(instrumentId: string, move: Movement, settledSeq: number): void;
  /** Forgets instruments that nothing moved since this instant (epoch milliseconds). */
  dropBefore(at: number): void;
  save(): [string, Movement[]][];
  restore(saved: [string, Movement[]][]): void;
}

const HOUR_MS = 60 * 60_000;
/** A settled figure is relied on for a day at most, and a list lags by minutes; both with room to spare. */
const SINCE_SETTLED_MS = 25 * HOUR_MS;
const RECENT_MS = HOUR_MS;
/** These stay whatever the clock says: it may have been set forward for a moment. */
const ALWAYS_KEPT = 64;
const FIRST_SWEEP = 128;

export function createMovements(): Movements {
  const kept = new Map<string, Movement[]>();

  return {
    of: (instrumentId) =>
      [...(kept.get(instrumentId) ?? [])].sort((a, b) => happenedAt(a) - happenedAt(b) || a.seq - b.seq),
    instruments: () => [...kept.keys()],
    add(instrumentId, move, settledSeq) {
      const list = kept.get(instrumentId) ?? [];
      list.push(move);
      // Swept each time it has doubled, so that one movement costs the same however many there were.
      const isSweep = list.length >= FIRST_SWEEP && (list.length & (list.length - 1)) === 0;
      kept.set(instrumentId, isSweep ? swept(list, move.learntAt, settledSeq) : list);
    },
    dropBefore(at) {
      for (const [id, list] of kept) {
        if (list.every((move) => lastSeenAt(move) < at)) kept.delete(id);
      }
    },
    save: () => [...kept],
    restore(saved) {
      for (const [id, list] of saved) kept.set(id, list);
    },
  };
}

function swept(list: Movement[], now: number, settledSeq: number): Movement[] {
  return list.filter(
    (move, index) =>
      index >= list.length - ALWAYS_KEPT ||
      lastSeenAt(move) >= now - RECENT_MS ||
      (move.seq > settledSeq && move.learntAt >= now - SINCE_SETTLED_MS),
  );
}

function happenedAt(move: Movement): number {
  return move.executedAt ?? move.learntAt;
}

function lastSeenAt(move: Movement): number {
  return Math.max(move.learntAt, move.executedAt ?? 0);
}
