/** What a worker process is told, and answers. */
export type WorkerCall =
  | {
      op: "place";
      symbol: string;
      side: "BUY" | "SELL";
      quantity: number;
      limitPrice: number | null;
      /** A stop, or a trailing stop at this distance; a market order without all three. */
      stopPrice?: number;
      trailAmount?: number;
      /** Take-profit and stop-loss of a bracket. */
      bracket?: [takeProfit: number, stopLoss: number];
    }
  | { op: "close"; symbol: string }
  | { op: "cancel"; orderId: string }
  /** Reads what the venue lists, journals it, and says where the account stands. */
  | { op: "reconcile" };

export type PlaceCall = WorkerCall & { op: "place" };
export type CloseCall = WorkerCall & { op: "close" };

/** What a call asks for, in one word. */
export const CALL_KINDS = ["market", "limit", "stop", "trailing_stop", "bracket", "close"] as const;
export type CallKind = (typeof CALL_KINDS)[number];

export function kindOf(call: PlaceCall | CloseCall): CallKind {
  if (call.op === "close") return "close";
  return call.bracket === undefined ? typeOf(call) : "bracket";
}

/** The type of the order itself; of a bracket that of its entry. */
export function typeOf({
  limitPrice,
  stopPrice,
  trailAmount,
}: PlaceCall): Exclude<CallKind, "bracket" | "close"> {
  if (trailAmount !== undefined) return "trailing_stop";
  if (stopPrice !== undefined) return "stop";
  return limitPrice === null ? "market" : "limit";
}

export interface WorkerAnswer {
  id: number;
  ok: boolean;
  /** "ok", the failure's code, or "killed" when the process ended first. */
  code: string;
  message: string;
  orderId?: string | null;
  status?: string;
  committed?: number;
  unresolved?: string[];
  /** What is said of close plans that are open, or that left a position bare. */
  openPlans?: string[];
}

export interface WorkerSettings {
  port: number;
  stateDir: string;
  /** MAX_DAILY_VALUE; null for none. */
  cap: number | null;
  duplicateWindowMs: number;
}
