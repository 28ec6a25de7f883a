import { type Decimal, decimal, ONE, plain, roundDown, sum, ZERO } from "../domain/money.ts";
import { type Reading, read, unread } from "../domain/reading.ts";
import type { Append } from "../journal/journal.ts";
import type { DayStart, Ledger } from "../journal/ledger.ts";
import { movedQuantities } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import { reading } from "./gather.ts";
import { holdingsOf } from "./holdings.ts";
import { readRiskRate, riskRateOf } from "./risk-rate.ts";
import type { News } from "./sync.ts";

/**
 * S24 where the venue does not tell the account's result of the day: what was held when the day was first
 * looked at and what our own orders of the day have moved since, fees included, marked at the bid. A balance
 * is compared with nothing, so a deposit is no gain and a withdrawal no loss.
 */

/** What one unit of an asset is worth in the risk currency: to whoever sells it, and to whoever has to buy it. */
export interface Mark {
  bid: Decimal;
  ask: Decimal;
}

export type Marks = ReadonlyMap<string, Reading<Mark>>;

/** Each asset that the day's result may depend on. Read again once where it fails (S24). Never throws. */
export async function readMarks(
  desk: Pick<Desk, "marketData" | "policy" | "clock">,
  ledger: Ledger,
  positions: News["positions"],
  { day, onDay }: Moment,
): Promise<Marks> {
  const start = startOn(ledger, day, desk.policy.riskCurrency);
  const listed = positions.kind === "read" ? positions.value.map((each) => each.instrumentId) : [];
  const assets = new Set([
    ...listed,
    ...(start?.quantities.keys() ?? []),
    ...movedOn(ledger, onDay, null).keys(),
  ]);
  const marks = new Map<string, Reading<Mark>>();
  await Promise.all(
    [...assets].map(async (asset) => {
      const first = await readMark(desk, asset);
      marks.set(asset, first.kind === "read" ? first : await readMark(desk, asset));
    }),
  );
  return marks;
}

/** What is left over of a division: a limit that is reached exactly is reached. */
const FINEST = decimal("0.000000000001");

async function readMark(
  desk: Pick<Desk, "marketData" | "policy" | "clock">,
  asset: string,
): Promise<Reading<Mark>> {
  const { policy, clock } = desk;
  const cash = policy.riskCurrency;
  const began = clock.now();
  if (asset === cash) return read({ bid: ONE, ask: ONE }, began);
  // A rate is at the side of the market that makes more of it: the other way round it is the bid.
  const back = { ...policy, riskCurrency: asset };
  const [buying, selling] = await Promise.all([
    readRiskRate(desk, asset),
    readRiskRate({ ...desk, policy: back }, cash),
  ]);
  const ask = riskRateOf(buying, asset, policy, clock.now());
  const inverse = riskRateOf(selling, cash, back, clock.now());
  if (ask.kind === "unknown") return unread(`the price of ${asset}: ${ask.reason}`);
  if (inverse.kind === "unknown") return unread(`the bid of ${asset}: ${inverse.reason}`);
  return read({ ask: ask.rate, bid: roundDown(ONE.div(inverse.rate), FINEST) }, began);
}

/** The day of a decision. */
export interface Moment {
  day: string;
  onDay: (at: number) => boolean;
  now: number;
}

/**
 * Journals what the day began with, at the first decision of the day at which all of it could be read and
 * priced; under the lock, after the news of our own orders was recorded.
 */
export function recordDayStart(
  ledger: Ledger,
  positions: News["positions"],
  marks: Marks,
  riskCurrency: string,
  moment: Moment,
  append: Append,
): void {
  if (startOn(ledger, moment.day, riskCurrency) !== null) return;
  const start = startFrom(ledger, positions, marks, riskCurrency, moment);
  if (typeof start === "string") return;
  append({
    kind: "note",
    note: "day_start",
    day: start.day,
    riskCurrency,
    readAt: new Date(start.readAt).toISOString(),
    positions: [...start.quantities].map(([instrumentId, { quantity, price }]) => ({
      instrumentId,
      quantity: plain(quantity),
      price: plain(price),
    })),
  });
}

/** What the day began with by this reading: what is held without what our orders of the day moved; or why not. */
function startFrom(
  ledger: Ledger,
  positions: News["positions"],
  marks: Marks,
  riskCurrency: string,
  { day, onDay, now }: Moment,
): DayStart | string {
  if (positions.kind === "unread") return `positions could not be read: ${positions.reason}`;
  // What of the reading they are in could not be said once their executions are told.
  const untold = [...ledger.lacking].find((order) => onDay(order.lastAt) && order.cumulative.gt(ZERO));
  if (untold) return `the executions of ${untold.clientOrderId} are not known yet`;
  const listed = new Set(positions.value.map((each) => each.instrumentId));
  const moved = movedOn(ledger, onDay, null);
  const quantities: DayStart["quantities"] = new Map();
  for (const id of new Set([...listed, ...moved.keys()])) {
    // What no order was ever on and nobody lists is cash: only what the day's orders move of it counts.
    if (!listed.has(id) && ledger.ordersOf(id).length === 0) continue;
    const holdings = holdingsOf(id, positions, ledger, now);
    if (holdings.kind === "unknown") return holdings.reason;
    if (!holdings.low.eq(holdings.high)) return `what is held of ${id} is not settled: ${holdings.note}`;
    const quantity = holdings.low.minus(moved.get(id) ?? ZERO);
    if (quantity.eq(ZERO)) continue;
    const mark = marks.get(id) ?? unread(`the price of ${id} was not read`);
    if (mark.kind === "unread") return mark.reason;
    quantities.set(id, { quantity, price: mark.value.bid });
  }
  return { day, riskCurrency, readAt: positions.began, seq: ledger.lastSeq, quantities };
}

function startOn(ledger: Ledger, day: string, riskCurrency: string): DayStart | null {
  const { dayStart } = ledger;
  return dayStart !== null && dayStart.day >= day && dayStart.riskCurrency === riskCurrency ? dayStart : null;
}

const HOUR_MS = 60 * 60_000;

/**
 * What our orders moved on the day, by asset, signed: fills count on the day of their execution. One that was
 * told after the day's start was noted, and executed before, was in what was held then already.
 */
function movedOn(
  ledger: Ledger,
  onDay: (at: number) => boolean,
  start: Pick<DayStart, "readAt" | "seq"> | null,
): Map<string, Decimal> {
  const total = new Map<string, Decimal>();
  for (const order of ledger.orders.values()) {
    // Nothing was learnt of it on the day, by whichever clock: nothing of it was executed on it.
    if (!onDay(order.lastAt + HOUR_MS) || (order.fills.size === 0 && order.cumulative.eq(ZERO))) continue;
    const moved = movedQuantities(
      order,
      ({ executedAt, seq }) =>
        onDay(executedAt) && !(start !== null && seq > start.seq && executedAt < start.readAt),
    );
    for (const [id, quantity] of moved) total.set(id, quantity.plus(total.get(id) ?? ZERO));
  }
  return total;
}

/** The day's result in the risk currency; unread where a figure that it needs is not known. */
export function resultOfDay(
  ledger: Ledger,
  positions: News["positions"],
  marks: Marks,
  riskCurrency: string,
  moment: Moment,
): Reading<Decimal> {
  const start =
    startOn(ledger, moment.day, riskCurrency) ?? startFrom(ledger, positions, marks, riskCurrency, moment);
  if (typeof start === "string") return unread(`what the day began with is not known: ${start}`);
  const moved = movedOn(ledger, moment.onDay, start);
  const parts: Decimal[] = [feesUntold(ledger, moment.onDay).neg()];
  for (const id of new Set([...start.quantities.keys(), ...moved.keys()])) {
    const begun = start.quantities.get(id);
    const quantity = (begun?.quantity ?? ZERO).plus(moved.get(id) ?? ZERO);
    const before = begun === undefined ? ZERO : begun.quantity.times(begun.price);
    const mark = quantity.eq(ZERO) ? null : (marks.get(id) ?? unread(`the price of ${id} was not read`));
    if (mark?.kind === "unread") return mark;
    // What is owed has to be bought.
    const price = mark === null ? ZERO : quantity.gt(ZERO) ? mark.value.bid : mark.value.ask;
    parts.push(quantity.times(price).minus(before));
  }
  return read(sum(parts), moment.now);
}

/** What was expected of fees that no execution has told yet. */
function feesUntold(ledger: Ledger, onDay: (at: number) => boolean): Decimal {
  const untold = [...ledger.lacking].filter((order) => onDay(order.lastAt) && order.cumulative.gt(ZERO));
  return sum(untold.map((order) => order.expectedFee));
}

/** For the posture, which records nothing. Never throws. */
export async function lookAtResult(desk: Desk, ledger: Ledger, moment: Moment): Promise<Reading<Decimal>> {
  const { riskCurrency } = desk.policy;
  const positions = await reading(() => desk.marketData.positions());
  const marks = await readMarks(desk, ledger, positions, moment);
  return resultOfDay(ledger, positions, marks, riskCurrency, moment);
}
