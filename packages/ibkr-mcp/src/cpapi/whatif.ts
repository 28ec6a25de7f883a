import { type Decimal, parseDecimal } from "trading-core/domain/money";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { VenuePreview } from "trading-core/ports/broker";
import { asArray, asRecord, asText, type Json } from "./loose.ts";

/**
 * The venue's estimate of an order; null when the answer is of another shape. A refusal arrives as
 * `error` inside a complete answer, with "NA" and nulls for the numbers.
 */
export function readPreview(body: unknown): VenuePreview | null {
  const answer = asRecord(body);
  if (!answer || (!("amount" in answer) && !("error" in answer))) return null;
  const amount = asRecord(answer.amount);
  const refusal = asText(answer.error) ?? firstText(answer.errors);
  return {
    amount: moneyText(amount?.amount),
    commission: moneyText(amount?.commission),
    total: moneyText(amount?.total),
    marginChange: moneyText(asRecord(answer.initial)?.change),
    availableFundsBefore: fund(answer, "CURRENT_FUNDS"),
    availableFundsAfter: fund(answer, "AFTER_FUNDS"),
    currency: currencyOf(amount),
    warnings: readWarnings(answer),
    refusal: refusal && untrustedText(refusal),
  };
}

const NUMBER = /[+-]?\d[\d,]*(?:\.\d+)?/g;

/**
 * The number in text such as "1,977.60 USD (10 Shares)"; of a range ("0.5…2.1 USD") the upper end,
 * because a cost is judged at its worst. Null for "NA", a dash and everything without a number.
 */
export function moneyText(value: unknown): Decimal | null {
  if (typeof value === "number") return parseDecimal(value);
  const text = asText(value)?.replace(/\(.*\)/, "");
  if (!text) return null;
  const numbers = text.match(NUMBER) ?? [];
  const range = /…|\.\.\.|\bto\b|–/.test(text) && numbers.length > 1;
  const chosen = (range ? numbers.at(-1) : numbers[0])?.replaceAll(",", "").replace(/^\+/, "");
  // A minus that a range's dash left behind is no sign.
  return chosen === undefined ? null : parseDecimal(range ? chosen.replace(/^-/, "") : chosen);
}

function currencyOf(amount: Json | null): string | null {
  for (const key of ["total", "amount", "commission"]) {
    const match = /\b([A-Z]{3})\b/.exec(asText(amount?.[key]) ?? "");
    if (match?.[1]) return match[1];
  }
  return null;
}

/** A row of the `data` table: {"N":"CURRENT_FUNDS","V":["9"]}. */
function fund(answer: Json, name: string): Decimal | null {
  for (const item of asArray(answer.data) ?? []) {
    const row = asRecord(item);
    if (row?.N === name) return moneyText(asArray(row.V)?.[0]);
  }
  return null;
}

/** Warnings carry a message type before a slash ("22/<h4>…"), and markup. */
function readWarnings(answer: Json): string[] {
  const texts = (asArray(answer.warns) ?? [answer.warn]).map((warning) =>
    untrustedText(asText(warning)?.replace(/^\d+\//, ""), 300),
  );
  return [...new Set(texts)].filter((text) => text !== "").slice(0, 10);
}

function firstText(value: unknown): string | null {
  return asText(asArray(value)?.[0]);
}
