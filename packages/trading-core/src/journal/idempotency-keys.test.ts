import { describe, expect, test } from "vitest";
import { createKeyIndex, isProvenUnsent, type KeyUse } from "./idempotency-keys.ts";
import type { LedgerOrder } from "./ledger-order.ts";
import type { JournalRecord, Writer } from "./record.ts";

const WEEK_MS = 7 * 24 * 60 * 60_000;
const AT = "2026-06-10T15:00:00.000Z";
const NOW = Date.parse(AT);
const writer: Writer = { pid: 1, started: 1, boot: "b" };

const order = (clientOrderId: string, change: Partial<LedgerOrder> = {}) =>
  ({
    clientOrderId,
    idempotencyKey: "k",
    intentAt: NOW,
    phase: "working",
    status: "submitted",
    orderId: "7",
    outcome: { kind: "acknowledged", reason: null },
    ...change,
  }) as LedgerOrder;
/** Proven never to have left. */
const unsent = {
  phase: "done",
  status: "rejected",
  orderId: null,
  outcome: { kind: "not_sent", reason: null },
} as const;
const plan = (planId: string, step: "opened" | "closed" | "failed", change: object = {}) =>
  ({
    kind: "plan",
    at: AT,
    writer,
    planId,
    symbol: "AAPL",
    instrumentId: "1",
    step,
    reason: null,
    ...change,
  }) as JournalRecord & { kind: "plan" };
const keyed = { idempotencyKey: "k" };
const named = (use: KeyUse | null) =>
  use === null ? null : use.kind === "order" ? use.order.clientOrderId : use.plan.planId;

describe("S18: what a key stands for", () => {
  test("the last order that was placed under it; an order without a key has none", () => {
    const keys = createKeyIndex();
    keys.addOrder(order("a"));
    keys.addOrder(order("b"));
    keys.addOrder(order("c", { idempotencyKey: null }));
    expect(named(keys.boundTo("k", NOW))).toBe("b");
    expect(keys.boundTo("other", NOW)).toBeNull();
    expect(keys.save().uses).toEqual([["k", [{ order: "a" }, { order: "b" }]]]);
  });

  test("for seven days to the moment, and for an order from the future", () => {
    const keys = createKeyIndex();
    keys.addOrder(order("a"));
    expect(named(keys.boundTo("k", NOW + WEEK_MS - 1))).toBe("a");
    expect(keys.boundTo("k", NOW + WEEK_MS)).toBeNull();
    expect(named(keys.boundTo("k", NOW - WEEK_MS))).toBe("a");
  });

  test("an order proven not sent binds nothing, and the one before it does", () => {
    const keys = createKeyIndex();
    keys.addOrder(order("a"));
    keys.addOrder(order("b", unsent));
    expect(named(keys.boundTo("k", NOW))).toBe("a");
  });

  test.each([
    ["still open", { phase: "intended" }],
    ["cancelled", { status: "cancelled" }],
    ["seen at the venue", { orderId: "7" }],
    ["rejected there", { outcome: { kind: "rejected", reason: null } }],
    ["without an outcome", { outcome: null }],
  ] as [string, Partial<LedgerOrder>][])("an order that is %s is not proven unsent", (_, change) => {
    expect(isProvenUnsent(order("a", { ...unsent, ...change }))).toBe(false);
    expect(isProvenUnsent(order("a", unsent))).toBe(true);
  });
});

describe("S29: a close plan under a key", () => {
  test("carries what was asked and what it cancels, from its first record on", () => {
    const keys = createKeyIndex();
    keys.applyPlan(plan("p", "opened", { ...keyed, closes: { quantity: "3" }, cancels: ["x"] }));
    expect(keys.boundTo("k", NOW)).toEqual({
      kind: "plan",
      plan: {
        planId: "p",
        symbol: "AAPL",
        instrumentId: "1",
        closes: { quantity: "3" },
        cancels: ["x"],
        step: "opened",
        reason: null,
        unprotected: false,
        openedAt: NOW,
        writer,
      },
    });
  });

  test("of everything, where it names no quantity and cancels nothing", () => {
    const keys = createKeyIndex();
    keys.applyPlan(plan("p", "opened", keyed));
    expect(keys.boundTo("k", NOW)).toMatchObject({ plan: { closes: { quantity: null }, cancels: [] } });
  });

  test("follows its later records, whoever writes them", () => {
    const keys = createKeyIndex();
    keys.applyPlan(plan("p", "opened", keyed));
    const other = { ...writer, pid: 2 };
    keys.applyPlan(plan("p", "failed", { reason: "no", unprotected: true, writer: other }));
    expect(keys.boundTo("k", NOW)).toMatchObject({
      plan: { step: "failed", reason: "no", unprotected: true, writer: other },
    });
    keys.applyPlan(plan("p", "closed"));
    expect(keys.boundTo("k", NOW)).toMatchObject({ plan: { step: "closed", unprotected: false } });
    expect(keys.save().uses).toEqual([["k", [{ plan: "p" }]]]);
  });

  test("is none without a key, or where its beginning was not seen", () => {
    const keys = createKeyIndex();
    keys.applyPlan(plan("p", "opened"));
    keys.applyPlan(plan("q", "closed", keyed));
    expect(keys.boundTo("k", NOW)).toBeNull();
    expect(keys.save()).toEqual({ plans: [], uses: [] });
  });

  test("lives as long as a key", () => {
    const keys = createKeyIndex();
    keys.applyPlan(plan("p", "opened", keyed));
    expect(named(keys.boundTo("k", NOW + WEEK_MS - 1))).toBe("p");
    expect(keys.boundTo("k", NOW + WEEK_MS)).toBeNull();
  });
});

describe("what is forgotten and what is kept", () => {
  test("orders that left the ledger and old plans that ended; never a plan that is open", () => {
    const keys = createKeyIndex();
    const gone = order("a");
    keys.addOrder(gone);
    keys.addOrder(order("b"));
    keys.addOrder(order("z", { idempotencyKey: "alone" }));
    keys.applyPlan(plan("ended", "opened", { idempotencyKey: "e" }));
    keys.applyPlan(plan("ended", "closed"));
    keys.applyPlan(plan("open", "opened", { idempotencyKey: "o" }));
    keys.drop(new Set([gone]), NOW);
    expect(keys.save().uses).toEqual([
      ["k", [{ order: "b" }]],
      ["alone", [{ order: "z" }]],
      ["e", [{ plan: "ended" }]],
      ["o", [{ plan: "open" }]],
    ]);
    keys.drop(new Set(), NOW + 1);
    expect(keys.save().uses.map(([key]) => key)).toEqual(["k", "alone", "o"]);
    expect(keys.save().plans.map(({ planId }) => planId)).toEqual(["open"]);
  });

  test("S36: a checkpoint brings back what each key stands for, and leaves out what is not there any more", () => {
    const keys = createKeyIndex();
    const kept = order("a");
    keys.addOrder(kept);
    keys.addOrder(order("gone"));
    keys.applyPlan(plan("p", "opened", { idempotencyKey: "o" }));
    const again = createKeyIndex();
    again.restore(keys.save(), new Map([["a", kept]]));
    expect(again.boundTo("k", NOW)).toEqual({ kind: "order", order: kept });
    expect(named(again.boundTo("o", NOW))).toBe("p");
    expect(again.save().uses).toEqual([
      ["k", [{ order: "a" }]],
      ["o", [{ plan: "p" }]],
    ]);
  });
});
