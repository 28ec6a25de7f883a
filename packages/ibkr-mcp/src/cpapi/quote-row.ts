import type { Instrument } from "trading-core/domain/instrument";
import type { Decimal } from "trading-core/domain/money";
import type { Quote } from "trading-core/domain/quote";
import { asId, asNumber, asRecord, asText, type Json, loosePrice } from "./loose.ts";

/** Last, bid, ask and availability: the fields that a snapshot is asked for. */
export const QUOTE_FIELDS = "31,84,86,6509";

/** A price field as the venue sends it: the number, and the letter that may stand before it. */
export interface MarkedPrice {
  price: Decimal | null;
  /** C: the previous close. H: trading is halted. */
  mark: "C" | "H" | null;
}

/** "1,300.50", "C193.18", "H193.18"; "N/A", "-" and blanks are no price. */
export function readPrice(value: unknown): MarkedPrice {
  if (typeof value !== "string") return { price: loosePrice(value), mark: null };
  const match = /^([CH])?(.*)$/.exec(value.trim());
  const mark = (match?.[1] as "C" | "H" | undefined) ?? null;
  return { price: loosePrice(match?.[2] ?? ""), mark };
}

/**
 * Whether the data are late, from field 6509, read as a set of letters: R live; D delayed, Z frozen and
 * Y frozen-delayed are not. Null without a statement, and where N (no subscription) or O (the yearly
 * acknowledgement is missing) say that there are none.
 */
export function isDelayed(availability: string | null): boolean | null {
  if (availability === null) return null;
  const letters = new Set(availability);
  if (letters.has("D") || letters.has("Z") || letters.has("Y")) return true;
  if (letters.has("N") || letters.has("O")) return null;
  return letters.has("R") ? false : null;
}

/** The rows of a snapshot by contract id; null when the answer is not a list. A later row replaces nothing. */
export function readRows(body: unknown): Map<string, Json> | null {
  if (!Array.isArray(body)) return null;
  const rows = new Map<string, Json>();
  for (const item of body) {
    const row = asRecord(item);
    const conid = asId(row?.conid);
    if (row && conid !== null) rows.set(conid, row);
  }
  return rows;
}

export function readQuote(row: Json, instrument: Instrument): Quote {
  const last = readPrice(row["31"]);
  const bid = readPrice(row["84"]);
  const ask = readPrice(row["86"]);
  const halted = [last, bid, ask].some(({ mark }) => mark === "H");
  const any = last.price !== null || bid.price !== null || ask.price !== null;
  return {
    instrumentId: instrument.id,
    symbol: instrument.symbol,
    last: last.price,
    bid: bid.price,
    ask: ask.price,
    asOf: asNumber(row._updated),
    delayed: isDelayed(asText(row["6509"])),
    // The mark is the venue's way of saying it; a price without one is a price of a running market.
    halted: halted ? true : any ? false : null,
    lastIsPreviousClose: last.mark === "C",
  };
}

/** Last, bid and ask are all there. */
export function isComplete(row: Json | undefined): boolean {
  if (!row) return false;
  return ["31", "84", "86"].every((field) => readPrice(row[field]).price !== null);
}

/** There is at least a price to work with. */
export function hasPrice(row: Json | undefined): boolean {
  if (!row) return false;
  const has = (field: string) => readPrice(row[field]).price !== null;
  return has("31") || (has("84") && has("86"));
}

/** Why a row carries no price, in words for an operator. */
export function whyNoPrice(row: Json | undefined): string {
  if (!row) {
    return "IBKR sent no row for this contract; it may be unknown, or all market data lines may be in use";
  }
  const availability = asText(row["6509"]) ?? "";
  if (availability.includes("O")) return "the yearly market data API acknowledgement is missing at IBKR";
  if (availability.includes("N")) return "this account has no market data subscription for the contract";
  return "IBKR sent no price after several requests; the market may be closed, or all market data lines in use";
}
