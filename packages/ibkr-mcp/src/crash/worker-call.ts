/** What a worker process is told, and answers. */
export type WorkerCall =
  | { op: "place"; symbol: string; side: "BUY" | "SELL"; quantity: number; limitPrice: number | null }
  | { op: "cancel"; orderId: string }
  /** Reads what the venue lists, journals it, and says where the account stands. */
  | { op: "reconcile" };

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
}

export interface WorkerSettings {
  port: number;
  stateDir: string;
  /** MAX_DAILY_VALUE; null for none. */
  cap: number | null;
  duplicateWindowMs: number;
}
