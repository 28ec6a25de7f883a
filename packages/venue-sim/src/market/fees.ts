import { Big, isWhole, maxOf } from "./decimal.ts";

const PER_SHARE = new Big("0.005");
const MINIMUM = new Big("1.00");
const FRACTIONAL = new Big("0.35");

/** Commission of an order that has filled `quantity` in all. */
export function commissionFor(quantity: Big, byAmount: boolean): Big {
  if (quantity.eq(0)) return new Big(0);
  if (byAmount || !isWhole(quantity)) return FRACTIONAL;
  return maxOf(MINIMUM, quantity.times(PER_SHARE)).round(4);
}
