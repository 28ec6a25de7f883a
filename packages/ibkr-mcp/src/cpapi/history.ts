import { loadNyseCalendar } from "trading-core/calendar/nyse";
import { addDays, tradingDay } from "trading-core/calendar/trading-day";
import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import type { HistoryBar, HistoryPeriod, PriceHistory } from "trading-core/domain/price-history";
import type { Clock } from "trading-core/ports/clock";
import type { GatewayClient } from "./client.ts";
import { unexpectedShape } from "./failures.ts";
import { type Chart, readChart } from "./history-answer.ts";
import { busy } from "./line.ts";
import { checkConid } from "./path.ts";

export interface History {
  /** See `MarketData.history`. Regular trading hours only. */
  history: (instrument: Instrument, period: HistoryPeriod, bar: HistoryBar) => Promise<PriceHistory>;
}

/** Lower case only: what it cannot read the venue takes for one day, without a word. */
const PERIODS: Record<HistoryPeriod, string> = {
  "1h": "1h",
  "4h": "4h",
  "1d": "1d",
  "1w": "1w",
  "1mo": "1m",
  "3mo": "3m",
  "6mo": "6m",
  "1y": "1y",
  "2y": "2y",
  "5y": "5y",
};

/** The first question for a contract's chart may fail, and the same one a moment later succeed. */
const TRIES = 3;
const PAUSE_MS = 2_000;
const MOST_WAITING = 5;
const NEW_YORK = "America/New_York";
/** Late data are 15 to 20 minutes old: so long after its end a bar may still change. */
const DELAY_MS = 20 * 60_000;

interface Options {
  client: Pick<GatewayClient, "read" | "clockSkew">;
  clock: Clock;
}

export function createHistory({ client, clock }: Options): History {
  const inTurn = createTurns();
  const venueNow = () => clock.now() + (client.clockSkew() ?? 0);

  /** @param end of the window, epoch milliseconds; null for now, which named would lose the last day */
  async function chartOf(conid: string, period: HistoryPeriod, bar: HistoryBar, end: number | null) {
    const query = {
      conid,
      period: PERIODS[period],
      bar,
      outsideRth: "false",
      // In spite of its name it is where the window ends.
      ...(end !== null && { startTime: timeText(end) }),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const body = await client.read({ method: "GET", path: "/iserver/marketdata/history", query });
        const chart = readChart(body, bar);
        if (!chart) throw unexpectedShape("a price history");
        return chart;
      } catch (error) {
        if (!saysNoChart(error)) throw error;
        if (attempt >= TRIES) throw noHistory(error);
        await clock.sleep(PAUSE_MS);
      }
    }
  }

  async function historyOf(instrument: Instrument, period: HistoryPeriod, bar: HistoryBar) {
    const conid = checkConid(instrument.id);
    const chart = await chartOf(conid, period, bar, null);
    if (chart.bars.length > 0) return told(chart, null, venueNow());
    const end = await lastClose(venueNow());
    const earlier = await chartOf(conid, period, bar, end);
    if (earlier.bars.length === 0) {
      return told(earlier, "IBKR has no trades in this period; a longer one may have some.", venueNow());
    }
    const ended = new Date(end).toISOString();
    const message = `Nothing was traded in the last ${period}: these bars end at the last close, ${ended}.`;
    return told(earlier, message, venueNow());
  }

  return { history: (...asked) => inTurn(() => historyOf(...asked)) };
}

function told({ bars, delayed, barTakes }: Chart, message: string | null, now: number): PriceHistory {
  const last = bars.at(-1);
  const settles = (last?.start ?? 0) + barTakes + (delayed === true ? DELAY_MS : 0);
  return { bars, lastBarFinal: last === undefined ? null : settles <= now, delayed, message };
}

/** When the US market closed last. The venue's own schedule begins with today, and cannot say. */
async function lastClose(now: number): Promise<number> {
  const calendar = await loadNyseCalendar();
  for (let date = tradingDay(new Date(now), NEW_YORK); ; date = addDays(date, -1)) {
    const session = calendar.sessionOn(date);
    if (session !== null && session.closes.getTime() <= now) return session.closes.getTime();
  }
}

/** "20261120-21:00:00", in UTC. */
function timeText(at: number): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 8)}`;
}

function saysNoChart(error: unknown): error is TradingError {
  if (!(error instanceof TradingError)) return false;
  return error.code === "not_found" || /chart data unavailable|no data\b/i.test(error.message);
}

function noHistory(error: TradingError): TradingError {
  return new TradingError(
    "no_history",
    `There are no price bars. ${error.message}`,
    "Try another period; without a market data subscription for this exchange there are none at all. get_quote says whether there is a price.",
    { cause: error },
  );
}

/**
 * One at a time in this process, so that charts neither take the places that quotes and orders need nor
 * more than IBKR draws at once for a login; a handful may wait.
 */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    if (waiting >= MOST_WAITING) return Promise.reject(busy());
    waiting += 1;
    const mine = last.then(work).finally(() => {
      waiting -= 1;
    });
    // Serves neither: a failure belongs to who asked, and the next turn begins all the same.
    last = mine.catch(() => {});
    return mine;
  };
}
