import type { TradingHours } from "../market/hours.ts";
import { instrumentByConid, listingsOf } from "../market/instruments.ts";
import { addDays, toNewYork, weekdayOf } from "../market/new-york.ts";
import { type Gateway, type GatewayRequest, seconds } from "./gateway.ts";
import { json, type Reply, webError } from "./reply.ts";

const DAYS_SHOWN = 7;

/** Epoch seconds per date; closed days are absent. */
export function getTradingSchedule(request: GatewayRequest, gateway: Gateway): Reply {
  const instrument = instrumentByConid(Number(request.query.get("conid")));
  if (instrument === undefined) return webError(400, "Bad Request: conid is not valid");
  const today = toNewYork(gateway.clock.now()).date;
  const schedules: Record<string, unknown> = {};
  for (let day = 0; day < DAYS_SHOWN; day += 1) {
    const hours = gateway.calendar().hoursOn(addDays(today, day));
    if (hours !== null) schedules[hours.date] = scheduleOf(hours);
  }
  return json({ exchange_time_zone: "US/Eastern", schedules });
}

function scheduleOf(hours: TradingHours) {
  return {
    liquid_hours: [{ opening: seconds(hours.open), closing: seconds(hours.close) }],
    extended_hours: [
      {
        opening: seconds(hours.extendedOpen),
        closing: seconds(hours.extendedClose),
        cancel_daily_orders: true,
      },
    ],
  };
}

/** The older form: a generic week (20000101 is its Saturday) plus real dates where they differ. */
export function getVenueSchedule(request: GatewayRequest, gateway: Gateway): Reply {
  const symbol = request.query.get("symbol");
  const conid = request.query.get("conid");
  if (request.query.get("assetClass") === null || (symbol === null) === (conid === null)) {
    return webError(400, "Bad Request: assetClass and exactly one of symbol/conid are required");
  }
  const exchange = request.query.get("exchange");
  if (exchange === "SMART") return json([]);
  const instrument = symbol === null ? instrumentByConid(Number(conid)) : listingsOf(symbol)[0];
  if (instrument === undefined) return json([]);
  const venues = ["ISLAND", "NYSE", "ARCA", "BATS", "IEX"].filter(
    (venue) => exchange === null || venue === exchange,
  );
  const schedules = [...genericWeek(gateway), ...exceptions(gateway)];
  return json(
    venues.map((venue, i) => ({
      id: `p${118_462 + i}`,
      tradeVenueId: `v${13_072 + i}`,
      exchange: venue,
      description: venue,
      timezone: "America/New_York",
      schedules,
    })),
  );
}

/** A calm week with no holiday in it, from which the generic days are taken. */
const SAMPLE_WEEK = "20330108";

function genericWeek(gateway: Gateway) {
  return Array.from({ length: 7 }, (_, i) => {
    const generic = addDays("20000101", i);
    const sample = addDays(SAMPLE_WEEK, (weekdayOf(generic) - weekdayOf(SAMPLE_WEEK) + 7) % 7);
    return venueDay(generic, gateway.calendar().hoursOn(sample), sample);
  });
}

function exceptions(gateway: Gateway) {
  const today = toNewYork(gateway.clock.now()).date;
  const days = Array.from({ length: 30 }, (_, i) => addDays(today, i));
  return days.flatMap((date) => {
    const sample = addDays(SAMPLE_WEEK, (weekdayOf(date) - weekdayOf(SAMPLE_WEEK) + 7) % 7);
    const real = venueDay(date, gateway.calendar().hoursOn(date), date);
    const generic = venueDay(date, gateway.calendar().hoursOn(sample), sample);
    return JSON.stringify(real) === JSON.stringify(generic) ? [] : [real];
  });
}

function venueDay(date: string, hours: TradingHours | null, hoursDate: string) {
  if (hours === null)
    return { clearingCycleEndTime: "2000", tradingScheduleDate: date, sessions: [], tradingtimes: [] };
  const clock = (instant: number) => {
    const { minutes, date: day } = toNewYork(instant);
    const total = day === hoursDate ? minutes : 24 * 60 - 1;
    return `${String(Math.floor(total / 60)).padStart(2, "0")}${String(total % 60).padStart(2, "0")}`;
  };
  return {
    clearingCycleEndTime: "2000",
    tradingScheduleDate: date,
    sessions: [],
    tradingtimes: [
      {
        openingTime: clock(hours.open),
        closingTime: clock(hours.close),
        prop: "LIQUID",
        cancelDayOrders: "Y",
      },
    ],
  };
}
