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
    return { ...notReady("bridging", BRIDGING, BRIDGED), serverVersion };
  }
  if (auth.connected) return { ...notReady("idle", IDLE, REVIVED), serverVersion };
  return { ...notReady("no_brokerage_session", NO_BROKERAGE, REVIVED), serverVersion };
}

const BRIDGING = "The brokerage session is being set up.";
const BRIDGED = "Ask again in a few seconds; it takes up to ten.";
// The venue's answer is the same with a browser login and without one.
const NO_BROKERAGE =
  "The brokerage session is down: quotes and orders do not work; portfolio reads do while the browser login lasts.";
// The login behind it lasts a little longer: IBKR's gateway gives it up by itself when it notices.
const IDLE =
  "The brokerage session is down: IBKR ended it after some six minutes without a request. Portfolio reads work while the browser login lasts.";
const REVIVED =
  "The next call that needs it, such as get_quote, opens it again; if that fails, log in through the gateway's page in a browser.";

/** No login, where there was one until one of IBKR's midnights. */
export function loginExpired(state: SessionState): SessionState {
  return { ...state, state: "login_expired", message: EXPIRED, nextStep: LOG_IN_DAILY };
}

const EXPIRED =
  "The browser login has ended: IBKR ends every login at midnight of its region (New York, Zug or Hong Kong).";
const LOG_IN_DAILY =
  "Log in through the gateway's page in a browser on this machine; one login a day, after that midnight, lasts the longest.";

/** The state that a failed request amounts to. */
export function stateOfFailure(error: TradingError, lockedUntil: number | null): SessionState {
  const state = STATES[error.code] ?? "blocked";
  return { ...notReady(state, sentence(error), STEPS[error.code] ?? error.nextStep), lockedUntil };
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

/** A status line or IBKR's bare words say nothing to a person who did not make the request. */
const LEADS: Record<string, string> = {
  upstream_unavailable: "IBKR's servers are not available now: ",
  brokerage_session_down: "The brokerage session is down: ",
  accounts_not_primed: "The brokerage session is not set up yet: ",
};

function sentence({ code, message }: TradingError): string {
  return `${LEADS[code] ?? ""}${message}`.replace(/(?<![.!?])$/, ".");
}

const PATIENCE =
  "Ask again in a few minutes: IBKR's servers pause around 01:00 and on Saturday evenings. If it lasts, restart the gateway and log in again.";

/** What a person does, where the error speaks to whoever made the request. */
const STEPS: Record<string, string> = {
  not_logged_in: "Log in through the gateway's page in a browser on this machine, then ask again.",
  brokerage_session_down: REVIVED,
  accounts_not_primed: BRIDGED,
  rate_limited: "Wait until the lock-out ends; every request before that can make it longer.",
  upstream_unavailable: PATIENCE,
  timeout: PATIENCE,
  connection_lost: PATIENCE,
  invalid_answer: "Check that it is the gateway that listens there, then ask again in a minute.",
  busy: "Ask again in a few seconds; another server of this machine holds the gateway meanwhile.",
};

export function notReady(state: string, message: string, nextStep: string): SessionState {
  return { ready: false, state, message, nextStep, lockedUntil: null, serverVersion: null };
}
