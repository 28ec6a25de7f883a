import { createHash } from "node:crypto";
import type { Clock } from "../market/clock.ts";

/**
 * - `no_login`: nobody logged in through the browser; 401 everywhere.
 * - `logged_out`: after /logout; the status endpoint still answers.
 * - `sso_only`: logged in, no brokerage session; portfolio reads work.
 * - `bridging`: the brokerage session was asked for and is coming up.
 * - `ready`: everything works (once /iserver/accounts was read).
 * - `competed`: another platform took the brokerage session.
 * - `idle_timeout`: no request for six minutes ended the brokerage session.
 * - `maintenance`: the brokerage side is down; its endpoints answer an empty 503.
 */
export type SessionState =
  | "no_login"
  | "logged_out"
  | "sso_only"
  | "bridging"
  | "ready"
  | "competed"
  | "idle_timeout"
  | "maintenance";

/** What the venue remembers for as long as one brokerage session lasts. */
export interface Warmth {
  startedAt: number;
  accountsQueried: boolean;
  ordersRead: boolean;
  tradesRead: boolean;
  /** The `days` last asked for; it sticks. */
  tradeDays: number;
  pnlRead: boolean;
  /** Market data streams by conid, with how often each was polled. */
  streams: Map<number, number>;
  historyRead: Set<number>;
  suppressed: Set<string>;
  /** Question kinds that are asked on the first order only. */
  asked: Set<string>;
}

export interface Session {
  state(): SessionState;
  set(state: SessionState): void;
  warmth(): Warmth;
  /** `/portfolio/accounts` was read in this login. */
  portfolioPrimed: boolean;
  /** The short position row has been served. */
  positionsRead: boolean;
  /** Brings the brokerage session up; ready after the bridge time. */
  start(): void;
  /** Notes that a client asked for something, which keeps the session alive. */
  touch(): void;
  tickle(): void;
  lastTickle(): number;
  /** The session key, 32 hex digits. */
  key(): string;
  onBrokerageLoss(listener: () => void): void;
}

export function createSession(
  clock: Clock,
  options: { initial: SessionState; idleTimeout: () => number; bridgeTime: () => number },
): Session {
  let current: SessionState = options.initial;
  let lastRequest = clock.now();
  let tickled = clock.now();
  let bridgedAt = 0;
  let warmth = freshWarmth(clock.now());
  let logins = 1;
  const lossListeners = new Set<() => void>();

  function drop(state: SessionState): void {
    const had = current === "ready" || current === "bridging";
    current = state;
    if (had) for (const listener of lossListeners) listener();
  }

  function state(): SessionState {
    if (current === "bridging" && clock.now() >= bridgedAt) current = "ready";
    if (current === "ready" && clock.now() - lastRequest > options.idleTimeout()) drop("idle_timeout");
    return current;
  }

  const session: Session = {
    portfolioPrimed: false,
    positionsRead: false,
    state,
    warmth: () => warmth,
    lastTickle: () => tickled,
    key: () => createHash("sha256").update(`session ${logins}`).digest("hex").slice(0, 32),
    onBrokerageLoss: (listener) => {
      lossListeners.add(listener);
    },
    touch: () => {
      state();
      lastRequest = clock.now();
    },
    tickle: () => {
      tickled = clock.now();
    },
    start: () => {
      drop("bridging");
      lastRequest = clock.now();
      bridgedAt = clock.now() + options.bridgeTime();
      warmth = freshWarmth(clock.now());
    },
    set: (next) => {
      drop(next);
      lastRequest = clock.now();
      if (next === "ready") warmth = freshWarmth(clock.now());
      if (next === "bridging") session.start();
      if (next === "no_login" || next === "logged_out") {
        session.portfolioPrimed = false;
        session.positionsRead = false;
        logins += 1;
      }
    },
  };
  return session;
}

function freshWarmth(startedAt: number): Warmth {
  return {
    startedAt,
    accountsQueried: false,
    ordersRead: false,
    tradesRead: false,
    tradeDays: 1,
    pnlRead: false,
    streams: new Map(),
    historyRead: new Set(),
    suppressed: new Set(),
    asked: new Set(),
  };
}
