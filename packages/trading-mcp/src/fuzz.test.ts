import fc from "fast-check";
import { TradingError } from "trading-core/domain/errors";
import { type Decimal, plain } from "trading-core/domain/money";
import type { OrderRequest } from "trading-core/domain/order";
import { describe, expect, test } from "vitest";
import { type Envelope, toolResult } from "./envelope.ts";
import { call } from "./testing/call.ts";
import { type TestVenue, testContext, testVenue } from "./testing/venue.ts";
import { catalog } from "./tools/catalog.ts";
import type { Tool } from "./tools/define-tool.ts";

/** Arguments out of nowhere through the real dispatcher, for every tool. A failing run prints its seed. */
const RUNS = { seed: 20_261_120, numRuns: 1_000 };

const word = fc.constantFrom(
  "AAPL",
  "BRK B",
  "BTC/USDT",
  "BUY",
  "SELL",
  "DAY",
  "GTC",
  "1",
  "187.50",
  "..",
  "NaN",
);
const digits = fc.stringMatching(/^-?\d{0,14}\.?\d{0,14}$/);
const wild = fc.oneof(
  word,
  digits,
  fc.double(),
  fc.integer({ min: -10, max: 600 }),
  fc.string({ unit: "binary" }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(word, { maxLength: 60 }),
  fc.constant("x".repeat(5_000)),
);

/** What each argument is meant to hold, so that a good part of the calls gets through to the venue. */
const meant: Record<string, fc.Arbitrary<unknown>> = {
  symbol: fc.constantFrom("AAPL", "NOPE", "BTC/USDT"),
  symbols: fc.array(fc.constantFrom("AAPL", "NOPE"), { minLength: 1, maxLength: 50 }),
  side: fc.constantFrom("BUY", "SELL"),
  time_in_force: fc.constantFrom("DAY", "GTC"),
  idempotency_key: fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/),
  order_id: fc.stringMatching(/^[a-z0-9]{1,18}$/),
  timeout_seconds: fc.integer({ min: 0, max: 120 }),
  limit: fc.integer({ min: 1, max: 500 }),
  stop_exits: fc.boolean(),
  cancel_working: fc.boolean(),
  query: fc.constantFrom("AAPL", "apple inc", "BTC/USDT", "AT&T"),
  period: fc.constantFrom("1h", "1d", "1mo", "5y"),
  bar: fc.constantFrom("1min", "1h", "1d", "1w"),
  reason: fc.string({ minLength: 1, maxLength: 200 }),
};
const size = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.constantFrom("1", "0.000000000001", "187.50"),
);

function argumentsFor(tool: Tool): fc.Arbitrary<unknown> {
  const names = Object.keys(tool.input.shape);
  const shape = Object.fromEntries(
    names.map((name) => [
      name,
      fc.oneof({ weight: 6, arbitrary: meant[name] ?? size }, { weight: 1, arbitrary: wild }),
    ]),
  );
  const required = names.filter((name) => !tool.input.shape[name]?.safeParse(undefined).success);
  const known = fc.record(shape, { requiredKeys: [] });
  const complete = fc.record(shape, { requiredKeys: required });
  // Of many optional arguments few go together: one size or the other, and a price or none.
  const sizes = ["quantity", "cash_amount"].filter((name) => names.includes(name));
  const optional = names.filter((name) => !required.includes(name) && !sizes.includes(name));
  const few = fc
    .tuple(
      fc.constantFrom(...sizes, ...(required.includes("quantity") ? [] : [null])),
      fc.subarray(optional, { maxLength: Math.min(3, optional.length) }),
    )
    .chain(([size, chosen]) => {
      const picked = [...required, ...chosen, ...(size === null ? [] : [size])];
      return fc.record(Object.fromEntries(picked.map((name) => [name, shape[name] ?? wild])));
    });
  const unknown = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "note", ...names)), wild);
  return fc.oneof(
    { weight: 4, arbitrary: complete },
    { weight: 4, arbitrary: few },
    { weight: 2, arbitrary: known },
    { weight: 2, arbitrary: fc.tuple(known, unknown).map(([first, second]) => ({ ...first, ...second })) },
    { weight: 1, arbitrary: unknown },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.anything() },
  );
}

const ORDER_CALLS = new Set(["place", "closePosition", "cancel"]);
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

function expectEnvelope(envelope: Envelope): void {
  const { content, structuredContent, isError } = toolResult(envelope);
  expect(JSON.parse(content[0]?.text ?? "")).toEqual(JSON.parse(JSON.stringify(structuredContent)));
  expect(isError).toBe(envelope.ok ? undefined : true);
  if (envelope.ok) return;
  const { code, message, next_step, retryable } = envelope.error;
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(typeof retryable).toBe("boolean");
  for (const words of [message, next_step]) {
    expect(words).not.toBe("");
    expect(Buffer.byteLength(words)).toBeLessThan(2_048);
    expect(words).not.toMatch(HIDDEN);
  }
}

/** A size or price that reached the venue is the one that was sent, digit by digit. */
function expectExact(value: Decimal | null, sent: unknown): void {
  if (value === null) {
    expect(sent).toBeUndefined();
    return;
  }
  expect(value.gt(0) && value.lte("1e12")).toBe(true);
  expect(plain(value)).toMatch(/^(?:0|[1-9]\d{0,12})(?:\.\d{1,12})?$/);
  if (typeof sent === "number") expect(Number(plain(value))).toBe(sent);
  else
    expect(plain(value)).toBe(
      String(sent)
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, ""),
    );
}

function expectSoundOrder(venue: TestVenue, args: Record<string, unknown>): void {
  for (const [name, first, second] of venue.calls) {
    if (name === "closePosition") expectExact(second as Decimal | null, args.quantity);
    if (name !== "place" && name !== "preview") continue;
    const request = first as OrderRequest;
    expectExact(request.quantity, args.quantity);
    expectExact(request.cashAmount, args.cash_amount);
    expectExact(request.limitPrice, args.limit_price ?? args.entry_limit_price);
    expectExact(request.stopPrice, args.stop_price);
    expectExact(request.trailAmount ?? null, args.trail_amount);
    expectExact(request.trailPercent ?? null, args.trail_percent);
    expectExact(request.bracket?.takeProfit ?? null, args.take_profit);
    expectExact(request.bracket?.stopLoss ?? null, args.stop_loss);
    expect([request.quantity, request.cashAmount].filter((each) => each !== null)).toHaveLength(1);
    expect(["BUY", "SELL"]).toContain(request.side);
    expect(request.symbol).toMatch(/^[A-Za-z0-9]+(?:[ ./:@-][A-Za-z0-9]+)*$/);
  }
}

describe.each(catalog)("$name", (tool) => {
  test("any arguments get an envelope, and reach the venue only when they are sound", async () => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(argumentsFor(tool), async (args) => {
        const venue = testVenue();
        const envelope = await call(tool.name, args, testContext(venue));
        expectEnvelope(envelope);
        const orders = venue.calls.filter(([name]) => ORDER_CALLS.has(name));
        expect(orders.length).toBeLessThanOrEqual(tool.kind === "order" ? 1 : 0);
        if (!envelope.ok && envelope.error.code === "invalid_arguments") expect(venue.calls).toEqual([]);
        if (venue.calls.length === 0) return;
        reached += 1;
        const given = (args ?? {}) as Record<string, unknown>;
        expect(Object.keys(given).filter((name) => tool.input.shape[name] === undefined)).toEqual([]);
        expectSoundOrder(venue, given);
      }),
      RUNS,
    );
    // Otherwise the property holds for want of calls.
    expect(reached).toBeGreaterThan(20);
  });
});

test("whatever a venue throws, the answer is an envelope, and after an order it says what is not known", async () => {
  const thrown = fc.oneof(
    fc.anything(),
    fc.string({ unit: "binary" }).map((text) => new Error(text)),
    fc.string({ unit: "binary" }).map((text) => new TradingError("some_code", `x${text}`, `y${text}`)),
  );
  await fc.assert(
    fc.asyncProperty(thrown, fc.constantFrom("buy", "get_quote"), async (error, name) => {
      const fail = async () => {
        throw error;
      };
      const venue = testVenue({ guard: { place: fail }, marketData: { resolve: fail } });
      const envelope = await call(name, name === "buy" ? { symbol: "A", quantity: 1 } : { symbol: "A" }, {
        ...testContext(venue),
      });
      expectEnvelope(envelope);
      if (error instanceof TradingError || envelope.ok) return;
      expect(envelope.error.code).toBe("internal_error");
      expect(envelope.error.retryable).toBe(name !== "buy");
    }),
    RUNS,
  );
});
