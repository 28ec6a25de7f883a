import type { Movement } from "./ledger-order.ts";

/** How our own orders moved positions, instrument by instrument, as far back as holdings look (S1, S8). */
export interface Movements {
  /** In the order in which they happened, as far as is known. */
  of(instrumentId: string): Movement[];
  /** When the latest of them happened or was learnt, epoch milliseconds; 0 where there is none. */
  latestOf(instrumentId: string): number;
  /** Instruments that anything is kept of. */
  instruments(): string[];
  /** @param settledSeq place of the record that last settled the instrument's figure; null before the first */
  add(instrumentId: string, move: Movement, settledSeq: number | null): void;
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
  const latest = new Map<string, number>();

  function keep(id: string, list: Movement[]): void {
    kept.set(id, list);
    latest.set(
      id,
      list.reduce((last, move) => Math.max(last, lastSeenAt(move)), 0),
    );
  }

  return {
    of: (instrumentId) =>
      [...(kept.get(instrumentId) ?? [])].sort((a, b) => happenedAt(a) - happenedAt(b) || a.seq - b.seq),
    latestOf: (instrumentId) => latest.get(instrumentId) ?? 0,
    instruments: () => [...kept.keys()],
    add(instrumentId, move, settledSeq) {
      const list = kept.get(instrumentId) ?? [];
      list.push(move);
      // Swept each time it has doubled, so that one movement costs the same however many there were.
      const isSweep = list.length >= FIRST_SWEEP && (list.length & (list.length - 1)) === 0;
      if (isSweep || list.length === 1) keep(instrumentId, swept(list, move.learntAt, settledSeq));
      else latest.set(instrumentId, Math.max(latest.get(instrumentId) ?? 0, lastSeenAt(move)));
    },
    dropBefore(at) {
      for (const [id, list] of kept) {
        if (list.some((move) => lastSeenAt(move) >= at)) continue;
        kept.delete(id);
        latest.delete(id);
      }
    },
    save: () => [...kept],
    restore(saved) {
      for (const [id, list] of saved) keep(id, list);
    },
  };
}

/** Before a figure was ever settled, only what a list may lag behind is of any use. */
function swept(list: Movement[], now: number, settledSeq: number | null): Movement[] {
  return list.filter(
    (move, index) =>
      index >= list.length - ALWAYS_KEPT ||
      lastSeenAt(move) >= now - RECENT_MS ||
      (settledSeq !== null && move.seq > settledSeq && move.learntAt >= now - SINCE_SETTLED_MS),
  );
}

function happenedAt(move: Movement): number {
  return move.executedAt ?? move.learntAt;
}

function lastSeenAt(move: Movement): number {
  return Math.max(move.learntAt, move.executedAt ?? 0);
}
