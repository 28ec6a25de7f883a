import type { AccountFlags, Identity } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type { TradingMode } from "trading-core/guard/policy";
import type { Session, SessionState } from "trading-core/ports/session";
import type { Connection } from "./connection.ts";
import type { Credentials } from "./load-exchange.ts";
import { isLoopback } from "./loopback.ts";
import type { Markets } from "./markets.ts";
import type { Withdrawals } from "./reads/reads.ts";

interface Options {
  connection: Connection;
  markets: Markets;
  mode: TradingMode;
  /** Where requests go, without a path. */
  base: string;
  credentials: Credentials | null;
  /** The operator's name for the account, where the exchange tells none (S34). */
  accountName: string;
  /** Whether live trading with a key that can withdraw is wanted. */
  allowWithdrawalKey: boolean;
  clockSkew: () => number | null;
  close: () => void;
}

export interface ExchangeSession extends Session {
  /** Whether the key could take money away; "unknown" where that cannot be read. Asks once. */
  withdrawals(): Promise<Withdrawals>;
}

/** Who we are on an exchange: a key, and the host that it is used at. Neither changes while a server runs. */
export function createSession(options: Options): ExchangeSession {
  const { connection, markets, mode, base, credentials } = options;
  const { profile, api } = connection.exchange;
  let known: Promise<Identity> | null = null;
  let withdrawals: Promise<Withdrawals> | null = null;

  async function ensureReady(): Promise<void> {
    if (credentials === null) throw noKey(profile.name);
    await markets.ready();
    await identity();
    if (mode === "live" && !options.allowWithdrawalKey && (await canWithdraw()) === "possible") {
      throw new TradingError(
        "key_can_withdraw",
        `The API key can withdraw money from ${profile.name}; nothing here ever does, and whoever steals it can.`,
        "Make a key without withdrawals, bound to this machine's address. CRYPTO_ALLOW_WITHDRAWAL_KEY=true insists on this one.",
      );
    }
  }

  /** A failure is not kept: the next call asks again. */
  function identity(): Promise<Identity> {
    known ??= readIdentity().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  }

  async function readIdentity(): Promise<Identity> {
    if (credentials === null) throw noKey(profile.name);
    await markets.ready();
    // A request that is signed and answered proves the key; before the first, the clocks are compared.
    await connection.ask("the time", (each) => each.loadTimeDifference());
    const balance = await connection.askSigned("the account", (each) => each.fetchBalance());
    const uid = (balance.info as { uid?: unknown } | null)?.uid;
    const told = typeof uid === "number" || typeof uid === "string" ? untrustedText(String(uid), 40) : null;
    const { origin } = new URL(api.sign("account", "private", "POST", {}).url);
    const isPaper = natureOf(mode, origin, profile);
    return {
      accountId: told ?? options.accountName,
      isPaper,
      evidence: `signed requests go to ${origin}, ${NATURES[String(isPaper)]}`,
    };
  }

  function canWithdraw(): Promise<Withdrawals> {
    withdrawals ??= profile.reads.canWithdraw(connection.askRaw).then(
      (answer) => answer,
      () => {
        // Serves neither: what a key may do besides trading is told, or said to be unknown.
        withdrawals = null;
        return "unknown" as const;
      },
    );
    return withdrawals;
  }

  return {
    async status() {
      try {
        await ensureReady();
        return { ...state(true, "ready", await readyMessage(), null) };
      } catch (error) {
        if (error instanceof TradingError) return state(false, error.code, error.message, error.nextStep);
        return state(false, "exchange_error", `${profile.name} could not be asked.`, "Try again.");
      }
    },
    ensureReady,
    identity,
    flags: (): Promise<AccountFlags> =>
      Promise.resolve({ supportsFractions: true, supportsCashAmount: true }),
    clockSkew: options.clockSkew,
    withdrawals: canWithdraw,
    close() {
      options.close();
      return Promise.resolve();
    },
  };

  async function readyMessage(): Promise<string> {
    const where = `${profile.name} answers at ${base}.`;
    switch (await canWithdraw()) {
      case "possible":
        return `${where} WARNING: the API key can withdraw money; make one that cannot.`;
      case "unknown":
        return `${where} Whether the API key can withdraw money could not be read.`;
      case "impossible":
        return `${where} The API key cannot withdraw.`;
    }
  }
}

const NATURES: Record<string, string> = {
  true: "where nothing is real",
  false: "which is the exchange itself",
  null: "which is neither the exchange nor its test system",
};

/**
 * Paper or real money by the host that signed requests go to, never by the label: only the exchange's own
 * address is real money, only its test system and the simulator are proven to be none.
 */
function natureOf(
  mode: TradingMode,
  origin: string,
  profile: { liveBase: string; sandboxBase: string | null },
): boolean | null {
  if (origin === profile.liveBase) return false;
  if (origin === profile.sandboxBase) return true;
  return mode === "sim" && isLoopback(new URL(origin).hostname) ? true : null;
}

function state(ready: boolean, word: string, message: string, nextStep: string | null): SessionState {
  return { ready, state: word, message, nextStep, lockedUntil: null, serverVersion: null };
}

function noKey(name: string): TradingError {
  return new TradingError(
    "no_key",
    `There is no API key for ${name}.`,
    "The operator sets CRYPTO_API_KEY and CRYPTO_API_SECRET; CRYPTO_TRADING_MODE=sim needs none.",
  );
}
