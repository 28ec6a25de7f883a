import type { Identity } from "../domain/account.ts";
import type { Decimal } from "../domain/money.ts";
import type { OrderIntent, VenueOrder } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import type { Reading } from "../domain/reading.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { Holdings, Reduction, Reserved } from "./holdings.ts";
import type { OrphanedExit } from "./orphaned-exits.ts";
import type { Policy } from "./policy.ts";
import type { RiskRate } from "./risk-rate.ts";

export type TradingState = "ACTIVE" | "REDUCING" | "HALTED";

/** Whether the market takes orders now, and how that is known. */
export type MarketHours =
  | { kind: "open"; source: string; closes: string | null }
  | { kind: "closed"; source: string; reason: string; opens: string | null }
  | { kind: "unknown"; reason: string };

export type IdentityFact =
  | { kind: "verified"; identity: Identity }
  /** The venue did not answer now; this identity was verified earlier in this session. */
  | { kind: "remembered"; identity: Identity; ageMs: number; reason: string }
  | { kind: "unread"; reason: string };

/**
 * Everything that a decision looks at, gathered before it. Rules are pure functions of these facts and
 * the policy: they ask nobody and change nothing.
 */
export interface Facts {
  /** Epoch milliseconds of the decision. */
  now: number;
  /** The trading day of the decision at the venue, and a test whether an instant belongs to it. */
  day: string;
  onDay: (at: number) => boolean;
  tradingState: { state: TradingState; reason: string };
  identity: IdentityFact;
  /** The account that this process is bound to, if it is: another one refuses until a restart. */
  boundAccount: string | null;
  quote: Reading<Quote>;
  /** From the currency that the instrument is priced in into the risk currency. */
  rate: RiskRate;
  hours: MarketHours;
  holdings: Holdings;
  reduction: Reduction;
  /** Of a pair: the asset that the order brings, and how much of it the venue lists; null for a stock. */
  acquired: { asset: string; held: Reading<Decimal> } | null;
  /** Of a pair's buy that is paid with what is a position and no cash: what is held of it, and taken; else null. */
  pays: { asset: string; holdings: Holdings; reserved: Reserved } | null;
  /** The order places again what a close had cancelled (S29). */
  restores?: boolean;
  /** Orders of others on the account; unread when the venue's list could not be relied on. */
  foreignOrders: Reading<VenueOrder[]>;
  /** The same where the list is whole; else those seen last that are not known to be done. */
  othersWorking: VenueOrder[];
  /** Client order ids of another state folder's journal: working, or filled today (S25). */
  otherWriters: string[];
  /** What the account gained today, in the risk currency; unread also when no limit asks for it. */
  dailyPnl: Reading<Decimal>;
  /** The day on which a stop that is found now would end, YYYY-MM-DD at the venue. */
  nextTradingDay: string;
  /** The journaled stop of entries that holds now; null when none does. */
  lossStop: { until: string; reason: string } | null;
  /** Venue time minus local time, milliseconds; null before the venue's first answer. */
  clockSkewMs: number | null;
  /** Working exits that more is asked of than is held (S9). */
  orphanedExits: OrphanedExit[];
  ledger: Ledger;
  /** Our own working order that this one stands in for, and that does not count against it. */
  replaces: LedgerOrder[];
  worstCase: WorstCase;
  /** What executing it may cost besides, in the risk currency: budgets count it, caps on one order do not (S22). */
  expectedFee: Decimal;
}

/**
 * What an order may cost at its worst: `value` in the risk currency, `local` and `price` (for one unit) in
 * the currency that the instrument is priced in.
 */
export type WorstCase =
  | { kind: "priced"; value: Decimal; local: Decimal; price: Decimal | null; basis: string }
  | { kind: "unpriced"; reason: string };

export interface RuleInput {
  intent: OrderIntent;
  facts: Facts;
  policy: Policy;
  /** A proven exit: it reduces a position (`facts.reduction`), and turns it into cash (S6). */
  isExit: boolean;
}
