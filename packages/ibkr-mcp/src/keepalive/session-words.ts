import type { SessionState } from "trading-core/ports/session";

/**
 * What a state of the session asks of people: nothing (`ready`), nothing but patience (`wait`), or something
 * that only a person can do (`human`).
 */
export type Concern = "ready" | "wait" | "human";

interface Words {
  concern: Concern;
  /**
   * For somebody who is not at the machine. Sentences of our own and nothing else: an alert leaves for a service
   * of somebody else, so it carries no account, no address and no text of a venue.
   */
  alert: string;
}

const WORDS: Record<string, Words> = {
  ready: { concern: "ready", alert: "The IBKR session is up." },
  no_gateway: {
    concern: "human",
    alert: "IBKR's gateway cannot be reached. Start the Client Portal Gateway and log in through its page.",
  },
  no_login: {
    concern: "human",
    alert: "Nobody is logged in at IBKR's gateway. Log in through its page in a browser on that machine.",
  },
  login_expired: {
    concern: "human",
    alert:
      "IBKR has ended the login at midnight, as it does every day. Log in through the gateway's page in a browser on that machine.",
  },
  competing: {
    concern: "human",
    alert:
      "TWS, the mobile app or Client Portal holds the brokerage session. Close it there when orders and quotes are wanted again; balances and positions can be read meanwhile.",
  },
  no_brokerage_session: {
    concern: "human",
    alert:
      "The brokerage session is down and could not be opened again. Log in through the gateway's page in a browser on that machine.",
  },
  idle: {
    concern: "human",
    alert:
      "The brokerage session timed out and could not be opened again. Log in through the gateway's page in a browser on that machine.",
  },
  blocked: {
    concern: "human",
    alert:
      "Something answers in place of IBKR's gateway, or refuses this machine. Check what listens on the gateway's port and its ips.allow.",
  },
  account_ambiguous: {
    concern: "human",
    alert: "The login has several accounts. Set IBKR_ACCOUNT_ID to the one that is meant.",
  },
  account_not_found: {
    concern: "human",
    alert: "The login does not have the configured account. Log in as its user, or correct IBKR_ACCOUNT_ID.",
  },
  no_account: {
    concern: "human",
    alert: "The login has no account that can be traded. Log in as another user.",
  },
  bridging: { concern: "wait", alert: "The brokerage session is still being set up after a long time." },
  busy: {
    concern: "wait",
    alert: "The gateway has been occupied by this machine's servers for a long time.",
  },
  maintenance: {
    concern: "wait",
    alert:
      "IBKR's servers have not answered for a long time. If it lasts, restart the gateway and log in again.",
  },
  rate_limited: {
    concern: "wait",
    alert: "IBKR has locked this machine out for too many requests. Nothing can be done but wait.",
  },
};

const UNKNOWN: Words = { concern: "human", alert: "The IBKR session is not up. Run ibkr-healthcheck." };

export function concernOf({ ready, state }: Pick<SessionState, "ready" | "state">): Concern {
  return ready ? "ready" : (WORDS[state] ?? UNKNOWN).concern;
}

/** What is told of a state to somebody who is not at the machine. */
export function alertFor({ ready, state, lockedUntil }: SessionState): string {
  const { alert } = (ready ? WORDS.ready : WORDS[state]) ?? UNKNOWN;
  return lockedUntil === null ? alert : `${alert} It ends at ${new Date(lockedUntil).toISOString()}.`;
}

/** Whether it is told as soon as it is certain: what a person has to do, and a lock-out, which stops everything. */
export function isTold({ ready, state }: SessionState): boolean {
  return !ready && (state === "rate_limited" || concernOf({ ready, state }) === "human");
}
