import Big from "big.js";

// Division happens for average costs and share counts of cash orders; ten places is what IBKR shows.
Big.DP = 10;
Big.RM = Big.roundHalfUp;

export { Big };
export const ZERO = new Big(0);

/** Rounds towards zero, which is how a cash order is turned into shares without overspending. */
export function roundDown(value: Big, places: number): Big {
  return value.round(places, Big.roundDown);
}

export function minOf(a: Big, b: Big): Big {
  return a.lt(b) ? a : b;
}

export function maxOf(a: Big, b: Big): Big {
  return a.gt(b) ? a : b;
}

/** `1977.6` → `"1,977.60"`: thousands separators, a fixed number of places. */
export function withCommas(value: Big, places: number): string {
  const [whole = "0", fraction] = value.toFixed(places).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function isWhole(value: Big): boolean {
  return value.eq(value.round(0, Big.roundDown));
}
