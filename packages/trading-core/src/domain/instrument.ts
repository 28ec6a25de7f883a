import type { FeeBound } from "./fee.ts";
import type { Decimal } from "./money.ts";
import { decimal, roundDown, roundUp, ZERO } from "./money.ts";
import type { Side } from "./order.ts";

/** One step of a tick table: from this price upwards, prices move by this increment. */
export interface PriceStep {
  from: Decimal;
  increment: Decimal;
}

export interface Instrument {
  /** Stable across restarts and unique in the venue, such as "265598" (IBKR's contract id). */
  id: string;
  /** What people and agents call it: "AAPL", "BTC/USDT". */
  symbol: string;
  name: string | null;
  kind: "stock" | "spot";
  /** What prices are quoted in: "USD", "USDT". */
  currency: string;
  /** The listing exchange, as the venue names it. */
  exchange: string | null;
  /** Listed in the United States. Null where the venue did not say. */
  usListed: boolean | null;
  /** Null where the venue did not say. */
  tradable: boolean | null;
  /** Ascending by `from`. Empty where unknown. */
  priceSteps: PriceStep[];
  /** The smallest step of a quantity that the venue takes: 1 for whole shares, 0.0001 for fractions. */
  quantityStep: Decimal;
  minimumQuantity: Decimal | null;
  minimumNotional: Decimal | null;
  /** Whether a buy may be sized by an amount of money. */
  takesCashAmount: boolean;
  /** What an execution costs at most; left out by a venue that takes no fees. */
  feeBound?: FeeBound;
}

/** The asset that a pair's symbol trades: "BTC" of "BTC/USDT"; null for a symbol that is no pair. */
export function baseOf(symbol: string): string | null {
  const slash = symbol.indexOf("/");
  return slash > 0 ? symbol.slice(0, slash) : null;
}

/** The asset that a pair's symbol is priced in: "USDT" of "BTC/USDT"; null for a symbol that is no pair. */
export function quoteOf(symbol: string): string | null {
  const slash = symbol.indexOf("/");
  return slash > 0 ? symbol.slice(slash + 1) : null;
}

/**
 * What an order makes more of: a pair's base when bought, its quote when sold; null for a stock, whose sale
 * brings money and nothing else.
 */
export function acquiredAsset(
  order: { side: Side },
  instrument: Pick<Instrument, "kind" | "symbol" | "currency">,
): string | null {
  if (instrument.kind === "stock") return null;
  return order.side === "BUY" ? baseOf(instrument.symbol) : instrument.currency;
}

/**
 * S6: whether what an order reduces becomes cash. Of a pair only the sale of something that is no cash for
 * cash does: whatever else it brings is a position of its own.
 */
export function turnsIntoCash(
  order: { side: Side },
  instrument: Pick<Instrument, "kind" | "symbol" | "currency">,
  cashCurrencies: readonly string[],
): boolean {
  if (instrument.kind === "stock") return true;
  const base = baseOf(instrument.symbol);
  const sellsPosition = order.side === "SELL" && base !== null && !cashCurrencies.includes(base);
  return sellsPosition && cashCurrencies.includes(instrument.currency);
}

const CENT = decimal("0.01");

/** The price increment that holds at this price; a cent where the venue published no table. */
export function priceIncrement(instrument: Instrument, price: Decimal): Decimal {
  let increment = CENT;
  for (const step of instrument.priceSteps) {
    if (price.gte(step.from) && step.increment.gt(ZERO)) increment = step.increment;
  }
  return increment;
}

/** A limit never becomes worse for its owner: a buy's is rounded down, a sell's up. */
export function roundLimitPrice(instrument: Instrument, side: Side, price: Decimal): Decimal {
  const increment = priceIncrement(instrument, price);
  return side === "BUY" ? roundDown(price, increment) : roundUp(price, increment);
}

/** A trigger never fires later than asked: a sell stop is rounded up, towards the market, a buy stop down. */
export function roundStopPrice(instrument: Instrument, side: Side, price: Decimal): Decimal {
  const increment = priceIncrement(instrument, price);
  return side === "SELL" ? roundUp(price, increment) : roundDown(price, increment);
}
