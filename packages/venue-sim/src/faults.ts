/** What a fault does to a request that it matches. */
export type FaultAction =
  /** The handler runs (an order lands), the reply is an empty 503. */
  | { type: "503-after-landing" }
  | { type: "503-before" }
  /** Any status and body instead of an answer; the handler does not run. */
  | { type: "status"; status: number; body?: string; contentType?: string | null }
  /** The handler runs; its answer breaks off in the middle and the connection closes. */
  | { type: "body-cut" }
  | { type: "reset" }
  | { type: "reset-after-landing" }
  | { type: "empty-200" }
  | { type: "login-page-200" }
  | { type: "error-200"; error: string }
  /** Enters the penalty box. */
  | { type: "429" }
  /** Answers late by this many real milliseconds (the handler runs at once). */
  | { type: "delay"; milliseconds: number }
  /** Moves the simulator's clock on before the handler runs: a slow venue without a slow test. */
  | { type: "slow"; milliseconds: number }
  | { type: "silence" }
  | { type: "silence-after-landing" }
  | { type: "empty-list" }
  /** Orders list as of so many milliseconds ago. */
  | { type: "stale-list"; milliseconds: number }
  | { type: "positions-lag"; milliseconds: number }
  | { type: "is-paper"; value: unknown }
  | { type: "clock-skew"; milliseconds: number }
  | { type: "wrong-account"; account: string }
  /** The brokerage session drops just before the handler runs. */
  | { type: "session-lost"; state?: "sso_only" | "competed" | "idle_timeout" | "no_login" }
  /** The order is refused with the venue's text. */
  | { type: "reject"; text: string }
  /** The order placed by this request never fills beyond this quantity. */
  | { type: "partial-fill"; quantity: string }
  | { type: "no-fill" }
  /** Of a bracket in this request only so many tickets ever reach the book, and its answer names no others. */
  | { type: "half-bracket"; tickets: number };

export interface Fault<Action = FaultAction> {
  /** Any method when absent. */
  method?: string;
  /** Path below the base: text is matched as a part of it, a regular expression as it is. */
  path?: string | RegExp;
  /** First matching request that is hit, counted from 1 (the default). */
  from?: number;
  /** How many matching requests are hit from there on; 1 unless told, Infinity for all. */
  count?: number;
  action: Action;
}

export interface Faults<Action = FaultAction> {
  /** Adds a fault; the answer removes it. */
  add(fault: Fault<Action>): () => void;
  clear(): void;
  /** The actions that a request meets, in the order the faults were added. */
  meet(method: string, path: string): Action[];
}

export function createFaults<Action = FaultAction>(): Faults<Action> {
  const faults = new Map<Fault<Action>, { seen: number }>();
  return {
    add: (fault) => {
      const own = { ...fault };
      faults.set(own, { seen: 0 });
      return () => {
        faults.delete(own);
      };
    },
    clear: () => faults.clear(),
    meet: (method, path) => {
      const met: Action[] = [];
      for (const [fault, progress] of faults) {
        if (!matches(fault, method, path)) continue;
        progress.seen += 1;
        const from = fault.from ?? 1;
        if (progress.seen >= from && progress.seen < from + (fault.count ?? 1)) met.push(fault.action);
      }
      return met;
    },
  };
}

function matches(fault: Fault<unknown>, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === "string" ? path.includes(fault.path) : fault.path.test(path);
}
