import { TradingError } from "../domain/errors.ts";
import { newClientOrderId, openJournals, prefixOfServer } from "../journal/journals.ts";
import type { Broker } from "../ports/broker.ts";
import type { Clock } from "../ports/clock.ts";
import type { MarketData } from "../ports/market-data.ts";
import type { Session } from "../ports/session.ts";
import type { Posture } from "./answers.ts";
import { cancelAll } from "./cancel-all.ts";
import { cancelOrder } from "./cancel-order.ts";
import { closePosition } from "./close-position.ts";
import { finishPlans } from "./close-recover.ts";
import type { Desk, Log } from "./desk.ts";
import { notEnding } from "./ending.ts";
import { collectExecutions } from "./executions.ts";
import { haltTrading } from "./halt.ts";
import { history } from "./history.ts";
import { marketHoursAt } from "./hours.ts";
import { tellingNotSent } from "./nothing-sent.ts";
import { accountJournal, historyJournal, openOrders, readOrder, waitForFill } from "./orders.ts";
import { describeOrphaned, orphanedExits } from "./orphaned-exits.ts";
import { place, preview } from "./place.ts";
import type { Policy } from "./policy.ts";
import { correctedPositions } from "./positions.ts";
import { barePositions, posture } from "./posture.ts";
import { reconcilePending } from "./reconcile.ts";
import { type OperatorGuard, resolveOrder } from "./resolve.ts";
import { tradingStateFile } from "./trading-state.ts";

export interface GuardedBrokerOptions {
  broker: Broker;
  marketData: MarketData;
  session: Session;
  policy: Policy;
  clock: Clock;
  log: Log;
  /** Absolute path of the per-user state folder. */
  stateDir: string;
  /** Where the operator moved this venue's journals to; null for the state folder. */
  journalPath: string | null;
  /** Nothing of this process may reach the venue as a write (S32), the finishing of others' plans included. */
  readOnly?: boolean;
}

/** The guard in front of one venue. Whoever holds the result holds no `Broker`. */
export function createGuardedBroker(options: GuardedBrokerOptions): OperatorGuard {
  const { policy, clock, stateDir } = options;
  const prefix = prefixOfServer(stateDir);
  // Now, and not with the first order: a damaged one is said at once.
  prefix();
  const desk: Desk = {
    broker: options.broker,
    marketData: options.marketData,
    session: options.session,
    policy,
    clock,
    log: options.log,
    journals: openJournals({
      stateDir,
      path: options.journalPath,
      venue: policy.venue,
      mode: policy.mode,
      clock,
      standIn: true,
    }),
    tradingState: tradingStateFile(stateDir, policy.venue),
    newClientOrderId: () => newClientOrderId(prefix()),
    get idPrefix() {
      return prefix();
    },
    bound: null,
    account: null,
    foreign: [],
    otherWriters: [],
    ending: notEnding(),
    collecting: null,
  };
  // What runs as one piece from the caller's view, plans included: the server ends only when none is left.
  const running = new Set<Promise<unknown>>();
  async function tracked<T>(start: () => Promise<T>): Promise<T> {
    if (desk.ending.since !== null) {
      throw new TradingError("shutting_down", "The server is ending.", "Nothing was sent. Start it again.");
    }
    const work = start();
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  /** A call that may send something. A failure before anything left says so. */
  function sending<T>(start: () => Promise<T>): Promise<T> {
    return tellingNotSent(() => tracked(start));
  }

  /**
   * Close plans of servers that died are finished before anything else (S29). Not at the start, when the
   * venue has not been contacted: at the first call that asks it for the account, status included.
   */
  async function finished(): Promise<void> {
    if (options.readOnly || policy.dryRun || desk.ending.since !== null) return;
    await tracked(() => finishPlans(desk));
  }

  async function postureNow(): Promise<Posture> {
    const first = await posture(desk);
    // Status asks a venue that is not ready for nothing, and no more than once where no plan is open.
    if (first.openPlans.length === 0 || !first.session.ready) return first;
    await finished();
    return posture(desk);
  }

  return {
    policy,
    place: (request) =>
      sending(async () => {
        await finished();
        return place(desk, request);
      }),
    preview: (request) => preview(desk, request),
    closePosition: (symbol, quantity, idempotencyKey) =>
      sending(async () => {
        await finished();
        return closePosition(desk, symbol, quantity, idempotencyKey);
      }),
    cancel: (id) =>
      sending(async () => {
        await finished();
        return cancelOrder(desk, id);
      }),
    cancelAll: (request) =>
      sending(async () => {
        await finished();
        return cancelAll(desk, request);
      }),
    async reconcile() {
      await finished();
      return reconcilePending(desk);
    },
    halt: (request) => tracked(() => haltTrading(desk, request)),
    resolve: (request) => resolveOrder(desk, request),
    order: (id) => readOrder(desk, id),
    waitForFill: (id, timeoutMs, signal) => waitForFill(desk, id, timeoutMs, signal),
    async openOrders() {
      await finished();
      return openOrders(desk);
    },
    async positions() {
      await finished();
      const journal = await accountJournal(desk);
      const reading = await desk.marketData.positions();
      const orphaned = orphanedExits(journal.ledger, reading, clock.now());
      return {
        ...correctedPositions(reading, journal.ledger, clock.now()),
        warnings: [...orphaned.map(describeOrphaned), ...barePositions(journal)],
      };
    },
    async marketHours(symbol) {
      try {
        await desk.session.ensureReady();
      } catch (error) {
        // Serves neither: without the venue's own schedule the calendar answers, for the market as a whole.
        if (symbol !== null) throw error;
      }
      const instrument = symbol === null ? null : await desk.marketData.resolve(symbol);
      return marketHoursAt(clock.now(), instrument, desk.marketData, policy);
    },
    async history(limit) {
      const journal = await historyJournal(desk);
      await collectExecutions(desk, journal);
      return history(journal, limit);
    },
    posture: postureNow,
    async drain() {
      desk.ending.since ??= clock.monotonic();
      while (running.size > 0) await Promise.allSettled(running);
    },
    hurry: () => desk.ending.hurry.abort(),
    busy: () => running.size > 0,
    close: () => desk.journals.close(),
  };
}
