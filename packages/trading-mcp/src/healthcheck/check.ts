import { messageOf, TradingError } from "trading-core/domain/errors";

/** `fail` stands in the way of trading, `warn` is worth knowing, `skipped` could not be asked. */
export type CheckStatus = "ok" | "warn" | "fail" | "skipped";

/** What one check found. Each server's program has its own list of names, in the order in which they are told. */
export interface HealthCheck {
  name: string;
  status: CheckStatus;
  /** One sentence for a person. */
  message: string;
  /** What a person does about it; null where there is nothing to do. */
  nextStep: string | null;
  /** The same for programs: plain JSON, amounts as decimal strings, times in ISO 8601 UTC. */
  data: Record<string, unknown>;
}

type Data = Record<string, unknown>;

export function ok(name: string, message: string, data: Data = {}): HealthCheck {
  return { name, status: "ok", message, nextStep: null, data };
}

export function warn(name: string, message: string, nextStep: string | null, data: Data = {}): HealthCheck {
  return { name, status: "warn", message, nextStep, data };
}

export function fail(name: string, message: string, nextStep: string | null, data: Data = {}): HealthCheck {
  return { name, status: "fail", message, nextStep, data };
}

/** @param needs what was missing: "the gateway", "the brokerage session" */
export function skipped(name: string, needs: string): HealthCheck {
  return { name, status: "skipped", message: `Needs ${needs}.`, nextStep: null, data: {} };
}

/** Runs one check. Whatever it throws becomes its finding: a health check never ends in a stack trace. */
export async function attempt(name: string, look: () => Promise<HealthCheck>): Promise<HealthCheck> {
  try {
    return await look();
  } catch (error) {
    return failedBy(name, error);
  }
}

/** The finding that an error amounts to. */
export function failedBy(name: string, error: unknown): HealthCheck {
  if (error instanceof TradingError) return fail(name, error.message, error.nextStep, { code: error.code });
  return fail(
    name,
    `This check itself failed: ${messageOf(error)}.`,
    "Run it again with LOG_LEVEL=debug, which tells every request on stderr.",
  );
}
