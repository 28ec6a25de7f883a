import { type Exchange, venueTime } from "../exchange/exchange.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import type { Limits } from "./limits.ts";
import type { Parameters } from "./parameters.ts";
import { symbolsIn } from "./symbols.ts";

export const ORDER_TYPES = [
  "LIMIT",
  "LIMIT_MAKER",
  "MARKET",
  "STOP_LOSS",
  "STOP_LOSS_LIMIT",
  "TAKE_PROFIT",
  "TAKE_PROFIT_LIMIT",
] as const;

export type BinanceOrderType = (typeof ORDER_TYPES)[number];

export const LARGEST_PRICE = "1000000.00000000";
export const LARGEST_QUANTITY = "9000000.00000000";
export const LARGEST_MARKET_QUANTITY = "100000.00000000";
export const MOST_ORDERS = 200;
export const MOST_TRIGGERED_ORDERS = 5;
export const MOST_LISTS = 20;
export const TRAILING = { least: 10, most: 2_000 };
/** How many times, and what part of, the market price an order's price may be. */
export const PRICE_RANGE = { up: "5", down: "0.2" };
const PRECISION = 8;

export function exchangeInfo(exchange: Exchange, parameters: Parameters, limits: Limits): unknown {
  const status = parameters.text("symbolStatus");
  const withSets = parameters.text("showPermissionSets") !== "false";
  return {
    timezone: "UTC",
    serverTime: venueTime(exchange),
    rateLimits: limits.rateLimits(),
    exchangeFilters: [],
    symbols: symbolsIn(exchange, parameters)
      .map((pair) => symbolInfo(exchange, pair, withSets))
      .filter((info) => status === undefined || info.status === status),
  };
}

export function statusOfSymbol(exchange: Exchange, pair: SpotPair): "TRADING" | "BREAK" {
  return exchange.market.isHalted(pair.conid) ? "BREAK" : "TRADING";
}

function symbolInfo(exchange: Exchange, pair: SpotPair, withSets: boolean) {
  return {
    symbol: pair.symbol,
    status: statusOfSymbol(exchange, pair),
    baseAsset: pair.base,
    baseAssetPrecision: PRECISION,
    quoteAsset: pair.quote,
    quotePrecision: PRECISION,
    quoteAssetPrecision: PRECISION,
    baseCommissionPrecision: PRECISION,
    quoteCommissionPrecision: PRECISION,
    orderTypes: ORDER_TYPES,
    icebergAllowed: false,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(pair),
    permissions: [],
    permissionSets: withSets ? [["SPOT"]] : [],
    defaultSelfTradePreventionMode: "EXPIRE_MAKER",
    allowedSelfTradePreventionModes: ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
  };
}

function filtersOf(pair: SpotPair): object[] {
  const tick = pair.tick.toFixed(PRECISION);
  const step = pair.lot.toFixed(PRECISION);
  return [
    { filterType: "PRICE_FILTER", minPrice: tick, maxPrice: LARGEST_PRICE, tickSize: tick },
    {
      filterType: "LOT_SIZE",
      minQty: pair.minimumQuantity.toFixed(PRECISION),
      maxQty: LARGEST_QUANTITY,
      stepSize: step,
    },
    {
      filterType: "MARKET_LOT_SIZE",
      minQty: "0.00000000",
      maxQty: LARGEST_MARKET_QUANTITY,
      stepSize: "0.00000000",
    },
    {
      filterType: "TRAILING_DELTA",
      minTrailingAboveDelta: TRAILING.least,
      maxTrailingAboveDelta: TRAILING.most,
      minTrailingBelowDelta: TRAILING.least,
      maxTrailingBelowDelta: TRAILING.most,
    },
    {
      filterType: "PERCENT_PRICE_BY_SIDE",
      bidMultiplierUp: PRICE_RANGE.up,
      bidMultiplierDown: PRICE_RANGE.down,
      askMultiplierUp: PRICE_RANGE.up,
      askMultiplierDown: PRICE_RANGE.down,
      avgPriceMins: 5,
    },
    {
      filterType: "NOTIONAL",
      minNotional: pair.minimumValue.toFixed(PRECISION),
      applyMinToMarket: true,
      maxNotional: "9000000.00000000",
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: "MAX_NUM_ORDERS", maxNumOrders: MOST_ORDERS },
    { filterType: "MAX_NUM_ORDER_LISTS", maxNumOrderLists: MOST_LISTS },
    { filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: MOST_TRIGGERED_ORDERS },
  ];
}
