import type { Decimal } from "../domain/money.ts";

export type TradingMode = "sim" | "paper" | "sandbox" | "live";

/** The operator's limits and arms for one venue. The agent cannot change any of them. */
export interface Policy {
  /** "ibkr", "crypto". */
  venue: string;
  /** The configured label; the venue's own word on paper or live has to agree with it. */
  mode: TradingMode;
  /** The arm for real money. */
  allowLive: boolean;
  /** Orders go all the way to the venue's validation and stop before the wire. */
  dryRun: boolean;
  /** The account that orders may go to; null takes the one account that the venue reports. */
  accountId: string | null;
  allowShort: boolean;
  /** Caps on entries, in the risk currency. */
  maxOrderValue: Decimal;
  maxDailyValue: Decimal | null;
  /** The most that one instrument's position may be worth, long or short; null is no limit. */
  maxPositionValue: Decimal | null;
  /** The day's loss after which only exits go through; null is no limit. */
  maxDailyLoss: Decimal | null;
  /** How many orders may be sent within any 60 seconds before entries have to wait. */
  maxOrdersPerMinute: number;
  /** What the limits are in: "USD". Whatever is priced in another currency counts at its rate (S21). */
  riskCurrency: string;
  /** Risk currencies of today's other servers that differ (S25): limits in two currencies cannot be compared. */
  otherRiskCurrencies?: readonly string[];
  /**
   * For pairs: what is money rather than a position, such as "USD" and "USDT" (S6). Selling into it is an
   * exit; selling into anything else is an entry into that. Stocks are always sold into cash.
   */
  cashCurrencies: readonly string[];
  /** Identical orders within this many milliseconds are refused; 0 is off. */
  duplicateWindowMs: number;
  /** Upper-case symbols; an empty allow-list allows everything that is not denied. */
  allowlist: readonly string[];
  /** The allow-lists of today's other servers (S25): a symbol has to be on each of them as well. */
  otherAllowlists?: readonly (readonly string[])[];
  denylist: readonly string[];
  /**
   * In percent: how far on the losing side of the quote an order's price may be, and by how much a market,
   * stop or trailing order is valued above the ask.
   */
  maxPriceDeviationPercent: Decimal;
  maxQuoteAgeMs: number;
  /** What a day is, and whose holidays count. */
  calendar: "nyse" | "always_open";
  /** The names of this venue's settings, for messages. */
  settings: {
    mode: string;
    allowLive: string;
    dryRun: string;
    accountId: string;
    allowShort: string;
  };
}

/** Whether real money may be spent without a daily limit: said loudly at start and in every posture. */
export function isLiveWithoutDailyLimit(policy: Policy): boolean {
  return policy.allowLive && policy.mode === "live" && policy.maxDailyValue === null;
}
