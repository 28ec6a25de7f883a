import type { CloseRequest, JournaledOrder, JournalRecord, Writer } from "./record.ts";

/** A close plan that was opened and did not end, or that ended and left its position bare (S29). */
export interface OpenPlan {
  planId: string;
  symbol: string;
  instrumentId: string;
  quantity: string | null;
  protections: JournaledOrder[];
  /** Client order ids of the orders that it cancels; records of older versions do not say. */
  cancels?: string[];
  /** The caller's name for the close (S18), and what it asked for. */
  idempotencyKey?: string;
  closes?: CloseRequest;
  /** Who runs it. */
  writer: Writer;
  /** It ended and left the position without its protection. */
  unprotected: boolean;
}

/** The open plans by their ids: a fold over plans, and over what protects a position again. */
export interface OpenPlans {
  readonly byId: ReadonlyMap<string, OpenPlan>;
  apply(record: JournalRecord & { kind: "plan" }): void;
  /** A position that is protected again, or gone, is no longer one that a plan left bare. */
  endUnprotected(isCovered: (instrumentId: string) => boolean): void;
  restore(saved: ReadonlyMap<string, OpenPlan>): void;
}

export function createOpenPlans(): OpenPlans {
  const byId = new Map<string, OpenPlan>();
  return {
    byId,
    apply(record) {
      const unprotected = record.unprotected === true;
      if (record.step === "opened" || unprotected) byId.set(record.planId, { ...record, unprotected });
      else byId.delete(record.planId);
    },
    endUnprotected(isCovered) {
      for (const plan of byId.values()) {
        if (plan.unprotected && isCovered(plan.instrumentId)) byId.delete(plan.planId);
      }
    },
    restore(saved) {
      for (const [id, plan] of saved) byId.set(id, plan);
    },
  };
}
