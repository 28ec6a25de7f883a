import { expect, test } from "vitest";
import { createCalls } from "./calls.ts";
import { silent } from "./testing/call.ts";
import { anOrder, testContext, testVenue } from "./testing/venue.ts";
import { catalog } from "./tools/catalog.ts";
import type { Venue } from "./tools/context.ts";

const signal = new AbortController().signal;
const BUY = { symbol: "AAPL", quantity: 1 };

function calls(venue: () => Promise<Venue>, drain: () => Promise<void> = async () => {}) {
  return createCalls({
    tools: catalog,
    context: { ...testContext(testVenue()), venue },
    drain,
    logger: silent,
  });
}

test("an order that still waits for its venue when the stop comes is never begun", async () => {
  const venue = testVenue();
  let connected = (_venue: Venue) => {};
  let connections = 0;
  const { run, stop, orders } = calls(() => {
    connections++;
    return new Promise((resolve) => (connected = resolve));
  });
  const reply = run("buy", BUY, signal);
  await stop();
  expect(await reply).toMatchObject({ error: { code: "shutting_down", retryable: true } });
  expect(orders()).toBe(0);
  connected(venue);
  await new Promise(setImmediate);
  expect(venue.calls).toEqual([]);
  expect(await run("buy", BUY, signal)).toMatchObject({ error: { code: "shutting_down" } });
  expect(connections).toBe(1);
});

test("an order that was begun is waited for, whatever its request's signal says", async () => {
  let placed = () => {};
  const venue = testVenue({
    guard: { place: () => new Promise((resolve) => (placed = () => resolve(anOrder()))) },
  });
  const { run, stop, orders } = calls(async () => venue);
  const request = new AbortController();
  const reply = run("buy", BUY, request.signal);
  request.abort();
  await new Promise(setImmediate);
  expect(orders()).toBe(1);
  let stopped = false;
  const end = stop().then(() => (stopped = true));
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  placed();
  await end;
  expect(await reply).toMatchObject({ ok: true, data: { order_id: "1001" } });
  expect(orders()).toBe(0);
});

test("the stop ends waits, and a drain that fails does not end the stop", async () => {
  const venue = testVenue({
    guard: {
      waitForFill: (_id, _timeout, waiting) =>
        new Promise((resolve) => {
          waiting?.addEventListener("abort", () => resolve({ order: anOrder(), timedOut: true }));
        }),
    },
  });
  const { run, stop } = calls(
    async () => venue,
    async () => {
      throw new Error("no");
    },
  );
  const reply = run("wait_for_fill", { order_id: "1" }, signal);
  await new Promise(setImmediate);
  await stop();
  expect(await reply).toMatchObject({ ok: true, data: { timed_out: true } });
});
