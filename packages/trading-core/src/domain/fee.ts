import { type Decimal, max, min, ZERO } from "./money.ts";

/** The most that executing an order costs, as the venue documents it, in the currency that the instrument is priced in. */
export interface FeeBound {
  /** Of the order's value: 0.001 is 0.1 %. */
  share: Decimal;
  /** Where the fee goes by units as well: never more than the greater of the two, whatever the share comes to. */
  most?: { perUnit: Decimal; perOrder: Decimal };
}

/**
 * What an order is expected to cost in fees at most.
 *
 * @param value what it may cost without them; the result is in the same currency
 * @param quantity null for one that is sized by an amount
 */
export function boundedFee(bound: FeeBound | undefined, value: Decimal, quantity: Decimal | null): Decimal {
  if (bound === undefined) return ZERO;
  const byValue = value.times(bound.share);
  if (bound.most === undefined || quantity === null) return byValue;
  return min(byValue, max(bound.most.perOrder, quantity.times(bound.most.perUnit)));
}
