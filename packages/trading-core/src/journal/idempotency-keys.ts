import type { LedgerOrder } from "./ledger-order.ts";
import type { CloseRequest, JournalRecord, Writer } from "./record.ts";

/** How long a key finds what it was used for (S18); after that it is as good as new. */
const KEY_LIFE_MS = 7 * 24 * 60 * 60_000;

/** What a key stands for: an order, or a close plan with all of its orders. */
export type KeyUse = { kind: "order"; order: LedgerOrder } | { kind: "plan"; plan: KeyedPlan };

/** A close plan that was asked for under a key. */
export interface KeyedPlan {
  planId: string;
  symbol: string;
  instrumentId: string;
  closes: CloseRequest;
  /** Client order ids of the orders that it cancels. */
  cancels: string[];
  step: "opened" | "closed" | "failed";
  reason: string | null;
  unprotected: boolean;
  /** When it was opened, epoch milliseconds, and by whom. */
  openedAt: number;
  writer: Writer;
}

/** The uses by the ids of their orders and plans. */
export interface SavedKeys {
  plans: KeyedPlan[];
  uses: [key: string, used: { order?: string; plan?: string }[]][];
}

/** What each key was used for: a fold over intents and plans. */
export interface KeyIndex {
  addOrder(order: LedgerOrder): void;
  applyPlan(record: JournalRecord & { kind: "plan" }): void;
  /** Forgets orders that left the ledger, and plans opened before this instant (epoch milliseconds). */
  drop(gone: ReadonlySet<LedgerOrder>, before: number): void;
  save(): SavedKeys;
  restore(saved: SavedKeys, orders: ReadonlyMap<string, LedgerOrder>): void;
  /** What the key is bound to at this time; null where the call is to be judged afresh. */
  boundTo(key: string, now: number): KeyUse | null;
}

export function createKeyIndex(): KeyIndex {
  const uses = new Map<string, KeyUse[]>();
  const plans = new Map<string, KeyedPlan>();

  function add(key: string, use: KeyUse): void {
    const others = uses.get(key);
    if (others) others.push(use);
    else uses.set(key, [use]);
  }

  return {
    addOrder(order) {
      if (order.idempotencyKey !== null) add(order.idempotencyKey, { kind: "order", order });
    },
    applyPlan(record) {
      const known = plans.get(record.planId);
      if (known) {
        known.step = record.step;
        // Another process may have taken it over.
        known.writer = record.writer;
        known.reason = record.reason;
        known.unprotected = record.unprotected === true;
        return;
      }
      if (record.step !== "opened" || record.idempotencyKey === undefined) return;
      const plan: KeyedPlan = {
        planId: record.planId,
        symbol: record.symbol,
        instrumentId: record.instrumentId,
        closes: record.closes ?? { quantity: null },
        cancels: record.cancels ?? [],
        step: "opened",
        reason: null,
        unprotected: false,
        openedAt: Date.parse(record.at),
        writer: record.writer,
      };
      plans.set(plan.planId, plan);
      add(record.idempotencyKey, { kind: "plan", plan });
    },
    drop(gone, before) {
      for (const [planId, plan] of plans) {
        if (plan.openedAt < before && plan.step !== "opened") plans.delete(planId);
      }
      for (const [key, used] of uses) {
        const left = used.filter((use) =>
          use.kind === "order" ? !gone.has(use.order) : plans.has(use.plan.planId),
        );
        if (left.length === 0) uses.delete(key);
        else uses.set(key, left);
      }
    },
    save: () => ({
      plans: [...plans.values()],
      uses: [...uses].map(([key, used]) => [
        key,
        used.map((use) =>
          use.kind === "order" ? { order: use.order.clientOrderId } : { plan: use.plan.planId },
        ),
      ]),
    }),
    restore(saved, orders) {
      for (const plan of saved.plans) plans.set(plan.planId, plan);
      for (const [key, used] of saved.uses) {
        for (const { order: orderId = "", plan: planId = "" } of used) {
          const order = orders.get(orderId);
          const plan = plans.get(planId);
          if (order) add(key, { kind: "order", order });
          else if (plan) add(key, { kind: "plan", plan });
        }
      }
    },
    boundTo(key, now) {
      return uses.get(key)?.findLast((use) => isBound(use, now)) ?? null;
    },
  };
}

function isBound(use: KeyUse, now: number): boolean {
  // What is from the future was placed before the clock jumped back, and binds.
  const usedAt = use.kind === "order" ? use.order.intentAt : use.plan.openedAt;
  if (now - usedAt >= KEY_LIFE_MS) return false;
  return use.kind === "plan" || !isProvenUnsent(use.order);
}

/** Proven never to have left. Seen at the venue after all, it binds again. */
export function isProvenUnsent(order: LedgerOrder): boolean {
  return (
    order.phase === "done" &&
    order.status === "rejected" &&
    order.orderId === null &&
    order.outcome?.kind === "not_sent"
  );
}
