import type { LookupFunction } from "node:net";
import type { Clock } from "trading-core/ports/clock";
import { buildConnector, Client, type Dispatcher, Pool } from "undici";
import type { GatewayAddress } from "./address.ts";
import { type Answer, type Failed, header, readAnswer } from "./answer.ts";

export interface WireRequest {
  method: "GET" | "POST" | "DELETE";
  /** Already built and encoded, with its query, without the gateway's prefix. */
  path: string;
  /** JSON text, or null for none. */
  body: string | null;
  timeoutMs: number;
  /** Ends the exchange like its time-out does. */
  signal?: AbortSignal;
}

/** HTTP to one gateway. It never throws for what the network or the gateway did. */
export interface Transport {
  exchange(request: WireRequest): Promise<Answer>;
  /** A connection of its own, established before it is needed, so that an order is sent at once or not at all. */
  connect(): Promise<Connection | Failed>;
  /** Venue time minus local time in milliseconds, from the last `Date` header; null before the first. */
  clockSkew: () => number | null;
  close: () => Promise<void>;
}

export interface Connection {
  kind: "connected";
  exchange(request: WireRequest): Promise<Answer>;
  close(): void;
}

type Socket = NonNullable<Parameters<buildConnector.Callback>[1]>;

const CONNECT_TIMEOUT_MS = 5000;
const LARGEST_BODY = 16 * 1024 * 1024;
const USER_AGENT = "ibkr-mcp";

/**
 * Opens nothing yet. With `ca` the gateway's certificate is verified against it; without, a self-signed
 * one is accepted on loopback only, where no other machine can stand in between.
 */
export function createTransport(
  address: GatewayAddress,
  ca: string | undefined,
  clock: Pick<Clock, "now">,
): Transport {
  const connector = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    ...(address.loopback && { lookup: loopbackLookup }),
    ...(ca === undefined ? address.loopback && { rejectUnauthorized: false } : { ca }),
  });
  // No redirects, no proxy and no retries: this pool has no interceptors and reads no environment.
  // Idle connections are given up before a gateway does, so that few requests meet a closing one.
  const options = { pipelining: 1, keepAliveTimeout: 2000, headersTimeout: 0, bodyTimeout: 0 };
  const pool = new Pool(address.origin, { ...options, connect: connector, connections: 6 });
  let skew: number | null = null;

  async function exchange(dispatcher: Dispatcher, request: WireRequest): Promise<Answer> {
    const began = clock.now();
    const raw = await send(dispatcher, address.prefix, request);
    if ("kind" in raw) return raw;
    const date = Date.parse(header(raw, "date"));
    // The header has whole seconds: half of one is added, and half of the round trip.
    if (Number.isFinite(date)) skew = Math.round(date + 500 - (began + clock.now()) / 2);
    return readAnswer(raw);
  }

  return {
    exchange: (request) => exchange(pool, request),
    async connect() {
      const { hostname, host, protocol, port } = new URL(address.origin);
      const target = { hostname: hostname.replace(/^\[|\]$/g, ""), host, protocol, port };
      const first = await new Promise<Socket | Error>((resolve) => {
        connector(target, (error, socket) => resolve(error ?? socket));
      });
      if (first instanceof Error) return failed(first, false, false);
      let ready: Socket | null = first;
      const client = new Client(address.origin, {
        ...options,
        connect(again, callback) {
          const socket = ready;
          ready = null;
          // Not at once: a client that is given its socket while it asks for it goes to sleep over it.
          if (socket !== null && !socket.destroyed) queueMicrotask(() => callback(null, socket));
          else connector(again, callback);
        },
      });
      return {
        kind: "connected",
        exchange: (request) => exchange(client, request),
        close() {
          ready?.destroy();
          void client.destroy();
        },
      };
    },
    clockSkew: () => skew,
    close: () => pool.destroy(),
  };
}

type Raw = Parameters<typeof readAnswer>[0];

/** One request and its whole answer within the time. Written at most once, whatever happens to the socket. */
function send(dispatcher: Dispatcher, prefix: string, request: WireRequest): Promise<Raw | Failed> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null;
    let sent = false;
    let expired = false;
    let answered: Omit<Raw, "body"> | null = null;
    let size = 0;
    const chunks: Buffer[] = [];

    const expire = () => {
      expired = true;
      if (controller) controller.abort(new Error("timeout"));
      // Still connecting: the request is given up when its turn comes, before its first byte.
      else finish(failed(new Error("no connection in time"), false, true));
    };
    let hurried = false;
    const hurry = () => {
      hurried = true;
      expire();
    };
    const timer = setTimeout(expire, request.timeoutMs);
    const finish = (answer: Raw | Failed) => {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", hurry);
      resolve(hurried && "kind" in answer ? { ...answer, detail: `${answer.detail}: ${ENDING}` } : answer);
    };
    if (request.signal?.aborted) return hurry();
    request.signal?.addEventListener("abort", hurry, { once: true });

    dispatcher.dispatch(
      {
        method: request.method,
        path: prefix + request.path,
        headers: {
          "user-agent": USER_AGENT,
          accept: "application/json, */*",
          ...(request.body !== null && { "content-type": "application/json" }),
        },
        body: request.body,
      },
      {
        onRequestStart(started) {
          // A client may put a request back in its queue when a socket is reset; an order must not be
          // written a second time, and nothing else needs to be.
          if (expired || sent) return started.abort(new Error(sent ? "reset" : "timeout"));
          sent = true;
          controller = started;
        },
        onResponseStart(_started, status, headers) {
          if (status >= 200) answered = { status, headers };
        },
        onResponseData(started, chunk) {
          size += chunk.length;
          if (size > LARGEST_BODY) started.abort(new Error("too large"));
          else chunks.push(chunk);
        },
        onResponseEnd() {
          if (answered === null) return finish(failed(new Error("no answer"), sent, expired));
          finish({ ...answered, body: Buffer.concat(chunks).toString("utf8") });
        },
        onResponseError(_started, error) {
          if (size > LARGEST_BODY) finish({ kind: "failed", sent, cause: "too_large", detail: TOO_LARGE });
          else if (answered !== null && !expired) finish(truncated(answered.status));
          else finish(failed(error, sent, expired));
        },
      },
    );
  });
}

const ENDING = "the server is ending";
const TOO_LARGE = "the gateway's answer was larger than any of its real answers";

function truncated(status: number): Failed {
  return {
    kind: "failed",
    sent: true,
    cause: "truncated",
    detail: `the connection broke in the middle of an HTTP ${status} answer`,
  };
}

function failed(error: Error, sent: boolean, expired: boolean): Failed {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (expired) {
    const detail = sent ? "no complete answer in time" : "no connection in time";
    return { kind: "failed", sent, cause: "timeout", detail };
  }
  if (sent) {
    return { kind: "failed", sent, cause: "reset", detail: `the connection was lost (${code || "reset"})` };
  }
  const cause = /CERT|SIGNED|TLS|ALTNAME|SSL/.test(code) ? "certificate" : "unreachable";
  return { kind: "failed", sent, cause, detail: `no connection to the gateway (${code || error.message})` };
}

/**
 * "localhost" without asking anybody: the gateway listens on IPv4, so that address comes first. Other
 * names never get here, because only loopback addresses use this.
 */
const loopbackLookup: LookupFunction = (hostname, options, callback) => {
  const addresses =
    hostname === "localhost"
      ? [
          { address: "127.0.0.1", family: 4 },
          { address: "::1", family: 6 },
        ]
      : [{ address: hostname, family: hostname.includes(":") ? 6 : 4 }];
  const first = addresses[0] as { address: string; family: number };
  if (options.all) callback(null, addresses);
  else callback(null, first.address, first.family);
};
