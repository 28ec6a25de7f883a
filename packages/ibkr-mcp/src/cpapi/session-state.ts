import type { TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { SessionState } from "trading-core/ports/session";
import { competing } from "./failures.ts";
import { asFlag, asRecord, asText, type Json } from "./loose.ts";

/** The answer of `auth/status` and of `ssodh/init`. */
export interface AuthStatus {
  authenticated: boolean;
  connected: boolean;
  competing: boolean;
  /** Null on older servers, which do not send it. */
  established: boolean | null;
  serverVersion: string | null;
  /** Why a revival failed, or what else the venue says; null when it says nothing. */
  said: string | null;
}

/** Null when the answer is not an authentication status at all. */
export function readAuthStatus(body: unknown): AuthStatus | null {
  const answer = asRecord(body);
  const authenticated = asFlag(answer?.authenticated);
  if (!answer || authenticated === null) return null;
  const server = asRecord(answer.serverInfo);
  return {
    authenticated,
    connected: asFlag(answer.connected) ?? false,
    competing: asFlag(answer.competing) ?? false,
    established: asFlag(answer.established),
    serverVersion: version(server),
    said: said(answer),
  };
}

export function isUsable(auth: AuthStatus): boolean {
  return auth.authenticated && auth.connected && auth.established !== false && !auth.competing;
}

function version(server: Json | null): string | null {
  const text = asText(server?.serverVersion);
  return text === null ? null : untrustedText(text, 80);
}

function said(answer: Json): string | null {
  const text = asText(answer.fail) ?? asText(answer.message);
  return text === null ? null : untrustedText(text, 200);
}

const READY: Omit<SessionState, "serverVersion"> = {
  ready: true,
  state: "ready",
  message: "The brokerage session is up.",
  nextStep: null,
  lockedUntil: null,
};

/** The state that an authentication status amounts to. */
export function stateOf(auth: AuthStatus): SessionState {
  const serverVersion = auth.serverVersion;
  if (isUsable(auth)) return { ...READY, serverVersion };
  if (auth.competing) {
    const { message, nextStep } = competing(auth.said ?? "");
    return { ...notReady("competing", message.trim(), nextStep), serverVersion };
  }
  if (auth.authenticated && auth.connected) {
    return { ...notReady("bridging", BRIDGING, "Call again in a few seconds."), serverVersion };
  }
  return { ...notReady("no_brokerage_session", NO_BROKERAGE, REVIVED), serverVersion };
}

const BRIDGING = "The brokerage session is being set up.";
const NO_BROKERAGE =
  "The browser login stands, but the brokerage session is down: portfolio reads work, quotes and orders do not.";
const REVIVED = "The next call that needs it opens it again; if that fails, log in through the browser.";

/** The state that a failed request amounts to. */
export function stateOfFailure(error: TradingError, lockedUntil: number | null): SessionState {
  const state = STATES[error.code] ?? "blocked";
  return { ...notReady(state, error.message, error.nextStep), lockedUntil };
}

const STATES: Record<string, string> = {
  gateway_unreachable: "no_gateway",
  not_logged_in: "no_login",
  brokerage_session_down: "no_brokerage_session",
  accounts_not_primed: "bridging",
  competing_session: "competing",
  rate_limited: "rate_limited",
  upstream_unavailable: "maintenance",
  // The gateway gives no answer at all while it cannot reach IBKR.
  timeout: "maintenance",
  connection_lost: "maintenance",
  blocked_by_edge: "blocked",
  invalid_answer: "blocked",
  account_ambiguous: "account_ambiguous",
  account_not_found: "account_not_found",
  no_account: "no_account",
  busy: "busy",
};

export function notReady(state: string, message: string, nextStep: string): SessionState {
  return { ready: false, state, message, nextStep, lockedUntil: null, serverVersion: null };
}
