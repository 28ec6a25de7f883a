import { getFutures, getStrikes, searchDynamicAccounts, setDynamicAccount } from "./absent-products.ts";
import { getAccountSummary, getAccounts, getPartitionedPnl, selectAccount } from "./accounts.ts";
import {
  getAllConids,
  getContractInfo,
  getContractRules,
  getInfoAndRules,
  getSecurityDefinitions,
  getSecurityInfo,
  getStocks,
  searchContracts,
} from "./contracts.ts";
import { getCurrencyPairs, getExchangeRate } from "./currencies.ts";
import type { Gateway, GatewayRequest } from "./gateway.ts";
import { getHistory } from "./history.ts";
import { getSnapshot, unsubscribe, unsubscribeAll } from "./market-data.ts";
import { answerNotification } from "./notifications.ts";
import { getOrderStatus, getOrders, getTrades } from "./order-reads.ts";
import {
  cancelOrder,
  modifyOrder,
  placeOrders,
  replyToQuestion,
  resetSuppressed,
  suppressQuestions,
} from "./orders.ts";
import {
  getAllocation,
  getComboPositions,
  getLedger,
  getMeta,
  getPortfolioAccounts,
  getPortfolioSummary,
  getPositionAcrossAccounts,
  getPositionByConid,
  getPositions,
  getRealTimePositions,
  getSubAccountsPaged,
  invalidatePositions,
} from "./portfolio.ts";
import type { Reply } from "./reply.ts";
import { getTradingSchedule, getVenueSchedule } from "./schedule.ts";
import {
  getAuthStatus,
  initSession,
  logout,
  reauthenticate,
  tickle,
  validateSso,
} from "./session-endpoints.ts";
import { previewOrder } from "./what-if.ts";

export type Handler = (request: GatewayRequest, gateway: Gateway) => Reply | Promise<Reply>;

/**
 * What must be up before an endpoint works: `open` nothing, `login` the browser login, `brokerage`
 * the brokerage session, `accounts` that plus one read of /iserver/accounts.
 */
export type Needs = "open" | "login" | "brokerage" | "accounts";

export interface Route {
  methods: string[];
  pattern: string[];
  needs: Needs;
  handler: Handler;
}

function route(methods: string, path: string, needs: Needs, handler: Handler): Route {
  return { methods: methods.split("|"), pattern: path.split("/"), needs, handler };
}

const ROUTES: Route[] = [
  route("GET|POST", "iserver/auth/status", "open", getAuthStatus),
  route("POST", "iserver/reauthenticate", "open", reauthenticate),
  route("POST", "iserver/auth/ssodh/init", "login", initSession),
  route("GET|POST", "tickle", "login", tickle),
  route("GET", "sso/validate", "login", validateSso),
  route("POST", "logout", "login", logout),

  route("GET", "iserver/accounts", "brokerage", getAccounts),
  route("POST", "iserver/account", "brokerage", selectAccount),
  route("GET", "iserver/account/pnl/partitioned", "brokerage", getPartitionedPnl),
  route("GET", "iserver/account/orders", "accounts", getOrders),
  route("GET", "iserver/account/trades", "accounts", getTrades),
  route("GET", "iserver/account/:accountId/summary", "brokerage", getAccountSummary),
  route("GET", "iserver/account/order/status/:orderId", "accounts", getOrderStatus),
  route("POST", "iserver/account/:accountId/orders", "accounts", placeOrders),
  route("POST", "iserver/account/:accountId/orders/whatif", "accounts", previewOrder),
  route("POST", "iserver/account/:accountId/order/:orderId", "accounts", modifyOrder),
  route("DELETE", "iserver/account/:accountId/order/:orderId", "accounts", cancelOrder),
  route("POST", "iserver/reply/:replyId", "accounts", replyToQuestion),
  route("POST", "iserver/questions/suppress", "brokerage", suppressQuestions),
  route("POST", "iserver/questions/suppress/reset", "brokerage", resetSuppressed),
  route("POST", "iserver/notification", "brokerage", answerNotification),

  route("GET", "portfolio/accounts", "login", getPortfolioAccounts),
  route("GET", "portfolio/subaccounts", "login", getPortfolioAccounts),
  route("GET", "portfolio/subaccounts2", "login", getSubAccountsPaged),
  route("GET", "portfolio/:accountId/meta", "login", getMeta),
  route("GET", "portfolio/:accountId/summary", "login", getPortfolioSummary),
  route("GET", "portfolio/:accountId/ledger", "login", getLedger),
  route("GET", "portfolio/:accountId/allocation", "login", getAllocation),
  route("POST", "portfolio/:accountId/positions/invalidate", "login", invalidatePositions),
  route("GET", "portfolio/:accountId/positions/:page", "login", getPositions),
  route("GET", "portfolio/:accountId/position/:conid", "login", getPositionByConid),
  route("GET", "portfolio/:accountId/combo/positions", "login", getComboPositions),
  route("GET", "portfolio/positions/:conid", "login", getPositionAcrossAccounts),
  route("GET", "portfolio2/:accountId/positions", "login", getRealTimePositions),

  route("GET|POST", "iserver/secdef/search", "brokerage", searchContracts),
  route("GET", "iserver/secdef/info", "brokerage", getSecurityInfo),
  route("GET", "iserver/contract/:conid/info", "brokerage", getContractInfo),
  route("GET", "iserver/contract/:conid/info-and-rules", "brokerage", getInfoAndRules),
  route("POST", "iserver/contract/rules", "brokerage", getContractRules),
  route("GET", "iserver/exchangerate", "brokerage", getExchangeRate),
  route("GET", "iserver/currency/pairs", "brokerage", getCurrencyPairs),
  route("GET", "trsrv/stocks", "login", getStocks),
  route("GET", "trsrv/secdef", "login", getSecurityDefinitions),
  route("GET", "trsrv/secdef/schedule", "login", getVenueSchedule),
  route("GET", "trsrv/all-conids", "login", getAllConids),
  route("GET", "contract/trading-schedule", "login", getTradingSchedule),

  route("GET", "trsrv/futures", "login", getFutures),
  route("GET", "iserver/secdef/strikes", "brokerage", getStrikes),
  route("POST", "iserver/dynaccount", "brokerage", setDynamicAccount),
  route("GET", "iserver/account/search/:pattern", "brokerage", searchDynamicAccounts),

  route("GET", "iserver/marketdata/snapshot", "accounts", getSnapshot),
  route("GET", "iserver/marketdata/history", "brokerage", getHistory),
  route("POST", "iserver/marketdata/unsubscribe", "brokerage", unsubscribe),
  route("GET", "iserver/marketdata/unsubscribeall", "brokerage", unsubscribeAll),
];

/** Every endpoint as documentation spells it: `GET /portfolio/{accountId}/ledger`. */
export function allEndpoints(): string[] {
  return ROUTES.flatMap((route) => route.methods.map((method) => spelled(method, route)));
}

/** The endpoint that answers a path below the base; null when none does. */
export function endpointName(method: string, path: string): string | null {
  const found = findRoute(method, path);
  return found === null ? null : spelled(method, found.route);
}

function spelled(method: string, { pattern }: Route): string {
  return `${method} /${pattern.map((part) => part.replace(/^:(.+)$/, "{$1}")).join("/")}`;
}

/** The route of a path below the base, with its parameters; fixed parts win over named ones. */
export function findRoute(
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | null {
  const parts = path.split("/").filter((part) => part !== "");
  for (const candidate of ROUTES) {
    if (!candidate.methods.includes(method)) continue;
    const params = matchPattern(candidate.pattern, parts);
    if (params !== null) return { route: candidate, params };
  }
  return null;
}

function matchPattern(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const actual = parts[i] ?? "";
    if (expected.startsWith(":")) params[expected.slice(1)] = decodeURIComponent(actual);
    else if (expected !== actual) return null;
  }
  return params;
}
