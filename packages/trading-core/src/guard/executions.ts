import { messageOf } from "../domain/errors.ts";
import type { ExchangeRate } from "../domain/exchange-rate.ts";
import { baseOf } from "../domain/instrument.ts";
import type { Fill } from "../domain/order.ts";
import { type Reading, unread } from "../domain/reading.ts";
import { needsFeeRate } from "../journal/commitments.ts";
import { type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import type { Ledger } from "../journal/ledger.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import { readRiskRate, riskRateOf } from "./risk-rate.ts";
import { recordNews } from "./sync.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Executions, where a decision has to wait for them: an order of unknown fate may be among them. */
export function fillsForDecision(desk: Desk, ledger: Ledger): Promise<Reading<Fill[]>> {
  const now = desk.clock.now();
  const wanted = [
    ...ledger.openOrders().filter(isUnresolved),
    ...[...ledger.untold].filter((order) => now - order.lastAt < DAY_MS),
    // A pair's fee may be taken in the coin itself: until it is known, what is held does not fit what was filled.
    ...[...ledger.lacking].filter(
      (order) => baseOf(order.order.symbol) !== null && now - order.lastAt < DAY_MS,
    ),
  ];
  return wanted.length > 0 ? readFills(desk, wanted) : Promise.resolve(NOT_NEEDED);
}

const NOT_NEEDED = unread("not needed: no order is of unknown fate");

/**
 * Reads the executions that our orders still lack (ids, exact prices, fees) and journals them. What was
 * filled is known before that from the orders themselves; so nothing waits for this but who asks for
 * the history, and one reading serves all who ask meanwhile. Never throws.
 */
export function collectExecutions(desk: Desk, journal: Journal): Promise<void> {
  desk.collecting ??= collect(desk, journal).finally(() => {
    desk.collecting = null;
  });
  return desk.collecting;
}

async function collect(desk: Desk, journal: Journal): Promise<void> {
  const now = desk.clock.now();
  const lacking = [...journal.ledger.lacking].filter((order) => now - order.lastAt < 7 * DAY_MS);
  if (lacking.length === 0) return;
  const none = unread("not needed");
  const fills = await readFills(desk, lacking);
  try {
    await journal.locked(LOCK_WAIT_MS, (append) =>
      recordNews(journal, { orders: none, single: [], positions: none, fills }, append),
    );
  } catch (error) {
    // Serves both: the quantities are in the ledger already; prices and fees are read again next time.
    desk.log.warn({ error: messageOf(error) }, "executions could not be journaled");
  }
}

/** The executions of the days since the oldest of these orders. Never throws. */
export async function readFills(desk: Desk, orders: LedgerOrder[]): Promise<Reading<Fill[]>> {
  const oldest = orders.reduce((least, order) => Math.min(least, order.intentAt), desk.clock.now());
  const days = Math.min(7, Math.max(1, Math.ceil((desk.clock.now() - oldest) / DAY_MS) + 1));
  try {
    const symbols = [...new Set(orders.map((own) => own.order.symbol))];
    return await withFeeRates(desk, await desk.broker.fills(days, symbols), orders);
  } catch (error) {
    // Serves both: what is unread leaves the order as it was, open or lacking.
    return unread(messageOf(error));
  }
}

/** With the rates of fees in a third currency, such as an exchange's own coin (S21). */
async function withFeeRates(
  desk: Desk,
  fills: Reading<Fill[]>,
  orders: LedgerOrder[],
): Promise<Reading<Fill[]>> {
  if (fills.kind === "unread") return fills;
  const isOf = (fill: Fill, own: LedgerOrder) =>
    (fill.orderId !== null && fill.orderId === own.orderId) || fill.clientOrderId === own.clientOrderId;
  const needing = fills.value.flatMap((fill) => {
    const own = orders.find((each) => isOf(fill, each));
    return own && needsFeeRate(own, fill.feeCurrency) ? (fill.feeCurrency ?? []) : [];
  });
  const rates = new Map<string, ExchangeRate>();
  await Promise.all(
    [...new Set(needing)].map(async (currency) => {
      const rate = riskRateOf(await readRiskRate(desk, currency), currency, desk.policy, desk.clock.now());
      // Serves neither where it is not known: the fee is asked for again with the order's executions.
      if (rate.kind === "known") rates.set(currency, rate);
    }),
  );
  const rated = (fill: Fill): Fill => {
    const feeRate = rates.get(fill.feeCurrency ?? "");
    return feeRate ? { ...fill, feeRate } : fill;
  };
  return rates.size === 0 ? fills : { ...fills, value: fills.value.map(rated) };
}

function isUnresolved(order: LedgerOrder): boolean {
  return order.phase === "unresolved" || order.phase === "dispatched";
}
