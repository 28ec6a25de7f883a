import type { Position } from "../domain/account.ts";
import { boundedFee } from "../domain/fee.ts";
import { acquiredAsset, baseOf, turnsIntoCash } from "../domain/instrument.ts";
import { type Decimal, max, min, sum, ZERO } from "../domain/money.ts";
import type { OrderIntent, VenueOrder } from "../domain/order.ts";
import { type Reading, read } from "../domain/reading.ts";
import type { Append, Journal } from "../journal/journal.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import { dayOf, onDayOf } from "./day.ts";
import { recordDayStart, resultOfDay } from "./day-result.ts";
import type { Desk } from "./desk.ts";
import type { Facts, WorstCase } from "./facts.ts";
import type { Gathered } from "./gather.ts";
import { type Holdings, holdingsOf, reductionOf, reservedOn } from "./holdings.ts";
import { worstCaseOfLegs } from "./legs-worst-case.ts";
import { holdingPolicy, recordPolicy } from "./limits.ts";
import { type DayResult, lossStopOn, recordLossStop } from "./loss-stop.ts";
import { orphanedExits } from "./orphaned-exits.ts";
import { otherWriters } from "./other-writers.ts";
import type { Policy } from "./policy.ts";
import { type RiskRate, riskRateOf } from "./risk-rate.ts";
import { isInStep } from "./rules/clock.ts";
import { judge } from "./rules/index.ts";
import { foreignOrders, recordNews, reservingOrders } from "./sync.ts";
import type { Check } from "./verdict.ts";
import { refuse } from "./verdict.ts";

export interface Decision {
  facts: Facts;
  isExit: boolean;
  checks: Check[];
  refusals: Check[];
}

/**
 * One decision, under the account's lock: the facts about our own orders become records, the rest is
 * computed from them and the ledger, and every rule is asked. Synchronous, so nothing can change in
 * between.
 *
 * @param replaces our own open orders that this one stands in for, and that reserve nothing against it
 */
export function decide(
  desk: Desk,
  journal: Journal,
  gathered: Gathered,
  intent: OrderIntent,
  replaces: LedgerOrder[],
  append: Append,
): Decision {
  recordNews(journal, gathered.news, append);
  const onDay = onDayOf(desk, desk.clock.now());
  // Before the account is known nothing is decided that a limit could matter to; nor while the clock is wrong,
  // and a record of today under another day's date would hold the limits of today for that day.
  if (gathered.identity.kind !== "unread" && isInStep(desk.session.clockSkew()))
    recordPolicy(journal, desk.policy, onDay, append);
  const policy = holdingPolicy(desk.policy, journal.ledger, onDay);
  const { marks } = gathered.result;
  if (marks) {
    const now = desk.clock.now();
    const at = { day: dayOf(desk, now), onDay, now };
    recordDayStart(journal.ledger, gathered.news.positions, marks, policy.riskCurrency, at, append);
  }
  recordLossStop(journal, resultNow(desk, journal.ledger, gathered), policy, append);
  return judgeNow(desk, journal, gathered, intent, replaces);
}

/** The venue's word on the day's result, or else what the ledger makes of it (S24). */
function resultNow(desk: Desk, ledger: Ledger, { result, news }: Gathered): DayResult {
  if (!result.marks) return result;
  const now = desk.clock.now();
  const at = { day: dayOf(desk, now), onDay: onDayOf(desk, now), now };
  return {
    ...result,
    dailyPnl: resultOfDay(ledger, news.positions, result.marks, desk.policy.riskCurrency, at),
  };
}

/** The same without writing anything: for previews. */
export function judgeNow(
  desk: Desk,
  journal: Journal,
  gathered: Gathered,
  intent: OrderIntent,
  replaces: LedgerOrder[],
): Decision {
  const policy = holdingPolicy(desk.policy, journal.ledger, onDayOf(desk, desk.clock.now()));
  const facts = factsFor(desk, journal, gathered, intent, replaces, policy);
  // A bracket opens: what its entry would close, its exits would open again.
  const isExit =
    facts.reduction.kind === "exit" &&
    !intent.exits &&
    turnsIntoCash(intent, intent.instrument, policy.cashCurrencies);
  const checks = judge({ intent, facts, policy, isExit });
  if (journal.ledger.incomplete !== null && !isExit) checks.push(journalIncomplete(journal));
  return { facts, isExit, checks, refusals: checks.filter((check) => check.verdict === "refuse") };
}

function factsFor(
  desk: Desk,
  journal: Journal,
  gathered: Gathered,
  intent: OrderIntent,
  replaces: LedgerOrder[],
  policy: Policy,
): Facts {
  const { ledger } = journal;
  const result = resultNow(desk, ledger, gathered);
  const { orders, positions, fills } = gathered.news;
  const now = desk.clock.now();
  const day = dayOf(desk, now);
  const onDay = onDayOf(desk, now);
  const foreign = foreignOrders(ledger, orders);
  if (foreign.kind === "read") desk.foreign = foreign.value;
  const readings = [positions, ...(gathered.earlier ?? [])];
  const holdings = cautious(readings.map((each) => holdingsOf(intent.instrument.id, each, ledger, now)));
  const othersWorking = reservingOrders(desk, ledger, orders);
  const reserved = reservedOn(intent.instrument.id, intent.side, ledger, othersWorking, replaces);
  const rate = riskRateOf(gathered.rate, intent.instrument.currency, policy, now);
  const worstCase = worstCaseOfLegs(intent, gathered.quote, valuing(desk.policy, policy), rate, now);
  desk.otherWriters = otherWriters(desk.idPrefix, othersWorking, orders, fills, onDay);
  return {
    now,
    day,
    onDay,
    tradingState: desk.tradingState.read(),
    identity: gathered.identity,
    boundAccount: desk.bound?.identity.accountId ?? null,
    restores: gathered.restores === true,
    quote: gathered.quote,
    rate,
    hours: gathered.hours,
    holdings,
    reduction: reductionOf(intent, holdings, reserved),
    acquired: acquiredPosition(intent, positions, ledger, now),
    pays: paidWith(intent, readings, ledger, policy, othersWorking, replaces, now),
    foreignOrders: foreign,
    othersWorking,
    otherWriters: desk.otherWriters,
    dailyPnl: result.dailyPnl,
    nextTradingDay: result.nextTradingDay,
    lossStop: lossStopOn(ledger, day),
    clockSkewMs: desk.session.clockSkew(),
    orphanedExits: orphanedExits(ledger, positions, now),
    ledger,
    replaces,
    worstCase,
    expectedFee: expectedFeeOf(intent, worstCase, rate),
  };
}

/** S22: what an order may cost in fees, in the risk currency. What has no price is refused for that. */
function expectedFeeOf({ instrument, quantity }: OrderIntent, worst: WorstCase, rate: RiskRate): Decimal {
  if (worst.kind === "unpriced" || rate.kind === "unknown") return ZERO;
  return boundedFee(instrument.feeBound, worst.local, quantity).times(rate.rate);
}

/** What is held already of the asset that a pair's order brings, whichever pairs it was bought on (S6). */
function acquiredPosition(
  intent: OrderIntent,
  positions: Reading<Position[]>,
  ledger: Ledger,
  now: number,
): Facts["acquired"] {
  const asset = acquiredAsset(intent, intent.instrument);
  if (asset === null) return null;
  if (positions.kind === "unread") return { asset, held: positions };
  const rows = positions.value.filter(({ symbol }) => (baseOf(symbol) ?? symbol) === asset);
  // The list may lag behind our own fills: the most that may be held of each row counts.
  const most = [...new Set([asset, ...rows.map((row) => row.instrumentId)])].map((id) => {
    const holdings = holdingsOf(id, positions, ledger, now);
    return holdings.kind === "known" ? holdings.high : ZERO;
  });
  return { asset, held: read(sum(most), positions.began) };
}

/** What a pair's buy pays with, where that is a position and no cash, and what other orders take of it. */
function paidWith(
  { side, instrument }: OrderIntent,
  readings: Reading<Position[]>[],
  ledger: Ledger,
  policy: Policy,
  othersWorking: VenueOrder[],
  replaces: LedgerOrder[],
  now: number,
): Facts["pays"] {
  const asset = instrument.currency;
  if (side !== "BUY" || instrument.kind !== "spot" || policy.cashCurrencies.includes(asset)) return null;
  return {
    asset,
    holdings: cautious(readings.map((each) => holdingsOf(asset, each, ledger, now))),
    reserved: reservedOn(asset, "SELL", ledger, othersWorking, replaces),
  };
}

/** What every one of these readings allows (S2): the widest span of those that say anything. */
function cautious([last, ...earlier]: Holdings[]): Holdings {
  if (last?.kind !== "known") return last ?? { kind: "unknown", reason: "positions were not read" };
  const known = [last, ...earlier.filter((each) => each.kind === "known")];
  return {
    ...last,
    ...(known.length > 1 && { note: `the most cautious of ${known.length} readings` }),
    low: min(last.low, ...known.map((each) => each.low)),
    high: max(last.high, ...known.map((each) => each.high)),
  };
}

/** An order goes out bounded by this server's own deviation, so it has to be valued with that one. */
function valuing(own: Policy, held: Policy): Policy {
  return { ...held, maxPriceDeviationPercent: own.maxPriceDeviationPercent };
}

/** Entries need a ledger that is whole; exits go on by the venue's truth. */
function journalIncomplete(journal: Journal): Check {
  return {
    rule: "journal",
    ...refuse(
      "journal_incomplete",
      `The journal ${journal.path} cannot be relied on: ${journal.ledger.incomplete}.`,
      "Exits still go through. The operator looks at the journal, and moves it away once its orders are understood.",
      { observed: "incomplete", limit: "complete" },
    ),
  };
}
