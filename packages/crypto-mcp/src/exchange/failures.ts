import { messageOf, TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { ExchangeProfile } from "./profile.ts";
import { WireError } from "./wire.ts";

type Named = Pick<ExchangeProfile, "name">;

/** The names of an error's classes, from its own to Error: how CCXT says what went wrong. */
export function classesOf(error: unknown): string[] {
  const names: string[] = [];
  for (let proto: unknown = error; proto instanceof Error; ) {
    const parent: unknown = Object.getPrototypeOf(proto);
    const name = (parent as { constructor?: { name?: string } } | null)?.constructor?.name;
    if (name === undefined || name === "Object") break;
    names.push(name);
    proto = parent;
  }
  return names;
}

/**
 * What the exchange itself said in an answer: its code and its words, bounded and stripped. CCXT's own messages
 * hold signed addresses, and are never shown. Null where the answer says nothing that can be read.
 */
export function saidBy(body: string | null): string | null {
  if (body === null) return null;
  try {
    const parsed: unknown = JSON.parse(body);
    const { code, msg, error } = (parsed ?? {}) as { code?: unknown; msg?: unknown; error?: unknown };
    if (Array.isArray(error) && error.length > 0) return untrustedText(error.map(String).join(", "), 300);
    if (typeof msg === "string" && msg !== "") {
      const number = typeof code === "number" || typeof code === "string" ? ` (${code})` : "";
      return untrustedText(msg + number, 300);
    }
  } catch {
    // Serves neither: what is no JSON has no words of the exchange in it.
  }
  return null;
}

/** The same from the text of one of CCXT's errors, which begins with the exchange's id and goes on with its answer. */
function saidIn(error: unknown): string | null {
  const text = messageOf(error);
  const start = text.indexOf("{");
  return start < 0 ? null : saidBy(text.slice(start));
}

/** A read that failed, in words that can be acted on, without addresses or signatures. */
export function failureOf(error: unknown, profile: Named, what: string): TradingError {
  if (error instanceof TradingError) return error;
  const { name } = profile;
  const said = saidIn(error);
  const quoted = said === null ? "" : `: ${said}`;
  if (error instanceof WireError) {
    return new TradingError(
      error.code === "wrong_host" ? "wrong_host" : "exchange_unreachable",
      `${name} did not give ${what}: ${error.message}.`,
      "Nothing was changed. Try again; if it stays, look at the network and the exchange's status page.",
      { retryable: error.code !== "wrong_host", cause: error },
    );
  }
  const classes = classesOf(error);
  const is = (...names: string[]) => names.some((each) => classes.includes(each));
  if (is("InvalidNonce")) {
    return new TradingError(
      "clock_or_nonce",
      `${name} refused a request for ${what} by its time or its number${quoted}.`,
      "Set this machine's clock; use one API key for one program only.",
      { retryable: true, cause: error },
    );
  }
  if (is("RateLimitExceeded", "DDoSProtection")) {
    return new TradingError(
      "rate_limited",
      `${name} asks for fewer requests${quoted}.`,
      "Wait a minute. Do not repeat calls meanwhile.",
      { retryable: true, cause: error },
    );
  }
  if (is("AuthenticationError")) {
    return new TradingError(
      "key_refused",
      `${name} does not take this API key for ${what}${quoted}.`,
      "Check CRYPTO_API_KEY and CRYPTO_API_SECRET, the key's permissions and its list of IP addresses.",
      { cause: error },
    );
  }
  if (is("BadSymbol")) {
    return new TradingError(
      "unknown_symbol",
      `${name} does not know the symbol${quoted}.`,
      "Check the symbol.",
    );
  }
  if (is("ExchangeNotAvailable", "OperationFailed")) {
    return new TradingError(
      "exchange_unavailable",
      `${name} did not give ${what}${quoted}.`,
      "Look at the exchange's status page, then try again.",
      { retryable: true, cause: error },
    );
  }
  return new TradingError(
    "exchange_error",
    `${name}'s answer to a question for ${what} could not be used${quoted}.`,
    "Try again; if it stays, look at the exchange's own site.",
    { retryable: true, cause: error },
  );
}
