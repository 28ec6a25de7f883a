import type { LegRole } from "../domain/bracket.ts";
import { plain, plainOrNull } from "../domain/money.ts";
import type { OrderIntent, OrderStatus, OrderType, Side, TimeInForce } from "../domain/order.ts";
import type { Exchange, Outcome } from "../domain/outcome.ts";
import type { TradingState } from "../guard/facts.ts";
import type { Check } from "../guard/verdict.ts";

/** The format of this file's records. A reader refuses to interpret a greater one. */
export const RECORD_VERSION = 1;

/** An order as it stands in the journal: plain text for every number, so that nothing is lost or rounded. */
export interface JournaledOrder {
  instrumentId: string;
  symbol: string;
  currency: string;
  side: Side;
  orderType: OrderType;
  quantity: string | null;
  cashAmount: string | null;
  limitPrice: string | null;
  stopPrice: string | null;
  timeInForce: TimeInForce;
  /** A trailing stop's distance, exactly one of the two. */
  trailAmount?: string;
  trailPercent?: string;
  /** On the entry of a bracket: the prices of its other legs. */
  takeProfit?: string;
  stopLoss?: string;
}

/** An order's place in a bracket; the bracket is known by its entry's client order id. */
export interface JournaledGroup {
  id: string;
  role: LegRole;
}

/** The limits that one server works under: the operator's, as plain text. */
export interface JournaledLimits {
  maxOrderValue: string;
  maxDailyValue: string | null;
  maxPositionValue: string | null;
  maxDailyLoss: string | null;
  maxOrdersPerMinute: number;
  maxPriceDeviationPercent: string;
  maxQuoteAgeMs: number;
  duplicateWindowMs: number;
  /** Not in records of versions whose limits were in USD, and whose lists and short arm were their own. */
  riskCurrency?: string;
  allowShort?: boolean;
  /** Null allows every symbol that is not denied. */
  allowlist?: string[] | null;
  denylist?: string[];
}

/** What one unit of `from` was worth in the risk currency, and when (ISO 8601, UTC). */
export interface JournaledRate {
  from: string;
  rate: string;
  asOf: string;
}

/** What close_position was asked for: null closes all that is held. */
export interface CloseRequest {
  quantity: string | null;
}

/** What an order record is about: the body of one record, without the envelope that the journal adds. */
export type Entry =
  | {
      kind: "intent";
      clientOrderId: string;
      order: JournaledOrder;
      /** A proven exit when it was decided. */
      exit: boolean;
      /** Worst-case value in the risk currency, null for an exit. */
      worstCase: string | null;
      /** What its execution may cost besides, in the risk currency (S22); not where nothing is expected. */
      expectedFee?: string;
      riskCurrency: string;
      /** From the order's currency into the risk currency, where the two differ: the order's for life (S21). */
      rate?: JournaledRate;
      checks: Check[];
      /** The plan that this order is a step of. */
      planId: string | null;
      /** The caller's name for this order (S18); records from before keys were known have none. */
      idempotencyKey?: string;
      /** The order is all of a close_position that needed no plan. */
      closes?: CloseRequest;
      /** A bracket's legs are three intents, written in one locked step (S7). */
      group?: JournaledGroup;
    }
  | { kind: "dispatch"; clientOrderId: string }
  | {
      kind: "outcome";
      clientOrderId: string;
      outcome: Outcome["kind"];
      orderId: string | null;
      /** The venue named this order's parent: it keeps the two as one bracket. */
      parentOrderId?: string;
      status: OrderStatus;
      filledQuantity: string | null;
      averagePrice: string | null;
      reason: string | null;
      exchanges: Exchange[];
    }
  | {
      /** What the venue was seen to say about one of our orders, after its outcome. */
      kind: "resolution";
      clientOrderId: string;
      orderId: string;
      parentOrderId?: string;
      status: OrderStatus;
      filledQuantity: string | null;
      averagePrice: string | null;
    }
  | {
      /** A complete reading of the venue that lacked an exit of unknown fate (S15). */
      kind: "absence";
      clientOrderId: string;
      /** Which reading in a row it was, from 1; the position changed before the first. */
      reading: number;
      /** By the venue's clock. */
      readAt: string;
      /** What was held of the instrument, signed. */
      held: string;
      /** How many orders and executions the venue listed. */
      listed: number;
      /** Enough of them: from here on it reserves nothing, until it is found. */
      presumed: boolean;
    }
  | {
      kind: "fill";
      clientOrderId: string;
      orderId: string | null;
      executionId: string;
      instrumentId: string;
      symbol: string;
      side: Side;
      quantity: string;
      price: string;
      fee: string | null;
      /** What the fee was taken in; records that do not say mean the order's currency. */
      feeCurrency?: string;
      /** Into the risk currency, where neither the order's rate nor the fill's price says it (S21). */
      feeRate?: string;
      executedAt: string;
    }
  | {
      kind: "cancel";
      phase: "intent" | "outcome";
      /** Null for an order that is not ours. */
      clientOrderId: string | null;
      orderId: string;
      /** How the cancel ended; null on an intent. */
      outcome: "done" | "requested" | "rejected" | "not_sent" | "unknown" | null;
      reason: string | null;
    }
  | { kind: "refusal"; order: JournaledOrder; checks: Check[] }
  | { kind: "dry_run"; clientOrderId: string; order: JournaledOrder; checks: Check[]; request: unknown }
  | {
      kind: "plan";
      planId: string;
      step: "opened" | "closed" | "failed";
      symbol: string;
      instrumentId: string;
      quantity: string | null;
      /** Orders that the plan cancels, to be placed again when its sale does not happen. */
      protections: JournaledOrder[];
      reason: string | null;
      /** The plan ended and left the position without its protection. */
      unprotected?: boolean;
      /** The caller's name for this close (S18), and what it asked for. */
      idempotencyKey?: string;
      closes?: CloseRequest;
      /** Client order ids of the orders that the plan cancels. */
      cancels?: string[];
    }
  | {
      /** A complete reading of the account's positions: the ground that later holdings stand on. */
      kind: "note";
      note: "holdings";
      readAt: string;
      positions: { instrumentId: string; symbol: string; quantity: string }[];
      /** Instruments that our own fills had just moved: this reading may lag behind them. */
      unsettled?: string[];
    }
  | {
      /** What a trading day began with, where the venue tells no result of the day (S24). */
      kind: "note";
      note: "day_start";
      /** YYYY-MM-DD at the venue. */
      day: string;
      riskCurrency: string;
      readAt: string;
      /** Quantities without what our orders of the day had moved, and the bid of one unit in the risk currency. */
      positions: { instrumentId: string; quantity: string; price: string }[];
    }
  | {
      /** The stop switch was moved (S30). It is a file of its own; this tells who moved it, and why. */
      kind: "switch";
      state: TradingState;
      before: TradingState;
      reason: string;
      origin: "agent" | "operator";
      /** The operator's user name on this machine; null for an agent. */
      user: string | null;
    }
  | {
      /** The operator settled what the venue's answers could not (S16). */
      kind: "operator";
      act: "resolve";
      clientOrderId: string;
      as: "placed" | "not_placed";
      /** How much was filled in all, and at which average price, where the operator said so. */
      filled?: string;
      price?: string;
      user: string;
      /** What the venue was seen to say right before. */
      saw: string;
    }
  | {
      /** Entries are refused for the rest of a trading day, whatever becomes of the figure that caused it. */
      kind: "state";
      state: "REDUCING";
      /** The first trading day on which entries are possible again, YYYY-MM-DD at the venue. */
      until: string;
      reason: string;
    }
  /** What one server's first decision of a day was made under (S25). */
  | { kind: "policy"; limits: JournaledLimits }
  | {
      /** The operator takes the journal as it is from here on, although something of it is missing (S35). */
      kind: "note";
      note: "accepted";
      /** What was wrong with it. */
      reason: string;
      /** The operator's name, as the machine knows it. */
      by: string;
    }
  | { kind: "note"; note: "opened"; journalId: string; venue: string; account: string; mode: string };

export type EntryKind = Entry["kind"];

/** Who wrote a record: enough to tell, in the same boot, whether that process still lives. */
export interface Writer {
  pid: number;
  /** When the process started, epoch milliseconds. */
  started: number;
  /** Identifies this boot of the machine. */
  boot: string;
}

export type JournalRecord = Entry & {
  v: number;
  seq: number;
  at: string;
  writer: Writer;
  /** SHA-256 of the line before this one, hex; empty for the first. */
  prev: string;
};

export function journaledOrder(intent: Omit<OrderIntent, "clientOrderId" | "priceBound">): JournaledOrder {
  return {
    instrumentId: intent.instrument.id,
    symbol: intent.instrument.symbol,
    currency: intent.instrument.currency,
    side: intent.side,
    orderType: intent.orderType,
    quantity: plainOrNull(intent.quantity),
    cashAmount: plainOrNull(intent.cashAmount),
    limitPrice: plainOrNull(intent.limitPrice),
    stopPrice: plainOrNull(intent.stopPrice),
    timeInForce: intent.timeInForce,
    ...(intent.trailAmount && { trailAmount: plain(intent.trailAmount) }),
    ...(intent.trailPercent && { trailPercent: plain(intent.trailPercent) }),
    ...(intent.exits && {
      takeProfit: plain(intent.exits.takeProfit),
      stopLoss: plain(intent.exits.stopLoss),
    }),
  };
}
