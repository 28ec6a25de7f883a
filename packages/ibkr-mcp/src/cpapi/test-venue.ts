import { subscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { decimal } from "trading-core/domain/money";
import type { OrderIntent } from "trading-core/domain/order";
import type { DispatchGate } from "trading-core/ports/broker";
import type { Clock } from "trading-core/ports/clock";
import { type SimulatedGateway, type SimulatedGatewayOptions, startSimulatedGateway } from "venue-sim";
import { type Cpapi, type CpapiOptions, createCpapi } from "./create-cpapi.ts";

/** A simulated gateway behind real HTTPS, and adapters that talk to it. For tests only. */
export interface TestVenue {
  gateway: SimulatedGateway;
  clock: Clock;
  stateDir: string;
  /** An adapter of its own, as another process would have one on the same state folder. */
  connect(options?: Partial<CpapiOptions>): Cpapi;
  close(): Promise<void>;
}

export async function startVenue(options: SimulatedGatewayOptions = {}): Promise<TestVenue> {
  const gateway = await startSimulatedGateway(options);
  const stateDir = mkdtempSync(join(tmpdir(), "cpapi-"));
  const clock = venueClock(gateway);
  const open: Cpapi[] = [];
  return {
    gateway,
    clock,
    stateDir,
    connect(overrides = {}) {
      const cpapi = createCpapi({
        baseUrl: gateway.baseUrl,
        ca: gateway.certificate,
        accountId: null,
        compete: false,
        stateDir,
        timeoutMs: 10_000,
        clock,
        ...overrides,
      });
      open.push(cpapi);
      return cpapi;
    },
    async close() {
      await Promise.all(open.map((cpapi) => cpapi.close()));
      await gateway.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Requests of the adapters in this process whose answers are still to come. */
const underWay = new Set<unknown>();
const requestOf = (message: unknown) => (message as { request: unknown }).request;
subscribe("undici:request:create", (message) => void underWay.add(requestOf(message)));
subscribe("undici:request:trailers", (message) => void underWay.delete(requestOf(message)));
subscribe("undici:request:error", (message) => void underWay.delete(requestOf(message)));

/**
 * The simulator's own time, so that five seconds of pacing take none. A sleep moves it on; one that can
 * be called off runs in the background beside the test, and takes its real time.
 */
function venueClock(gateway: SimulatedGateway): Clock {
  const { clock } = gateway;
  return {
    now: () => clock.now(),
    monotonic: () => (clock.kind === "real" ? performance.now() : clock.now()),
    async sleep(milliseconds, signal) {
      if (signal || clock.kind === "real") {
        await setTimeout(milliseconds, undefined, { ref: false, ...(signal && { signal }) }).catch(() => {});
        return;
      }
      // Short pauses wait for something real, such as another socket's answer.
      await setTimeout(Math.min(milliseconds, 20));
      // Time must not pass requests by that are on their way, or they would arrive in a crowd.
      const patience = milliseconds < 100 ? 0 : 400;
      for (let waited = 0; underWay.size > 0 && waited < patience; waited += 5) await setTimeout(5);
      clock.advance(milliseconds);
    },
  };
}

export const AAPL = {
  id: "265598",
  symbol: "AAPL",
  name: "APPLE INC",
  kind: "stock",
  currency: "USD",
  exchange: "NASDAQ",
  usListed: true,
  tradable: true,
  priceSteps: [],
  quantityStep: decimal("0.0001"),
  minimumQuantity: null,
  minimumNotional: null,
  takesCashAmount: true,
} as const;

let serial = 0;

/** A limit order for one share unless told; each with a client order id of its own. */
export function intentOf(terms: Partial<OrderIntent> = {}): OrderIntent {
  serial += 1;
  return {
    clientOrderId: `test${process.pid}x${serial}`,
    instrument: { ...AAPL, priceSteps: [] },
    side: "BUY",
    orderType: "limit",
    quantity: decimal(1),
    cashAmount: null,
    limitPrice: decimal(180),
    stopPrice: null,
    timeInForce: "DAY",
    priceBound: null,
    ...terms,
  };
}

/** A gate that says go, and counts how often it was asked. */
export function openGate(isExit = false): DispatchGate & { asked: number } {
  const gate: DispatchGate & { asked: number } = {
    isExit,
    asked: 0,
    begin() {
      gate.asked += 1;
      return Promise.resolve({ kind: "go" as const });
    },
  };
  return gate;
}
