import { type ReadJournal, type Tally, tally } from "./audit.ts";
import type { CloseStage } from "./crash-world.ts";
import type { PlacedOrder, SocketVenue } from "./socket-venue.ts";
import { isWorking } from "./socket-venue.ts";
import type { CloseCall, PlaceCall, WorkerAnswer } from "./worker-call.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** A position with orders that protect it, each closed by one call and its repeats. */
export interface CloseWorld {
  /** Opens and protects the next position; null when all were used. A failure goes into `violations`. */
  next(worker: WorkerProcess, violations: string[]): Promise<CloseCall | null>;
  /** How far a close had come that was cut off. */
  stageOf(call: CloseCall): CloseStage | "before the intent";
  /**
   * What a fresh process has to have made of a close that was cut off (S29), and what becomes of the same
   * call made again: one sale in all, and never a position that is bare without a word.
   */
  judge(worker: WorkerProcess, call: CloseCall): Promise<string[]>;
}

const COUNT = 24;
const SIZE = 6;
/** Every third position is opened by a bracket, and protected by its exits. */
const isBracket = (index: number) => index % 3 === 2;

const SYMBOLS = Array.from({ length: COUNT }, (_, index) => `C${index}`);
/** What is held of them before the first call. */
export const HELD_TO_CLOSE = Object.fromEntries(
  SYMBOLS.flatMap((symbol, index) => (isBracket(index) ? [] : [[symbol, SIZE]])),
);

export function closesOf(venue: SocketVenue, journal: () => ReadJournal, random: () => number): CloseWorld {
  let used = 0;
  const guarding = new Map<string, string[]>();
  const sells = (symbol: string) =>
    venue.orders.filter((each) => each.side === "SELL" && each.symbol === symbol);
  /** What the working sells take together: a bracket's exits once. */
  function protectedQuantity(symbol: string): number {
    const groups = new Map<string, number>();
    for (const each of sells(symbol)) {
      if (each.orderType === "market") continue;
      const group = each.parentOrderId ?? each.orderId;
      groups.set(group, Math.max(groups.get(group) ?? 0, venue.tradable(each)));
    }
    return [...groups.values()].reduce((total, each) => total + each, 0);
  }
  const ownSells = (symbol: string) =>
    [...tally(journal().records).values()].filter(
      ({ intent: { order } }) => order.symbol === symbol && order.side === "SELL",
    );

  return {
    async next(worker, violations) {
      const symbol = SYMBOLS[used];
      if (symbol === undefined) return null;
      const calls = isBracket(used) ? bracket(symbol) : stops(symbol, random);
      used++;
      for (const call of calls) {
        const answer = await worker.call(call);
        if (!answer.ok) violations.push(`protecting ${symbol}: ${answer.code} ${answer.message}`);
      }
      guarding.set(
        symbol,
        sells(symbol).map((each) => each.orderId),
      );
      return { op: "close", symbol };
    },
    stageOf({ symbol }) {
      const plans = journal().records.filter((each) => each.kind === "plan" && each.symbol === symbol);
      if (plans.length === 0) return "before the intent";
      if (sells(symbol).some((each) => each.orderType === "market")) return "sale taken";
      const first = new Set(guarding.get(symbol));
      const isGone = sells(symbol).some((each) => first.has(each.orderId) && !isWorking(each));
      return isGone ? "protection cancelled" : "plan on disk";
    },
    async judge(worker, call) {
      const { symbol } = call;
      const books = await worker.call({ op: "reconcile" });
      await venue.quiet();
      const lost = lostAmong(ownSells(symbol), venue.orders);
      const problems: string[] = [];
      const covered = protectedQuantity(symbol);
      const held = venue.held(symbol);
      if (covered < held && !isSaid(books, symbol, lost)) {
        problems.push(`${covered} of ${held} ${symbol} are protected after a close that was cut off`);
      }
      if (covered < held && lost.length === 0 && !ownSells(symbol).some(isDispatchedSale)) {
        problems.push(`the protection of ${symbol} was not put back (${(books.openPlans ?? []).join(" ")})`);
      }
      const answer = await worker.call(call);
      const what = `closing ${symbol} again: ${answer.code} ${answer.message}`;
      const left = venue.held(symbol);
      if (answer.ok && left !== 0) problems.push(`${left} ${symbol} are left. ${what}`);
      if (answer.ok && protectedQuantity(symbol) > 0) problems.push(`exits of ${symbol} still work. ${what}`);
      // Flat, and within the minute in which the venue's list may lag: to say so and sell nothing is right (S1).
      const mayBeFlat = answer.code === "holdings_unknown" && left === 0;
      if (!answer.ok && lost.length === 0 && !mayBeFlat)
        problems.push(`refused although nothing is open. ${what}`);
      const sold = sells(symbol).filter((each) => each.orderType === "market" && each.filled > 0);
      if (sold.length > 1) problems.push(`${symbol} was sold ${sold.length} times. ${what}`);
      return problems;
    },
  };
}

function stops(symbol: string, random: () => number): PlaceCall[] {
  const stop = { op: "place", symbol, side: "SELL", limitPrice: null, stopPrice: 80 } as const;
  const trail = { op: "place", symbol, side: "SELL", limitPrice: null, trailAmount: 10 } as const;
  if (random() < 0.4) return [{ ...stop, quantity: SIZE }];
  if (random() < 0.5) return [{ ...trail, quantity: SIZE }];
  return [
    { ...stop, quantity: SIZE - 2 },
    { ...trail, quantity: 2 },
  ];
}

function bracket(symbol: string): PlaceCall[] {
  return [{ op: "place", symbol, side: "BUY", quantity: SIZE, limitPrice: null, bracket: [110, 80] }];
}

function isDispatchedSale({ dispatched, intent }: Tally): boolean {
  return dispatched && intent.order.orderType === "market";
}

/** What left and never arrived: nobody can know of it, so that it stands in the way of another sale. */
function lostAmong(orders: Tally[], placed: readonly PlacedOrder[]): Tally[] {
  const known = new Set(placed.map((each) => each.clientOrderId));
  return orders.filter(
    (each) => each.dispatched && !known.has(each.clientOrderId) && each.outcome !== "not_sent",
  );
}

/** A position that is not covered is named, or the order that may have taken it is. */
function isSaid({ openPlans = [], unresolved = [] }: WorkerAnswer, symbol: string, lost: Tally[]): boolean {
  return (
    openPlans.some((each) => each.includes(symbol)) ||
    lost.some((each) => unresolved.includes(each.clientOrderId))
  );
}
