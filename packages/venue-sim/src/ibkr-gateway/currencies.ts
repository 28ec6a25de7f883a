import type { Gateway, GatewayRequest } from "./gateway.ts";
import { json, type Reply, webError } from "./reply.ts";

/** US dollars per unit; fixed, since the simulator trades no currencies. */
const IN_DOLLARS: Record<string, number> = {
  USD: 1,
  EUR: 1.154,
  GBP: 1.3121,
  CHF: 1.2436,
  CAD: 0.7121,
  AUD: 0.6489,
  JPY: 0.006402,
  NZD: 0.5604,
  HKD: 0.12853,
  CNH: 0.14068,
  MXN: 0.05461,
};

const PAIRS = [
  { symbol: "USD.CHF", conid: 12087820 },
  { symbol: "EUR.USD", conid: 12087792 },
  { symbol: "GBP.USD", conid: 12087797 },
  { symbol: "USD.JPY", conid: 15016059 },
  { symbol: "AUD.USD", conid: 14433401 },
  { symbol: "USD.CAD", conid: 15016062 },
  { symbol: "NZD.USD", conid: 39453441 },
  { symbol: "USD.HKD", conid: 12345777 },
  { symbol: "USD.CNH", conid: 113342317 },
];

export function getExchangeRate(request: GatewayRequest, _gateway: Gateway): Reply {
  const source = IN_DOLLARS[request.query.get("source") ?? ""];
  const target = IN_DOLLARS[request.query.get("target") ?? ""];
  if (source === undefined || target === undefined) return webError(400, "Bad Request: unknown currency");
  return json({ rate: Number((source / target).toFixed(8)) });
}

export function getCurrencyPairs(request: GatewayRequest, _gateway: Gateway): Reply {
  const currency = request.query.get("currency") ?? "";
  const rows = PAIRS.filter(({ symbol }) => symbol.split(".").includes(currency)).map((pair) => ({
    ...pair,
    ccyPair: pair.symbol.split(".").find((part) => part !== currency) ?? currency,
  }));
  return json({ [currency]: rows });
}
