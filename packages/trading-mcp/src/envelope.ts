import { TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { checkAnswer } from "./format.ts";
import { redactData, redactText } from "./redact.ts";

export interface ErrorAnswer {
  code: string;
  message: string;
  retryable: boolean;
  next_step: string;
  checks?: Record<string, unknown>[];
  details?: Record<string, unknown>;
}

/** What every call of a tool answers with. A type and not an interface, so that it is a plain record. */
export type Envelope = { ok: true; data: Record<string, unknown> } | { ok: false; error: ErrorAnswer };

export function success(data: Record<string, unknown>): Envelope {
  return { ok: true, data };
}

export function failure(error: TradingError, secrets: readonly string[] = []): Envelope {
  return {
    ok: false,
    error: {
      code: error.code,
      message: untrustedText(redactText(error.message, secrets), 2_000),
      retryable: error.retryable,
      next_step: untrustedText(redactText(error.nextStep, secrets), 1_000),
      ...(error.checks === null ? {} : { checks: error.checks.map(checkAnswer) }),
      ...(error.details === null ? {} : { details: redactData(error.details) as Record<string, unknown> }),
    },
  };
}

/**
 * The answer to an error that nobody foresaw. Its text stays in the log: it may hold anything. After an
 * order tool the honest word is that the order's fate is unknown.
 */
export function unforeseen(kind: "read" | "order" | "control"): TradingError {
  return kind === "order"
    ? new TradingError(
        "internal_error",
        "The server failed while it handled this order; whether the order was sent is not known.",
        "Look at open_orders, positions and trade_history before doing anything again; do not repeat the order blindly.",
      )
    : new TradingError(
        "internal_error",
        "The server failed while it handled this call.",
        "Try once more; if it fails again, tell the operator to look at the server's log (stderr).",
        { retryable: true },
      );
}

/** The same content twice, because clients show a model either the one or the other. */
export function toolResult(envelope: Envelope): {
  content: { type: "text"; text: string }[];
  structuredContent: Record<string, unknown>;
  isError?: true;
} {
  return {
    content: [{ type: "text", text: JSON.stringify(envelope) }],
    structuredContent: envelope,
    ...(envelope.ok ? {} : { isError: true as const }),
  };
}
