import { accountSummary } from "./account-summary.ts";
import { bracketOrder } from "./bracket-order.ts";
import { buy } from "./buy.ts";
import { cancelAllOrders } from "./cancel-all-orders.ts";
import { cancelOrder } from "./cancel-order.ts";
import { closePosition } from "./close-position.ts";
import type { Tool } from "./define-tool.ts";
import { getQuote } from "./get-quote.ts";
import { getQuotes } from "./get-quotes.ts";
import { haltTrading } from "./halt-trading.ts";
import { marketStatus } from "./market-status.ts";
import { openOrders } from "./open-orders.ts";
import { orderStatus } from "./order-status.ts";
import { portfolio } from "./portfolio.ts";
import { positions } from "./positions.ts";
import { previewOrder } from "./preview-order.ts";
import { priceHistory } from "./price-history.ts";
import { reconcilePending } from "./reconcile-pending.ts";
import { searchInstruments } from "./search-instruments.ts";
import { sell } from "./sell.ts";
import { sessionStatus } from "./session-status.ts";
import { stopOrder } from "./stop-order.ts";
import { tradeHistory } from "./trade-history.ts";
import { trailingStop } from "./trailing-stop.ts";
import { waitForFill } from "./wait-for-fill.ts";

/** Every tool, the same on every venue, in the order in which a trader needs them. */
export const catalog: readonly Tool[] = [
  sessionStatus,
  marketStatus,
  getQuote,
  getQuotes,
  priceHistory,
  searchInstruments,
  accountSummary,
  positions,
  portfolio,
  previewOrder,
  buy,
  sell,
  closePosition,
  stopOrder,
  trailingStop,
  bracketOrder,
  orderStatus,
  waitForFill,
  cancelOrder,
  cancelAllOrders,
  openOrders,
  tradeHistory,
  reconcilePending,
  haltTrading,
];

/** What tools/list shows: in read mode, nothing that reaches the venue as a write. */
export function listedTools(tools: readonly Tool[], readOnly: boolean): Tool[] {
  return tools.filter((tool) => !readOnly || tool.kind !== "order");
}
