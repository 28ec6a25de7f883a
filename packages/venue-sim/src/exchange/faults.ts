/** Whether a fault strikes before the request is executed, or after it and before the answer. */
export type When = "before" | "after";

/** What a fault does to a request that it matches; `before` unless told otherwise. */
export type ExchangeFaultAction =
  /** The connection is closed without an answer. */
  | { type: "reset"; when?: When }
  /** No answer ever comes. */
  | { type: "hang"; when?: When }
  /** Executed; the whole answer is promised and half of it sent. */
  | { type: "cut-body" }
  /** Executed; headers at once, the body after so many real milliseconds. */
  | { type: "slow-body"; milliseconds: number }
  /** Another status; the body is the one that this exchange is known to send with it, unless given. */
  | { type: "status"; status: number; body?: string; contentType?: string | null; when?: When }
  | { type: "empty-200"; when?: When }
  | { type: "html-200"; when?: When }
  | { type: "empty-object-200"; when?: When }
  /** The exchange's own way to say no: its text, and its code where it has codes. */
  | { type: "error"; message: string; code?: number; status?: number; when?: When }
  /** Moves the simulator's clock on before the request is executed: a slow venue without a slow test. */
  | { type: "slow"; milliseconds: number }
  /** Executed at once, answered after so many real milliseconds. */
  | { type: "delay"; milliseconds: number }
  /** Orders and trades as of so many milliseconds ago. */
  | { type: "stale-list"; milliseconds: number }
  | { type: "empty-list" }
  /** The `Date` header is off by so much. */
  | { type: "clock-skew"; milliseconds: number }
  /** The order placed by this request never fills beyond this quantity. */
  | { type: "partial-fill"; quantity: string }
  | { type: "no-fill" };
