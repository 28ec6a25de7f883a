import { Big } from "./decimal.ts";
import type { Listed, Listing } from "./listing.ts";

/** A market of two assets. */
export interface SpotPair extends Listed {
  base: string;
  quote: string;
  tick: Big;
  /** Smallest step, and smallest size, of a quantity. */
  lot: Big;
  /** Smallest price × quantity of an order, in the quote asset. */
  minimumValue: Big;
  /** Listed, and not traded for the time being. */
  halted?: boolean;
}

// Base, quote, price, tick, lot, smallest value, size at the touch, volatility, then a cross rate's two pairs.
const PAIRS = `
BTC  | USDT | 91250.4 | 0.01    | 0.00001 | 5      | 0.05 | 1.5
ETH  | USDT | 3012.6  | 0.01    | 0.0001  | 5      | 1.5  | 1.8
SOL  | USDT | 138.42  | 0.01    | 0.001   | 5      | 30   | 2.2
ETH  | BTC  | 0.03301 | 0.00001 | 0.0001  | 0.0001 | 1.5  | 1    | ETHUSDT / BTCUSDT
BTC  | EUR  | 79000   | 0.01    | 0.00001 | 5      | 0.03 | 1    | BTCUSDT / EURUSDT
EUR  | USDT | 1.1534  | 0.0001  | 0.1     | 5      | 4000 | 0.15
USDC | USDT | 0.9998  | 0.0001  | 1       | 5      | 9000 | 0.003
LUNA | USDT | 0.0729  | 0.0001  | 0.01    | 5      | 500  | 3
`;

const FIRST_NUMBER = 1;
/** Delisted from trading, still in the list: what a client must not take for tradable. */
const HALTED = new Set(["LUNAUSDT"]);

/** Reads the table; a pair's number is its place in it. */
function readPairs(table: string): SpotPair[] {
  const rows = table
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const numbers = new Map(rows.map(([base, quote], i) => [`${base}${quote}`, FIRST_NUMBER + i]));
  return rows.map(([base = "", quote = "", price, tick = "1", lot = "1", value = "1", size, wild, cross]) => {
    const symbol = `${base}${quote}`;
    const [of, over] = (cross ?? "").split("/").map((name) => numbers.get(name.trim()));
    return {
      conid: numbers.get(symbol) ?? 0,
      symbol,
      base,
      quote,
      basePrice: Number(price),
      tick: new Big(tick),
      lot: new Big(lot),
      minimumValue: new Big(value),
      touchSize: Number(size),
      volatility: Number(wild),
      halted: HALTED.has(symbol),
      ...(of === undefined || over === undefined ? {} : { cross: { of, in: over } }),
    };
  });
}

export const SPOT_PAIRS: readonly SpotPair[] = readPairs(PAIRS);

const byNumber = new Map(SPOT_PAIRS.map((pair) => [pair.conid, pair]));
const bySymbol = new Map(SPOT_PAIRS.map((pair) => [pair.symbol, pair]));

export function pairByNumber(number: number): SpotPair | undefined {
  return byNumber.get(number);
}

/** By `BTCUSDT` or `BTC/USDT`. */
export function pairBySymbol(symbol: string): SpotPair | undefined {
  return bySymbol.get(symbol.replace("/", ""));
}

/** The pair of an order that the exchange took; throws when it is no pair of this exchange. */
export function pairOf(number: number): SpotPair {
  const pair = byNumber.get(number);
  if (pair === undefined) throw new Error(`the simulated exchange lists no pair ${number}`);
  return pair;
}

export const SPOT_LISTING: Listing = {
  byNumber: pairByNumber,
  of: (symbol) => {
    const pair = typeof symbol === "number" ? pairByNumber(symbol) : pairBySymbol(symbol);
    if (pair === undefined) throw new Error(`the simulated exchange lists no ${symbol}`);
    return pair;
  },
};

/** Decimal places of a step such as 0.001; 0 for 1. */
export function placesOf(step: Big): number {
  return Math.max(0, -step.e);
}
