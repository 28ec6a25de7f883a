import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { FaultAction, Faults } from "../faults.ts";
import type { Certificate } from "./certificate.ts";
import { dispatch, type RawRequest } from "./dispatch.ts";
import type { Gateway, RequestOverrides } from "./gateway.ts";
import type { Pacing } from "./pacing.ts";
import { brokerError, empty, loginPage, type Reply } from "./reply.ts";

/** A request as it came in, for tests that assert what was and what was not sent. */
export interface ReceivedRequest {
  /** 1 for the first one. */
  number: number;
  /** The simulator's clock, epoch milliseconds. */
  time: number;
  method: string;
  /** With query, without the base path. */
  path: string;
  body: string;
  headers: Record<string, string | string[] | undefined>;
  /** What was answered; null while it runs, or when nothing ever was. */
  status: number | null;
}

export interface ServerParts {
  gateway: Gateway;
  faults: Faults;
  pacing: Pacing;
  certificate: Certificate;
  requests: ReceivedRequest[];
  /** Handles /sim/…; answers whether the request was its own. */
  control: (request: IncomingMessage, response: ServerResponse, body: string) => boolean;
  port?: number;
}

export interface RunningServer {
  port: number;
  server: Server;
  close(): Promise<void>;
}

const MOST_REQUESTS_KEPT = 20_000;

export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const server = createServer(
    { key: parts.certificate.key, cert: parts.certificate.certificate, keepAliveTimeout: 60_000 },
    (request, response) => {
      handle(parts, request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else send(parts, response, brokerError(String(error), 500));
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        // Whoever was still in the TLS handshake is no connection yet that could be closed below, and would
        // be served by a gateway that nobody can reach any more.
        server.on("secureConnection", (socket) => socket.destroy());
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function handle(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const url = request.url ?? "/";
  if (url.startsWith("/sim/") && parts.control(request, response, body)) return;
  const method = request.method ?? "GET";
  const path = url.replace(/^\/v1\/(api|portal)\//, "");
  const received = remember(parts, { method, path, body, headers: request.headers });
  const reply = await answer(
    parts,
    {
      method,
      url,
      // The real gateway loses chunked bodies: only those with a length arrive.
      body: request.headers["transfer-encoding"] === undefined ? body : "",
      userAgent: request.headers["user-agent"],
      contentType: request.headers["content-type"],
    },
    path.split("?")[0] ?? "",
  );
  if (reply.kind === "silence") return;
  if (reply.kind === "reset") {
    request.socket.destroy();
    return;
  }
  received.status = reply.reply.status;
  if (reply.kind === "cut") cut(parts, response, reply.reply);
  else send(parts, response, reply.reply, reply.dateSkew);
}

function remember(
  parts: ServerParts,
  request: Pick<ReceivedRequest, "method" | "path" | "body" | "headers">,
): ReceivedRequest {
  const { requests } = parts;
  const received: ReceivedRequest = {
    number: (requests.at(-1)?.number ?? 0) + 1,
    time: parts.gateway.clock.now(),
    status: null,
    ...request,
  };
  requests.push(received);
  if (requests.length > MOST_REQUESTS_KEPT) requests.splice(0, requests.length - MOST_REQUESTS_KEPT);
  return received;
}

type Outcome =
  | { kind: "reply"; reply: Reply; dateSkew: number }
  | { kind: "cut"; reply: Reply }
  | { kind: "reset" }
  | { kind: "silence" };

/** Runs a request through pacing, faults and the gateway itself. */
async function answer(parts: ServerParts, raw: RawRequest, path: string): Promise<Outcome> {
  const { gateway, faults, pacing } = parts;
  const plain = (reply: Reply): Outcome => ({ kind: "reply", reply, dateSkew: 0 });
  if (pacing.refuses(raw.method, path)) return plain(brokerError("Too many requests", 429));
  const actions = faults.meet(raw.method, path);
  for (const action of actions) {
    const before = beforeHandler(parts, action);
    if (before !== null) return before;
  }
  gateway.overrides = overridesFrom(actions);
  let running: Reply | Promise<Reply>;
  try {
    running = dispatch(raw, gateway);
  } finally {
    // Handlers read their overrides before they first wait.
    gateway.overrides = {};
  }
  let outcome = plain(await running);
  for (const action of actions) outcome = await afterHandler(action, outcome);
  return outcome;
}

/** What happens instead of the handler; null when the handler is to run. */
function beforeHandler(parts: ServerParts, action: FaultAction): Outcome | null {
  const plain = (reply: Reply): Outcome => ({ kind: "reply", reply, dateSkew: 0 });
  switch (action.type) {
    case "503-before":
      return plain(empty(503, 10_000));
    case "status":
      return plain({
        status: action.status,
        body: action.body ?? "",
        contentType:
          action.contentType === undefined ? "application/json; charset=utf-8" : action.contentType,
      });
    case "empty-200":
      return plain(empty(200));
    case "login-page-200":
      return plain(loginPage());
    case "error-200":
      return plain(brokerError(action.error));
    case "429":
      parts.pacing.box();
      return plain(brokerError("Too many requests", 429));
    case "reset":
      return { kind: "reset" };
    case "silence":
      return { kind: "silence" };
    case "session-lost":
      parts.gateway.session.set(action.state ?? "sso_only");
      return null;
    case "slow":
      parts.gateway.clock.advance(action.milliseconds);
      return null;
    default:
      return null;
  }
}

function overridesFrom(actions: FaultAction[]): RequestOverrides {
  const overrides: RequestOverrides = {};
  for (const action of actions) {
    if (action.type === "empty-list") overrides.emptyList = true;
    if (action.type === "stale-list") overrides.ordersLag = action.milliseconds;
    if (action.type === "positions-lag") overrides.positionsLag = action.milliseconds;
    if (action.type === "is-paper") overrides.isPaper = { value: action.value };
    if (action.type === "wrong-account") overrides.wrongAccount = action.account;
    if (action.type === "reject") overrides.rejectOrder = action.text;
    if (action.type === "partial-fill") overrides.fillCeiling = action.quantity;
    if (action.type === "no-fill") overrides.fillCeiling = "0";
    if (action.type === "half-bracket") overrides.ticketsLanding = action.tickets;
  }
  return overrides;
}

async function afterHandler(action: FaultAction, outcome: Outcome): Promise<Outcome> {
  if (outcome.kind !== "reply") return outcome;
  switch (action.type) {
    case "503-after-landing":
      return { ...outcome, reply: empty(503, 10_000) };
    case "body-cut":
      return { kind: "cut", reply: outcome.reply };
    case "reset-after-landing":
      return { kind: "reset" };
    case "silence-after-landing":
      return { kind: "silence" };
    case "clock-skew":
      return { ...outcome, dateSkew: action.milliseconds };
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, action.milliseconds));
      return outcome;
    default:
      return outcome;
  }
}

function headersOf(parts: ServerParts, reply: Reply, dateSkew: number): Record<string, string> {
  const responseTime = reply.responseTime ?? (reply.status === 404 ? 0 : 20 + (reply.body.length % 80));
  return {
    date: new Date(parts.gateway.clock.now() + dateSkew).toUTCString(),
    "referrer-policy": "Origin-when-cross-origin",
    ...(reply.contentType === null ? {} : { "content-type": reply.contentType }),
    "x-response-time": `${responseTime}ms`,
    "x-content-type-options": "nosniff",
    "cache-control": "max-age=0, no-cache, no-store",
    pragma: "no-cache",
    "strict-transport-security": "max-age=600 ; includeSubDomains",
    vary: "Accept-Encoding,Origin",
    ...(reply.status >= 400 ? { connection: "close" } : {}),
    ...reply.headers,
  };
}

function send(parts: ServerParts, response: ServerResponse, reply: Reply, dateSkew = 0): void {
  const headers = headersOf(parts, reply, dateSkew);
  response.writeHead(reply.status, { ...headers, "content-length": String(Buffer.byteLength(reply.body)) });
  response.end(reply.body);
}

/** Promises the whole body, sends half of it, and hangs up. */
function cut(parts: ServerParts, response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...headersOf(parts, reply, 0), "content-length": String(body.length) });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}
