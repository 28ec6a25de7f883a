import Big from "big.js";

/**
 * Exact decimals for money, prices and quantities. This file is the only one that knows the library,
 * so that there is one copy of it and no float ever takes part in a decision.
 */
export interface Decimal extends Big {}

// Division is the one inexact operation; 20 places is far beyond any tick, lot or currency.
Big.DP = 20;
Big.RM = Big.roundHalfEven;

export const ZERO: Decimal = new Big(0);
export const ONE: Decimal = new Big(1);

/** A decimal from a literal that is known to be valid, such as a default setting. Throws on anything else. */
export function decimal(value: string | number | Decimal): Decimal {
  return new Big(value);
}

/** Whether a value is one of ours, and not text or a number that looks like it. */
export function isDecimal(value: unknown): value is Decimal {
  return value instanceof Big;
}

const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * Reads a plain decimal ("1300", "0.25", "-3.5"): no exponent, no separators, no blanks, no sign "+".
 * Returns null for everything else, NaN and infinities included, because an unreadable number is
 * unknown and never zero.
 */
export function parseDecimal(value: unknown): Decimal | null {
  if (typeof value === "number") {
    return Number.isFinite(value) ? new Big(value) : null;
  }
  if (typeof value === "string" && value.length <= 64 && PLAIN.test(value)) {
    return new Big(value);
  }
  return null;
}

/** Plain text without exponent: "0.0000001", never "1e-7". */
export function plain(value: Decimal): string {
  return value.toFixed();
}

/** Plain text, or null where the number is unknown. */
export function plainOrNull(value: Decimal | null | undefined): string | null {
  return value == null ? null : value.toFixed();
}

/** Money for a person or an answer: cents, rounded half to even. Never used in a decision. */
export function cents(value: Decimal): string {
  return value.toFixed(2, Big.roundHalfEven);
}

export function roundDown(value: Decimal, increment: Decimal): Decimal {
  return value.div(increment).round(0, Big.roundDown).times(increment);
}

export function roundUp(value: Decimal, increment: Decimal): Decimal {
  return value.div(increment).round(0, Big.roundUp).times(increment);
}

export function isMultipleOf(value: Decimal, increment: Decimal): boolean {
  return value.mod(increment).eq(ZERO);
}

export function min(first: Decimal, ...rest: Decimal[]): Decimal {
  return rest.reduce((least, next) => (next.lt(least) ? next : least), first);
}

export function max(first: Decimal, ...rest: Decimal[]): Decimal {
  return rest.reduce((greatest, next) => (next.gt(greatest) ? next : greatest), first);
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}
