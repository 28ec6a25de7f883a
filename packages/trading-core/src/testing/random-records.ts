import type { OrderStatus } from "../domain/order.ts";
import type { Entry, JournaledLimits, JournalRecord } from "../journal/record.ts";
import { MORNING } from "./fixtures.ts";
import { intentOf } from "./ledger-of.ts";

const STATUSES: OrderStatus[] = [
  "pending",
  "submitted",
  "partially_filled",
  "filled",
  "cancelled",
  "expired",
];

/**
 * A history that a journal might hold, ending at MORNING: orders of all kinds, whose later records come
 * late, twice, in any order or never, and a clock that is set back now and then. The same for a seed.
 */
export function randomRecords(seed: number, length: number): JournalRecord[] {
  const random = generator(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  // Five minutes between two records on the average: ten thousand of them are a month.
  let time = Date.parse(MORNING) - length * 5 * 60_000;
  let orders = 0;
  const records: JournalRecord[] = [];

  function entry(): Entry {
    const recent = `o${Math.max(0, orders - 1 - below(12))}`;
    const orderId = `v-${recent}`;
    const price = String(90 + below(20));
    switch (orders === 0 ? 0 : below(12)) {
      case 0:
      case 1: {
        const cash = below(4) === 0;
        const exit = below(3) === 0;
        return intentOf(
          `o${orders++}`,
          {
            instrumentId: pick(["i1", "i2", "i3"]),
            side: exit ? "SELL" : "BUY",
            quantity: cash ? null : String(1 + below(9)),
            cashAmount: cash ? "500" : null,
          },
          { exit, worstCase: exit ? null : "1000", idempotencyKey: pick([undefined, "k1", "k2", "k3"]) },
        );
      }
      case 2:
        return { kind: "dispatch", clientOrderId: recent };
      case 3:
      case 4: {
        const outcome = pick(["acknowledged", "acknowledged", "rejected", "not_sent", "unknown"] as const);
        const taken = outcome === "acknowledged";
        return {
          kind: "outcome",
          clientOrderId: recent,
          outcome,
          orderId: taken ? orderId : null,
          status: taken ? pick(STATUSES) : outcome === "unknown" ? "unknown" : "rejected",
          filledQuantity: taken ? pick([null, "1", "2"]) : null,
          averagePrice: taken ? pick([null, price]) : null,
          reason: null,
          exchanges: [],
        };
      }
      case 5:
      case 6:
        return {
          kind: "resolution",
          clientOrderId: recent,
          orderId,
          status: pick(STATUSES),
          filledQuantity: pick([null, "1", "3"]),
          averagePrice: pick([null, price]),
        };
      case 7:
      case 8:
        return {
          kind: "fill",
          clientOrderId: recent,
          orderId,
          executionId: `x${below(5)}`,
          instrumentId: "i1",
          symbol: "I",
          side: "BUY",
          quantity: String(1 + below(3)),
          price,
          fee: pick([null, "1"]),
          executedAt: new Date(time - below(48) * 60 * 60_000).toISOString(),
        };
      case 9:
        if (below(3) === 0) {
          const reading = 1 + below(3);
          return {
            kind: "absence",
            clientOrderId: recent,
            reading,
            readAt: new Date(time - 1_000).toISOString(),
            held: String(below(9)),
            listed: below(3),
            presumed: reading === 3,
          };
        }
        return {
          kind: "note",
          note: "holdings",
          readAt: new Date(time - 1_000).toISOString(),
          positions: [{ instrumentId: "i1", symbol: "I", quantity: String(below(9)) }],
          unsettled: pick([undefined, ["i1"], ["i2"]]),
        };
      case 10:
        return {
          kind: "plan",
          planId: `p${below(5)}`,
          step: pick(["opened", "closed", "failed"] as const),
          symbol: "I",
          instrumentId: "i1",
          quantity: null,
          protections: [],
          reason: null,
          unprotected: pick([undefined, true]),
          idempotencyKey: pick([undefined, "k3"]),
        };
      default:
        return pick<Entry>([
          { kind: "state", until: `2026-06-${10 + below(9)}`, reason: "loss" } as Entry,
          { kind: "note", note: "accepted", reason: "cut", by: "olivia" },
          { kind: "policy", limits: limitsOf(String(1 + below(3))) },
          {
            kind: "cancel",
            phase: "intent",
            clientOrderId: recent,
            orderId,
            outcome: null,
            reason: null,
          },
        ]);
    }
  }

  while (records.length < length) {
    const made = JSON.parse(JSON.stringify(entry())) as Entry;
    records.push({
      v: 1,
      seq: records.length + 1,
      at: new Date(time).toISOString(),
      writer: { pid: 1, started: 1, boot: "b" },
      prev: "",
      ...made,
    } as JournalRecord);
    time += below(50) === 0 ? -below(60) * 60_000 : below(11 * 60_000);
  }
  return records;
}

function limitsOf(maxOrderValue: string): JournaledLimits {
  return {
    maxOrderValue,
    maxDailyValue: null,
    maxPositionValue: null,
    maxDailyLoss: null,
    maxOrdersPerMinute: 10,
    maxPriceDeviationPercent: "5",
    maxQuoteAgeMs: 60_000,
    duplicateWindowMs: 5_000,
  };
}

/** Numbers from 0 to 1 that look random and are the same for a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
