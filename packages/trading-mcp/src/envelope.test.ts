import { TradingError } from "trading-core/domain/errors";
import { expect, test } from "vitest";
import { failure, success, toolResult } from "./envelope.ts";

test("both forms of an answer say the same", () => {
  const result = toolResult(success({ quantity: "1", nothing: null }));
  expect(result).toEqual({
    content: [{ type: "text", text: '{"ok":true,"data":{"quantity":"1","nothing":null}}' }],
    structuredContent: { ok: true, data: { quantity: "1", nothing: null } },
  });
});

test("a failure is marked as one, and says what to do", () => {
  const error = new TradingError("not_configured", "No account.", "Set it.", { retryable: false });
  const result = toolResult(failure(error));
  expect(result.isError).toBe(true);
  expect(result.content[0]?.text).toBe(
    '{"ok":false,"error":{"code":"not_configured","message":"No account.","retryable":false,"next_step":"Set it."}}',
  );
});

test("an error's text is bounded, stripped and without secrets, and its details are bounded data", () => {
  const error = new TradingError("x", `\u202eGET /a?signature=abc hunter22 ${"z".repeat(9_000)}`, "n", {
    details: { client_order_id: "c1", apiSecret: "s" },
  });
  const envelope = failure(error, ["hunter22"]);
  if (envelope.ok) throw new Error("unreachable");
  expect(envelope.error.message).toHaveLength(2_000);
  expect(envelope.error.message).toMatch(/^GET \/a\?signature=\[redacted\] \[redacted\] zz/);
  expect(envelope.error.details).toEqual({ client_order_id: "c1", apiSecret: "[redacted]" });
});
