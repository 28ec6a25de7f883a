import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import type { SimulatorFile } from "./state-folder.ts";

const PATIENCE = 5_000;

/** Sends a control request and answers as soon as the headers are there. */
function send(
  simulator: SimulatorFile,
  method: string,
  path: string,
): Promise<{ outgoing: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: "127.0.0.1",
      port: simulator.port,
      method,
      path,
      ca: simulator.certificate,
      // A connection of its own: an attachment must not share one, nor leave one behind.
      agent: false,
      headers: { "x-sim-token": simulator.token, "content-length": "0" },
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer to ${path}`)), PATIENCE);
    outgoing.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.on("response", (response) => {
      clearTimeout(timer);
      response.on("error", () => {});
      resolve({ outgoing, response });
    });
    outgoing.end();
  });
}

/** One request to /sim/…; throws unless the answer is 200. */
export async function controlRequest(simulator: SimulatorFile, method: string, path: string): Promise<void> {
  const { response } = await send(simulator, method, path);
  response.resume();
  await new Promise((resolve) => response.once("close", resolve));
  if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`);
}

/** Holds a connection open that tells the simulator its client lives. */
export async function attach(simulator: SimulatorFile): Promise<{ release(): Promise<void> }> {
  const { outgoing, response } = await send(simulator, "GET", "/sim/attach");
  if (response.statusCode !== 200) {
    outgoing.destroy();
    throw new Error(`/sim/attach answered ${response.statusCode}`);
  }
  const { socket } = response;
  // The simulator's end is an outage for requests; the attachment itself has nothing to say about it.
  response.resume();
  socket.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve();
        else {
          socket.once("close", () => resolve());
          socket.ref();
          outgoing.destroy();
        }
      }),
  };
}
