import type { Check } from "../guard/verdict.ts";

/**
 * A failure that the user is told about. `code` is stable and made for programs; `message` says what
 * happened and what was seen; `nextStep` is what a person or an agent can do now.
 */
export class TradingError extends Error {
  readonly code: string;
  readonly nextStep: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean;
  /** The failing checks of a refusal, where the guard refused. */
  readonly checks: Check[] | null;
  /** Facts that belong to the failure and must not get lost in prose, such as a client order id. */
  readonly details: Record<string, unknown> | null;

  constructor(
    code: string,
    message: string,
    nextStep: string,
    options: {
      retryable?: boolean;
      checks?: Check[];
      details?: Record<string, unknown>;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TradingError";
    this.code = code;
    this.nextStep = nextStep;
    this.retryable = options.retryable ?? false;
    this.checks = options.checks ?? null;
    this.details = options.details ?? null;
  }
}

/** The same failure, saying that nothing reached the venue; one that says what became of its order is kept. */
export function asNotSent(error: TradingError): TradingError {
  if (error.details?.outcome !== undefined) return error;
  return new TradingError(error.code, error.message, error.nextStep, {
    retryable: error.retryable,
    ...(error.checks && { checks: error.checks }),
    details: { outcome: "not_sent", ...error.details },
    cause: error.cause ?? error,
  });
}

/** The text of anything thrown, for a message or a log. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
