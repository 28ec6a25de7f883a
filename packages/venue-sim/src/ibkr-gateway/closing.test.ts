import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { connect as secure } from "node:tls";
import { expect, test } from "vitest";
import { startSimulatedGateway } from "../simulated-gateway.ts";

test("a gateway that closes serves nobody who was still in the handshake", async () => {
  const gateway = await startSimulatedGateway();
  const plain = connect(Number(new URL(gateway.baseUrl).port), "127.0.0.1");
  await once(plain, "connect");
  // The gateway has accepted it, and waits for the handshake's first message.
  await nextTurn();
  await nextTurn();
  const closed = gateway.close();
  const client = secure({ socket: plain, ca: gateway.certificate, servername: "localhost" });
  let answer = "";
  client.on("data", (data) => {
    answer += String(data);
  });
  client.on("error", () => {});
  client.write(`GET /sim/attach HTTP/1.1\r\nhost: localhost\r\nx-sim-token: ${gateway.token}\r\n\r\n`);
  // Ends only once the last connection is gone: the very promise that a gateway served on would not keep.
  await closed;
  client.destroy();
  expect(answer).toBe("");
});
