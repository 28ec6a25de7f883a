import { createHash } from "node:crypto";
import { createFaults, type Faults } from "./faults.ts";
import { createConversations } from "./ibkr-gateway/conversations.ts";
import type { Gateway } from "./ibkr-gateway/gateway.ts";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMINGS,
  identityFrom,
  openingAccounts,
  type SimulatedGatewayOptions,
} from "./ibkr-gateway/options.ts";
import { createPacing, type Pacing } from "./ibkr-gateway/pacing.ts";
import type { ReceivedRequest } from "./ibkr-gateway/server.ts";
import { createSession, type Session } from "./ibkr-gateway/session.ts";
import type { Clock } from "./market/clock.ts";
import { createEngine, type Engine } from "./market/engine.ts";
import type { EventLog } from "./market/event-log.ts";
import type { VenueEvent } from "./market/events.ts";
import { createCalendar, type TradingCalendar } from "./market/hours.ts";
import { createMarket } from "./market/market.ts";
import { applyEvent, emptyState, type VenueState } from "./market/venue-state.ts";

/** What a scenario may change while the simulator runs. */
export interface Settings {
  calendar: TradingCalendar;
  immediateFills: boolean;
  pacing: boolean;
}

/** A simulated venue without its server. */
export interface Assembly {
  settings: Settings;
  gateway: Gateway;
  faults: Faults;
  pacing: Pacing;
  requests: ReceivedRequest[];
  /** Opens the accounts, and those of before are gone. */
  openAccounts(): void;
  /** Starts the session over. */
  renewSession(): void;
  /** Lets the clock go on without this venue. */
  stop(): void;
}

const DEFAULT_SEED = 7;

/** Puts the parts together on top of what the log remembers. */
export function assemble(
  options: SimulatedGatewayOptions,
  clock: Clock,
  stored: { log: EventLog; events: VenueEvent[] },
): Assembly {
  const settings: Settings = {
    calendar: createCalendar(options.hours),
    immediateFills: options.immediateFills ?? false,
    pacing: options.pacing ?? true,
  };
  const state = emptyState();
  for (const event of stored.events) applyEvent(state, event);
  const market = createMarket(clock, options.seed ?? DEFAULT_SEED);
  const engine = createEngine({ clock, market, calendar: () => settings.calendar, state, log: stored.log });
  const openAccounts = () => engine.reset(openingAccounts(options, state.openings));
  if (state.accounts.size === 0) openAccounts();
  const stop = clock.onTick(() => engine.tick());

  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const conversations = createConversations(clock, () => timings.ticketLifetime);
  const newSession = (): Session => {
    const session = createSession(clock, {
      initial: options.session ?? "ready",
      idleTimeout: () => timings.idleTimeout,
      bridgeTime: () => timings.bridgeTime,
    });
    session.onBrokerageLoss(() => conversations.clear());
    return session;
  };
  const gateway: Gateway = {
    clock,
    market,
    engine: withImmediateFills(engine, settings),
    session: newSession(),
    conversations,
    calendar: () => settings.calendar,
    timings,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    identity: identityFrom(options),
    accounts: () => [...state.accounts.keys()],
    selectedAccount: [...state.accounts.keys()][0] ?? "",
    invalidated: new Map(),
    overrides: {},
    nextReplyId: replyIds(options.seed ?? DEFAULT_SEED, state),
  };
  return {
    settings,
    gateway,
    faults: createFaults(),
    pacing: createPacing(clock, { enabled: () => settings.pacing, penalty: () => timings.penalty }),
    requests: [],
    stop,
    openAccounts,
    renewSession: () => {
      conversations.clear();
      gateway.session = newSession();
      gateway.selectedAccount = gateway.accounts()[0] ?? "";
      gateway.invalidated.clear();
    },
  };
}

function withImmediateFills(engine: Engine, settings: Settings): Engine {
  return {
    ...engine,
    submit: (entries) => {
      const orders = engine.submit(entries);
      if (settings.immediateFills) engine.tick();
      return orders;
    },
  };
}

/** Ids that repeat from run to run, but neither within one nor after a restart. */
function replyIds(seed: number, state: VenueState): () => string {
  let replies = 0;
  return () => {
    replies += 1;
    return uuidFrom(`${seed} ${state.nextOrderId} ${replies}`);
  };
}

/** A lower-case UUID that depends on its seed alone. */
function uuidFrom(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
