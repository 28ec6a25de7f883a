import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { type Clock, createManualClock, createRealClock } from "../market/clock.ts";
import { FORGETFUL_LOG, openEventLog } from "../market/event-log.ts";
import { assembleExchange } from "./assemble.ts";
import { buildExchangeControl } from "./build-control.ts";
import type { ExchangeControl } from "./control.ts";
import { answerExchangeControl } from "./control-endpoints.ts";
import type { ExchangeKind, SimulatedExchangeOptions } from "./options.ts";
import { startExchangeServer } from "./server.ts";

/** A simulated exchange in this process. */
export interface SimulatedExchange {
  kind: ExchangeKind;
  /** `http://127.0.0.1:PORT`, without a path. */
  baseUrl: string;
  /** The key pair that opens the account. */
  keys: { apiKey: string; apiSecret: string };
  /** For the `x-sim-token` header of /sim/… */
  token: string;
  clock: Clock;
  control: ExchangeControl;
  close(): Promise<void>;
}

/** The events of a kind of exchange; none that is resumed by another kind. */
export const exchangeLog = (kind: ExchangeKind) => `${kind}-events.jsonl`;

/** Starts an exchange in this process, on a port of the system's choice. */
export function startSimulatedExchange(options: SimulatedExchangeOptions): Promise<SimulatedExchange> {
  return openSimulatedExchange(options, () => {});
}

/** The same with a say in what happens to connections of `GET /sim/attach`, which stay open. */
export async function openSimulatedExchange(
  options: SimulatedExchangeOptions,
  onAttach: (response: ServerResponse) => void,
): Promise<SimulatedExchange> {
  const clock = clockFrom(options);
  const stored = openLog(options);
  const assembly = assembleExchange(options, clock, stored);
  const control = buildExchangeControl(assembly);
  const token = options.token ?? randomBytes(24).toString("hex");
  const running = await startExchangeServer({
    ...assembly,
    control: (request, response, body) =>
      answerExchangeControl({ control, token, onAttach, request, response, body }),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    kind: options.kind,
    baseUrl: `http://127.0.0.1:${running.port}`,
    keys: assembly.exchange.keys,
    token,
    clock,
    control,
    close: async () => {
      assembly.stop();
      // A clock of the caller's own may serve others.
      if (typeof options.clock !== "object") clock.stop();
      await running.close();
      stored.log.close();
    },
  };
}

function clockFrom(options: SimulatedExchangeOptions): Clock {
  if (typeof options.clock === "object") return options.clock;
  return options.clock === "real" ? createRealClock() : createManualClock(options.start);
}

function openLog({ stateDir, kind }: SimulatedExchangeOptions) {
  if (stateDir === undefined) return { log: FORGETFUL_LOG, events: [] };
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  return openEventLog(join(stateDir, exchangeLog(kind)));
}
