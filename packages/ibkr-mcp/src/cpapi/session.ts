import type { AccountFlags, Identity } from "trading-core/domain/account";
import { messageOf, TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";
import type { Session, SessionState } from "trading-core/ports/session";
import type { GatewayClient } from "./client.ts";
import { competing, failureOf, sessionFailure, unexpectedShape } from "./failures.ts";
import {
  type AccountsAnswer,
  chooseAccount,
  proveIdentity,
  readAccounts,
  readAccountTypes,
} from "./identity.ts";
import { createLoginMemory } from "./login-memory.ts";
import { asRecord } from "./loose.ts";
import { checkAccountId } from "./path.ts";
import { remembered } from "./remembered.ts";
import {
  type AuthStatus,
  isUsable,
  loginExpired,
  notReady,
  readAuthStatus,
  stateOf,
  stateOfFailure,
} from "./session-state.ts";
import { readTickle } from "./tickle.ts";

/** The session port, and what the other parts of the adapter need to know of the session. */
export interface CpapiSession extends Session {
  /** The account once it is known; null before. */
  accountId(): string | null;
  /** The account, read from the venue if need be; the browser login is enough for it. */
  requireAccount(): Promise<string>;
  /** The account, which is also the one that endpoints without an account in their path answer for. */
  requireSelected(): Promise<string>;
  /** `/portfolio/accounts` was asked within this session, which the portfolio endpoints want. */
  primePortfolio(): Promise<void>;
  /**
   * Tells IBKR that somebody is there, and answers how the session stands; null, and nothing sent, where a
   * process of this machine did so within the last `spacingMs`. Revives nothing, and never throws.
   */
  tickle(spacingMs: number, signal?: AbortSignal): Promise<SessionState | null>;
  /** Changes whenever the brokerage session is a new one: what it had warmed up is cold again. */
  generation: () => number;
}

interface Options {
  client: GatewayClient;
  accountId: string | null;
  /** Whether a revival may throw out the user's other session. Off unless the operator said so. */
  compete: boolean;
  clock: Clock;
}

const READY_MS = 5_000;
const IDENTITY_MS = 3_000;
const TYPES_MS = 60_000;
const WITNESS_MS = 30_000;
const NO_TYPES: ReadonlyMap<string, string | null> = new Map();
const BRIDGE_MS = 15_000;
const REVIVAL_PAUSE_MS = 15_000;

const WANTS_TO_COMPETE = /force compete/i;

export function createSession({ client, accountId: configured, compete, clock }: Options): CpapiSession {
  if (configured !== null) checkAccountId(configured);
  let account: string | null = null;
  let generation = 0;
  let primed = false;
  let sessionId: string | null = null;
  const login = createLoginMemory(client.folder, clock);
  let failedRevival: { error: TradingError; at: number } | null = null;

  const ready = remembered(clock, READY_MS, bringUp);
  const accounts = remembered(clock, IDENTITY_MS, readAccountList);
  const types = remembered(clock, TYPES_MS, readTypes);
  // The type is one witness of three, and the portfolio may be out while the brokerage is up.
  const typeWitness = remembered(clock, WITNESS_MS, () => types.get().catch(() => NO_TYPES));

  client.onSessionTrouble({
    async heal() {
      accounts.forget();
      await accounts.get();
    },
    lost() {
      primed = false;
      ready.forget();
      accounts.forget();
    },
  });

  async function authStatus(): Promise<AuthStatus> {
    const body = await client.read({ method: "POST", path: "/iserver/auth/status" });
    const status = readAuthStatus(body);
    if (!status) throw unexpectedShape("the session");
    if (isUsable(status)) login.seen();
    return status;
  }

  async function readAccountList(): Promise<AccountsAnswer> {
    const list = readAccounts(await client.read({ method: "GET", path: "/iserver/accounts" }));
    if (!list) throw unexpectedShape("the accounts");
    if (!primed || list.sessionId !== sessionId) generation += 1;
    primed = true;
    sessionId = list.sessionId;
    return list;
  }

  async function readTypes(): Promise<Map<string, string | null>> {
    const found = readAccountTypes(await client.read({ method: "GET", path: "/portfolio/accounts" }));
    if (!found) throw unexpectedShape("the portfolio's accounts");
    return found;
  }

  /** Brokerage session up, accounts primed, our account selected. */
  async function bringUp(): Promise<void> {
    await revive(await authStatus());
    const list = await accounts.get();
    account = chooseAccount(list.accounts, configured);
    if (list.selectedAccount !== account) await select(account);
  }

  async function revive(auth: AuthStatus): Promise<void> {
    if (isUsable(auth) && (await isBridged())) return;
    if (auth.competing && !compete) throw competing(auth.said ?? "");
    if (failedRevival && clock.monotonic() - failedRevival.at < REVIVAL_PAUSE_MS) throw failedRevival.error;
    primed = false;
    accounts.forget();
    try {
      if (!(auth.authenticated && auth.connected) || auth.competing) await init(auth);
      await waitForBridge();
      failedRevival = null;
    } catch (error) {
      if (error instanceof TradingError) failedRevival = { error, at: clock.monotonic() };
      throw error;
    }
  }

  async function isBridged(): Promise<boolean> {
    try {
      await accounts.get();
      return true;
    } catch (error) {
      if (error instanceof TradingError && error.code === "brokerage_session_down") return false;
      throw error;
    }
  }

  /**
   * Opens the brokerage session. IBKR answers a session that merely timed out that it wants to be told to
   * compete; it is told so only where it said that nobody else holds the session, who could be thrown out.
   */
  async function init(auth: AuthStatus): Promise<void> {
    const refusal = await open(compete);
    if (refusal === null) return;
    const timedOut = WANTS_TO_COMPETE.test(refusal) && !auth.competing && !compete;
    // Asked again right before, because somebody may have opened TWS since.
    const unopposed = timedOut && !(await authStatus()).competing;
    const said = unopposed ? await open(true) : refusal;
    if (said === null) return;
    throw (
      sessionFailure(said, `IBKR says: ${said}`) ??
      new TradingError("brokerage_session_down", said, LOG_IN_AGAIN, { retryable: true })
    );
  }

  /** Null when IBKR opened the session, else what it said. */
  async function open(force: boolean): Promise<string | null> {
    const request = { method: "POST", path: "/iserver/auth/ssodh/init" } as const;
    const answer = await client.call({ ...request, body: { publish: true, compete: force } });
    const failure = failureOf(answer, { ...request, boxedUntil: client.lockedUntil() });
    if (failure) throw failure;
    const body = answer.kind === "json" ? answer.body : null;
    const status = readAuthStatus(body);
    if (status && asRecord(body)?.passed !== false) return null;
    return status?.said ?? "The brokerage session was not opened.";
  }

  /** After a revival the bridge to the brokerage takes 1 to 10 s, during which requests meet "no bridge". */
  async function waitForBridge(): Promise<void> {
    const until = clock.monotonic() + BRIDGE_MS;
    for (;;) {
      const error = await bridgeTrouble();
      if (error === null) return;
      if (error.code !== "brokerage_session_down" || clock.monotonic() >= until) throw error;
      await clock.sleep(1000);
    }
  }

  async function bridgeTrouble(): Promise<TradingError | null> {
    try {
      const auth = await authStatus();
      if (auth.competing && !compete) return competing(auth.said ?? "");
      if (!isUsable(auth)) return new TradingError("brokerage_session_down", NOT_UP, LOG_IN_AGAIN);
      accounts.forget();
      await accounts.get();
      return null;
    } catch (error) {
      if (error instanceof TradingError) return error;
      throw error;
    }
  }

  /** A write to the session's state, though not to the account: endpoints that name no account use this one. */
  async function select(chosen: string): Promise<void> {
    await client.read({ method: "POST", path: "/iserver/account", body: { acctId: chosen } });
    accounts.forget();
    const list = await accounts.get();
    if (list.selectedAccount === chosen) return;
    throw notSelected(chosen);
  }

  function stateFrom(error: unknown): SessionState {
    if (!(error instanceof TradingError)) {
      return notReady("blocked", `The gateway could not be asked: ${messageOf(error)}`, "Call again.");
    }
    const state = stateOfFailure(error, client.lockedUntil());
    if (error.code !== "not_logged_in") return state;
    login.missed();
    return login.endedAtMidnight() ? loginExpired(state) : state;
  }

  async function tickle(spacingMs: number, signal?: AbortSignal): Promise<SessionState | null> {
    try {
      const locked = client.lockedUntil();
      if (locked !== null) return stateOfFailure(lockedOut(locked), locked);
      const request = { method: "POST", path: "/tickle", ...(signal && { signal }) } as const;
      const answer = await client.callUnlessDone(request, spacingMs);
      if (answer === null) return null;
      const failure = failureOf(answer, { ...request, boxedUntil: client.lockedUntil() });
      if (failure) throw failure;
      const told = readTickle(answer.kind === "json" ? answer.body : null);
      if (!told) throw unexpectedShape("the keep-alive");
      login.seen();
      if (told.auth === null) return await status();
      const state = stateOf(told.auth);
      if (!state.ready) ready.forget();
      return state;
    } catch (error) {
      // Serves both: what cannot be asked is a state, and the next beat asks again.
      return stateFrom(error);
    }
  }

  async function status(): Promise<SessionState> {
    try {
      const locked = client.lockedUntil();
      if (locked !== null) return { ...stateOfFailure(lockedOut(locked), locked) };
      const auth = await authStatus();
      const state = stateOf(auth);
      if (!state.ready) {
        ready.forget();
        return state;
      }
      if (!(await isBridged())) {
        ready.forget();
        return { ...stateOf({ ...auth, established: false }) };
      }
      account = chooseAccount((await accounts.get()).accounts, configured);
      return state;
    } catch (error) {
      return stateFrom(error);
    }
  }

  /** What was ready a moment ago is not so after a 429: everything is refused with the time until then. */
  async function ensureReady(): Promise<void> {
    const locked = client.lockedUntil();
    if (locked !== null) throw lockedOut(locked);
    await ready.get();
  }

  /** The portfolio answers on the browser login alone, whoever holds the brokerage session. */
  async function ensureReadable(): Promise<void> {
    try {
      await ensureReady();
    } catch (error) {
      // Serves neither: no order is decided on this, and the read itself says when it cannot be done.
      const goesOn = error instanceof TradingError && READABLE_DURING.has(error.code);
      if (!goesOn) throw error;
    }
  }

  async function requireAccount(): Promise<string> {
    if (account !== null) return account;
    try {
      account = chooseAccount((await accounts.get()).accounts, configured);
    } catch (error) {
      if (!(error instanceof TradingError) || !WITHOUT_BROKERAGE.has(error.code)) throw error;
      account = chooseAccount([...(await types.get()).keys()], configured);
    }
    return account;
  }

  async function requireSelected(): Promise<string> {
    const { accounts: ids, selectedAccount } = await accounts.get();
    account = chooseAccount(ids, configured);
    if (selectedAccount === account || (selectedAccount === null && ids.length === 1)) return account;
    ready.forget();
    throw notSelected(account);
  }

  async function identity(): Promise<Identity> {
    const [list, typesById] = await Promise.all([accounts.get(), typeWitness.get()]);
    account = chooseAccount(list.accounts, configured);
    return proveIdentity(account, { isPaper: list.isPaper, type: typesById.get(account) ?? null });
  }

  async function flags(): Promise<AccountFlags> {
    const list = await accounts.get();
    return list.flags(chooseAccount(list.accounts, configured));
  }

  return {
    status,
    ensureReady,
    ensureReadable,
    tickle,
    identity,
    flags,
    clockSkew: client.clockSkew,
    close: client.close,
    accountId: () => account,
    requireAccount,
    requireSelected,
    primePortfolio: async () => void (await types.get()),
    generation: () => generation,
  };
}

function notSelected(account: string): TradingError {
  return new TradingError(
    "account_not_selected",
    `The gateway has another account selected than ${account}.`,
    "Close other programs that use this gateway for another account, then call again.",
    { retryable: true },
  );
}

const WITHOUT_BROKERAGE = new Set(["brokerage_session_down", "competing_session", "accounts_not_primed"]);
const READABLE_DURING = new Set([...WITHOUT_BROKERAGE, "upstream_unavailable"]);
const NOT_UP = "The brokerage session did not come up.";
const LOG_IN_AGAIN =
  "Log in through the gateway's page in a browser again; another open IBKR session may have to be closed first.";

function lockedOut(until: number): TradingError {
  return new TradingError(
    "rate_limited",
    `IBKR has locked this machine out until ${new Date(until).toISOString()}: too many requests were sent.`,
    "Wait until then.",
    { retryable: true },
  );
}
