import type { TradingError } from "trading-core/domain/errors";
import type { SessionState } from "trading-core/ports/session";
import { fail, type HealthCheck, ok, skipped } from "trading-mcp/healthcheck/check";
import { stateOfFailure } from "../cpapi/session-state.ts";

/** What the session was found to be, and where its gateway is. */
export interface SessionFound {
  state: SessionState;
  /** Venue time minus local time in milliseconds; null when nothing has answered. */
  clockSkew: number | null;
  /** "https://localhost:5000", "the embedded simulator". */
  gateway: string;
  /** What an attempt to use or to open a session that is down said: more than a look at it. */
  evidence: TradingError | null;
}

/** States in which the gateway itself is what stands in the way. */
const OUT_OF_REACH = new Set(["no_gateway", "blocked", "rate_limited", "busy"]);
/** States of a session that is up, on a login that does not have the one account that is meant. */
const UP_WITHOUT_ACCOUNT = new Set(["account_not_found", "account_ambiguous", "no_account"]);

/** Whether the gateway answered. Under maintenance it may say so, or say nothing at all. */
function isReached({ state, clockSkew }: SessionFound): boolean {
  if (state.ready) return true;
  if (OUT_OF_REACH.has(state.state)) return false;
  return state.state !== "maintenance" || clockSkew !== null;
}

/** The brokerage session is up, whatever is wrong with the account. */
function isUp({ state }: SessionFound): boolean {
  return state.ready || UP_WITHOUT_ACCOUNT.has(state.state);
}

export function gatewayCheck(found: SessionFound): HealthCheck {
  const { state, gateway } = found;
  const data = {
    address: gateway,
    server_version: state.serverVersion,
    locked_until: state.lockedUntil === null ? null : new Date(state.lockedUntil).toISOString(),
  };
  if (!isReached(found)) {
    const lead = LEADS[state.state]?.(gateway) ?? "";
    return fail("gateway", lead + state.message, state.nextStep, { state: state.state, ...data });
  }
  const version = state.serverVersion === null ? "" : `, IBKR server ${state.serverVersion}`;
  return ok("gateway", `${gateway} answers${version}.`, data);
}

/** Where it was looked for, before the session's own sentence. */
const LEADS: Record<string, (gateway: string) => string> = {
  no_gateway: (gateway) => `No gateway can be reached at ${gateway}. `,
  blocked: (gateway) => `What listens at ${gateway} does not answer as the gateway does. `,
  maintenance: (gateway) => `${gateway} gives no answer. `,
};

export function sessionCheck(found: SessionFound): HealthCheck {
  if (!isReached(found)) return skipped("session", "the gateway");
  if (isUp(found)) return ok("session", "The brokerage session is up.", { state: "ready" });
  const told = found.evidence === null ? found.state : stateOfFailure(found.evidence, null);
  return fail("session", told.message, stepFor(told, found), { state: told.state });
}

/** The session's own next step, with what it cannot know: where the gateway is, and what this program takes. */
function stepFor({ state, nextStep }: SessionState, { gateway, evidence }: SessionFound): string | null {
  if (nextStep === null) return null;
  if (WITHOUT_LOGIN.has(state)) return `${nextStep} The page is ${gateway}.`;
  return (state === "no_brokerage_session" || state === "idle") && evidence === null
    ? `${nextStep} --revive tries it now.`
    : nextStep;
}

/** What a check of the account or the market lacks; null when it can be asked. */
export function obstacleOf(
  found: SessionFound,
): "the gateway" | "a browser login" | "the brokerage session" | "the account" | null {
  if (!isReached(found)) return "the gateway";
  if (WITHOUT_LOGIN.has(found.state.state)) return "a browser login";
  if (!isUp(found)) return "the brokerage session";
  return found.state.ready ? null : "the account";
}

/** The portfolio needs the browser login, and no brokerage session. */
export function isPortfolioReadable(found: SessionFound): boolean {
  return found.state.ready || WITH_LOGIN.has(found.state.state);
}

const WITH_LOGIN = new Set(["no_brokerage_session", "idle", "bridging", "competing"]);
const WITHOUT_LOGIN = new Set(["no_login", "login_expired"]);
