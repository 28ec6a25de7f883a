import { endpointName } from "../ibkr-gateway/routes.ts";
import type { TestClient } from "../test-client.ts";

/** One answer of the simulated gateway, with the endpoint that gave it. */
export interface RecordedAnswer {
  /** `GET /portfolio/{accountId}/ledger`. */
  endpoint: string;
  /** What was asked, for messages. */
  request: string;
  status: number;
  contentType: string | null;
  text: string;
  /** Undefined when the body is no JSON. */
  json: unknown;
}

export interface Recorder {
  answers: RecordedAnswer[];
  get: (path: string) => Promise<RecordedAnswer>;
  post: (path: string, body?: unknown) => Promise<RecordedAnswer>;
  delete: (path: string) => Promise<RecordedAnswer>;
}

/** Keeps every answer that goes through it. */
export function createRecorder(client: TestClient): Recorder {
  const answers: RecordedAnswer[] = [];
  async function send(method: string, path: string, body: string | undefined): Promise<RecordedAnswer> {
    const { status, headers, text, json } = await client.raw(
      method,
      path,
      body === undefined ? {} : { body },
    );
    const type = headers["content-type"];
    const answer: RecordedAnswer = {
      endpoint: endpointName(method, path.split("?")[0] ?? "") ?? `${method} /${path}`,
      request: `${method} /${path}`,
      status,
      contentType: typeof type === "string" ? type : null,
      text,
      json,
    };
    answers.push(answer);
    return answer;
  }
  return {
    answers,
    get: (path) => send("GET", path, undefined),
    post: (path, body) => send("POST", path, body === undefined ? "" : JSON.stringify(body)),
    delete: (path) => send("DELETE", path, undefined),
  };
}
