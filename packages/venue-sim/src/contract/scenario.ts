import type { SimulatedGatewayOptions } from "../ibkr-gateway/options.ts";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient } from "../test-client.ts";
import { createRecorder, type RecordedAnswer, type Recorder } from "./recorder.ts";
import { walkOrders } from "./scenario-orders.ts";
import { walkReads } from "./scenario-reads.ts";
import { walkSession } from "./scenario-session.ts";

export type Walk = (recorder: Recorder, gateway: SimulatedGateway) => Promise<void>;

/** Everything the three walks are answered: a login, a morning of reading, a day of trading. */
export async function recordScenario(): Promise<RecordedAnswer[]> {
  const session = await record({ session: "sso_only", accounts: [{}, { id: "DU7654321" }] }, walkSession);
  const positions = [
    { symbol: "SPY", quantity: 44, averageCost: "652.47" },
    { symbol: "AAPL", quantity: 12 },
  ];
  const reads = await record({ accounts: [{ positions }], hours: { mode: "regular" } }, walkReads);
  const orders = await record({}, walkOrders);
  return [...session, ...reads, ...orders];
}

/** Walks a gateway of its own, over HTTPS and without pacing. */
async function record(options: SimulatedGatewayOptions, walk: Walk): Promise<RecordedAnswer[]> {
  const gateway = await startSimulatedGateway({ pacing: false, ...options });
  const client = createTestClient(gateway);
  const recorder = createRecorder(client);
  try {
    await walk(recorder, gateway);
    return recorder.answers;
  } finally {
    await client.close();
    await gateway.close();
  }
}
