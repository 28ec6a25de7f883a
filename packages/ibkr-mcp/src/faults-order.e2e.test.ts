import type { FaultAction } from "venue-sim";
import { afterAll, describe, test, vi } from "vitest";
import { type FaultCase, strike } from "./testing/fault-case.ts";
import { venuePool } from "./testing/faulty-venue.ts";

/**
 * Faults that strike the request which carries an order. Whatever comes back: one request, the right word
 * for what is known, and an order that may exist is counted, blocks its twin and is looked for.
 */
const CASES_SIDE_BY_SIDE = 12;
vi.setConfig({ maxConcurrency: CASES_SIDE_BY_SIDE, testTimeout: 120_000 });
const pool = venuePool();
afterAll(() => pool.close());

const LOST: [string, FaultAction, RegExp?][] = [
  ["a 503 before anything happened", { type: "503-before" }, /HTTP 503/],
  ["a connection that is reset", { type: "reset" }, /connection was lost/],
  ["an empty 200", { type: "empty-200" }, /HTTP 200 with an empty body/],
  ["the login page with a 200", { type: "login-page-200" }, /login page/],
  ["an empty list", status(200, "[]"), /unexpected/],
  ["JSON that breaks off", status(200, '[{"order_id":"12'), /not JSON/],
  ["an acknowledgement of somebody else's order", foreignAcknowledgement(), /unexpected/],
  ["a 502 page of a proxy", status(502, "<html><h1>Bad Gateway</h1></html>", "text/html"), /HTTP 502/],
  ["a 401 page", status(401, "<html>Unauthorized</html>", "text/html"), /HTTP 401/],
  [
    "an id that is registered already",
    errorText("Order couldn't be submitted: Local order ID=x is already registered."),
    /registered/,
  ],
  ["a time-out of the venue's own", errorText("Request timed out, please try again"), /timed out/],
  [
    "a question that cannot be replied to",
    status(200, '[{"id":"../x","message":["Sure?"],"messageIds":["o163"]}]'),
    /question/,
  ],
  [
    "a prompt that only a person may answer",
    status(200, '{"prompt":true,"text":"Use <b>Price</b> Management?"}'),
    /person/,
  ],
];

const REFUSED: [string, FaultAction, RegExp, string?][] = [
  ["the venue's refusal with a 200", errorText("No trading permission for this product"), /permission/],
  [
    "a refusal in the venue's markup",
    errorText("<h4>Denied</h4>Your <b>account</b> is closing-only"),
    /closing-only/,
  ],
  ["a refusal as long as a book", errorText("too long ".repeat(2_000)), /too long/],
  [
    "a 400",
    status(400, '{"error":"Bad Request: Unknown order type","statusCode":400}'),
    /Unknown order type/,
  ],
  ["the edge's 403", status(403, "<html>Access Denied</html>", "text/html"), /HTTP 403/, "blocked_by_edge"],
  ["a refusal at submission", { type: "reject", text: "Insufficient funds" }, /Insufficient funds/],
  [
    "a brokerage session that timed out",
    { type: "session-lost" },
    /no bridge.*session/is,
    "brokerage_session_down",
  ],
  [
    "an idle session",
    { type: "session-lost", state: "idle_timeout" },
    /no bridge.*session/is,
    "brokerage_session_down",
  ],
];

const LANDED: [string, FaultAction][] = [
  ["a 503 after the order landed", { type: "503-after-landing" }],
  ["a body that is cut", { type: "body-cut" }],
  ["a reset after the order landed", { type: "reset-after-landing" }],
];

const cases: FaultCase[] = [
  ...LOST.map(([what, action, words]) => of("limit", what, action, "unknown", words)),
  ...REFUSED.map(([what, action, words, code]) => of("limit", what, action, "rejected", words, code)),
  ...LANDED.map(([what, action]) => of("limit", what, action, "found")),
  of("limit", "an answer that is late", { type: "delay", milliseconds: 2_500 }, "taken"),
  of("limit", "an order that fills in part", { type: "partial-fill", quantity: "0.5" }, "taken"),
  ...LANDED.map(([what, action]) => of("amount", `${what} as a question`, action, "ticket", /inactive/)),
  of("amount", "the venue's refusal", errorText("Cash quantity is not allowed"), "rejected", /not allowed/),
  of("amount", "an empty 200", { type: "empty-200" }, "unknown"),
  ...LANDED.map(([what, action]) => of("stop", `${what} as a question`, action, "ticket", /inactive/)),
  of("stop", "the venue's refusal", errorText("Stop orders are not allowed"), "rejected", /not allowed/),
  of("stop", "an empty 200", { type: "empty-200" }, "unknown"),
];

describe.concurrent("a fault on the way of the order", () => {
  test.each(cases)("$order: $what → $ends", (tried) => pool.use((venue) => strike(venue, tried)));
});

function of(
  order: FaultCase["order"],
  what: string,
  action: FaultAction,
  ends: FaultCase["ends"],
  words?: RegExp,
  code?: string,
): FaultCase {
  return { order, what, action, ends, strikes: "order", ...(words && { words }), ...(code && { code }) };
}

function status(code: number, body: string, contentType = "application/json"): FaultAction {
  return { type: "status", status: code, body, contentType };
}

function errorText(error: string): FaultAction {
  return { type: "error-200", error };
}

function foreignAcknowledgement(): FaultAction {
  const row = { order_id: "1", local_order_id: "somebodyelses", order_status: "Submitted" };
  return status(200, JSON.stringify([row]));
}
