import { afterEach, beforeEach, expect, test } from "vitest";
import { readExchangeRate } from "./exchange-rates.ts";
import { startVenue, type TestVenue } from "./test-venue.ts";

test("a rate is a positive number, or it is not known", () => {
  const rate = (value: unknown) => readExchangeRate({ rate: value })?.toFixed() ?? null;
  expect([rate(0.86656614), rate("1.25"), rate(1)]).toEqual(["0.86656614", "1.25", "1"]);
  for (const none of [0, -1, "N/A", "", null, undefined, Number.NaN, {}]) expect(rate(none)).toBeNull();
  for (const body of [null, [], "0.9", { error: "x" }]) expect(readExchangeRate(body)).toBeNull();
});

let venue: TestVenue;
beforeEach(async () => {
  venue = await startVenue();
});
afterEach(async () => {
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

const asked = () =>
  venue.gateway.control.requests().filter(({ path }) => path.includes("exchangerate")).length;

test("S21: IBKR's rate carries the time of the question, and serves for twenty seconds with it", async () => {
  const { session, marketData } = venue.connect();
  await session.ensureReady();
  const before = venue.clock.now();
  const [first, second] = await Promise.all([marketData.rate("USD", "EUR"), marketData.rate("USD", "EUR")]);
  expect(first).toMatchObject({ kind: "read", value: { from: "USD", to: "EUR" } });
  if (first.kind !== "read") throw new Error(first.reason);
  expect(first.value.rate.toNumber()).toBeCloseTo(1 / 1.154, 8);
  expect(first.value.asOf).toBeGreaterThanOrEqual(before);
  expect(second).toBe(first);
  expect(asked()).toBe(1);
  venue.gateway.clock.advance(19_000);
  expect(await marketData.rate("USD", "EUR")).toBe(first);
  venue.gateway.clock.advance(2_000);
  const later = await marketData.rate("USD", "EUR");
  expect(later.kind === "read" && later.value.asOf > first.value.asOf).toBe(true);
  expect(asked()).toBe(2);
});

test("S21: what IBKR has no rate for, or answers without one, is not known, and is asked again", async () => {
  const { session, marketData } = venue.connect();
  await session.ensureReady();
  expect(await marketData.rate("USD", "XXX")).toMatchObject({ kind: "unread" });
  venue.gateway.control.faults.add({
    path: "exchangerate",
    action: { type: "status", status: 200, body: '{"rate":0}' },
  });
  expect(await marketData.rate("USD", "EUR")).toMatchObject({
    kind: "unread",
    reason: expect.stringContaining("does not say what one USD is worth in EUR"),
  });
  expect(await marketData.rate("USD", "EUR")).toMatchObject({ kind: "read" });
});
