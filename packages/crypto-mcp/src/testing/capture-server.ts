import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface CapturedRequest {
  method: string;
  /** Path without query. */
  path: string;
  /** From the address and a form body, in the order in which they came. */
  params: Record<string, string>;
  headers: IncomingMessage["headers"];
  body: string;
}

/** What a test answers a request with; `destroy` closes the connection instead. */
export type Reply = (request: CapturedRequest, response: ServerResponse) => void;

export interface CaptureServer {
  base: string;
  requests: CapturedRequest[];
  /** Of the requests, those that could change something: not GET, and no query of the exchange's by POST. */
  reply: Reply;
  close(): Promise<void>;
}

/** An HTTP server on loopback that notes every request to its last byte, then answers as the test says. */
export async function startCaptureServer(reply: Reply): Promise<CaptureServer> {
  const requests: CapturedRequest[] = [];
  const server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
      const body = Buffer.concat(chunks).toString("utf8");
      const sent = body.startsWith("{")
        ? Object.entries(JSON.parse(body) as Record<string, string>)
        : [...new URLSearchParams(body)];
      const params = Object.fromEntries([...url.searchParams, ...sent]);
      const request = {
        method: incoming.method ?? "",
        path: url.pathname,
        params,
        headers: incoming.headers,
        body,
      };
      requests.push(request);
      captured.reply(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const captured: CaptureServer = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    reply,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return captured;
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
