import { type Commitments, createCommitments } from "./commitments.ts";
import { endedUntold, type LedgerOrder, lacksExecutions } from "./ledger-order.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

/** The ledger's orders as a decision asks for them, kept as records arrive: no question walks them all. */
export interface OrderIndex {
  readonly open: ReadonlySet<LedgerOrder>;
  /** Over, and nothing says with how much. */
  readonly untold: ReadonlySet<LedgerOrder>;
  /** Filled further than their executions explain, or not known how far. */
  readonly lacking: ReadonlySet<LedgerOrder>;
  readonly commitments: Commitments;
  byOrderId(orderId: string): LedgerOrder | null;
  ofInstrument(instrumentId: string): Timeline | null;
  add(order: LedgerOrder): void;
  update(order: LedgerOrder): void;
  drop(gone: ReadonlySet<LedgerOrder>): void;
}

export function createOrderIndex(): OrderIndex {
  const open = new Set<LedgerOrder>();
  const untold = new Set<LedgerOrder>();
  const lacking = new Set<LedgerOrder>();
  const byOrderId = new Map<string, LedgerOrder>();
  const byInstrument = new Map<string, Timeline>();
  const commitments = createCommitments();

  function update(order: LedgerOrder): void {
    if (order.orderId !== null) byOrderId.set(order.orderId, order);
    member(open, order, order.phase !== "done");
    member(untold, order, endedUntold(order));
    member(lacking, order, lacksExecutions(order));
    commitments.update(order);
  }

  return {
    open,
    untold,
    lacking,
    commitments,
    update,
    byOrderId: (orderId) => byOrderId.get(orderId) ?? null,
    ofInstrument: (instrumentId) => byInstrument.get(instrumentId) ?? null,
    add(order) {
      let timeline = byInstrument.get(order.order.instrumentId);
      if (!timeline) {
        timeline = createTimeline();
        byInstrument.set(order.order.instrumentId, timeline);
      }
      timeline.add(order);
      update(order);
    },
    drop(gone) {
      const instruments = new Set<string>();
      for (const order of gone) {
        for (const set of [open, untold, lacking]) set.delete(order);
        if (order.orderId !== null && byOrderId.get(order.orderId) === order) byOrderId.delete(order.orderId);
        commitments.drop(order);
        instruments.add(order.order.instrumentId);
      }
      for (const id of instruments) {
        byInstrument.get(id)?.drop(gone);
        if (byInstrument.get(id)?.size === 0) byInstrument.delete(id);
      }
    },
  };
}

function member(set: Set<LedgerOrder>, order: LedgerOrder, belongs: boolean): void {
  if (belongs) set.add(order);
  else set.delete(order);
}
