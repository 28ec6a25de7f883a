import { type Decimal, decimal, ZERO } from "../domain/money.ts";
import type { JournalRecord } from "./record.ts";

export interface HoldingsNote {
  /** When the reading began, epoch milliseconds. */
  readAt: number;
  /** Signed quantity by instrument id; an instrument that is not here was not held. */
  quantities: Map<string, Decimal>;
  /** When it was noted; the reading had ended by then. */
  notedAt: number;
  seq: number;
}

/** One instrument's figure in a reading that held all of our fills that were known then. */
export interface SettledQuantity {
  quantity: Decimal;
  readAt: number;
  notedAt: number;
  seq: number;
}

/** The readings of the account's positions that were noted: a fold over those notes. */
export interface SettledHoldings {
  /** The last complete reading; null before the first. */
  readonly latest: HoldingsNote | null;
  /** What was held of one instrument when its figure was last settled; null before the first time. */
  of(instrumentId: string): SettledQuantity | null;
  apply(record: JournalRecord & { kind: "note"; note: "holdings" }): void;
  save(): SavedHoldings;
  restore(saved: SavedHoldings): void;
}

export interface SavedHoldings {
  holdings: HoldingsNote | null;
  settled: Map<string, SettledQuantity | null>;
}

export function createSettledHoldings(): SettledHoldings {
  let holdings: HoldingsNote | null = null;
  let settled = new Map<string, SettledQuantity | null>();

  function of(instrumentId: string): SettledQuantity | null {
    const known = settled.get(instrumentId);
    if (known !== undefined || holdings === null) return known ?? null;
    return { ...holdings, quantity: ZERO };
  }

  return {
    get latest() {
      return holdings;
    },
    of,
    apply(record) {
      const quantities = new Map(record.positions.map((each) => [each.instrumentId, decimal(each.quantity)]));
      // An instrument that had just moved keeps the figure it had: this reading may lag behind the move.
      const kept = (record.unsettled ?? []).map((id) => [id, of(id)] as const);
      const times = { readAt: Date.parse(record.readAt), notedAt: Date.parse(record.at), seq: record.seq };
      holdings = { quantities, ...times };
      settled = new Map<string, SettledQuantity | null>(kept);
      for (const [id, quantity] of quantities) {
        if (!settled.has(id)) settled.set(id, { quantity, ...times });
      }
    },
    save: () => ({ holdings, settled }),
    restore(saved) {
      ({ holdings, settled } = saved);
    },
  };
}
