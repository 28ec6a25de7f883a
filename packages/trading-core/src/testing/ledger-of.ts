import { createLedger, type Ledger } from "../journal/ledger.ts";
import type { Entry, JournaledOrder, JournalRecord } from "../journal/record.ts";
import { MORNING } from "./fixtures.ts";

/** A moment: seconds after the morning's start. */
export function second(seconds: number): number {
  return Date.parse(MORNING) + seconds * 1_000;
}

export function iso(seconds: number): string {
  return new Date(second(seconds)).toISOString();
}

export interface Story {
  ledger: Ledger;
  /** Adds a record at this second. */
  at(seconds: number, entry: Entry): void;
  intent(
    seconds: number,
    id: string,
    order: Partial<JournaledOrder>,
    more?: Partial<Entry & { kind: "intent" }>,
  ): void;
  outcome(
    seconds: number,
    id: string,
    outcome: "acknowledged" | "rejected" | "not_sent" | "unknown",
    more?: Partial<Entry & { kind: "outcome" }>,
  ): void;
  seen(seconds: number, id: string, more?: Partial<Entry & { kind: "resolution" }>): void;
  fill(seconds: number, id: string, quantity: string, more?: Partial<Entry & { kind: "fill" }>): void;
  noted(seconds: number, positions: Record<string, string>, unsettled?: string[]): void;
}

/** A ledger told record by record. */
export function story(): Story {
  const ledger = createLedger();
  let seq = 0;
  let executions = 0;
  function at(seconds: number, entry: Entry): void {
    const writer = { pid: 1, started: 1, boot: "b" };
    ledger.apply({ v: 1, seq: ++seq, at: iso(seconds), writer, prev: "", ...entry } as JournalRecord);
  }
  return {
    ledger,
    at,
    intent(seconds, clientOrderId, order, more = {}) {
      const whole: JournaledOrder = {
        instrumentId: "id-AAPL",
        symbol: "AAPL",
        currency: "USD",
        side: "BUY",
        orderType: "market",
        quantity: "10",
        cashAmount: null,
        limitPrice: null,
        stopPrice: null,
        timeInForce: "DAY",
        ...order,
      };
      const worstCase = more.worstCase === undefined ? "1000" : more.worstCase;
      at(seconds, {
        kind: "intent",
        clientOrderId,
        order: whole,
        exit: false,
        riskCurrency: "USD",
        checks: [],
        planId: null,
        ...more,
        worstCase,
      });
    },
    outcome(seconds, clientOrderId, outcome, more = {}) {
      const status =
        outcome === "acknowledged" ? "submitted" : outcome === "unknown" ? "unknown" : "rejected";
      const orderId = outcome === "acknowledged" ? `v-${clientOrderId}` : null;
      at(seconds, {
        kind: "outcome",
        clientOrderId,
        outcome,
        orderId,
        status,
        filledQuantity: null,
        averagePrice: null,
        reason: null,
        exchanges: [],
        ...more,
      });
    },
    seen(seconds, clientOrderId, more = {}) {
      at(seconds, {
        kind: "resolution",
        clientOrderId,
        orderId: `v-${clientOrderId}`,
        status: "submitted",
        filledQuantity: null,
        averagePrice: null,
        ...more,
      });
    },
    fill(seconds, clientOrderId, quantity, more = {}) {
      at(seconds, {
        kind: "fill",
        clientOrderId,
        orderId: `v-${clientOrderId}`,
        executionId: `x${++executions}`,
        instrumentId: "id-AAPL",
        symbol: "AAPL",
        side: "BUY",
        quantity,
        price: "100",
        fee: null,
        executedAt: iso(seconds),
        ...more,
      });
    },
    noted(seconds, positions, unsettled) {
      const rows = Object.entries(positions).map(([symbol, quantity]) => ({
        instrumentId: `id-${symbol}`,
        symbol,
        quantity,
      }));
      at(seconds, {
        kind: "note",
        note: "holdings",
        readAt: iso(seconds),
        positions: rows,
        ...(unsettled && { unsettled }),
      });
    },
  };
}

/** A buy of one share at the market as a journal entry, changed as asked. */
export function intentOf(
  clientOrderId: string,
  order: Partial<JournaledOrder> = {},
  more: Partial<Entry & { kind: "intent" }> = {},
): Entry & { kind: "intent" } {
  return {
    kind: "intent",
    clientOrderId,
    order: {
      instrumentId: "i",
      symbol: "I",
      currency: "USD",
      side: "BUY",
      orderType: "market",
      quantity: "1",
      cashAmount: null,
      limitPrice: null,
      stopPrice: null,
      timeInForce: "DAY",
      ...order,
    },
    exit: false,
    worstCase: "1",
    riskCurrency: "USD",
    checks: [],
    planId: null,
    ...more,
  };
}
