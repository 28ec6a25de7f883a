import type { CcxtTrade } from "../ccxt.ts";
import { classesOf } from "../failures.ts";
import { type ExchangeReads, isRecord, MOST_PAGES } from "./reads.ts";

const PAGE = 1_000;

export const binanceReads: ExchangeReads = {
  async byClientOrderId(ask, clientOrderId, market) {
    try {
      return await ask((api) => api.fetchOrder("", market.symbol, { origClientOrderId: clientOrderId }));
    } catch (error) {
      // Serves both: not to be known yet proves nothing, and the caller treats it so.
      if (binanceReads.isUnknownOrder(error)) return null;
      throw error;
    }
  },
  async trades(ask, since, market) {
    if (market === null) return null;
    const found = new Map<string, CcxtTrade>();
    let from = since;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const start = from;
      const trades = await ask((api) => api.fetchMyTrades(market.symbol, start, PAGE));
      for (const trade of trades) found.set(String(trade.id), trade);
      if (trades.length < PAGE) return [...found.values()];
      from = Number(trades.at(-1)?.timestamp);
      if (!Number.isFinite(from) || from <= start) return null;
    }
    return null;
  },
  isWhole(path, body) {
    switch (path.replace(/^\/(?:api\/v3|sapi\/v1)\//, "")) {
      case "account":
        return isRecord(body) && Array.isArray(body.balances);
      case "exchangeInfo":
        return isRecord(body) && Array.isArray(body.symbols);
      case "openOrders":
      case "myTrades":
      case "klines":
        return Array.isArray(body);
      case "order":
        return isRecord(body) && body.orderId !== undefined;
      default:
        return isRecord(body) || Array.isArray(body);
    }
  },
  isUnknownOrder: (error) => classesOf(error).includes("OrderNotFound"),
  async canWithdraw(ask) {
    const answer = await ask((api) => api.request("account/apiRestrictions", "sapi", "GET", {}));
    const { enableWithdrawals } = (answer ?? {}) as { enableWithdrawals?: unknown };
    if (typeof enableWithdrawals !== "boolean") return "unknown";
    return enableWithdrawals ? "possible" : "impossible";
  },
};
