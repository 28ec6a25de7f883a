import { type ClientRequest, type IncomingMessage, request as requestPlainly } from "node:http";
import { request as requestSecurely } from "node:https";
import type { SimulatorFile } from "./state-folder.ts";

/** Whom to ask. */
export type ControlTarget = Pick<SimulatorFile, "port" | "token" | "certificate">;

const PATIENCE = 5_000;

/** Sends a control request and answers as soon as the headers are there. */
function send(
  simulator: ControlTarget,
  method: string,
  path: string,
  body = "",
): Promise<{ outgoing: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const request = simulator.certificate === "" ? requestPlainly : requestSecurely;
    const outgoing = request({
      host: "127.0.0.1",
      port: simulator.port,
      method,
      path,
      ca: simulator.certificate,
      // A connection of its own: an attachment must not share one, nor leave one behind.
      agent: false,
      headers: { "x-sim-token": simulator.token, "content-length": String(Buffer.byteLength(body)) },
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
    outgoing.end(body);
  });
}

/** One request to /sim/… and its JSON; throws unless the answer is 200. */
export async function controlRequest(
  simulator: ControlTarget,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { response } = await send(simulator, method, path, body === undefined ? "" : JSON.stringify(body));
  let text = "";
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}: ${text}`);
  return JSON.parse(text);
}

export interface Attachment {
  /** False once the simulator has closed the connection, which only its end does. */
  connected(): boolean;
  release(): Promise<void>;
}

/** Holds a connection open that tells the simulator its client lives. */
export async function attach(simulator: ControlTarget): Promise<Attachment> {
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
    connected: () => !socket.destroyed,
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
