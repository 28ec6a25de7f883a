import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";
import type { Ccxt, SignedRequest } from "./ccxt.ts";
import type { ExchangeProfile } from "./profile.ts";
import { type Wire, WireError } from "./wire.ts";

export interface Credentials {
  apiKey: string;
  secret: string;
  password: string | null;
}

/** What went over the wire in one call, seen from below CCXT. */
export interface Passage {
  /** Stopped before its first byte unless this returns. Throws to stop it. */
  check(request: SignedRequest): void;
  /** False as long as it is proven that no byte of the request left. */
  sent: boolean;
  /** Of the whole answer; null where there was none. */
  status: number | null;
  body: string | null;
  /** Aborted when nobody waits for the answer any more. */
  hurry?: AbortSignal | undefined;
}

/** One exchange through CCXT, with the network in our hands. */
export interface Exchange {
  profile: ExchangeProfile;
  api: Ccxt;
  /** A read: its own deadline over the whole call. */
  read<T>(call: (api: Ccxt) => Promise<T>, timeoutMs?: number): Promise<T>;
  /** A write: watched, checked in its last form, on a connection of its own. Rejects with whatever went wrong. */
  write<T>(passage: Passage, call: (api: Ccxt) => Promise<T>): Promise<T>;
}

const READ_MS = 10_000;
const WRITE_MS = 10_000;

/**
 * Loads the one class of CCXT that is needed, by its file: the whole library takes most of a second and 85 MB.
 * Throws `exchange_unavailable` where the file is missing.
 */
async function loadClass(id: string): Promise<new (options: object) => Ccxt> {
  try {
    const entry = createRequire(import.meta.url).resolve("ccxt");
    const root = entry.replace(/[/\\](?:dist|js)[/\\].*$/, "");
    const file = pathToFileURL(`${root}/js/src/${id}.js`).href;
    const module = (await import(/* @vite-ignore */ file)) as { default: new (options: object) => Ccxt };
    return module.default;
  } catch (error) {
    throw new TradingError(
      "exchange_unavailable",
      `The part of CCXT for ${id} could not be loaded.`,
      "Install the server again; the package ccxt belongs to it.",
      { cause: error },
    );
  }
}

/** @param base where the exchange is, without a path: "https://api.kraken.com" */
export async function loadExchange(options: {
  profile: ExchangeProfile;
  base: string;
  credentials: Credentials | null;
  wire: Wire;
  clock: Pick<Clock, "now">;
}): Promise<Exchange> {
  const { profile, wire, clock } = options;
  const Class = await loadClass(profile.id);
  const api = new Class({
    apiKey: options.credentials?.apiKey ?? "",
    secret: options.credentials?.secret ?? "",
    ...(options.credentials?.password != null && { password: options.credentials.password }),
    urls: { api: profile.urls(options.base) },
    // Limits are kept before a call is made: a queue inside the library would hold an order back unseen.
    enableRateLimit: false,
    options: profile.options,
  });
  // As text: a float would lose digits of money.
  api.number = String;
  api.verbose = false;
  // Its logs hold signed headers, and go to the stream that belongs to the protocol.
  api.log = () => {};
  api.milliseconds = () => clock.now();
  if (profile.ascendingNonce) api.nonce = ascending(clock);
  // A list of currencies that needs a key breaks everything else where the key may not read it.
  api.has.fetchCurrencies = false;
  if (api.precisionMode !== TICK_SIZE) {
    throw new TradingError(
      "exchange_unavailable",
      `CCXT counts ${profile.name}'s price steps in a way that this server does not know.`,
      "Nothing was sent. Use the version of ccxt that this server was made with.",
    );
  }

  interface Call {
    passage: Passage | null;
    timeoutMs: number;
  }
  const current = new AsyncLocalStorage<Call>();
  api.fetch = async (url, method, headers, body) => {
    const call = current.getStore() ?? { passage: null, timeoutMs: READ_MS };
    const { passage } = call;
    const text = typeof body === "string" ? body : null;
    const known = (headers ?? {}) as Record<string, string>;
    passage?.check({ url, method, headers: known, body: text ?? undefined });
    if (passage) passage.sent = true;
    try {
      const answer = await wire.exchange({
        url,
        method,
        headers: known,
        body: text,
        timeoutMs: call.timeoutMs,
        fresh: passage !== null,
        signal: passage?.hurry,
      });
      if (passage) Object.assign(passage, { status: answer.status, body: answer.body });
      const response = {
        status: answer.status,
        statusText: answer.statusText,
        headers: new Headers(answer.headers),
        text: () => Promise.resolve(answer.body),
      };
      const parsed = await api.handleRestResponse(response, url, method, headers, body);
      // The library reads an answer without its list as an empty list: nothing held, nothing open (S3).
      if (passage === null && !profile.reads.isWhole(new URL(url).pathname, parsed))
        throw unreadable(profile);
      return parsed;
    } catch (error) {
      // Serves both: whether a byte left decides what the failure of an order means.
      if (passage && error instanceof WireError) passage.sent = error.sent;
      throw error;
    }
  };

  return {
    profile,
    api,
    read: (call, timeoutMs = READ_MS) => current.run({ passage: null, timeoutMs }, () => call(api)),
    write: (passage, call) => current.run({ passage, timeoutMs: WRITE_MS }, () => call(api)),
  };
}

/**
 * Numbers of signed requests by this machine's clock alone. CCXT corrects them by the exchange's time, which is
 * told in whole seconds: each comparison moves them by up to a second, and below those of another server of ours.
 */
function ascending(clock: Pick<Clock, "now">): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.now());
    return last;
  };
}

/** CCXT's word for "precisions are steps, not digits". */
const TICK_SIZE = 4;

function unreadable({ name }: ExchangeProfile): TradingError {
  return new TradingError(
    "exchange_error",
    `${name}'s answer does not hold what was asked for.`,
    "Try again; if it stays, look at the exchange's own site.",
    { retryable: true },
  );
}
