import { TradingError } from "trading-core/domain/errors";

/**
 * Builds a request path from a template. Each value is one encoded path segment: whatever it holds, it
 * cannot add a segment, a query or a fragment, and "." and ".." are refused because they would.
 */
export function route(parts: TemplateStringsArray, ...values: string[]): string {
  let path = parts[0] ?? "";
  values.forEach((value, index) => {
    if (value === "" || value === "." || value === "..") {
      throw new TradingError("invalid_argument", "An empty or relative path segment was refused.", HINT);
    }
    path += encodeURIComponent(value) + (parts[index + 1] ?? "");
  });
  return path;
}

/** A query string with every key and value encoded; a space becomes %20, which the venue reads in any place. */
export function queryString(query: Record<string, string> | undefined): string {
  if (!query) return "";
  const pairs = Object.entries(query).map(
    ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

const HINT = "Use the id exactly as an earlier answer gave it.";

/** An account id of IBKR's: letters and digits only. Throws `invalid_account_id`. */
export function checkAccountId(accountId: string): string {
  if (/^[A-Za-z0-9]{1,20}$/.test(accountId)) return accountId;
  throw new TradingError(
    "invalid_account_id",
    "The account id is not one of IBKR's: 1 to 20 letters and digits.",
    "Set IBKR_ACCOUNT_ID to the id that Client Portal shows, such as U1234567 or DU1234567.",
  );
}

/** A contract id: digits only. Throws `invalid_instrument`. */
export function checkConid(conid: string): string {
  if (/^[1-9]\d{0,14}$/.test(conid)) return conid;
  throw new TradingError(
    "invalid_instrument",
    "The instrument id is not an IBKR contract id: digits only.",
    HINT,
  );
}

/** An order id: digits, not all zero. "-1", which the venue takes as "all orders", is refused with the rest. */
export function checkOrderId(orderId: string): string {
  if (/^[1-9]\d{0,18}$/.test(orderId)) return orderId;
  throw new TradingError(
    "invalid_order_id",
    "This cannot be an IBKR order id: 1 to 19 digits.",
    "Take the order id from open_orders or from the answer to the order.",
  );
}
