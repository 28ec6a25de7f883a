import type { Decimal } from "./money.ts";

/** Whose money it is, as the venue reports it. Never taken from configuration. */
export interface Identity {
  /** The venue's own account id. */
  accountId: string;
  /** True for paper, false for real money, null when the venue's answers do not prove either. */
  isPaper: boolean | null;
  /** What the proof rests on, or why there is none: "isPaper=true, id DU…, type DEMO". */
  evidence: string;
}

export interface AccountFlags {
  supportsFractions: boolean | null;
  supportsCashAmount: boolean | null;
}

export interface AccountSummary {
  accountId: string;
  currency: string;
  netLiquidation: Decimal | null;
  availableFunds: Decimal | null;
  buyingPower: Decimal | null;
  cash: Decimal | null;
}

export interface Position {
  instrumentId: string;
  symbol: string;
  /** Negative for a short. */
  quantity: Decimal;
  averageCost: Decimal | null;
  marketPrice: Decimal | null;
  marketValue: Decimal | null;
  unrealizedPnl: Decimal | null;
  currency: string | null;
}
