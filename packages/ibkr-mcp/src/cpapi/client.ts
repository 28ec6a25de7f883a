import { join } from "node:path";
import { TradingError } from "trading-core/domain/errors";
import type { Clock } from "trading-core/ports/clock";
import { gatewayAddress } from "./address.ts";
import type { Answer } from "./answer.ts";
import { failureOf, rateLimited } from "./failures.ts";
import { busy, createLine } from "./line.ts";
import { type Admission, type AlreadyDone, createPacing } from "./pacing.ts";
import { queryString } from "./path.ts";
import { createTransport, type Transport } from "./transport.ts";

export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface ClientOptions {
  baseUrl: string;
  /** PEM of the certificate that the gateway must show; without it a self-signed one is taken on loopback. */
  ca?: string;
  /** The folder in which processes of this machine share pacing and the line. */
  stateDir: string;
  /** How long an ordinary read may take. */
  timeoutMs: number;
  clock: Clock;
  logger?: Logger;
}

export interface Call {
  method: "GET" | "POST" | "DELETE";
  /** From `route`, without query. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  timeoutMs?: number;
  /** Ends the waiting for an answer before its time; what was sent stays sent. */
  signal?: AbortSignal;
  /** Called when the request goes out, after whatever it had to wait for; again if it is repeated. */
  onStart?: () => void;
}

/** One order conversation: the line is this process's own, and so is the connection. */
export interface Conversation {
  send(call: Call): Promise<Answer>;
  exitWaits: () => boolean;
  /** Milliseconds for which the line is still held. */
  left: () => number;
}

/** Requests to one gateway, paced and in turn with every other process on this machine. */
export interface GatewayClient {
  /** One ordinary request; throws only when it may not be sent now (`busy`, `rate_limited`). */
  call(call: Call): Promise<Answer>;
  /**
   * One request that only one process of this machine needs to make: null, and nothing sent, where any of them
   * made it within the last `milliseconds`. Throws like `call`.
   */
  callUnlessDone(call: Call, milliseconds: number): Promise<Answer | null>;
  /** The JSON body of one ordinary request; throws a TradingError for everything else that comes back. */
  read(call: Call): Promise<unknown>;
  /**
   * Takes the line for an order. Everything that can fail without an order does so before `run`: the
   * line, the pacing and the connection; what is thrown from here means that nothing was sent.
   */
  converse<T>(isExit: boolean, run: (conversation: Conversation) => Promise<T>): Promise<T>;
  lockedUntil: () => number | null;
  /** The folder in which this machine's processes share what they know of this gateway. */
  folder: string;
  clockSkew: () => number | null;
  /** Calls `heal` once when a read is refused for an unprimed session, and `lost` when a session is gone. */
  onSessionTrouble(handler: { heal(): Promise<void>; lost(code: string): void }): void;
  close: () => Promise<void>;
}

/** The gateway proxies five requests at a time; one place stays free for an order. */
const MAX_IN_FLIGHT = 4;
const LOST = new Set(["not_logged_in", "brokerage_session_down", "competing_session", "accounts_not_primed"]);

export function createClient(options: ClientOptions): GatewayClient {
  const { clock } = options;
  const address = gatewayAddress(options.baseUrl);
  const folder = join(options.stateDir, "gateways", address.folder);
  const warn = (fields: Record<string, unknown>, text: string) => options.logger?.warn(fields, text);
  const pacing = createPacing({ folder, clock, warn });
  const line = createLine({ folder, clock, warn });
  const transport = createTransport(address, options.ca, clock);
  const slots = semaphore(MAX_IN_FLIGHT, clock);
  let trouble: Parameters<GatewayClient["onSessionTrouble"]>[0] | null = null;

  function wire(call: Call) {
    return {
      method: call.method,
      path: call.path + queryString(call.query),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      timeoutMs: call.timeoutMs ?? options.timeoutMs,
      ...(call.signal && { signal: call.signal }),
    };
  }

  /** Looks at every answer once: a 429 silences this machine, a lost session is known everywhere at once. */
  function note(call: Call, answer: Answer): void {
    if (answer.kind !== "failed" && answer.status === 429) {
      const until = pacing.punish();
      warn({ path: call.path, until }, "IBKR answered 429; no request for 15 minutes");
    }
    const failure = failureOf(answer, call);
    if (failure && LOST.has(failure.code)) trouble?.lost(failure.code);
    options.logger?.debug(
      { method: call.method, path: call.path, failure: failure?.code },
      "gateway request",
    );
  }

  /** @param began when its place within the limits was asked for, which may be a while ago */
  async function exchange(way: Pick<Transport, "exchange">, request: Call, began: number): Promise<Answer> {
    const ended = pacing.underWay(endpoint(request), began);
    try {
      return await way.exchange(wire(request));
    } finally {
      ended();
    }
  }

  async function call(request: Call): Promise<Answer> {
    const answer = await admitted(request, () => pacing.take(endpoint(request)));
    if (answer === null) throw busy();
    return answer;
  }

  function callUnlessDone(request: Call, milliseconds: number): Promise<Answer | null> {
    return admitted(request, () => pacing.takeUnlessDone(endpoint(request), milliseconds));
  }

  /** Null where `take` says that it is done already. */
  async function admitted(request: Call, take: () => Admission | AlreadyDone): Promise<Answer | null> {
    const slot = await slots();
    if (slot === null) throw busy();
    try {
      let began = clock.now();
      const place = await line.enterUnlessDone(() => {
        began = clock.now();
        return take();
      });
      if (place === null) return null;
      try {
        request.onStart?.();
        const answer = await exchange(transport, request, began);
        note(request, answer);
        return answer;
      } finally {
        place.release();
      }
    } finally {
      slot();
    }
  }

  async function read(request: Call): Promise<unknown> {
    let answer = await call(request);
    if (request.method === "GET" && mayRepeat(request, answer)) {
      await clock.sleep(1000);
      answer = await call(request);
    }
    let failure = failed(request, answer);
    if (failure?.code === "accounts_not_primed" && trouble && request.path !== "/iserver/accounts") {
      await trouble.heal();
      answer = await call(request);
      failure = failed(request, answer);
    }
    if (failure) throw failure;
    return answer.kind === "json" ? answer.body : null;
  }

  function failed(request: Call, answer: Answer): TradingError | null {
    return failureOf(answer, { ...request, boxedUntil: pacing.lockedUntil() });
  }

  async function converse<T>(isExit: boolean, run: (conversation: Conversation) => Promise<T>): Promise<T> {
    const until = pacing.lockedUntil();
    if (until !== null) throw rateLimited(until);
    const held = await line.converse(isExit);
    try {
      let began = await admit("POST /iserver/account/orders");
      const connection = await transport.connect();
      if (connection.kind === "failed") throw failureOf(connection, { method: "", path: "" });
      try {
        let first = true;
        return await run({
          exitWaits: held.exitWaits,
          left: held.left,
          async send(request) {
            // A reply goes out in any case: unanswered, the order would be in the air.
            if (!first) began = await admit(endpoint(request)).catch(() => clock.now());
            first = false;
            const answer = await exchange(connection, request, began);
            note(request, answer);
            return answer;
          },
        });
      } finally {
        connection.close();
      }
    } finally {
      held.release();
    }
  }

  /**
   * A place for a request of the conversation, which holds the entrance already: only the global window
   * applies. Answers when it was taken.
   */
  async function admit(name: string): Promise<number> {
    for (let tries = 0; tries < 20; tries += 1) {
      const began = clock.now();
      const admission = pacing.take(name);
      if (admission.kind === "go") return began;
      if (admission.kind === "boxed") throw rateLimited(admission.until);
      await clock.sleep(Math.min(admission.milliseconds, 1200));
    }
    throw new TradingError("rate_limited", "No place for an order within IBKR's limits.", "Call again.", {
      retryable: true,
    });
  }

  return {
    call,
    callUnlessDone,
    read,
    converse,
    lockedUntil: pacing.lockedUntil,
    folder,
    clockSkew: transport.clockSkew,
    onSessionTrouble(handler) {
      trouble = handler;
    },
    close: transport.close,
  };
}

function endpoint(call: Call): string {
  return `${call.method} ${call.path}`;
}

/** A 503 to a read may be asked again once, except an order's status, where it means "unknown order". */
function mayRepeat(call: Call, answer: Answer): boolean {
  if (answer.kind === "failed" || call.path.startsWith("/iserver/account/order/status/")) return false;
  return answer.status === 503 || answer.status === 423;
}

const SLOT_WAIT_MS = 12_000;

/** At most `size` at a time; the rest wait in order. Answers with what frees the place, null after 12 s. */
function semaphore(size: number, clock: Clock): () => Promise<(() => void) | null> {
  let free = size;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async () => {
    if (free > 0) {
      free -= 1;
      return release;
    }
    const woken = new AbortController();
    const turn = () => woken.abort();
    waiting.push(turn);
    await clock.sleep(SLOT_WAIT_MS, woken.signal);
    if (woken.signal.aborted) return release;
    waiting.splice(waiting.indexOf(turn), 1);
    return null;
  };
}
