import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PinnedPrice } from "../market/market.ts";
import type { ExchangeControl, ExchangeFault } from "./control.ts";

interface ControlCall {
  control: ExchangeControl;
  token: string;
  /** Takes over a response that stays open for as long as its client lives. */
  onAttach: (response: ServerResponse) => void;
  request: IncomingMessage;
  response: ServerResponse;
  body: string;
}

type Body = Record<string, unknown>;

/** Endpoints of the control surface; the answer to each is JSON. */
const ENDPOINTS: Record<string, (control: ExchangeControl, body: Body) => unknown> = {
  "GET /sim/health": () => ({ ok: true, pid: process.pid }),
  "GET /sim/state": (control) => control.state(),
  "GET /sim/requests": (control) => ({ requests: control.requests() }),
  "DELETE /sim/requests": (control) => control.clearRequests(),
  "POST /sim/clock": (control, body) => {
    if (typeof body.advance === "number") control.advance(body.advance);
    if (typeof body.set === "string" || typeof body.set === "number") control.setTime(body.set);
    return { time: control.state().time };
  },
  "POST /sim/faults": (control, body) => {
    control.faults.add(faultFrom(body));
  },
  "DELETE /sim/faults": (control) => control.faults.clear(),
  "POST /sim/price": (control, body) => {
    const { symbol, ...price } = body;
    control.setPrice(String(symbol), price as unknown as PinnedPrice);
  },
  "DELETE /sim/price": (control) => control.unpinPrice(),
  "POST /sim/halted": (control, body) => control.setHalted(String(body.symbol), body.halted === true),
  "POST /sim/balance": (control, body) => control.setBalance(String(body.asset), String(body.quantity)),
  "POST /sim/configure": (control, body) => control.configure(body),
  "POST /sim/reset": (control) => control.reset(),
};

/** A fault in JSON: its path may be `{"pattern": "…"}` for a regular expression, its count null for all. */
function faultFrom(body: Body): ExchangeFault {
  const path = body.path as string | { pattern: string } | undefined;
  return {
    ...(body as unknown as ExchangeFault),
    ...(typeof path === "object" ? { path: new RegExp(path.pattern) } : {}),
    ...(body.count === null ? { count: Number.POSITIVE_INFINITY } : {}),
  };
}

/** Answers /sim/…; everything else is the exchange's. */
export function answerExchangeControl(call: ControlCall): boolean {
  const path = (call.request.url ?? "").split("?")[0] ?? "";
  const endpoint = ENDPOINTS[`${call.request.method} ${path}`];
  const reply = (status: number, value: unknown) => {
    call.response.writeHead(status, { "content-type": "application/json" });
    call.response.end(JSON.stringify(value ?? { ok: true }));
    return true;
  };
  if (!isAuthorized(call)) return reply(403, { error: "x-sim-token is missing or wrong" });
  if (call.request.method === "GET" && path === "/sim/attach") {
    call.response.writeHead(200, { "content-type": "text/plain" });
    call.response.write("attached\n");
    call.onAttach(call.response);
    return true;
  }
  if (endpoint === undefined) return reply(404, { error: `no such control: ${call.request.method} ${path}` });
  try {
    return reply(200, endpoint(call.control, call.body === "" ? {} : (JSON.parse(call.body) as Body)));
  } catch (error) {
    // A lever that was pulled wrongly: neither an entry nor an exit passes here.
    return reply(400, { error: String(error) });
  }
}

function isAuthorized(call: ControlCall): boolean {
  const given = Buffer.from(String(call.request.headers["x-sim-token"] ?? ""));
  const wanted = Buffer.from(call.token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
