import { type Instrument, instrumentByConid } from "../market/instruments.ts";
import { addDays, fromNewYork, toNewYork } from "../market/new-york.ts";
import { hashed } from "../market/price-walk.ts";
import type { Gateway, GatewayRequest } from "./gateway.ts";
import { tradeTime } from "./order-words.ts";
import { brokerError, json, type Reply, webError } from "./reply.ts";

const MOST_POINTS = 1_000;
/** Volumes are counted in units of so many shares, which is why they have decimals. */
const VOLUME_FACTOR = 40;
/** Of late data, in seconds. */
const DELAY = 900;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const BARS: Record<string, number> = {
  "1min": MINUTE,
  "2min": 2 * MINUTE,
  "3min": 3 * MINUTE,
  "5min": 5 * MINUTE,
  "10min": 10 * MINUTE,
  "15min": 15 * MINUTE,
  "30min": 30 * MINUTE,
  "1h": 60 * MINUTE,
  "2h": 120 * MINUTE,
  "3h": 180 * MINUTE,
  "4h": 240 * MINUTE,
  "8h": 480 * MINUTE,
  "1d": DAY,
  "1w": 7 * DAY,
  "1m": 30 * DAY,
};
const UNITS: Record<string, number> = {
  min: MINUTE,
  h: 60 * MINUTE,
  d: DAY,
  w: 7 * DAY,
  m: 30 * DAY,
  y: 365 * DAY,
};

/** `1d`, `6m`; anything unreadable silently means one day. */
function periodOf(text: string): { length: number; text: string } {
  const match = /^(\d{1,4})(min|h|d|w|m|y)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  if (match === null || unit === undefined) return { length: DAY, text: "1d" };
  return { length: Number(match[1]) * unit, text };
}

/** `YYYYMMDD-HH:mm:ss` in UTC; the END of the window in spite of its name. */
function endOf(text: string | null, now: number): number {
  const match = /^(\d{4})(\d{2})(\d{2})-(\d{2}):(\d{2}):(\d{2})$/.exec(text ?? "");
  if (match === null) return now;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

/** How long the market trades on a full day of the simulator's hours. */
function minutesOfDay(gateway: Gateway): number {
  const today = toNewYork(gateway.clock.now()).date;
  for (let back = 0; back < 7; back += 1) {
    const hours = gateway.calendar().hoursOn(addDays(today, -back));
    if (hours !== null) return Math.round((hours.close - hours.open) / MINUTE);
  }
  return 390;
}

interface Bar {
  o: number;
  c: number;
  h: number;
  l: number;
  v: number;
  t: number;
}

export function getHistory(request: GatewayRequest, gateway: Gateway): Reply {
  const conid = Number(request.query.get("conid"));
  const instrument = instrumentByConid(conid);
  if (instrument === undefined) return webError(400, "Bad Request: conid is not valid");
  const bar = BARS[request.query.get("bar") ?? ""];
  if (bar === undefined) return brokerError("description", 500);
  if (gateway.market.availability(conid) === "N") return brokerError("No data.", 500);
  const { historyRead } = gateway.session.warmth();
  // Charts of a contract are loaded on first use, and that first use may fail.
  if (instrument.symbol === "IBM" && !historyRead.has(conid)) {
    historyRead.add(conid);
    return brokerError("Chart data unavailable", 500);
  }
  const period = periodOf(request.query.get("period") ?? "1d");
  const outsideRth = request.query.get("outsideRth") === "true";
  const end = Math.min(endOf(request.query.get("startTime"), gateway.clock.now()), gateway.clock.now());
  const bars = barsBetween(gateway, instrument, { start: end - period.length, end, bar, outsideRth });
  return json(answer(gateway, instrument, { bars, bar, period: period.text, outsideRth }));
}

function barsBetween(
  gateway: Gateway,
  instrument: Instrument,
  window: { start: number; end: number; bar: number; outsideRth: boolean },
): Bar[] {
  const starts = window.bar >= DAY ? dailyStarts(gateway, window) : intradayStarts(gateway, window);
  return starts
    .slice(-MOST_POINTS)
    .map((start) => barAt(gateway, instrument, start, Math.min(start + window.bar, window.end)));
}

function dailyStarts(gateway: Gateway, window: { start: number; end: number; bar: number }): number[] {
  const starts: number[] = [];
  const step = Math.round(window.bar / DAY);
  let date = toNewYork(window.start).date;
  for (let i = 0; i < 20_000; i += 1) {
    const hours = gateway.calendar().hoursOn(date);
    // Daily bars bear the time of the regular open, whatever the simulator's own hours are.
    const start = fromNewYork(date, 9 * 60 + 30);
    if (start >= window.end) break;
    if (hours !== null && start >= window.start) starts.push(start);
    date = addDays(date, step);
  }
  return starts;
}

function intradayStarts(
  gateway: Gateway,
  window: { start: number; end: number; bar: number; outsideRth: boolean },
): number[] {
  const starts: number[] = [];
  const first = Math.ceil(window.start / window.bar) * window.bar;
  for (let start = first; start < window.end; start += window.bar) {
    if (gateway.calendar().isOpen(start, window.outsideRth)) starts.push(start);
  }
  return starts;
}

function barAt(gateway: Gateway, instrument: Instrument, start: number, end: number): Bar {
  const price = (instant: number) => Number(gateway.market.priceAt(instrument.conid, instant).toFixed(2));
  const samples = Array.from({ length: 6 }, (_, i) => price(start + ((end - start) * i) / 5));
  const shares = Math.round(((end - start) / MINUTE) * (800 + hashed(instrument.conid, start) * 8_000));
  return {
    o: samples[0] ?? 0,
    c: samples[5] ?? 0,
    h: Math.max(...samples),
    l: Math.min(...samples),
    v: shares / VOLUME_FACTOR,
    t: start,
  };
}

function answer(
  gateway: Gateway,
  instrument: Instrument,
  chart: { bars: Bar[]; bar: number; period: string; outsideRth: boolean },
) {
  const { bars } = chart;
  const first = bars[0]?.t ?? gateway.clock.now();
  const extreme = (bar: Bar | undefined, price: number) =>
    `${Math.round(price * 100)}/${bar?.v ?? 0}/${Math.round(((bar?.t ?? first) - first) / MINUTE)}`;
  const high = bars.reduce<Bar | undefined>((a, b) => (a === undefined || b.h > a.h ? b : a), undefined);
  const low = bars.reduce<Bar | undefined>((a, b) => (a === undefined || b.l < a.l ? b : a), undefined);
  // Late and live charts bear the same letter; what tells them apart is the delay.
  const late = gateway.market.availability(instrument.conid) === "D";
  return {
    serverId: String(6_571_225 + (instrument.conid % 1_000)),
    symbol: instrument.symbol,
    text: instrument.name,
    priceFactor: 100,
    startTime: tradeTime(first),
    high: extreme(high, high?.h ?? 0),
    low: extreme(low, low?.l ?? 0),
    timePeriod: chart.period,
    barLength: chart.bar / 1_000,
    mdAvailability: "S",
    mktDataDelay: late ? DELAY : 0,
    outsideRth: chart.outsideRth,
    tradingDayDuration: minutesOfDay(gateway),
    volumeFactor: VOLUME_FACTOR,
    priceDisplayRule: 1,
    priceDisplayValue: "2",
    negativeCapable: false,
    messageVersion: 2,
    // An empty window still has one bar, without a time.
    data: bars.length === 0 ? [{ o: 0, c: 0 }] : bars,
    points: bars.length === 0 ? 0 : bars.length - 1,
    travelTime: 49,
  };
}
