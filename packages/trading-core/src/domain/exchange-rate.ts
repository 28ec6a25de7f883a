import { type Decimal, max, ONE } from "./money.ts";

/** What one unit of a currency or asset is worth in another. */
export interface ExchangeRate {
  /** As instruments name them: "USD", "USDT", "BTC". */
  from: string;
  to: string;
  /** Units of `to` for one of `from`; greater than 0. */
  rate: Decimal;
  /** When it was so, epoch milliseconds: by the venue where it says, else when the reading began. */
  asOf: number;
}

/** What a stablecoin promises to be worth one of. Only what is traded widely enough to be named so. */
const PEGS: Readonly<Record<string, string>> = {
  USDT: "USD",
  USDC: "USD",
  DAI: "USD",
  FDUSD: "USD",
  PYUSD: "USD",
  RLUSD: "USD",
  TUSD: "USD",
  USDG: "USD",
  USDP: "USD",
  USDS: "USD",
  EURC: "EUR",
  EURI: "EUR",
};

/** Whether both are the same money, or promise to be. */
export function isPegged(from: string, to: string): boolean {
  return (PEGS[from] ?? from) === (PEGS[to] ?? to);
}

/**
 * The rate at which an entry counts: a stablecoin at its ticker, and never below what it promises, so that
 * one that has lost its peg does not make room for more of it.
 */
export function countedRate({ from, to, rate }: ExchangeRate): Decimal {
  return isPegged(from, to) ? max(ONE, rate) : rate;
}
