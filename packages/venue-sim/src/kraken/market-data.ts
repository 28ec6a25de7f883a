import { type Exchange, venueTime } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import { hashed } from "../market/price-walk.ts";
import { placesOf, type SpotPair } from "../market/spot-pairs.ts";
import { pairName, pairNamed, pairsIn } from "./assets.ts";
import { invalidArgument } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TRADE_EVERY = 500;
const LOT_PLACES = 8;

export function time(exchange: Exchange): unknown {
  const now = venueTime(exchange);
  return { unixtime: Math.floor(now / 1_000), rfc1123: new Date(now).toUTCString() };
}

export function systemStatus(exchange: Exchange): unknown {
  const timestamp = new Date(venueTime(exchange)).toISOString().replace(/\.\d+Z$/, "Z");
  return { status: exchange.settings.status, timestamp };
}

const priceText = (pair: SpotPair, price: Big): string => price.toFixed(placesOf(pair.tick));
const sizeText = (size: Big | number): string => new Big(size).toFixed(LOT_PLACES);

function onTick(exchange: Exchange, pair: SpotPair, instant: number): Big {
  return new Big(exchange.market.priceAt(pair.conid, instant)).div(pair.tick).round().times(pair.tick);
}

export function ticker(exchange: Exchange, parameters: Parameters): unknown {
  return Object.fromEntries(
    pairsIn(exchange, parameters).map((pair) => [pairName(pair), tickerRow(exchange, pair)]),
  );
}

function tickerRow(exchange: Exchange, pair: SpotPair): object {
  const quote = exchange.market.quote(pair.conid);
  if (quote === null) throw new Error(`${pair.symbol} has no quote`);
  const now = exchange.clock.now();
  const prices = Array.from({ length: 24 }, (_, i) => onTick(exchange, pair, now - DAY + (DAY * i) / 24));
  const open = prices[0] ?? quote.last;
  const sorted = [...prices, quote.last].sort((a, b) => a.cmp(b));
  const text = (price: Big | undefined) => priceText(pair, price ?? quote.last);
  const volume = ((pair.touchSize ?? 1) * 15 * 24 * 60).toFixed(LOT_PLACES);
  const wholeLots = (size: number) => String(Math.max(1, Math.floor(size)));
  return {
    a: [text(quote.ask), wholeLots(quote.askSize), Number(quote.askSize).toFixed(3)],
    b: [text(quote.bid), wholeLots(quote.bidSize), Number(quote.bidSize).toFixed(3)],
    c: [text(quote.last), sizeText(pair.minimumQuantity)],
    v: [volume, volume],
    p: [text(open), text(open)],
    t: [1_000, 172_800],
    l: [text(sorted[0]), text(sorted[0])],
    h: [text(sorted.at(-1)), text(sorted.at(-1))],
    o: text(open),
  };
}

export function depth(exchange: Exchange, parameters: Parameters): unknown {
  const pair = pairNamed(exchange, parameters.required("pair"));
  const count = parameters.integer("count") ?? 100;
  const seconds = Math.floor(venueTime(exchange) / 1_000);
  const levels = (side: "BUY" | "SELL") =>
    exchange.market
      .levelsAgainst(side, pair.conid)
      .slice(0, count)
      .map(({ price, size }) => [priceText(pair, price), size.toFixed(3), seconds]);
  return { [pairName(pair)]: { asks: levels("BUY"), bids: levels("SELL") } };
}

const INTERVALS = [1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600];

export function ohlc(exchange: Exchange, parameters: Parameters): unknown {
  const pair = pairNamed(exchange, parameters.required("pair"));
  const interval = parameters.integer("interval") ?? 1;
  if (!INTERVALS.includes(interval)) invalidArgument("interval");
  const length = interval * MINUTE;
  const last = Math.floor(exchange.clock.now() / length) * length;
  const since = (parameters.integer("since") ?? 0) * 1_000;
  const starts = Array.from({ length: 720 }, (_, i) => last - (719 - i) * length);
  const rows = starts.filter((start) => start > since).map((start) => bar(exchange, pair, start, length));
  return { [pairName(pair)]: rows, last: Math.floor((last - length) / 1_000) };
}

/** Prices come from the walk; only the running bar ends at the price of the moment. */
function bar(exchange: Exchange, pair: SpotPair, start: number, length: number): unknown[] {
  const now = exchange.clock.now();
  const end = Math.min(start + length, now);
  const prices = Array.from({ length: 5 }, (_, i) => onTick(exchange, pair, start + ((end - start) * i) / 4));
  const quote = exchange.market.quote(pair.conid);
  if (start + length > now && quote !== null) prices.push(quote.last);
  const sorted = [...prices].sort((a, b) => a.cmp(b));
  const text = (price: Big | undefined) => priceText(pair, price ?? new Big(0));
  const volume = (pair.touchSize ?? 1) * (5 + 20 * hashed(pair.conid, start)) * ((end - start) / MINUTE);
  return [
    Math.floor(start / 1_000),
    text(prices[0]),
    text(sorted.at(-1)),
    text(sorted[0]),
    text(prices.at(-1)),
    text(sorted[2]),
    volume.toFixed(LOT_PLACES),
    Math.max(1, Math.floor((end - start) / TRADE_EVERY)),
  ];
}

export function trades(exchange: Exchange, parameters: Parameters): unknown {
  const pair = pairNamed(exchange, parameters.required("pair"));
  const count = Math.min(parameters.integer("count") ?? 1_000, 1_000);
  const last = Math.floor(exchange.clock.now() / TRADE_EVERY);
  const rows = Array.from({ length: count }, (_, i) => {
    const number = last - count + 1 + i;
    const instant = number * TRADE_EVERY;
    const size = pair.minimumQuantity.times(1 + Math.floor(hashed(pair.conid, number) * 50));
    return [
      priceText(pair, onTick(exchange, pair, instant)),
      sizeText(size),
      instant / 1_000,
      hashed(pair.conid, number, 9) < 0.5 ? "b" : "s",
      "m",
      "",
      number,
    ];
  });
  return { [pairName(pair)]: rows, last: String(last * TRADE_EVERY * 1_000_000) };
}
