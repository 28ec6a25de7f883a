import type { SessionState } from "trading-core/ports/session";
import { concernOf } from "./session-words.ts";

/** A state for somebody who reads stderr: when, which state, what it is, and what a person does about it. */
export function stateLines(state: SessionState, at: number): string {
  const head = `${new Date(at).toISOString()}  ${state.state}  ${state.message}`;
  const until = state.lockedUntil === null ? "" : ` It ends at ${new Date(state.lockedUntil).toISOString()}.`;
  return state.nextStep === null ? `${head}\n` : `${head}\n  Next: ${state.nextStep}${until}\n`;
}

/** The same for a program: one line of JSON, times in ISO 8601 UTC. */
export function stateJson(state: SessionState, at: number): string {
  const { message, nextStep, lockedUntil } = state;
  return `${JSON.stringify({
    time: new Date(at).toISOString(),
    event: "state",
    state: state.state,
    ready: state.ready,
    needs_person: concernOf(state) === "human",
    message,
    next_step: nextStep,
    locked_until: lockedUntil === null ? null : new Date(lockedUntil).toISOString(),
  })}\n`;
}

export function alertLine(text: string, at: number): string {
  return `${new Date(at).toISOString()}  ALERT  ${text}\n`;
}

export function alertJson(text: string, at: number): string {
  return `${JSON.stringify({ time: new Date(at).toISOString(), event: "alert", message: text })}\n`;
}

/** With which a single look ends; scripts tell a person's task from a wait. */
export const EXIT = { ready: 0, person: 1, unusable: 2, wait: 3 } as const;

export function exitCodeOf(state: SessionState): number {
  const concern = concernOf(state);
  if (concern === "ready") return EXIT.ready;
  return concern === "human" ? EXIT.person : EXIT.wait;
}
