import { type Big, ZERO } from "../market/decimal.ts";
import type { Instrument } from "../market/instruments.ts";
import { fromNewYork, toNewYork } from "../market/new-york.ts";
import { hashed } from "../market/price-walk.ts";
import type { Gateway } from "./gateway.ts";

/** Availability as the venue spells it: a set of letters, the first one the timeline. */
export function availabilityText(gateway: Gateway, conid: number): string {
  const letter = gateway.market.availability(conid);
  if (letter === "N") return "NPB";
  if (letter === "O") return "OPB";
  if (letter === "D") return "DPB";
  if (letter === "R" && !gateway.calendar().isOpen(gateway.clock.now(), true)) return "ZB";
  return letter === "R" ? "RpB" : `${letter}B`;
}

/** `25500000` → `25.5M`, `163773` → `163.773K`. */
export function abbreviated(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toFixed(3))}M`;
  return value >= 1_000 ? `${Number((value / 1_000).toFixed(3))}K` : String(value);
}

function priceText(price: Big): string {
  const [whole = "", fraction = ""] = price.toFixed(2).split(".");
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}.${fraction}`;
}

/** Volume so far today, as a share of a day's volume. */
function volumeOf(gateway: Gateway, instrument: Instrument): number {
  const now = gateway.clock.now();
  const { date, minutes } = toNewYork(now);
  const whole = 3_000_000 + Math.floor(hashed(instrument.conid, Number(date)) * 40_000_000);
  return Math.floor((whole * (minutes + 1)) / 1_440);
}

/** High, low and open of the running day, sampled from the walk and widened by the current price. */
function dayRange(gateway: Gateway, instrument: Instrument, last: Big) {
  const now = gateway.clock.now();
  const midnight = fromNewYork(toNewYork(now).date, 0);
  const samples: number[] = [];
  for (let instant = midnight; instant < now; instant += 15 * 60_000) {
    samples.push(gateway.market.priceAt(instrument.conid, instant));
  }
  const open = samples[0] ?? last.toNumber();
  return {
    open,
    high: Math.max(last.toNumber(), ...samples),
    low: Math.min(last.toNumber(), ...samples),
  };
}

/** Fields that arrive with the first useful answer, and those that take another one. */
export function quoteFields(gateway: Gateway, instrument: Instrument): { soon: Fields; later: Fields } {
  const { conid } = instrument;
  const quote = gateway.market.quote(conid);
  const letter = gateway.market.availability(conid);
  const availability = availabilityText(gateway, conid);
  if (quote === null || letter === "N" || letter === "O") {
    return { soon: { "31": "N/A", "55": "-", "6509": availability }, later: {} };
  }
  const closed = !gateway.calendar().isOpen(gateway.clock.now(), true);
  const prefix = gateway.market.isHalted(conid) ? "H" : closed ? "C" : "";
  const change = quote.last.minus(quote.close);
  const percent = quote.close.gt(0) ? change.div(quote.close).times(100) : ZERO;
  const volume = volumeOf(gateway, instrument);
  const range = dayRange(gateway, instrument, quote.last);
  const signed = (value: Big) => `${value.gte(0) ? "+" : ""}${value.toFixed(2)}`;
  return {
    soon: {
      "31": `${prefix}${priceText(quote.last)}`,
      "84": priceText(quote.bid),
      "86": priceText(quote.ask),
      "6509": availability,
    },
    later: {
      "55": instrument.symbol,
      "70": range.high.toFixed(2),
      "71": range.low.toFixed(2),
      "82": signed(change),
      "83": Number(percent.toFixed(2)),
      "85": String(quote.askSize),
      "87": abbreviated(volume),
      "87_raw": volume,
      "88": String(quote.bidSize),
      "6004": "SMART",
      "6008": conid,
      "6070": "STK",
      "7051": instrument.name,
      "7059": "100",
      "7184": "1",
      "7219": instrument.symbol,
      "7221": instrument.exchange,
      "7280": instrument.group,
      "7281": instrument.category,
      "7295": range.open.toFixed(2),
      "7296": quote.last.toFixed(2),
      "7635": quote.last.toFixed(2),
      "7741": quote.close.toFixed(2),
      "7762": String(volume),
      "7768": "1",
      ...positionFields(gateway, conid, quote.last),
    },
  };
}

export type Fields = Record<string, string | number>;

/** Fields about the customer's own position; only there when one is held. */
function positionFields(gateway: Gateway, conid: number, last: Big): Fields {
  const account = gateway.engine.state.accounts.get(gateway.selectedAccount);
  const position = account?.positions.get(conid);
  if (position === undefined || position.quantity.eq(0)) return {};
  const unrealized = position.quantity.times(last.minus(position.averageCost));
  return {
    "73": position.quantity.times(last).toFixed(2),
    "74": position.averageCost.toFixed(2),
    "75": unrealized.toFixed(2),
    "76": position.quantity.toFixed(),
    "7292": position.quantity.times(position.averageCost).toFixed(2),
  };
}
