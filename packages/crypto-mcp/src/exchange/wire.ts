import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Clock } from "trading-core/ports/clock";

export interface WireRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | null;
  /** Over everything: connecting, asking, and the answer to its last byte. Milliseconds. */
  timeoutMs: number;
  /** A connection of its own: nobody can close it in the moment in which it is used. */
  fresh: boolean;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}

export interface WireAnswer {
  status: number;
  statusText: string;
  headers: Record<string, string>;
  body: string;
}

/** No whole answer. `sent` is false only where it is proven that no byte of the request left. */
export class WireError extends Error {
  readonly code: string;
  readonly sent: boolean;

  constructor(code: string, message: string, sent: boolean) {
    super(message);
    this.name = "WireError";
    this.code = code;
    this.sent = sent;
  }
}

/** HTTP to one exchange. */
export interface Wire {
  /** Throws a WireError; never follows a redirect, never asks a second time, never goes through a proxy. */
  exchange(request: WireRequest): Promise<WireAnswer>;
  /** Venue time minus local time in milliseconds, from the last `Date` header; null before the first. */
  clockSkew: () => number | null;
  close: () => void;
}

const LARGEST_BODY = 64 * 1024 * 1024;
const USER_AGENT = "crypto-mcp";
const unzip = promisify(gunzip);

/**
 * @param origins the only places that a request may go to, such as "https://api.kraken.com": whatever a
 *   library's tables say, nothing signed leaves for another host
 */
export function createWire(origins: readonly string[], clock: Pick<Clock, "now">): Wire {
  const http = new HttpAgent({ keepAlive: true, maxSockets: 6, timeout: 4_000 });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: 6, timeout: 4_000 });
  let skew: number | null = null;

  return {
    async exchange(request) {
      const url = new URL(request.url);
      if (!origins.includes(url.origin)) {
        const allowed = origins.join(", ");
        throw new WireError(
          "wrong_host",
          `a request to ${url.origin} was stopped; allowed: ${allowed}`,
          false,
        );
      }
      const secure = url.protocol === "https:";
      const agent = request.fresh ? false : secure ? https : http;
      const began = clock.now();
      const answer = await send(request, url, secure, agent);
      const date = Date.parse(answer.headers.date ?? "");
      // The header has whole seconds: half of one is added, and half of the round trip.
      if (Number.isFinite(date)) skew = Math.round(date + 500 - (began + clock.now()) / 2);
      return answer;
    },
    clockSkew: () => skew,
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

function send(
  request: WireRequest,
  url: URL,
  secure: boolean,
  agent: HttpAgent | HttpsAgent | false,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    let sent = false;
    let settled = false;
    const start = secure ? requestHttps : requestHttp;
    const outgoing: ClientRequest = start(url, {
      method: request.method,
      agent: agent === false ? false : (agent as HttpAgent),
      headers: {
        ...request.headers,
        "user-agent": USER_AGENT,
        accept: "application/json",
        "accept-encoding": "gzip",
        ...(request.body !== null && { "content-length": String(Buffer.byteLength(request.body)) }),
      },
    });
    const timer = setTimeout(() => {
      const what = sent ? "no complete answer" : "no connection";
      fail(new WireError("timeout", `${what} within ${request.timeoutMs} ms`, sent));
    }, request.timeoutMs);

    const letGo = () => fail(new WireError("not_awaited", "the server is ending and waits no longer", sent));
    function end(): void {
      settled = true;
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", letGo);
    }
    function fail(error: WireError): void {
      if (settled) return;
      end();
      outgoing.destroy();
      reject(error);
    }
    function failWith(error: NodeJS.ErrnoException): void {
      const code = error.code ?? "failed";
      const what = sent ? "the connection was lost" : "no connection";
      fail(new WireError(sent ? "connection_lost" : "unreachable", `${what} (${code})`, sent));
    }

    outgoing.on("error", failWith);
    if (request.signal?.aborted) return letGo();
    request.signal?.addEventListener("abort", letGo, { once: true });
    outgoing.on("socket", (socket) => {
      // Bytes are written as soon as there is a connection: from then on nothing proves that none left.
      const connected = () => {
        sent = true;
      };
      if (socket.connecting) socket.once(secure ? "secureConnect" : "connect", connected);
      else connected();
    });
    outgoing.on("response", (incoming) => {
      sent = true;
      whole(incoming).then(
        (answer) => {
          if (settled) return;
          end();
          resolve(answer);
        },
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          fail(new WireError("incomplete", `the answer broke off (${reason})`, true));
        },
      );
    });
    outgoing.end(request.body ?? undefined);
  });
}

async function whole(incoming: IncomingMessage): Promise<WireAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_BODY) throw new Error("it was larger than any real answer");
    chunks.push(chunk as Buffer);
  }
  const raw = Buffer.concat(chunks);
  const body =
    incoming.headers["content-encoding"] === "gzip"
      ? await unzip(raw, { maxOutputLength: LARGEST_BODY })
      : raw;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? "",
    headers,
    body: body.toString("utf8"),
  };
}
