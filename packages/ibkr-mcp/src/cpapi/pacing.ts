import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "trading-core/ports/clock";
import { asNumber, asRecord } from "./loose.ts";
import { limitsFor, type Window } from "./pacing-limits.ts";

/** Whether a request may go out now. */
export type Admission =
  | { kind: "go" }
  /** Not yet: a documented window is full for this many milliseconds. */
  | { kind: "wait"; milliseconds: number }
  /** IBKR has locked this machine out until then. */
  | { kind: "boxed"; until: number };

/** A process of this machine has done a moment ago what the request is for. */
export interface AlreadyDone {
  kind: "done";
}

/** One gateway's request budget, shared by all processes of this machine through a folder. */
export interface Pacing {
  /** Takes a place in every window of this endpoint, or none. The caller holds the gateway's entrance. */
  take(endpoint: string): Admission;
  /**
   * The same for what needs to be done by one process of this machine only: `done` where any of them took a
   * place for this endpoint within the last `milliseconds`.
   */
  takeUnlessDone(endpoint: string, milliseconds: number): Admission | AlreadyDone;
  /**
   * Notes that a request is on its way; what it answers is called at its end. A slow one may arrive at any
   * moment until then, so it goes on counting against every limit of its endpoint. It began with its `take`
   * and not with its first byte: between the two ends of the window there must be no gap in which neither counts.
   */
  underWay(endpoint: string, began: number): () => void;
  /** After a 429: every process keeps silent for 15 minutes. Answers when that ends, epoch milliseconds. */
  punish(): number;
  /** When the lock-out ends; null when there is none. */
  lockedUntil: () => number | null;
}

/** One request from its first byte to its answer, epoch milliseconds. */
interface Flight {
  began: number;
  ended: number | null;
}

interface Stamps {
  /** Start times by window, epoch milliseconds. */
  windows: Record<string, number[]>;
  /** The file was unreadable then: every window counts as filled at this time. */
  filledAt: number;
}

export const PENALTY_MS = 15 * 60_000;

interface Options {
  folder: string;
  clock: Clock;
  warn: (fields: Record<string, unknown>, message: string) => void;
}

/**
 * The wall clock is used, because it is the one clock that processes share. When it jumps back, what
 * seems to lie in the future is counted as having happened now, so that it ages like everything else.
 */
export function createPacing({ folder, clock, warn }: Options): Pacing {
  const stampsPath = join(folder, "pacing.json");
  const penaltyPath = join(folder, "penalty.json");
  // What could not be written, so that a full disk does not make this process forget its own requests.
  let unsaved: Stamps | null = null;
  let unsavedPenalty: number | null = null;
  /** This process's requests that ended within their last window, or have not ended; by window. */
  const slow = new Map<string, Set<Flight>>();

  /** When slow requests can have arrived that the stamps of their starts no longer stand for. */
  function lateArrivals({ name, milliseconds }: Window, now: number): number[] {
    const arrivals: number[] = [];
    const flights = slow.get(name) ?? new Set();
    for (const flight of flights) {
      const latest = Math.min(flight.ended ?? now, now);
      if (flight.ended !== null && latest <= now - milliseconds) flights.delete(flight);
      else if (flight.began <= now - milliseconds) arrivals.push(latest);
    }
    return arrivals;
  }

  function lockedUntil(): number | null {
    const now = clock.now();
    const until = Math.max(readPenalty(penaltyPath), unsavedPenalty ?? 0);
    if (until <= now) return null;
    if (until <= now + PENALTY_MS) return until;
    // The clock has jumped back: the time that is left was at most the whole of it.
    savePenalty(now + PENALTY_MS);
    return now + PENALTY_MS;
  }

  function savePenalty(until: number): void {
    unsavedPenalty = save(penaltyPath, { until }) ? null : until;
  }

  function save(path: string, content: unknown): boolean {
    try {
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
      }
      renameSync(temporary, path);
      return true;
    } catch (error) {
      warn({ path, error: String(error) }, "pacing could not be saved; this process keeps it in memory");
      return false;
    }
  }

  function lockOut(): Admission | null {
    const until = lockedUntil();
    return until === null ? null : { kind: "boxed", until };
  }

  function stampsNow(now: number) {
    const stored = readStamps(stampsPath);
    const known = merge(stored ?? unsaved ?? { windows: {}, filledAt: now }, unsaved);
    const { stamps, changed } = settle(known, now);
    // An unreadable file is replaced at once, so that the time it counts as full begins only once.
    return { stamps, outdated: changed || stored === null };
  }

  function takePlaces(limits: Window[], now: number): Admission {
    const { stamps, outdated } = stampsNow(now);
    const milliseconds = Math.max(
      0,
      ...limits.map((window) => waitFor(window, stamps, lateArrivals(window, now), now)),
    );
    if (milliseconds === 0) {
      for (const { name, milliseconds: width } of limits) {
        const recent = (stamps.windows[name] ?? []).filter((at) => at > now - width);
        stamps.windows[name] = [...recent, now];
      }
    }
    if (milliseconds === 0 || outdated) unsaved = save(stampsPath, stamps) ? null : stamps;
    return milliseconds === 0 ? { kind: "go" } : { kind: "wait", milliseconds };
  }

  return {
    take: (endpoint) => lockOut() ?? takePlaces(limitsFor(endpoint), clock.now()),
    takeUnlessDone(endpoint, milliseconds) {
      const now = clock.now();
      const once: Window = { name: `once ${endpoint}`, requests: 1, milliseconds };
      const { stamps } = stampsNow(now);
      // What an unreadable file would have said is not known, and doing it once more does no harm.
      if (waitFor(once, { ...stamps, filledAt: 0 }, [], now) > 0) return { kind: "done" };
      return lockOut() ?? takePlaces([...limitsFor(endpoint), once], now);
    },
    underWay(endpoint, began) {
      const flight: Flight = { began, ended: null };
      for (const { name } of limitsFor(endpoint)) {
        slow.set(name, (slow.get(name) ?? new Set()).add(flight));
      }
      return () => {
        flight.ended = clock.now();
      };
    },
    punish() {
      const until = clock.now() + PENALTY_MS;
      savePenalty(until);
      return until;
    },
    lockedUntil,
  };
}

/** Milliseconds until the window has a place again; 0 when it has one now. */
function waitFor(window: Window, stamps: Stamps, late: number[], now: number): number {
  const started = (stamps.windows[window.name] ?? []).filter((at) => at > now - window.milliseconds);
  const recent = [...started, ...late];
  const refilled = Math.max(0, stamps.filledAt + window.milliseconds - now);
  if (recent.length < window.requests) return refilled;
  const blocking = recent.sort((a, b) => a - b)[recent.length - window.requests] ?? now;
  return Math.max(refilled, blocking + window.milliseconds - now);
}

function settle(stamps: Stamps, now: number): { stamps: Stamps; changed: boolean } {
  let changed = false;
  const past = (at: number) => {
    if (at > now) changed = true;
    return Math.min(at, now);
  };
  const windows = Object.fromEntries(
    Object.entries(stamps.windows).map(([name, times]) => [name, times.map(past)]),
  );
  return { stamps: { windows, filledAt: past(stamps.filledAt) }, changed };
}

function merge(stamps: Stamps, unsaved: Stamps | null): Stamps {
  if (unsaved === null) return stamps;
  const windows = { ...stamps.windows };
  for (const [name, times] of Object.entries(unsaved.windows)) {
    windows[name] = [...new Set([...(windows[name] ?? []), ...times])];
  }
  return { windows, filledAt: Math.max(stamps.filledAt, unsaved.filledAt) };
}

/** Null when nobody knows what was sent, because the file cannot be read: every window counts as full then. */
function readStamps(path: string): Stamps | null {
  const content = readJson(path);
  if (content === "absent") return { windows: {}, filledAt: 0 };
  const record = content === "corrupt" ? null : asRecord(content);
  const stored = asRecord(record?.windows);
  if (stored === null) return null;
  const windows: Record<string, number[]> = {};
  for (const [name, times] of Object.entries(stored)) {
    if (Array.isArray(times)) windows[name] = times.filter((at) => asNumber(at) !== null) as number[];
  }
  return { windows, filledAt: asNumber(record?.filledAt) ?? 0 };
}

/** The end of the lock-out, 0 for none. A file that cannot be read counts from when it was written. */
function readPenalty(path: string): number {
  const content = readJson(path);
  if (content === "absent") return 0;
  const until = content === "corrupt" ? null : asNumber(asRecord(content)?.until);
  if (until !== null) return until;
  try {
    return statSync(path).mtimeMs + PENALTY_MS;
  } catch {
    return 0;
  }
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "absent" : "corrupt";
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return "corrupt";
  }
}
