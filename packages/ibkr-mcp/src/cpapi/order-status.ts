import type { Decimal } from "trading-core/domain/money";
import type { OrderStatus, OrderType, Side } from "trading-core/domain/order";

/**
 * IBKR's status words in ours. "Inactive" stays apart: it stands for a refused order, for one whose
 * question is unanswered and for one that is parked, and only the last may still run.
 */
const STATUSES: Record<string, OrderStatus> = {
  pendingsubmit: "pending",
  apipending: "pending",
  warnstate: "pending",
  // A cancellation under way: the order may still fill.
  pendingcancel: "pending",
  precancelled: "pending",
  presubmitted: "submitted",
  submitted: "submitted",
  partiallyfilled: "partially_filled",
  filled: "filled",
  cancelled: "cancelled",
  canceled: "cancelled",
  apicancelled: "cancelled",
  rejected: "rejected",
  expired: "expired",
  inactive: "inactive",
};

/** `filled` and `total` sharpen a working order into a partly filled one. */
export function readStatus(word: unknown, filled: Decimal | null, total: Decimal | null): OrderStatus {
  const key = typeof word === "string" ? word.replace(/[^a-z]/gi, "").toLowerCase() : "";
  const status = STATUSES[key] ?? "unknown";
  if (status === "submitted" && filled?.gt(0) && (total === null || filled.lt(total))) {
    return "partially_filled";
  }
  return status;
}

/** "BUY", "B", "SELL", "S"; null for anything else, which is not a sell by default. */
export function readSide(word: unknown): Side | null {
  switch (typeof word === "string" ? word.trim().toUpperCase() : "") {
    case "BUY":
    case "B":
    case "BOT":
      return "BUY";
    case "SELL":
    case "S":
    case "SLD":
    case "SSHORT":
      return "SELL";
    default:
      return null;
  }
}

const TYPES: Record<string, OrderType> = {
  market: "market",
  mkt: "market",
  limit: "limit",
  lmt: "limit",
  stop: "stop",
  stp: "stop",
  stoplimit: "stop_limit",
  stplmt: "stop_limit",
  trailingstop: "trailing_stop",
  trail: "trailing_stop",
};

/** Null for a type that this project does not know, such as a trailing stop with a limit. */
export function readOrderType(word: unknown): OrderType | null {
  return typeof word === "string" ? (TYPES[word.replace(/[^a-z]/gi, "").toLowerCase()] ?? null) : null;
}
