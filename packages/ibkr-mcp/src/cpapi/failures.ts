import { TradingError } from "trading-core/domain/errors";
import { type Answer, describe, errorText } from "./answer.ts";

/** How a request was asked, as far as the meaning of its failure depends on it. */
export interface Asked {
  method: string;
  /** Path without query. */
  path: string;
  /** When the penalty box opens, if this very answer closed it: epoch milliseconds. */
  boxedUntil?: number | null;
}

const LOG_IN = "Log in through the gateway's page in a browser on this machine, then call again.";
const REVIVE = "Call session_status; the brokerage session is opened again with the next call that needs it.";
const LATER = "Try again in a minute; session_status says when IBKR answers again.";

/**
 * What a failed answer means, as an error for the user; null for JSON that carries no `error`. Three
 * layers answer with their own shapes: the gateway and the edge in front of IBKR (HTML, redirects, empty
 * bodies), the web API (4xx and 5xx with JSON) and the brokerage (HTTP 200 with `error`).
 */
export function failureOf(answer: Answer, asked: Asked): TradingError | null {
  if (answer.kind === "failed") return networkFailure(answer);
  const text = answer.kind === "json" ? errorText(answer.body) : null;
  if (answer.status === 429) return rateLimited(asked.boxedUntil ?? null);
  if (answer.kind === "redirect") return redirected(answer.location);
  if (answer.kind === "json" && answer.status < 300 && text === null) return null;
  const said = text === null ? describe(answer) : `IBKR says: ${text}`;
  const session = text === null ? null : sessionFailure(text, said);
  if (session !== null) return session;
  return byStatus(answer, asked, said, text !== null);
}

/** The texts by which the web API tells that a session is missing, whatever the status. */
export function sessionFailure(text: string, said: string): TradingError | null {
  if (/query \/accounts first/i.test(text)) {
    return new TradingError("accounts_not_primed", said, REVIVE, { retryable: true });
  }
  if (/force compete capability/i.test(text)) {
    return competing(`IBKR opens the session only if another one may be closed for it. ${said}`);
  }
  if (/no bridge|init session first|^no session$|not authenticated/i.test(text)) {
    return new TradingError("brokerage_session_down", said, REVIVE, { retryable: true });
  }
  if (/not logged in|please log ?in/i.test(text)) return new TradingError("not_logged_in", said, LOG_IN);
  return null;
}

export function competing(said: string): TradingError {
  return new TradingError(
    "competing_session",
    `Another platform (TWS, the mobile app, Client Portal) may hold this user's brokerage session. ${said}`.trim(),
    "Close it there and log in through the gateway's page again, or set IBKR_COMPETE=true to take the session over.",
    { retryable: true },
  );
}

/** The lock-out after a 429, and until when; no request is made meanwhile. */
export function rateLimited(until: number | null): TradingError {
  const when = until === null ? "for up to 15 minutes" : `until ${new Date(until).toISOString()}`;
  return new TradingError(
    "rate_limited",
    `IBKR answers nothing from this machine ${when}: too many requests were sent.`,
    "Wait until then; asking earlier can make the lock-out longer.",
    { retryable: true, details: { until } },
  );
}

function networkFailure(failed: Extract<Answer, { kind: "failed" }>): TradingError {
  const said = `The request to the gateway failed: ${failed.detail}.`;
  switch (failed.cause) {
    case "unreachable":
      return new TradingError(
        "gateway_unreachable",
        said,
        "Start IBKR's Client Portal Gateway, and check the port in IBKR_API_BASE_URL.",
        { retryable: true },
      );
    case "certificate":
      return new TradingError(
        "gateway_unreachable",
        `The gateway's certificate could not be verified: ${failed.detail}.`,
        "Use the gateway on this machine (https://localhost:5000), or give its certificate.",
      );
    case "timeout":
      return new TradingError("timeout", said, LATER, { retryable: true });
    default:
      return new TradingError("connection_lost", said, LATER, { retryable: true });
  }
}

function redirected(location: string): TradingError {
  if (/sso|login/i.test(location)) {
    return new TradingError("not_logged_in", "The gateway sends every request to its login page.", LOG_IN);
  }
  return invalidAnswer("The gateway redirects this request to somewhere else.");
}

function byStatus(answer: Exclude<Answer, { kind: "failed" }>, asked: Asked, said: string, spoke: boolean) {
  const { status, kind } = answer;
  if (kind === "html" && answer.login && status < 400) {
    return new TradingError(
      "not_logged_in",
      "The gateway answers with its login page: the login has lapsed.",
      LOG_IN,
    );
  }
  if (status < 300) {
    if (spoke) {
      return new TradingError("refused_by_broker", said, "Change the request according to IBKR's text.");
    }
    return invalidAnswer(`The gateway gave an answer that cannot be read: ${said}.`);
  }
  switch (status) {
    case 401:
      return unauthorised(asked, said);
    case 403:
      return new TradingError(
        "blocked_by_edge",
        `The request was blocked before it reached IBKR: ${said}.`,
        "If this happens with every call, check that the gateway itself listens on this port.",
      );
    case 404:
      if (kind === "text" && /access denied/i.test(answer.text)) {
        return new TradingError(
          "blocked_by_edge",
          "The gateway does not take requests from this address.",
          "Add this machine's address to ips.allow in the gateway's configuration.",
        );
      }
      return new TradingError(
        "not_found",
        said,
        "Check the id; this IBKR server may not offer the function.",
      );
    case 410:
      return new TradingError("not_logged_in", said, LOG_IN);
    case 423:
      return new TradingError("upstream_unavailable", said, LATER, { retryable: true });
  }
  if (status >= 500) return new TradingError("upstream_unavailable", said, LATER, { retryable: true });
  return new TradingError("bad_request", said, "Change the request according to IBKR's text.");
}

/** 401 is a missing login, except on an account's portfolio, where it means a foreign or unknown account. */
function unauthorised(asked: Asked, said: string): TradingError {
  if (/^\/portfolio2?\/(?!accounts$|subaccounts)[A-Za-z0-9]+\//.test(asked.path)) {
    return new TradingError(
      "unknown_account",
      `IBKR gives nothing about this account: ${said}.`,
      "Check IBKR_ACCOUNT_ID, and whether the browser login is still that user's.",
    );
  }
  return new TradingError("not_logged_in", `The gateway has no browser login: ${said}.`, LOG_IN);
}

function invalidAnswer(message: string): TradingError {
  return new TradingError("invalid_answer", message, LATER, { retryable: true });
}

/** An answer whose JSON does not have the shape that this endpoint is known for. */
export function unexpectedShape(what: string): TradingError {
  return invalidAnswer(`IBKR's answer about ${what} has an unexpected shape.`);
}
