import type { Exchange } from "../exchange/exchange.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { missing, refuse } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

/** The pair that a request is about. */
export function symbolIn(exchange: Exchange, parameters: Parameters): SpotPair {
  return pairNamed(exchange, parameters.text("symbol") ?? missing("symbol"));
}

export function pairNamed(exchange: Exchange, symbol: string): SpotPair {
  if (!/^[A-Z0-9_.-]{1,20}$/.test(symbol)) {
    refuse(-1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.");
  }
  return exchange.pairs.find((pair) => pair.symbol === symbol) ?? refuse(-1121, "Invalid symbol.");
}

/** What `symbol` or `symbols` name; all pairs when neither was sent. */
export function symbolsIn(exchange: Exchange, parameters: Parameters): readonly SpotPair[] {
  if (parameters.has("symbol") && parameters.has("symbols")) {
    refuse(
      -1128,
      "Combination of optional parameters invalid. Recommendation: only one of 'symbol' or 'symbols'.",
    );
  }
  if (parameters.has("symbol")) return [symbolIn(exchange, parameters)];
  const list = parameters.text("symbols");
  return list === undefined ? exchange.pairs : symbolList(list).map((symbol) => pairNamed(exchange, symbol));
}

function symbolList(text: string): string[] {
  const illegal = () => refuse(-1100, "Illegal characters found in parameter 'symbols'.");
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return illegal();
  }
  return Array.isArray(list) && list.every((entry) => typeof entry === "string") ? list : illegal();
}
