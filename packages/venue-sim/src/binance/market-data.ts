import { type Exchange, venueTime } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import type { Quote } from "../market/market.ts";
import { hashed } from "../market/price-walk.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { refuse } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { symbolIn, symbolsIn } from "./symbols.ts";

const DAY = 24 * 60 * 60_000;
const SAMPLES = 48;

export const amount = (value: Big | number): string => new Big(value).toFixed(8);

function quoteOf(exchange: Exchange, pair: SpotPair): Quote {
  const quote = exchange.market.quote(pair.conid);
  if (quote === null) throw new Error(`${pair.symbol} has no quote`);
  return quote;
}

export function depth(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  const limit = parameters.integer("limit") ?? 100;
  const levels = (side: "BUY" | "SELL") =>
    exchange.market
      .levelsAgainst(side, pair.conid)
      .slice(0, limit)
      .map(({ price, size }) => [amount(price), amount(size)]);
  return { lastUpdateId: Math.floor(exchange.clock.now() / 100), bids: levels("SELL"), asks: levels("BUY") };
}

/** One object when one `symbol` was asked for, a list otherwise. */
function perSymbol(exchange: Exchange, parameters: Parameters, of: (pair: SpotPair) => object): unknown {
  const rows = symbolsIn(exchange, parameters).map(of);
  return parameters.has("symbol") ? rows[0] : rows;
}

export function priceTicker(exchange: Exchange, parameters: Parameters): unknown {
  return perSymbol(exchange, parameters, (pair) => ({
    symbol: pair.symbol,
    price: amount(quoteOf(exchange, pair).last),
  }));
}

export function bookTicker(exchange: Exchange, parameters: Parameters): unknown {
  return perSymbol(exchange, parameters, (pair) => {
    const quote = quoteOf(exchange, pair);
    return {
      symbol: pair.symbol,
      bidPrice: amount(quote.bid),
      bidQty: amount(quote.bidSize),
      askPrice: amount(quote.ask),
      askQty: amount(quote.askSize),
    };
  });
}

export function averagePrice(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  return { mins: 5, price: amount(quoteOf(exchange, pair).last), closeTime: venueTime(exchange) };
}

export function dayTicker(exchange: Exchange, parameters: Parameters): unknown {
  return perSymbol(exchange, parameters, (pair) => dayOf(exchange, pair));
}

function dayOf(exchange: Exchange, pair: SpotPair) {
  const quote = quoteOf(exchange, pair);
  const now = exchange.clock.now();
  const price = (instant: number) => onTick(pair, exchange.market.priceAt(pair.conid, instant));
  const prices = Array.from({ length: SAMPLES }, (_, i) => price(now - DAY + (DAY * i) / SAMPLES));
  const open = prices[0] ?? quote.last;
  const [low, high] = extremes([...prices, quote.last]);
  const mean = prices.reduce((sum, each) => sum.plus(each), new Big(0)).div(SAMPLES);
  const volume = volumeOf(pair, Math.floor(now / 60_000), DAY);
  const change = quote.last.minus(open);
  return {
    symbol: pair.symbol,
    priceChange: amount(change),
    priceChangePercent: change.div(open).times(100).toFixed(3),
    weightedAvgPrice: amount(mean),
    prevClosePrice: amount(open),
    lastPrice: amount(quote.last),
    lastQty: amount(pair.lot.times(10)),
    bidPrice: amount(quote.bid),
    bidQty: amount(quote.bidSize),
    askPrice: amount(quote.ask),
    askQty: amount(quote.askSize),
    openPrice: amount(open),
    highPrice: amount(high),
    lowPrice: amount(low),
    volume: amount(volume),
    quoteVolume: amount(mean.times(volume)),
    openTime: venueTime(exchange) - DAY,
    closeTime: venueTime(exchange),
    firstId: Math.floor((now - DAY) / TRADE_EVERY),
    lastId: Math.floor(now / TRADE_EVERY),
    count: Math.floor(DAY / TRADE_EVERY),
  };
}

export function onTick(pair: SpotPair, price: number): Big {
  return new Big(price).div(pair.tick).round().times(pair.tick);
}

function extremes(values: Big[]): [Big, Big] {
  const sorted = [...values].sort((a, b) => a.cmp(b));
  const first = sorted[0] ?? new Big(0);
  return [first, sorted.at(-1) ?? first];
}

/** A made-up volume in the base asset that is the same at every look. */
function volumeOf(pair: SpotPair, salt: number, length: number): Big {
  const perMinute = (pair.touchSize ?? 1) * (5 + 20 * hashed(pair.conid, salt, 3));
  return new Big(((perMinute * length) / 60_000).toFixed(8));
}

const INTERVALS: Record<string, number> = {
  "1s": 1_000,
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "30m": 1_800_000,
  "1h": 3_600_000,
  "2h": 7_200_000,
  "4h": 14_400_000,
  "6h": 21_600_000,
  "8h": 28_800_000,
  "12h": 43_200_000,
  "1d": DAY,
  "3d": 3 * DAY,
  "1w": 7 * DAY,
  "1M": 30 * DAY,
};

export function klines(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  const length = INTERVALS[parameters.required("interval")] ?? refuse(-1120, "Invalid interval.");
  const limit = Math.min(parameters.integer("limit") ?? 500, 1_000);
  const now = exchange.clock.now();
  const end = Math.min(parameters.integer("endTime") ?? now, now);
  const last = Math.floor(end / length) * length;
  const asked = parameters.integer("startTime");
  const first = asked === undefined ? last - (limit - 1) * length : Math.ceil(asked / length) * length;
  const starts: number[] = [];
  for (let start = first; start <= last && starts.length < limit; start += length) starts.push(start);
  return starts.map((start) => candle(exchange, pair, start, length));
}

/** Open, high, low and close come from the walk; only the running candle ends at the price of the moment. */
function candle(exchange: Exchange, pair: SpotPair, start: number, length: number): unknown[] {
  const now = exchange.clock.now();
  const end = Math.min(start + length, now);
  const prices = Array.from({ length: 6 }, (_, i) =>
    onTick(pair, exchange.market.priceAt(pair.conid, start + ((end - start) * i) / 5)),
  );
  if (start + length > now) prices.push(quoteOf(exchange, pair).last);
  const [low, high] = extremes(prices);
  const open = prices[0] ?? high;
  const close = prices.at(-1) ?? open;
  const volume = volumeOf(pair, Math.floor(start / 1_000), end - start);
  return [
    start,
    amount(open),
    amount(high),
    amount(low),
    amount(close),
    amount(volume),
    start + length - 1,
    amount(volume.times(close)),
    Math.max(1, Math.floor((end - start) / TRADE_EVERY)),
    amount(volume.div(2)),
    amount(volume.times(close).div(2)),
    "0",
  ];
}

/** The public sees a trade at every so many milliseconds. */
const TRADE_EVERY = 500;

function tradeNumbers(exchange: Exchange, parameters: Parameters): number[] {
  const limit = Math.min(parameters.integer("limit") ?? 500, 1_000);
  const last = Math.floor(exchange.clock.now() / TRADE_EVERY);
  return Array.from({ length: limit }, (_, i) => last - limit + 1 + i);
}

function publicTrade(exchange: Exchange, pair: SpotPair, number: number) {
  const time = number * TRADE_EVERY;
  const price = onTick(pair, exchange.market.priceAt(pair.conid, time));
  const quantity = pair.lot.times(1 + Math.floor(hashed(pair.conid, number) * 200));
  return { price, quantity, time, buyerIsMaker: hashed(pair.conid, number, 9) < 0.5 };
}

export function trades(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  return tradeNumbers(exchange, parameters).map((id) => {
    const { price, quantity, time, buyerIsMaker } = publicTrade(exchange, pair, id);
    return {
      id,
      price: amount(price),
      qty: amount(quantity),
      quoteQty: amount(price.times(quantity)),
      time,
      isBuyerMaker: buyerIsMaker,
      isBestMatch: true,
    };
  });
}

export function aggregateTrades(exchange: Exchange, parameters: Parameters): unknown {
  const pair = symbolIn(exchange, parameters);
  return tradeNumbers(exchange, parameters).map((id) => {
    const { price, quantity, time, buyerIsMaker } = publicTrade(exchange, pair, id);
    return { a: id, p: amount(price), q: amount(quantity), f: id, l: id, T: time, m: buyerIsMaker, M: true };
  });
}
