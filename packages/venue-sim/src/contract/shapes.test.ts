import { beforeAll, describe, expect, test } from "vitest";
import { EXPECTED, type ExpectedAnswer } from "./expected-shapes.ts";
import type { RecordedAnswer } from "./recorder.ts";
import { recordScenario } from "./scenario.ts";
import { problemsOf } from "./shape.ts";

/** What ibkr-mcp talks to; none of these may be without a shape. */
const ADAPTER_ENDPOINTS = [
  "POST /iserver/auth/status",
  "POST /iserver/auth/ssodh/init",
  "GET /iserver/accounts",
  "POST /iserver/account",
  "GET /portfolio/accounts",
  "GET /portfolio/{accountId}/summary",
  "GET /portfolio/{accountId}/positions/{page}",
  "POST /portfolio/{accountId}/positions/invalidate",
  "GET /trsrv/secdef",
  "GET /trsrv/stocks",
  "GET /iserver/contract/{conid}/info-and-rules",
  "GET /contract/trading-schedule",
  "GET /iserver/marketdata/snapshot",
  "POST /iserver/marketdata/unsubscribe",
  "GET /iserver/account/orders",
  "GET /iserver/account/order/status/{orderId}",
  "GET /iserver/account/trades",
  "POST /iserver/account/{accountId}/orders",
  "POST /iserver/account/{accountId}/orders/whatif",
  "POST /iserver/reply/{replyId}",
  "DELETE /iserver/account/{accountId}/order/{orderId}",
];

const endpoints = [...new Set(EXPECTED.map(({ endpoint }) => endpoint))];
let answers: RecordedAnswer[] = [];

beforeAll(async () => {
  answers = await recordScenario();
});

function problemsWith(answer: RecordedAnswer, expected: ExpectedAnswer): string[] {
  return problemsOf(answer.text === "" ? "" : answer.json, expected.shape);
}

test("every endpoint of the adapter has a shape", () => {
  expect(ADAPTER_ENDPOINTS.filter((endpoint) => !endpoints.includes(endpoint))).toEqual([]);
});

describe.each(endpoints)("%s", (endpoint) => {
  const known = EXPECTED.filter((expected) => expected.endpoint === endpoint);

  test("answers in a known shape", () => {
    const problems = answers
      .filter((answer) => answer.endpoint === endpoint)
      .flatMap((answer) => {
        const variants = known.filter(({ status }) => status === answer.status);
        if (variants.length === 0) return [`${answer.request}: ${answer.status} is not expected`];
        const tries = variants.map((variant) => ({ variant, found: problemsWith(answer, variant) }));
        const closest = tries.reduce((best, other) =>
          other.found.length < best.found.length ? other : best,
        );
        const { name } = closest.variant;
        return closest.found.map((problem) => `${answer.request}: ${answer.status} (${name}) ${problem}`);
      });
    expect(problems).toEqual([]);
  });

  test.each(known.map(({ status, name }) => ({ status, name })))(
    "gives $status: $name",
    ({ status, name }) => {
      const expected = known.find((candidate) => candidate.status === status && candidate.name === name);
      const met = answers.filter(
        (answer) =>
          answer.endpoint === endpoint &&
          answer.status === status &&
          expected !== undefined &&
          problemsWith(answer, expected).length === 0,
      );
      expect(met.length).toBeGreaterThan(0);
    },
  );
});

test("a wrong type and a missing key fail with the path of the key", () => {
  const found = answers.find(
    ({ endpoint, text }) => endpoint === "GET /trsrv/secdef" && text.includes("AAPL"),
  );
  const expected = EXPECTED.find(({ endpoint }) => endpoint === "GET /trsrv/secdef");
  const { secdef } = structuredClone(found?.json) as { secdef: Record<string, unknown>[] };
  const [row = {}] = secdef;
  row.conid = String(row.conid);
  delete row.ticker;
  expect(problemsOf({ secdef }, expected?.shape ?? "null")).toEqual([
    '$.secdef[0].conid: wanted integer, is "265598"',
    "$.secdef[0].ticker: missing",
  ]);
});
