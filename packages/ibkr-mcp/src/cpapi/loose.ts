import { type Decimal, parseDecimal } from "trading-core/domain/money";

/*
 * Reading values whose types the venue does not keep: numbers as text, text as numbers, flags as 0 and
 * 1. Every reader answers null for what it cannot read; none of them ever makes up a zero or a false.
 */

export type Json = Record<string, unknown>;

export function asRecord(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function asArray(value: unknown): unknown[] | null {
  return Array.isArray(value) ? value : null;
}

/** Text that says something; null for blank text and for anything else. */
export function asText(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text === "" ? null : text;
}

/** A flag only when it is unmistakably one: a boolean, 0, 1, "true" or "false". */
export function asFlag(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  if (value === 1 || value === "true") return true;
  if (value === 0 || value === "false") return false;
  return null;
}

/** A positive whole id as text, whether the venue sent a number or a string: 265598 and "265598". */
export function asId(value: unknown): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? String(value) : null;
  if (typeof value !== "string") return null;
  return /^[1-9]\d{0,19}$/.test(value) ? value : null;
}

/** A finite number, as the venue writes counts and times; never from text. */
export function asNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

const GROUPED = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;

/**
 * A decimal as the venue writes it: 187.5, "187.50", "1,300", "+0.4", ".5". Null for "N/A", "-", "",
 * infinities and everything else.
 */
export function looseDecimal(value: unknown): Decimal | null {
  if (typeof value !== "string") return parseDecimal(value);
  let text = value.trim();
  if (GROUPED.test(text)) text = text.replaceAll(",", "");
  text = text.replace(/^\+/, "").replace(/^(-?)\./, "$10.");
  // Leading zeros ("007.5") are not how the domain writes decimals, though they are harmless here.
  text = text.replace(/^(-?)0+(?=\d)/, "$1");
  return parseDecimal(text);
}

/** A price: positive, or null. A zero or a negative number in a price field means that there is none. */
export function loosePrice(value: unknown): Decimal | null {
  const price = looseDecimal(value);
  return price?.gt(0) ? price : null;
}
