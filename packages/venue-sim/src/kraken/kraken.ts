import type { Dialect, Exchange, RawRequest } from "../exchange/exchange.ts";
import { empty, html, json, Refusal, type Reply } from "../exchange/reply.ts";
import { createCallCounter } from "./call-counter.ts";
import { krakenError, refuse } from "./errors.ts";
import { orderIdOf, statusOf } from "./order-rows.ts";
import { readParameters } from "./parameters.ts";
import { PRIVATE, PUBLIC } from "./routes.ts";
import { createGate } from "./signature.ts";

/**
 * A spot exchange that speaks as Kraken does: errors with status 200, orders answered with an id alone, unknown
 * parameters ignored. A closing order comes with the whole fill of what it closes, where the real exchange makes
 * one for each part. No margin, no trailing limits, no batches, no fees in the base asset.
 */
export function createKraken(exchange: Exchange): Dialect {
  const gate = createGate(exchange);
  const counter = createCallCounter(exchange);

  function respond(request: RawRequest): unknown {
    const [, version, access, name = ""] = request.path.split("/");
    const parameters = readParameters(request.query, request.body);
    if (version === "0" && access === "public") {
      return (PUBLIC[name] ?? unknownMethod())(exchange, parameters);
    }
    if (version !== "0" || access !== "private" || request.method !== "POST") return unknownMethod();
    const { cost, handler } = PRIVATE[name] ?? unknownMethod();
    gate.authorize(request, parameters);
    counter.count(cost);
    return handler(exchange, parameters);
  }

  return {
    answer: (request) => {
      try {
        return json({ error: [], result: respond(request) });
      } catch (error) {
        // An entry is refused as the exchange refuses it; what is no refusal is the simulator's own fault.
        if (error instanceof Refusal) return error.reply;
        return json({ simulator: String(error) }, 500);
      }
    },
    headers: () => ({ server: "cloudflare", "cf-cache-status": "DYNAMIC" }),
    statusReply,
    errorReply: ({ message, status }) => krakenError(message, status),
    orderIdOf,
    statusOf,
    reset: () => {
      gate.reset();
      counter.reset();
    },
  };
}

const unknownMethod = (): never => refuse("EGeneral:Unknown method");

/** Statuses come from the network in front of the exchange, which answers in HTML. */
function statusReply(status: number): Reply {
  if (status === 302) return empty(302, { location: "https://www.kraken.com/maintenance" });
  return html(TITLES[status] ?? String(status), status);
}

const TITLES: Record<number, string> = {
  403: "403 Forbidden",
  429: "429 Too Many Requests",
  502: "502 Bad Gateway",
  503: "503 Service Temporarily Unavailable",
  504: "504 Gateway Time-out",
  520: "520: Web server is returning an unknown error",
};
