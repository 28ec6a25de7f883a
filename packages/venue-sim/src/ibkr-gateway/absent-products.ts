import type { Gateway, GatewayRequest } from "./gateway.ts";
import { empty, json, type Reply, webError } from "./reply.ts";

/** Futures, options and advisor accounts are not simulated; these are the venue's answers when it has none. */

export function getFutures(request: GatewayRequest, _gateway: Gateway): Reply {
  const symbols = (request.query.get("symbols") ?? "").split(",").filter((symbol) => symbol !== "");
  return json(Object.fromEntries(symbols.map((symbol) => [symbol, []])));
}

export function getStrikes(): Reply {
  return json({ call: [], put: [] });
}

export function setDynamicAccount(): Reply {
  return empty(401);
}

export function searchDynamicAccounts(): Reply {
  const text =
    "Details currently unavailable. Please try again later and contact client services if the issue persists.";
  return webError(503, text);
}
