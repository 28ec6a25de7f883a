/** Simulated venues. This is the package's only entry. */
export type { AccountTruth, GatewayControl, OrderTruth, RequestFilter, VenueTruth } from "./control.ts";
export type {
  ExchangeControl,
  ExchangeFault,
  ExchangeOrderTruth,
  ExchangeTruth,
} from "./exchange/control.ts";
export type { ExchangeFaultAction } from "./exchange/faults.ts";
export {
  type ExchangeKind,
  type ExchangeSettings,
  SIMULATED_KEYS,
  type SimulatedExchangeOptions,
} from "./exchange/options.ts";
export { type SimulatedExchange, startSimulatedExchange } from "./exchange/simulated-exchange.ts";
export type { Fault, FaultAction } from "./faults.ts";
export type { GatewayIdentity, GatewayLimits, GatewayTimings } from "./ibkr-gateway/gateway.ts";
export type { AccountOptions, SimulatedGatewayOptions } from "./ibkr-gateway/options.ts";
export type { ReceivedRequest } from "./ibkr-gateway/server.ts";
export type { SessionState } from "./ibkr-gateway/session.ts";
export {
  type Clock,
  createManualClock,
  createRealClock,
  DEFAULT_START,
  type ManualClock,
  type RealClock,
} from "./market/clock.ts";
export type { DayHours, HoursOptions } from "./market/hours.ts";
export { allInstruments, type Instrument } from "./market/instruments.ts";
export type { DataAvailability, PinnedPrice } from "./market/market.ts";
export {
  type ConnectOptions,
  connectSimulator,
  type SimulatorConnection,
} from "./process/connect-simulator.ts";
export {
  type RemoteControl,
  type RemoteExchangeControl,
  remoteControl,
  remoteExchangeControl,
} from "./process/remote-control.ts";
export { resetSimulator } from "./process/reset-simulator.ts";
export { runSimulatorProcess } from "./process/simulator-process.ts";
export type { SimulatorKind } from "./process/state-folder.ts";
export { type SimulatedGateway, startSimulatedGateway } from "./simulated-gateway.ts";
