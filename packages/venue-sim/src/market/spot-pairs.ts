import { Big } from "./decimal.ts";
import type { Listed, Listing } from "./listing.ts";

/** A market of two assets. */
export interface SpotPair extends Listed {
  base: string;
  quote: string;
  tick: Big;
  /** Smallest step of a quantity. */
  lot: Big;
  minimumQuantity: Big;
  /** Smallest price × quantity of an order, in the quote asset. */
  minimumValue: Big;
  /** Listed, and not traded for the time being. */
  halted: boolean;
}

// Base, quote, price, tick, lot, least quantity, least value, size at the touch, volatility, cross rate.
const IN_TETHER = `
BTC  | USDT | 91250.4 | 0.01    | 0.00001 | 0.00001 | 5      | 0.05 | 1.5
ETH  | USDT | 3012.6  | 0.01    | 0.0001  | 0.0001  | 5      | 1.5  | 1.8
SOL  | USDT | 138.42  | 0.01    | 0.001   | 0.001   | 5      | 30   | 2.2
ETH  | BTC  | 0.03301 | 0.00001 | 0.0001  | 0.0001  | 0.0001 | 1.5  | 1    | ETHUSDT / BTCUSDT
BTC  | EUR  | 79000   | 0.01    | 0.00001 | 0.00001 | 5      | 0.03 | 1    | BTCUSDT / EURUSDT
EUR  | USDT | 1.1534  | 0.0001  | 0.1     | 0.1     | 5      | 4000 | 0.15
USDC | USDT | 0.9998  | 0.0001  | 1       | 1       | 5      | 9000 | 0.003
LUNA | USDT | 0.0729  | 0.0001  | 0.01    | 0.01    | 5      | 500  | 3
`;

const IN_DOLLARS = `
BTC  | USD  | 91240.0 | 0.1     | 0.00000001 | 0.00005 | 0.5   | 0.05 | 1.5
ETH  | USD  | 3012.2  | 0.01    | 0.00000001 | 0.001   | 0.5   | 1.5  | 1.8
SOL  | USD  | 138.40  | 0.01    | 0.00000001 | 0.02    | 0.5   | 30   | 2.2
ETH  | BTC  | 0.03301 | 0.00001 | 0.00000001 | 0.001   | 0.00002 | 1.5 | 1   | ETHUSD / BTCUSD
BTC  | EUR  | 79000   | 0.1     | 0.00000001 | 0.00005 | 0.45  | 0.03 | 1    | BTCUSD / EURUSD
EUR  | USD  | 1.1532  | 0.00001 | 0.00000001 | 5       | 0.5   | 4000 | 0.15
USDT | USD  | 0.9997  | 0.0001  | 0.00000001 | 5       | 0.5   | 9000 | 0.003
MATIC | USD | 0.2131 | 0.0001  | 0.00000001 | 10      | 0.5   | 500  | 3
`;

/** No longer traded, and still in the list: what a client must not take for tradable. */
const HALTED = ["LUNA", "MATIC"];

/** Reads a table; a pair's number is its place in it, counted from `first`. */
function readPairs(table: string, first: number): SpotPair[] {
  const rows = table
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const numbers = new Map(rows.map(([base, quote], i) => [`${base}${quote}`, first + i]));
  return rows.map((cells) => {
    const [base = "", quote = "", price, tick = "1", lot = "1", quantity = "1", value = "1"] = cells;
    const [, , , , , , , size, volatility, cross = ""] = cells;
    const [of, over] = cross.split("/").map((name) => numbers.get(name.trim()));
    return {
      conid: numbers.get(`${base}${quote}`) ?? 0,
      symbol: `${base}${quote}`,
      base,
      quote,
      basePrice: Number(price),
      tick: new Big(tick),
      lot: new Big(lot),
      minimumQuantity: new Big(quantity),
      minimumValue: new Big(value),
      touchSize: Number(size),
      volatility: Number(volatility),
      halted: HALTED.includes(base),
      ...(of === undefined || over === undefined ? {} : { cross: { of, in: over } }),
    };
  });
}

export const PAIRS_IN_TETHER: readonly SpotPair[] = readPairs(IN_TETHER, 1);
export const PAIRS_IN_DOLLARS: readonly SpotPair[] = readPairs(IN_DOLLARS, 101);

const byNumber = new Map([...PAIRS_IN_TETHER, ...PAIRS_IN_DOLLARS].map((pair) => [pair.conid, pair]));

/** The pair of an order; throws when no exchange lists it. */
export function pairOf(number: number): SpotPair {
  const pair = byNumber.get(number);
  if (pair === undefined) throw new Error(`no simulated exchange lists a pair ${number}`);
  return pair;
}

/** By `BTCUSDT` or `BTC/USDT`. */
export function findPair(pairs: readonly SpotPair[], symbol: string): SpotPair | undefined {
  const wanted = symbol.replace("/", "");
  return pairs.find((pair) => pair.symbol === wanted);
}

export function spotListing(pairs: readonly SpotPair[]): Listing {
  const byOwnNumber = (number: number) => pairs.find(({ conid }) => conid === number);
  return {
    byNumber: byOwnNumber,
    of: (symbol) => {
      const pair = typeof symbol === "number" ? byOwnNumber(symbol) : findPair(pairs, symbol);
      if (pair === undefined) throw new Error(`the simulated exchange lists no ${symbol}`);
      return pair;
    },
  };
}

/** Decimal places of a step such as 0.001; 0 for 1. */
export function placesOf(step: Big): number {
  return Math.max(0, -step.e);
}
