import { messageOf } from "trading-core/domain/errors";
import type { CcxtTrade } from "../ccxt.ts";
import { classesOf } from "../failures.ts";
import { type ExchangeReads, isRecord, MOST_PAGES } from "./reads.ts";

const PAGE = 50;

/** Under what name an answer holds its list. */
const LISTS: Readonly<Record<string, string>> = {
  OpenOrders: "open",
  ClosedOrders: "closed",
  TradesHistory: "trades",
};

export const krakenReads: ExchangeReads = {
  /** Its single look-up takes its own ids only: ours are found in the two lists. */
  async byClientOrderId(ask, clientOrderId) {
    const params = { clientOrderId };
    for (const list of ["fetchOpenOrders", "fetchClosedOrders"] as const) {
      const orders = await ask((api) => api[list](undefined, undefined, undefined, params));
      const found = orders.find((order) => order.clientOrderId === clientOrderId);
      if (found) return found;
    }
    return null;
  },
  async trades(ask, since, market) {
    const found = new Map<string, CcxtTrade>();
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const params = page === 0 ? {} : { ofs: page * PAGE };
      const trades = await ask((api) => api.fetchMyTrades(market?.symbol, since, undefined, params));
      const known = found.size;
      for (const trade of trades) found.set(String(trade.id), trade);
      // The library keeps of a page what belongs to the market: only an empty one is surely the last.
      if (trades.length === 0 || found.size === known) return [...found.values()];
      if (market === null && trades.length < PAGE) return [...found.values()];
    }
    return null;
  },
  isWhole(path, body) {
    if (!isRecord(body) || !Array.isArray(body.error)) return false;
    const { result } = body;
    const name = path.replace(/^.*\//, "");
    // Under the name of its pair, whatever that is: left out, it would be read as no trades at all.
    if (name === "OHLC") return isRecord(result) && Object.values(result).some(Array.isArray);
    const list = LISTS[name];
    if (list === undefined) return isRecord(result) || Array.isArray(result);
    return isRecord(result) && isRecord(result[list]);
  },
  isUnknownOrder: (error) =>
    classesOf(error).includes("OrderNotFound") ||
    /EOrder:Unknown order|EOrder:Invalid order/.test(messageOf(error)),
  /** It tells nobody what a key may do; but the list of ways to withdraw is read with that right only. */
  async canWithdraw(ask) {
    try {
      await ask((api) => api.request("WithdrawMethods", "private", "POST", {}));
      return "possible";
    } catch (error) {
      // Serves neither: this is asked to be told.
      return classesOf(error).includes("PermissionDenied") ? "impossible" : "unknown";
    }
  },
  useMarkets(api, markets) {
    api.options.marketsByAltname = Object.fromEntries(
      markets.flatMap((market) =>
        typeof market.info.altname === "string" ? [[market.info.altname, market]] : [],
      ),
    );
  },
};
