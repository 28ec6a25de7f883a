import { expect, test } from "vitest";
import { call, errorOf } from "../testing/call.ts";

test("every fault is named at once, with what was probably meant", async () => {
  expect(await errorOf("buy", { symbol: "AA PL!", quantity: "1e3", limitPrice: 5, qty: 2 })).toEqual({
    code: "invalid_arguments",
    message:
      'buy was not run: "symbol" has to be letters and digits, with single blanks or . / : @ - between them, at most 32 characters, such as "AAPL" or "BTC/USDT", got "AA PL!"; ' +
      '"quantity" has to be greater than 0, with at most 12 decimals, no exponent, sign, separator or blank, such as "187.50", got "1e3"; ' +
      'unknown argument "limitPrice" (did you mean "limit_price"?); unknown argument "qty".',
    retryable: false,
    next_step:
      "Correct the arguments and call again. buy takes: symbol, cash_amount, quantity, limit_price, time_in_force, idempotency_key.",
    details: { outcome: "not_sent" },
  });
});

test("a misspelt limit price never becomes a market order", async () => {
  for (const name of ["limit_prise", "limit", "LIMIT_PRICE", "price", "limitprice"]) {
    const error = await errorOf("buy", { symbol: "AAPL", quantity: 1, [name]: 5 });
    expect(error.message).toContain(`unknown argument "${name}" (did you mean "limit_price"?)`);
  }
});

test("arguments that are no object, or hostile, are refused in words", async () => {
  for (const args of [[], "x", 5, true]) {
    expect((await errorOf("get_quote", args)).code).toBe("invalid_arguments");
  }
  const hostile: unknown = JSON.parse('{"symbol":"AAPL","__proto__":{"quantity":1},"constructor":1}');
  expect((await errorOf("get_quote", hostile)).message).toMatch(/"__proto__".*"constructor"/);
  const long = await errorOf("get_quote", { symbol: "A".repeat(100_000), ["k".repeat(100_000)]: 1 });
  expect(long.message.length).toBeLessThan(500);
  const deep: unknown = JSON.parse(`{"symbol":${"[".repeat(50_000)}${"]".repeat(50_000)}}`);
  expect((await errorOf("get_quote", deep)).message).toContain('"symbol" has to be text, got a list of 1');
});

test("a hundred thousand faults are counted, not listed", async () => {
  const args = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
  const error = await errorOf("get_quote", { symbol: "AAPL", ...args });
  expect(error.message).toMatch(
    /^get_quote was not run: unknown argument "k0"; .*; and 99992 more faults\.$/,
  );
  expect(error.message.length).toBeLessThan(500);
});

test("no arguments at all are an empty object", async () => {
  expect(await call("positions", undefined)).toMatchObject({ ok: true });
  expect(await call("positions", null)).toMatchObject({ ok: true });
});

test("an unknown tool is told which one was meant", async () => {
  expect(await errorOf("getQuote", {})).toMatchObject({
    code: "unknown_tool",
    message: 'There is no tool "getQuote". Did you mean "get_quote"?',
  });
  expect((await errorOf("toString", {})).code).toBe("unknown_tool");
});
