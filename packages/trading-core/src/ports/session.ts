import type { AccountFlags, Identity } from "../domain/account.ts";

/** How the venue's session stands, in one word that code can switch on and one sentence for a person. */
export interface SessionState {
  /** Orders can be placed now. */
  ready: boolean;
  /** Stable word, such as "ready", "no_gateway", "no_login", "no_brokerage_session", "competing". */
  state: string;
  message: string;
  /** The next human action; null when ready. */
  nextStep: string | null;
  /** When requests are possible again after a lock-out, epoch milliseconds. */
  lockedUntil: number | null;
  serverVersion: string | null;
}

export interface Session {
  /** Looks without changing anything. Never throws: an unreachable venue is a state. */
  status(): Promise<SessionState>;
  /** Brings the session up as far as software may; throws a TradingError that names the human's next step. */
  ensureReady(): Promise<void>;
  /** The same for reads of balances and positions, where they need less of the session than orders do. */
  ensureReadable?(): Promise<void>;
  /** Account and paper/live as the venue reports them now. Throws when it cannot be read. */
  identity(): Promise<Identity>;
  flags(): Promise<AccountFlags>;
  /** Venue time minus local time in milliseconds, from its last answer; null before the first. */
  clockSkew(): number | null;
  close(): Promise<void>;
}
