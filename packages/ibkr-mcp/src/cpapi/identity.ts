import type { AccountFlags, Identity } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { asArray, asFlag, asRecord, asText } from "./loose.ts";

/** What `/iserver/accounts` says. */
export interface AccountsAnswer {
  accounts: string[];
  selectedAccount: string | null;
  isPaper: boolean | null;
  /** Another one means another brokerage session; null where it is not given. */
  sessionId: string | null;
  flags(accountId: string): AccountFlags;
}

/** Null when the answer is not an account list: `accounts` is what makes it one. */
export function readAccounts(body: unknown): AccountsAnswer | null {
  const answer = asRecord(body);
  const listed = asArray(answer?.accounts);
  if (!answer || !listed) return null;
  const accounts = listed.filter((id): id is string => typeof id === "string" && ACCOUNT.test(id));
  if (accounts.length !== listed.length) return null;
  const properties = asRecord(answer.acctProps);
  return {
    accounts,
    selectedAccount: asText(answer.selectedAccount),
    isPaper: asFlag(answer.isPaper),
    sessionId: asText(answer.sessionId),
    flags(accountId) {
      const own = asRecord(properties?.[accountId]);
      return {
        supportsFractions: asFlag(own?.supportsFractions),
        supportsCashAmount: asFlag(own?.supportsCashQty),
      };
    },
  };
}

const ACCOUNT = /^[A-Za-z0-9]{1,20}$/;

/** Account types by id, from `/portfolio/accounts`; null when the answer is not that list. */
export function readAccountTypes(body: unknown): Map<string, string | null> | null {
  const rows = asArray(body);
  if (!rows) return null;
  const types = new Map<string, string | null>();
  for (const row of rows) {
    const id = asText(asRecord(row)?.accountId) ?? asText(asRecord(row)?.id);
    if (id !== null && ACCOUNT.test(id)) types.set(id, asText(asRecord(row)?.type));
  }
  return types;
}

/**
 * The account that this server trades. The configured one when the venue lists it, else the only one.
 * Throws `account_not_found`, `account_ambiguous` or `no_account`.
 */
export function chooseAccount(accounts: string[], configured: string | null): string {
  if (configured !== null) {
    if (accounts.includes(configured)) return configured;
    throw new TradingError(
      "account_not_found",
      `The configured account ${configured} is not one of this login's accounts.`,
      "Correct IBKR_ACCOUNT_ID, or log in with the user that owns the account.",
    );
  }
  const only = accounts[0];
  if (only === undefined) {
    throw new TradingError(
      "no_account",
      "This login has no account.",
      "Log in with a user that has a trading account.",
    );
  }
  if (accounts.length === 1) return only;
  throw new TradingError(
    "account_ambiguous",
    `This login has ${accounts.length} accounts: ${accounts.slice(0, 10).join(", ")}.`,
    "Set IBKR_ACCOUNT_ID to the one that this server may trade.",
  );
}

/** What the three witnesses of paper or live say; null for silence. */
export interface Witnesses {
  isPaper: boolean | null;
  /** The account's `type` in the portfolio; null when it was not read or not given. */
  type: string | null;
}

/**
 * Paper or live is proven by at least two of three witnesses that agree, with none against: the session's
 * `isPaper`, the form of the account id, the account's type. Everything else is null.
 */
export function proveIdentity(accountId: string, witnesses: Witnesses): Identity {
  const byId = /^D[UF]/.test(accountId) ? true : accountId.startsWith("U") ? false : null;
  const byType = witnesses.type === null ? null : witnesses.type.toUpperCase() === "DEMO";
  const said = [witnesses.isPaper, byId, byType].filter((word) => word !== null);
  const first = said[0];
  const proven = said.length >= 2 && said.every((word) => word === first);
  const evidence = [
    `isPaper=${witnesses.isPaper ?? "not given"}`,
    `id ${accountId.slice(0, 2)}... (${byId === null ? "proves nothing" : byId ? "paper" : "live"})`,
    `type ${witnesses.type === null ? "not read" : untrustedText(witnesses.type, 30)}`,
  ].join(", ");
  if (proven && first !== undefined) return { accountId, isPaper: first, evidence };
  const why = said.length < 2 ? "too little proof" : "the venue contradicts itself";
  return { accountId, isPaper: null, evidence: `${why}: ${evidence}` };
}
