import type { Desk } from "./desk.ts";

/** The end of the server, as its orders see it (S13). */
export interface Ending {
  /** When the server was told to end, by the monotonic clock; null while it runs. */
  since: number | null;
  /** Aborts when no time is left to wait for the venue: what it has not answered by then is unknown. */
  hurry: AbortController;
}

export function notEnding(): Ending {
  return { since: null, hurry: new AbortController() };
}

/**
 * Until when after the end began an exit may still leave: an answer has a few seconds to come then. An entry
 * leaves no more from the first moment on; an exit may be the step of a plan that has cancelled what
 * protected the position.
 */
const LAST_EXIT_MS = 3_000;

/** Whether it is too late to send anything more of this kind. */
export function isTooLateToSend({ ending, clock }: Pick<Desk, "ending" | "clock">, isExit: boolean): boolean {
  if (ending.since === null) return false;
  return !isExit || ending.hurry.signal.aborted || clock.monotonic() - ending.since > LAST_EXIT_MS;
}
