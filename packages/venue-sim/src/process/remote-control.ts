import type { VenueTruth } from "../control.ts";
import type { ExchangeFault, ExchangeTruth } from "../exchange/control.ts";
import type { ExchangeSettings } from "../exchange/options.ts";
import type { Fault } from "../faults.ts";
import type { ReceivedRequest } from "../ibkr-gateway/server.ts";
import type { SessionState } from "../ibkr-gateway/session.ts";
import type { PinnedPrice } from "../market/market.ts";
import type { SimulatorConnection } from "./connect-simulator.ts";
import { controlRequest } from "./control-request.ts";

/** The levers of a simulator in another process; see `GatewayControl` for what they do. */
export interface RemoteControl {
  state(): Promise<VenueTruth>;
  requests(): Promise<ReceivedRequest[]>;
  clearRequests(): Promise<void>;
  setPrice(symbol: string | number, price: PinnedPrice): Promise<void>;
  setPosition(symbol: string, quantity: string, averageCost?: string): Promise<void>;
  setCash(cash: string): Promise<void>;
  advance(milliseconds: number): Promise<void>;
  addFault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  setSession(state: SessionState): Promise<void>;
  setPacing(enabled: boolean): Promise<void>;
  reset(): Promise<void>;
}

export function remoteControl(
  connection: Pick<SimulatorConnection, "baseUrl" | "token" | "certificate">,
): RemoteControl {
  const { token, certificate } = connection;
  const target = { port: Number(new URL(connection.baseUrl).port), token, certificate };
  const post = async (path: string, body?: unknown) => {
    await controlRequest(target, "POST", `/sim/${path}`, body);
  };
  const clear = async (path: string) => {
    await controlRequest(target, "DELETE", `/sim/${path}`);
  };
  return {
    state: async () => (await controlRequest(target, "GET", "/sim/state")) as VenueTruth,
    requests: async () => {
      const answer = await controlRequest(target, "GET", "/sim/requests");
      return (answer as { requests: ReceivedRequest[] }).requests;
    },
    clearRequests: () => clear("requests"),
    setPrice: (symbol, price) => post("price", { symbol, ...price }),
    setPosition: (symbol, quantity, averageCost) => post("position", { symbol, quantity, averageCost }),
    setCash: (cash) => post("cash", { cash }),
    advance: (milliseconds) => post("clock", { advance: milliseconds }),
    addFault: (fault) => post("faults", inJson(fault)),
    clearFaults: () => clear("faults"),
    setSession: (state) => post("session", { state }),
    setPacing: (enabled) => post("pacing", { enabled }),
    reset: () => post("reset"),
  };
}

/** The levers of an exchange in another process; see `ExchangeControl` for what they do. */
export interface RemoteExchangeControl {
  state(): Promise<ExchangeTruth>;
  requests(): Promise<ReceivedRequest[]>;
  clearRequests(): Promise<void>;
  setPrice(symbol: string, price: PinnedPrice): Promise<void>;
  setHalted(symbol: string, halted: boolean): Promise<void>;
  setBalance(asset: string, quantity: string): Promise<void>;
  advance(milliseconds: number): Promise<void>;
  addFault(fault: ExchangeFault): Promise<void>;
  clearFaults(): Promise<void>;
  configure(change: Partial<ExchangeSettings>): Promise<void>;
  reset(): Promise<void>;
}

export function remoteExchangeControl(
  connection: Pick<SimulatorConnection, "baseUrl" | "token">,
): RemoteExchangeControl {
  const target = { port: Number(new URL(connection.baseUrl).port), token: connection.token, certificate: "" };
  const post = async (path: string, body?: unknown) => {
    await controlRequest(target, "POST", `/sim/${path}`, body);
  };
  const clear = async (path: string) => {
    await controlRequest(target, "DELETE", `/sim/${path}`);
  };
  return {
    state: async () => (await controlRequest(target, "GET", "/sim/state")) as ExchangeTruth,
    requests: async () => {
      const answer = await controlRequest(target, "GET", "/sim/requests");
      return (answer as { requests: ReceivedRequest[] }).requests;
    },
    clearRequests: () => clear("requests"),
    setPrice: (symbol, price) => post("price", { symbol, ...price }),
    setHalted: (symbol, halted) => post("halted", { symbol, halted }),
    setBalance: (asset, quantity) => post("balance", { asset, quantity }),
    advance: (milliseconds) => post("clock", { advance: milliseconds }),
    addFault: (fault) => post("faults", inJson(fault)),
    clearFaults: () => clear("faults"),
    configure: (change) => post("configure", change),
    reset: () => post("reset"),
  };
}

/** JSON has neither patterns nor infinity. */
function inJson(fault: Fault | ExchangeFault) {
  const { path, count } = fault;
  return {
    ...fault,
    ...(path instanceof RegExp ? { path: { pattern: path.source } } : {}),
    ...(count === Number.POSITIVE_INFINITY ? { count: null } : {}),
  };
}
