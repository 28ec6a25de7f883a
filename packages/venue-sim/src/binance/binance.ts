import type { Dialect, Exchange, RawRequest } from "../exchange/exchange.ts";
import { empty, html, json, Refusal, type Reply } from "../exchange/reply.ts";
import { binanceError, refuse } from "./errors.ts";
import { createLimits, type Limits } from "./limits.ts";
import { numberOf, statusOf } from "./order-words.ts";
import { readParameters } from "./parameters.ts";
import { ROUTES, type Route } from "./routes.ts";
import { authorize } from "./signature.ts";

/**
 * A spot exchange that speaks as Binance does. It has no iceberg, pegged or amended orders, no lists whose second
 * order is paid by the first (OPO), no trailing take-profits, no BNB for fees and no streams, and says so where
 * it is asked. A resting order that the market jumps over is filled at the market's price, not at its own.
 */
export function createBinance(exchange: Exchange): Dialect {
  const limits = createLimits(exchange);
  return {
    answer: (request) => {
      try {
        return json(respond(exchange, limits, request));
      } catch (error) {
        // An entry is refused as the exchange refuses it; what is no refusal is the simulator's own fault.
        if (error instanceof Refusal) return error.reply;
        return json({ simulator: String(error) }, 500);
      }
    },
    headers: () => ({ server: "nginx", "x-mbx-uuid": UUID, ...limits.headers() }),
    statusReply,
    errorReply: ({ message, code, status }) => binanceError(code ?? -1000, message, status),
    orderIdOf: (order) => String(numberOf(order)),
    statusOf: (order) => statusOf(exchange, order),
    reset: () => limits.reset(),
  };
}

const UUID = "00000000-0000-4000-8000-000000000000";

function respond(exchange: Exchange, limits: Limits, request: RawRequest): unknown {
  const route = routeOf(request);
  const parameters = readParameters(request.query, request.body);
  limits.count(route.weight(parameters));
  if (route.signed) authorize(exchange, request, parameters);
  const read = parameters.names().filter((name) => route.reads.includes(name)).length;
  const sent = parameters.names().length;
  if (read < sent) {
    refuse(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`);
  }
  return route.handler(exchange, parameters, limits);
}

function routeOf({ method, path }: RawRequest): Route {
  const route = ROUTES[`${method} ${path}`];
  if (route === undefined) throw new Refusal(html("404 Not found", 404));
  return route;
}

/** What this exchange, or the network in front of it, sends with a status. */
function statusReply(status: number): Reply {
  switch (status) {
    case 302:
      return empty(302, { location: "https://www.binance.com/en/maintenance" });
    case 403:
      return html("403 Forbidden", 403);
    case 418:
      return withRetry(
        binanceError(
          -1003,
          "Way too much request weight used; IP banned until 1789999999999. Please use WebSocket Streams for live updates to avoid bans.",
          418,
        ),
        120,
      );
    case 429:
      return withRetry(binanceError(-1003, "Too many requests queued.", 429), 30);
    case 451:
      return json({ code: 0, msg: "Service unavailable from a restricted location." }, 451);
    case 503:
      return binanceError(-1000, "Unknown error, please check your request or try again later.", 503);
    default:
      return html(`${status} ${status === 504 ? "Gateway Time-out" : "Bad Gateway"}`, status);
  }
}

function withRetry(reply: Reply, seconds: number): Reply {
  return { ...reply, headers: { "retry-after": String(seconds) } };
}
