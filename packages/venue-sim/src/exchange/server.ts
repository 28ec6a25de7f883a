import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReceivedRequest } from "../ibkr-gateway/server.ts";
import type { ExchangeAssembly } from "./assemble.ts";
import { type RawRequest, type RequestOverrides, venueTime } from "./exchange.ts";
import type { ExchangeFaultAction, When } from "./faults.ts";
import { empty, html, json, type Reply } from "./reply.ts";

export interface ExchangeServerParts extends ExchangeAssembly {
  /** Handles /sim/…; answers whether the request was its own. */
  control: (request: IncomingMessage, response: ServerResponse, body: string) => boolean;
  port?: number;
}

const MOST_REQUESTS_KEPT = 20_000;

/** Plain HTTP on loopback: an exchange's certificate is nothing that a simulation has to prove. */
export async function startExchangeServer(
  parts: ExchangeServerParts,
): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    handle(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(parts, response, json({ simulator: String(error) }, 500), 0);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
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

async function handle(
  parts: ExchangeServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const url = request.url ?? "/";
  if (url.startsWith("/sim/") && parts.control(request, response, body)) return;
  const [path = "/", query = ""] = url.split("?", 2);
  const method = request.method ?? "GET";
  const received = remember(parts, { method, path: url, body, headers: request.headers });
  const outcome = run(parts, { method, path, query, body, headers: request.headers });
  if (outcome.kind === "hang") return;
  if (outcome.kind === "reset") {
    request.socket.destroy();
    return;
  }
  received.status = outcome.reply.status;
  if (outcome.delay > 0) await pause(outcome.delay);
  if (outcome.body === "cut") cut(parts, response, outcome.reply);
  else if (outcome.body === "whole") send(parts, response, outcome.reply, outcome.dateSkew);
  else await sendSlowly(parts, response, outcome.reply, outcome.body);
}

function remember(
  parts: ExchangeServerParts,
  request: Pick<ReceivedRequest, "method" | "path" | "body" | "headers">,
): ReceivedRequest {
  const { requests, exchange } = parts;
  const received: ReceivedRequest = {
    number: (requests.at(-1)?.number ?? 0) + 1,
    time: exchange.clock.now(),
    status: null,
    ...request,
  };
  requests.push(received);
  if (requests.length > MOST_REQUESTS_KEPT) requests.splice(0, requests.length - MOST_REQUESTS_KEPT);
  return received;
}

type Outcome =
  | { kind: "hang" }
  | { kind: "reset" }
  | {
      kind: "reply";
      reply: Reply;
      /** How the body goes out; a number is the milliseconds it comes after the headers. */
      body: "whole" | "cut" | number;
      delay: number;
      dateSkew: number;
    };

/** Runs a request through the faults and the exchange itself, in one go: requests never interleave. */
function run(parts: ExchangeServerParts, request: RawRequest): Outcome {
  const actions = parts.faults.meet(request.method, request.path);
  for (const action of actions) {
    if (action.type === "slow") parts.exchange.clock.advance(action.milliseconds);
    const instead = insteadOf(parts, action, "before");
    if (instead !== null) return instead;
  }
  parts.exchange.overrides = overridesFrom(actions);
  const outcome = plain(parts.dialect.answer(request));
  parts.exchange.overrides = {};
  for (const action of actions) {
    const instead = insteadOf(parts, action, "after");
    if (instead !== null) return instead;
    if (action.type === "cut-body") outcome.body = "cut";
    if (action.type === "slow-body") outcome.body = action.milliseconds;
    if (action.type === "delay") outcome.delay = action.milliseconds;
    if (action.type === "clock-skew") outcome.dateSkew = action.milliseconds;
  }
  return outcome;
}

function plain(reply: Reply): Extract<Outcome, { kind: "reply" }> {
  return { kind: "reply", reply, body: "whole", delay: 0, dateSkew: 0 };
}

/** What comes instead of the exchange's own answer at this moment; null when nothing does. */
function insteadOf(parts: ExchangeServerParts, action: ExchangeFaultAction, moment: When): Outcome | null {
  if (!("when" in action ? (action.when ?? "before") === moment : moment === "before")) return null;
  switch (action.type) {
    case "reset":
    case "hang":
      return { kind: action.type };
    case "status": {
      const usual = parts.dialect.statusReply(action.status);
      return plain({
        ...usual,
        ...(action.body === undefined ? {} : { body: action.body }),
        ...(action.contentType === undefined ? {} : { contentType: action.contentType }),
      });
    }
    case "empty-200":
      return plain(empty(200));
    case "html-200":
      return plain(html("Just a moment...", 200));
    case "empty-object-200":
      return plain(json({}));
    case "error":
      return plain(parts.dialect.errorReply(action));
    default:
      return null;
  }
}

function overridesFrom(actions: ExchangeFaultAction[]): RequestOverrides {
  const overrides: RequestOverrides = {};
  for (const action of actions) {
    if (action.type === "empty-list") overrides.emptyList = true;
    if (action.type === "stale-list") overrides.ordersLag = action.milliseconds;
    if (action.type === "partial-fill") overrides.fillCeiling = action.quantity;
    if (action.type === "no-fill") overrides.fillCeiling = "0";
  }
  return overrides;
}

function headersOf(parts: ExchangeServerParts, reply: Reply, dateSkew: number): Record<string, string> {
  return {
    date: new Date(venueTime(parts.exchange) + dateSkew).toUTCString(),
    ...(reply.contentType === null ? {} : { "content-type": reply.contentType }),
    ...parts.dialect.headers(),
    ...reply.headers,
    "content-length": String(Buffer.byteLength(reply.body)),
  };
}

function send(parts: ExchangeServerParts, response: ServerResponse, reply: Reply, dateSkew: number): void {
  response.writeHead(reply.status, headersOf(parts, reply, dateSkew));
  response.end(reply.body);
}

/** Promises the whole body, sends half of it, and hangs up. */
function cut(parts: ExchangeServerParts, response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, headersOf(parts, reply, 0));
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

async function sendSlowly(
  parts: ExchangeServerParts,
  response: ServerResponse,
  reply: Reply,
  milliseconds: number,
): Promise<void> {
  response.writeHead(reply.status, headersOf(parts, reply, 0));
  response.write(reply.body.slice(0, 1));
  await pause(milliseconds);
  response.end(reply.body.slice(1));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
