import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import type { GatewayControl } from "./control.ts";
import { answerControl } from "./control-endpoints.ts";
import { createFaults } from "./faults.ts";
import { certificateIn, createCertificate } from "./ibkr-gateway/certificate.ts";
import { createConversations } from "./ibkr-gateway/conversations.ts";
import type { Gateway } from "./ibkr-gateway/gateway.ts";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMINGS,
  identityFrom,
  openingAccounts,
  type SimulatedGatewayOptions,
} from "./ibkr-gateway/options.ts";
import { createPacing } from "./ibkr-gateway/pacing.ts";
import { type ReceivedRequest, startServer } from "./ibkr-gateway/server.ts";
import { createSession } from "./ibkr-gateway/session.ts";
import { type Clock, createManualClock, createRealClock } from "./market/clock.ts";
import { Big } from "./market/decimal.ts";
import { createEngine } from "./market/engine.ts";
import { FORGETFUL_LOG, openEventLog } from "./market/event-log.ts";
import { createCalendar } from "./market/hours.ts";
import { instrumentOf } from "./market/instruments.ts";
import { createMarket } from "./market/market.ts";
import { applyEvent, emptyState } from "./market/venue-state.ts";
import { truthOf } from "./truth.ts";

/** A simulated Client Portal Gateway in this process. */
export interface SimulatedGateway {
  /** `https://127.0.0.1:PORT/v1/api`. */
  baseUrl: string;
  /** PEM to trust for this server alone. */
  certificate: string;
  /** For the `x-sim-token` header of /sim/… */
  token: string;
  clock: Clock;
  control: GatewayControl;
  close(): Promise<void>;
}

export const EVENT_LOG = "ibkr-events.jsonl";
const DEFAULT_SEED = 7;

/** Starts a gateway in this process, on a port of the system's choice. */
export function startSimulatedGateway(options: SimulatedGatewayOptions = {}): Promise<SimulatedGateway> {
  return openSimulatedGateway(options, () => {});
}

/** The same with a say in what happens to connections of `GET /sim/attach`, which stay open. */
export async function openSimulatedGateway(
  options: SimulatedGatewayOptions,
  onAttach: (response: ServerResponse) => void,
): Promise<SimulatedGateway> {
  const clock = clockFrom(options);
  const market = createMarket(clock, options.seed ?? DEFAULT_SEED);
  let calendar = createCalendar(options.hours);
  const state = emptyState();
  const { log, events } = openLog(options.stateDir);
  for (const event of events) applyEvent(state, event);
  const engine = createEngine({ clock, market, calendar: () => calendar, state, log });
  if (state.accounts.size === 0) engine.reset(openingAccounts(options));

  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let immediateFills = options.immediateFills ?? false;
  let pacingEnabled = options.pacing ?? true;
  let replies = 0;
  const newSession = () =>
    createSession(clock, {
      initial: options.session ?? "ready",
      idleTimeout: () => timings.idleTimeout,
      bridgeTime: () => timings.bridgeTime,
    });
  const conversations = createConversations(clock, () => timings.ticketLifetime);
  const gateway: Gateway = {
    clock,
    market,
    engine: {
      ...engine,
      submit: (entries) => {
        const orders = engine.submit(entries);
        if (immediateFills) engine.tick();
        return orders;
      },
    },
    session: newSession(),
    conversations,
    calendar: () => calendar,
    timings,
    limits,
    identity: identityFrom(options),
    accounts: () => [...state.accounts.keys()],
    selectedAccount: [...state.accounts.keys()][0] ?? "",
    invalidated: new Map(),
    overrides: {},
    nextReplyId: () => {
      replies += 1;
      return uuidFrom(`${options.seed ?? DEFAULT_SEED} ${state.nextOrderId} ${replies}`);
    },
  };
  const endConversations = () => conversations.clear();
  gateway.session.onBrokerageLoss(endConversations);
  const faults = createFaults();
  const pacing = createPacing(clock, { enabled: () => pacingEnabled, penalty: () => timings.penalty });
  const requests: ReceivedRequest[] = [];
  const firstAccount = () => gateway.accounts()[0] ?? "";
  const settle = () => engine.tick();
  clock.onTick(settle);

  const control: GatewayControl = {
    setPrice: (symbol, price) => {
      market.pin(symbol, price);
      settle();
    },
    unpinPrice: (symbol) => market.unpin(symbol),
    setMarketData: (symbol, availability) => market.setAvailability(symbol, availability),
    setHalted: (symbol, halted) => market.setHalted(symbol, halted),
    setHours: (hours) => {
      calendar = createCalendar(hours);
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    setTime: (instant) => clock.set(instant),
    tick: settle,
    setCash: (cash, account = firstAccount()) => engine.adjust(account, { cash: new Big(cash) }),
    setPosition: (symbol, quantity, averageCost, account = firstAccount()) => {
      const { conid, basePrice } = instrumentOf(symbol);
      const cost = averageCost ?? market.quote(conid)?.last ?? basePrice;
      engine.adjust(account, {
        position: { conid, quantity: new Big(quantity), averageCost: new Big(cost) },
      });
    },
    rejectOrder: (orderId, reason) => engine.reject(orderId, reason),
    faults,
    session: {
      state: () => gateway.session.state(),
      set: (next) => gateway.session.set(next),
    },
    pacing: {
      boxedUntil: () => pacing.boxedUntil(),
      set: (enabled) => {
        pacingEnabled = enabled;
        if (!enabled) pacing.reset();
      },
      reset: () => pacing.reset(),
    },
    configure: (change) => {
      Object.assign(timings, change.timings);
      Object.assign(limits, change.limits);
      Object.assign(gateway.identity, change.identity);
      immediateFills = change.immediateFills ?? immediateFills;
    },
    requests: (filter = {}) =>
      requests.filter(
        (request) =>
          (filter.method === undefined || request.method === filter.method.toUpperCase()) &&
          (filter.path === undefined ||
            (typeof filter.path === "string"
              ? request.path.includes(filter.path)
              : filter.path.test(request.path))),
      ),
    clearRequests: () => requests.splice(0),
    state: () => truthOf(gateway, pacing),
    reset: () => {
      engine.reset(openingAccounts(options));
      market.reset();
      faults.clear();
      pacing.reset();
      conversations.clear();
      gateway.session = newSession();
      gateway.session.onBrokerageLoss(endConversations);
      gateway.selectedAccount = firstAccount();
      gateway.invalidated.clear();
    },
  };

  const certificate =
    options.stateDir === undefined ? await createCertificate() : await certificateIn(options.stateDir);
  const token = options.token ?? randomBytes(24).toString("hex");
  const running = await startServer({
    gateway,
    faults,
    pacing,
    certificate,
    requests,
    control: (request, response, body) =>
      answerControl({ control, token, onAttach, request, response, body }),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    baseUrl: `https://127.0.0.1:${running.port}/v1/api`,
    certificate: certificate.certificate,
    token,
    clock,
    control,
    close: async () => {
      clock.stop();
      await running.close();
      log.close();
    },
  };
}

function clockFrom(options: SimulatedGatewayOptions): Clock {
  if (typeof options.clock === "object") return options.clock;
  return options.clock === "real" ? createRealClock() : createManualClock(options.start);
}

function openLog(stateDir: string | undefined) {
  if (stateDir === undefined) return { log: FORGETFUL_LOG, events: [] };
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  return openEventLog(join(stateDir, EVENT_LOG));
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
