import type { RequestFilter } from "../control.ts";
import type { ReceivedRequest } from "../ibkr-gateway/server.ts";
import { Big } from "../market/decimal.ts";
import { findPair } from "../market/spot-pairs.ts";
import type { ExchangeAssembly } from "./assemble.ts";
import type { ExchangeControl } from "./control.ts";
import { exchangeTruth } from "./truth.ts";

/** The levers of an assembled exchange. */
export function buildExchangeControl(assembly: ExchangeAssembly): ExchangeControl {
  const { exchange, dialect, faults, requests } = assembly;
  const { clock, engine, market } = exchange;
  const numberOf = (symbol: string) => {
    const pair = findPair(exchange.pairs, symbol);
    if (pair === undefined) throw new Error(`the simulated exchange lists no ${symbol}`);
    return pair.conid;
  };
  return {
    setPrice: (symbol, price) => {
      market.pin(numberOf(symbol), price);
      engine.tick();
    },
    unpinPrice: (symbol) => market.unpin(symbol === undefined ? undefined : numberOf(symbol)),
    setHalted: (symbol, halted) => market.setHalted(numberOf(symbol), halted),
    advance: (milliseconds) => clock.advance(milliseconds),
    setTime: (instant) => clock.set(instant),
    tick: () => engine.tick(),
    setBalance: (asset, quantity) =>
      engine.adjust(exchange.account(), { balance: { asset, quantity: new Big(quantity) } }),
    faults,
    configure: (change) => {
      Object.assign(exchange.settings, change);
    },
    requests: (filter = {}) => requests.filter((request) => isWanted(request, filter)),
    clearRequests: () => requests.splice(0),
    state: () => exchangeTruth(exchange, dialect),
    reset: () => {
      market.reset();
      assembly.openAccount();
      faults.clear();
      dialect.reset();
    },
  };
}

function isWanted(request: ReceivedRequest, filter: RequestFilter): boolean {
  if (filter.method !== undefined && request.method !== filter.method.toUpperCase()) return false;
  if (filter.path === undefined) return true;
  return typeof filter.path === "string"
    ? request.path.includes(filter.path)
    : filter.path.test(request.path);
}
