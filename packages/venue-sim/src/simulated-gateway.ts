import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { assemble } from "./assemble.ts";
import { buildControl } from "./build-control.ts";
import type { GatewayControl } from "./control.ts";
import { answerControl } from "./control-endpoints.ts";
import { certificateIn, createCertificate } from "./ibkr-gateway/certificate.ts";
import type { SimulatedGatewayOptions } from "./ibkr-gateway/options.ts";
import { startServer } from "./ibkr-gateway/server.ts";
import { type Clock, createManualClock, createRealClock } from "./market/clock.ts";
import { FORGETFUL_LOG, openEventLog } from "./market/event-log.ts";

/** A simulated Client Portal Gateway in this process. */
export interface SimulatedGateway {
  /** `https://127.0.0.1:PORT/v1/api`. */
  baseUrl: string;
  /** PEM to trust for this server alone. */
  certificate: string;
  /** For the `x-sim-token` header of /sim/… */
  token: string;
  clock: Clock;
  control: GatewayControl;
  close(): Promise<void>;
}

export const EVENT_LOG = "ibkr-events.jsonl";

/** Starts a gateway in this process, on a port of the system's choice. */
export function startSimulatedGateway(options: SimulatedGatewayOptions = {}): Promise<SimulatedGateway> {
  return openSimulatedGateway(options, () => {});
}

/** The same with a say in what happens to connections of `GET /sim/attach`, which stay open. */
export async function openSimulatedGateway(
  options: SimulatedGatewayOptions,
  onAttach: (response: ServerResponse) => void,
): Promise<SimulatedGateway> {
  const clock = clockFrom(options);
  const stored = openLog(options.stateDir);
  const assembly = assemble(options, clock, stored);
  const control = buildControl(assembly);
  const certificate =
    options.stateDir === undefined ? await createCertificate() : await certificateIn(options.stateDir);
  const token = options.token ?? randomBytes(24).toString("hex");
  const running = await startServer({
    ...assembly,
    certificate,
    control: (request, response, body) =>
      answerControl({ control, token, onAttach, request, response, body }),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    baseUrl: `https://127.0.0.1:${running.port}/v1/api`,
    certificate: certificate.certificate,
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

function clockFrom(options: SimulatedGatewayOptions): Clock {
  if (typeof options.clock === "object") return options.clock;
  return options.clock === "real" ? createRealClock() : createManualClock(options.start);
}

function openLog(stateDir: string | undefined) {
  if (stateDir === undefined) return { log: FORGETFUL_LOG, events: [] };
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  return openEventLog(join(stateDir, EVENT_LOG));
}
