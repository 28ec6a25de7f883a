import type { Clock } from "./clock.ts";
import { Big } from "./decimal.ts";
import { type Listed, type Listing, STOCK_LISTING } from "./listing.ts";
import { addDays, fromNewYork, toNewYork } from "./new-york.ts";
import { hashed, midPriceAt } from "./price-walk.ts";

export interface Quote {
  last: Big;
  bid: Big;
  ask: Big;
  bidSize: number;
  askSize: number;
  /** Yesterday's closing price. */
  close: Big;
}

/** What a scenario nails down; `bidSize`/`askSize` are all that trades until the next pin. */
export interface PinnedPrice {
  last: number | string;
  bid?: number | string;
  ask?: number | string;
  bidSize?: number;
  askSize?: number;
  close?: number | string;
}

/** First letter of field 6509: real-time, delayed, frozen, not subscribed, not acknowledged. */
export type DataAvailability = "R" | "D" | "Z" | "Y" | "N" | "O";

export interface PriceLevel {
  price: Big;
  size: Big;
}

interface Pin {
  quote: Quote;
  limited: { bid: boolean; ask: boolean };
  version: number;
}

export interface Market {
  quote(conid: number): Quote | null;
  /** Price levels that an incoming order of this side can trade against, best first. */
  levelsAgainst(side: "BUY" | "SELL", conid: number): PriceLevel[];
  /** Takes liquidity away until it is replenished. */
  consume(side: "BUY" | "SELL", conid: number, price: Big, size: Big): void;
  /** The synthetic price at any time, pins ignored; for history. */
  priceAt(conid: number, instant: number): number;
  pin(symbol: string | number, price: PinnedPrice): void;
  unpin(symbol?: string | number): void;
  availability(conid: number): DataAvailability;
  setAvailability(symbol: string | number, availability: DataAvailability): void;
  isHalted(conid: number): boolean;
  setHalted(symbol: string | number, halted: boolean): void;
  reset(): void;
}

export const TICK = new Big("0.01");
const SHARES_AT_TOUCH = 100;
const LEVELS = 10;
const ENDLESS = new Big(1_000_000);
const REPLENISHED_EVERY = 1_000;

export function createMarket(clock: Clock, seed: number, listing: Listing = STOCK_LISTING): Market {
  const pins = new Map<number, Pin>();
  const availabilities = new Map<number, DataAvailability>();
  const halted = new Set<number>();
  const used = new Map<string, { epoch: number; sizes: Map<string, Big> }>();
  let version = 0;

  function priceAt(conid: number, instant: number): number {
    const instrument = listing.byNumber(conid);
    if (instrument === undefined) return 0;
    const { cross, basePrice, volatility } = instrument;
    if (cross !== undefined) return priceAt(cross.of, instant) / priceAt(cross.in, instant);
    return midPriceAt(seed, conid, basePrice, instant, volatility);
  }

  function closeBefore(conid: number, instant: number): Big {
    const yesterday = addDays(toNewYork(instant).date, -1);
    return toTick(priceAt(conid, fromNewYork(yesterday, 16 * 60)), tickOf(conid));
  }

  function tickOf(conid: number): Big {
    return listing.byNumber(conid)?.tick ?? TICK;
  }

  function walkingQuote(instrument: Listed): Quote {
    const now = clock.now();
    const second = Math.floor(now / REPLENISHED_EVERY);
    const mid = priceAt(instrument.conid, now);
    const tick = tickOf(instrument.conid);
    const ticks = 1 / Number(tick);
    // One part in ten thousand, and at least a tick.
    const spread = Math.max(Number(tick), Math.round((mid * ticks) / 10_000) / ticks);
    const bid = toTick(mid - spread / 2, tick);
    const ask = bid.plus(toTick(spread, tick));
    const unit = instrument.touchSize ?? SHARES_AT_TOUCH;
    const size = (salt: number) =>
      Number((unit * (3 + Math.floor(hashed(seed, instrument.conid, second, salt) * 20))).toFixed(8));
    const draw = hashed(seed, instrument.conid, second, 77);
    return {
      bid,
      ask,
      last: draw < 0.5 ? bid : ask,
      bidSize: size(1),
      askSize: size(2),
      close: closeBefore(instrument.conid, now),
    };
  }

  function quote(conid: number): Quote | null {
    const instrument = listing.byNumber(conid);
    if (instrument === undefined) return null;
    return pins.get(conid)?.quote ?? walkingQuote(instrument);
  }

  function epochOf(conid: number): number {
    return pins.get(conid)?.version ?? Math.floor(clock.now() / REPLENISHED_EVERY);
  }

  function usedAt(side: "BUY" | "SELL", conid: number): Map<string, Big> {
    const key = `${side} ${conid}`;
    const epoch = epochOf(conid);
    const known = used.get(key);
    if (known !== undefined && known.epoch === epoch) return known.sizes;
    const fresh = { epoch, sizes: new Map<string, Big>() };
    used.set(key, fresh);
    return fresh.sizes;
  }

  function depth(side: "BUY" | "SELL", conid: number): PriceLevel[] {
    const now = quote(conid);
    if (now === null) return [];
    const buying = side === "BUY";
    const touch = buying ? now.ask : now.bid;
    const size = new Big(buying ? now.askSize : now.bidSize);
    const pin = pins.get(conid);
    if (pin !== undefined) {
      return [{ price: touch, size: (buying ? pin.limited.ask : pin.limited.bid) ? size : ENDLESS }];
    }
    const tick = tickOf(conid);
    const step = toTick(Math.max(Number(tick), Number(now.ask) * 0.0002), tick);
    return Array.from({ length: LEVELS }, (_, i) => ({
      price: buying ? touch.plus(step.times(i)) : touch.minus(step.times(i)),
      size: size.times(1 + i),
    })).filter((level) => level.price.gt(0));
  }

  function levelsAgainst(side: "BUY" | "SELL", conid: number): PriceLevel[] {
    if (halted.has(conid)) return [];
    const taken = usedAt(side, conid);
    return depth(side, conid)
      .map((level) => ({ price: level.price, size: level.size.minus(taken.get(level.price.toFixed()) ?? 0) }))
      .filter((level) => level.size.gt(0));
  }

  function consume(side: "BUY" | "SELL", conid: number, price: Big, size: Big): void {
    const taken = usedAt(side, conid);
    const key = price.toFixed();
    taken.set(key, size.plus(taken.get(key) ?? 0));
  }

  function pin(symbol: string | number, price: PinnedPrice): void {
    const { conid } = listing.of(symbol);
    const tick = tickOf(conid);
    const last = new Big(price.last);
    version += 1;
    pins.set(conid, {
      version,
      limited: { bid: price.bidSize !== undefined, ask: price.askSize !== undefined },
      quote: {
        last,
        bid: new Big(price.bid ?? last.minus(tick)),
        ask: new Big(price.ask ?? last.plus(tick)),
        bidSize: price.bidSize ?? 1_000,
        askSize: price.askSize ?? 1_000,
        close: new Big(price.close ?? pins.get(conid)?.quote.close ?? last),
      },
    });
  }

  return {
    quote,
    levelsAgainst,
    consume,
    priceAt,
    pin,
    unpin: (symbol) => {
      if (symbol === undefined) pins.clear();
      else pins.delete(listing.of(symbol).conid);
    },
    availability: (conid) =>
      availabilities.get(conid) ?? (listing.byNumber(conid)?.withoutMarketData ? "N" : "R"),
    setAvailability: (symbol, availability) => availabilities.set(listing.of(symbol).conid, availability),
    isHalted: (conid) => halted.has(conid),
    setHalted: (symbol, isHalted) => {
      if (isHalted) halted.add(listing.of(symbol).conid);
      else halted.delete(listing.of(symbol).conid);
    },
    reset: () => {
      pins.clear();
      availabilities.clear();
      halted.clear();
      used.clear();
    },
  };
}

function toTick(value: number, tick: Big): Big {
  return new Big(value).div(tick).round().times(tick);
}
