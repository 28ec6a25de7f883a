import type { Big } from "./decimal.ts";
import type { Order } from "./order.ts";

/** Cash and holdings that an account starts with. */
export interface OpeningAccount {
  id: string;
  currency: string;
  cash: Big;
  /** Whether it may borrow and sell short. */
  margin: boolean;
  isPaper: boolean;
  positions: { conid: number; quantity: Big; averageCost: Big }[];
  /** On a spot exchange: what it owns of each asset. */
  balances?: AssetBalance[];
}

export interface AssetBalance {
  asset: string;
  quantity: Big;
}

/** How a fill on a spot exchange is settled: one asset for the other, the commission in one of them. */
export interface SpotSettlement {
  base: string;
  quote: string;
  commissionAsset: string;
}

/**
 * Everything that changes what the venue owes its customers. State is the fold of these, in order;
 * the log on disk holds nothing else.
 */
export type VenueEvent =
  | { kind: "opened"; at: number; accounts: OpeningAccount[] }
  /**
   * Order numbers below this one may have been handed out, to unanswered tickets for instance. After a reset
   * it also says how often accounts had been opened.
   */
  | { kind: "ids"; upTo: number; openings?: number }
  | { kind: "order"; at: number; order: Order }
  | { kind: "modified"; at: number; id: number; changes: OrderChanges; expiresAt: number }
  | { kind: "resized"; at: number; id: number; quantity: Big }
  | { kind: "triggered"; at: number; id: number }
  | { kind: "trailed"; at: number; id: number; stopPrice: Big }
  | {
      kind: "fill";
      at: number;
      id: number;
      execution: string;
      quantity: Big;
      price: Big;
      commission: Big;
      exchange: string;
      /** Whether the order is done with it. */
      complete: boolean;
      /** Absent where shares are settled against the account's one currency. */
      spot?: SpotSettlement;
      maker?: boolean;
    }
  | { kind: "cancelling"; at: number; id: number }
  | {
      kind: "ended";
      at: number;
      id: number;
      state: "cancelled" | "expired" | "rejected";
      reason: string | null;
    }
  | {
      kind: "adjusted";
      at: number;
      account: string;
      cash?: Big;
      position?: OpeningAccount["positions"][number];
      balance?: AssetBalance;
    };

/** What a modification may change. */
export interface OrderChanges {
  quantity?: Big | null;
  limitPrice?: Big | null;
  stopPrice?: Big | null;
  trailingAmount?: Big | null;
  type?: Order["type"];
  timeInForce?: Order["timeInForce"];
  outsideRegularHours?: boolean;
}
