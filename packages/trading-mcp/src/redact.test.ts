import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { redactData, redactText } from "./redact.ts";

test("values under secret names are replaced, however deep", () => {
  const given = {
    symbol: "AAPL",
    price: decimal("1.50"),
    headers: { Authorization: "Bearer abc", "X-MBX-APIKEY": "k", cookie: "c" },
    list: [{ clientSecret: "s", PASSWORD: "p" }],
  };
  expect(redactData(given)).toEqual({
    symbol: "AAPL",
    price: "1.5",
    headers: { Authorization: "[redacted]", "X-MBX-APIKEY": "[redacted]", cookie: "[redacted]" },
    list: [{ clientSecret: "[redacted]", PASSWORD: "[redacted]" }],
  });
});

test("what is deep, wide or circular ends", () => {
  const circular: Record<string, unknown> = { list: Array.from({ length: 1_000 }, (_, index) => index) };
  circular.self = circular;
  const text = JSON.stringify(redactData(circular));
  expect(text).toContain("[deep]");
  expect(text.length).toBeLessThan(5_000);
});

test("errors become data, with their code and cause", () => {
  const error = Object.assign(new Error("no", { cause: new Error("why") }), { code: "ECONNREFUSED" });
  expect(redactData({ err: error })).toMatchObject({
    err: { type: "Error", message: "no", code: "ECONNREFUSED", cause: { message: "why" } },
  });
});

test.each([
  ["GET /o?symbol=A&signature=abc123&x=1", "GET /o?symbol=A&signature=[redacted]&x=1"],
  ['{"apiKey":"abc"}', '{"apiKey":"[redacted]"}'],
  ["token: abc-def", "token: [redacted]"],
  ["Authorization: Bearer abcdefghijk", "Authorization: Bearer [redacted]"],
  ["the monkey=banana", "the monkey=banana"],
])("%s", (given, expected) => {
  expect(redactText(given)).toBe(expected);
});

test("a known secret goes wherever it stands, escaped as well", () => {
  expect(redactText('at pa"ss/word! and "pa\\"ss/word!"', ['pa"ss/word!'])).toBe(
    'at [redacted] and "[redacted]"',
  );
  // Too short to be told from ordinary text.
  expect(redactText("an apple", ["a"])).toBe("an apple");
});
