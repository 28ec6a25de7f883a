import { Agent, request } from "undici";
import type { SimulatedGateway } from "./simulated-gateway.ts";

/** An answer as a test wants to look at it. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Parsed JSON, or undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: assertions reach into shapes that are the test's subject.
  json: any;
}

export interface TestClient {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  raw(
    method: string,
    path: string,
    options?: { body?: string; headers?: Record<string, string> },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** A plain HTTPS client that pins the simulator's certificate. */
export function createTestClient(gateway: Pick<SimulatedGateway, "baseUrl" | "certificate">): TestClient {
  const agent = new Agent({ connect: { ca: gateway.certificate } });
  const raw: TestClient["raw"] = async (method, path, options = {}) => {
    const url = path.startsWith("/") ? new URL(gateway.baseUrl).origin + path : `${gateway.baseUrl}/${path}`;
    const response = await request(url, {
      method: method as "GET",
      dispatcher: agent,
      headers: { "user-agent": "test", "content-type": "application/json", ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await response.body.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.statusCode, headers: response.headers, text, json };
  };
  return {
    raw,
    get: (path) => raw("GET", path),
    post: (path, body) => raw("POST", path, { body: body === undefined ? "" : JSON.stringify(body) }),
    delete: (path) => raw("DELETE", path),
    // Not close(): a test may have left a request without an answer on purpose.
    close: () => agent.destroy(),
  };
}
