import { messageOf, TradingError } from "trading-core/domain/errors";
import type { TurnedAway } from "trading-core/domain/outcome";
import { classesOf, saidBy } from "./failures.ts";
import type { Passage } from "./load-exchange.ts";
import type { ExchangeProfile } from "./profile.ts";
import { WireError } from "./wire.ts";

/** What the failure of one write proves. */
export type Meaning =
  /** Not one byte left. */
  | { kind: "not_sent"; reason: string; code: string }
  /** The exchange said no, in a form that it uses before it takes anything. */
  | { kind: "refused"; reason: string; turnedAway?: TurnedAway }
  /** Anything may have happened. */
  | { kind: "unproven"; reason: string };

type Watched = Pick<Passage, "sent" | "status" | "body">;

/**
 * Judged by what was dispatched and what was answered, and only then by the name of the error: the same class
 * stands for a wrong price and for a gateway that died behind an order. Whatever is not proven to have left
 * no order is unproven (C7).
 */
export function meaningOf(
  error: unknown,
  passage: Watched,
  { name }: Pick<ExchangeProfile, "name">,
): Meaning {
  if (!passage.sent) {
    const code = error instanceof TradingError || error instanceof WireError ? error.code : "not_built";
    return { kind: "not_sent", code, reason: reasonOf(error) };
  }
  const { status, body } = passage;
  if (status === null) return { kind: "unproven", reason: reasonOf(error) };
  const said = saidBy(body);
  if (said === null) {
    return { kind: "unproven", reason: `${name} answered HTTP ${status} without a word about the order` };
  }
  const reason = `${name} says: ${said}`;
  // A gateway's failure may stand before an order that was taken behind it.
  if (status >= 500 || DOUBTFUL.test(said)) return { kind: "unproven", reason: `${reason} (HTTP ${status})` };
  const classes = classesOf(error);
  const is = (...names: string[]) => names.some((each) => classes.includes(each));
  if (is("InvalidNonce")) return turnedAway(reason, "clock_or_nonce", CLOCK);
  if (is("RateLimitExceeded", "DDoSProtection")) return turnedAway(reason, "rate_limited", WAIT);
  if (is("OnMaintenance")) return turnedAway(reason, "exchange_unavailable", MAINTENANCE);
  if (is("AuthenticationError")) return turnedAway(reason, "key_refused", KEY);
  if (is("DuplicateOrderId", "OrderNotFound", "CancelPending")) return { kind: "unproven", reason };
  if (is("InsufficientFunds", "InvalidOrder", "BadRequest", "OperationRejected", "NotSupported")) {
    return { kind: "refused", reason };
  }
  // A bare ExchangeError is a code that the library does not know, and everything else is a failed operation.
  return { kind: "unproven", reason };
}

/** Words behind which an order may exist: one with this id already does, or the outcome is said to be open. */
const DOUBTFUL = /duplicate|tim(?:e|ed)[ -]?out|status unknown|unknown order|internal error|try again/i;

const CLOCK = "Set this machine's clock, and use one API key for one program only; then try again.";
const WAIT = "Wait a minute before the next call.";
const MAINTENANCE = "Look at the exchange's status page, then try again.";
const KEY = "Check the API key, its permissions and its list of IP addresses.";

function turnedAway(reason: string, code: string, nextStep: string): Meaning {
  return { kind: "refused", reason, turnedAway: { code, nextStep } };
}

/** Ours may be shown; the library's hold signed addresses. */
function reasonOf(error: unknown): string {
  if (error instanceof TradingError || error instanceof WireError) return error.message;
  const [own] = classesOf(error);
  return own === undefined ? messageOf(error).slice(0, 100) : `the request failed (${own})`;
}
