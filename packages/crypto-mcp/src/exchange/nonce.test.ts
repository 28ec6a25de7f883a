import { afterEach, expect, it } from "vitest";
import { type CaptureServer, json, startCaptureServer } from "../testing/capture-server.ts";
import { exchangeAt, NOW } from "../testing/orders.ts";

let server: CaptureServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

it("numbers Kraken's signed requests by the clock, rising, whatever whole second the exchange tells", async () => {
  // Almost a second behind, as a time in whole seconds is: corrected by it, every number would be refused
  // once another server of the same key has compared its clock at a better moment.
  const told = Math.floor(NOW / 1000) - 1;
  server = await startCaptureServer(({ path }, response) =>
    json(response, { error: [], result: path.endsWith("/Time") ? { unixtime: told } : {} }),
  );
  const exchange = await exchangeAt("kraken", server.base);
  const signed = () => exchange.read((api) => api.request("Balance", "private", "POST", {}));
  await signed();
  await exchange.read((api) => api.loadTimeDifference());
  await signed();
  await signed();
  const nonces = server.requests.flatMap(({ params }) => (params.nonce === undefined ? [] : [params.nonce]));
  expect(nonces).toEqual([String(NOW), String(NOW + 1), String(NOW + 2)]);
});
