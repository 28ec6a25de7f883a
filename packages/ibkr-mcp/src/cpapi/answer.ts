import { untrustedText } from "trading-core/domain/untrusted-text";
import { asRecord, asText } from "./loose.ts";

/**
 * What came back for one request, before anybody says what it means. Only `json` was parsed; the other
 * kinds are what the gateway, the edge in front of IBKR or the network answer with instead.
 */
export type Answer =
  | { kind: "json"; status: number; body: unknown }
  | { kind: "empty"; status: number }
  | { kind: "html"; status: number; text: string; login: boolean }
  | { kind: "redirect"; status: number; location: string }
  /** Not JSON although it should be: other text, or JSON that breaks off. */
  | { kind: "text"; status: number; text: string }
  | Failed;

/** No complete answer. `sent` is false only when not one byte of the request left. */
export interface Failed {
  kind: "failed";
  sent: boolean;
  cause: "unreachable" | "certificate" | "timeout" | "reset" | "truncated" | "too_large";
  detail: string;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sorts a complete HTTP answer by what it is: the content type is looked at before anything is parsed. */
export function readAnswer(raw: RawAnswer): Answer {
  const { status } = raw;
  const body = raw.body.trim();
  if (status >= 300 && status < 400) {
    return { kind: "redirect", status, location: header(raw, "location") };
  }
  const type = header(raw, "content-type").toLowerCase();
  if (body === "") return { kind: "empty", status };
  if (type.includes("html") || body.startsWith("<")) {
    return { kind: "html", status, text: untrustedText(body, 200), login: /log ?in|sso\//i.test(body) };
  }
  // Some real answers carry no content type at all; text that is declared as such is not parsed.
  if (type !== "" && !type.includes("json")) return { kind: "text", status, text: untrustedText(body, 200) };
  try {
    return { kind: "json", status, body: JSON.parse(body) as unknown };
  } catch {
    return { kind: "text", status, text: untrustedText(body, 200) };
  }
}

export function header(raw: Pick<RawAnswer, "headers">, name: string): string {
  const value = raw.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

/**
 * The venue's refusal: the string `error` at the top of a JSON object, on any status, 200 included.
 * Some endpoints put a JSON text with a `reason` into it, which is opened. Null where there is none.
 */
export function errorText(body: unknown): string | null {
  const error = asText(asRecord(body)?.error);
  if (error === null) return null;
  if (error.startsWith("{")) {
    try {
      const reason = asText(asRecord(JSON.parse(error))?.reason);
      if (reason !== null) return untrustedText(reason);
    } catch {
      // Not JSON after all: shown as it is.
    }
  }
  return untrustedText(error);
}

/** One line for a message or a journal: what came back, without anything of the venue's markup. */
export function describe(answer: Answer): string {
  switch (answer.kind) {
    case "json":
      return `HTTP ${answer.status} ${errorText(answer.body) ?? "with an unexpected JSON body"}`;
    case "empty":
      return `HTTP ${answer.status} with an empty body`;
    case "html":
      return `HTTP ${answer.status} with an HTML page${answer.login ? " (the login page)" : ""}`;
    case "redirect":
      return `HTTP ${answer.status}, a redirect`;
    case "text":
      return `HTTP ${answer.status} with a body that is not JSON`;
    case "failed":
      return answer.detail;
  }
}
