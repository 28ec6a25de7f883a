import type { CancelAllAnswer } from "trading-core/guard/answers";
import { expect, test } from "vitest";
import { call, dataOf, errorOf } from "../testing/call.ts";
import { testContext, testVenue } from "../testing/venue.ts";

const swept = (change: Partial<CancelAllAnswer>) =>
  testVenue({
    guard: {
      cancelAll: async ({ scope }) => ({
        scope,
        dryRun: false,
        complete: true,
        orders: [],
        left: { entries: 0, exits: 0, foreign: 0 },
        unread: [],
        warnings: [],
        ...change,
      }),
    },
  });
const row = (id: string, confirmed: boolean) => ({
  clientOrderId: `c${id}`,
  orderId: id,
  symbol: "AAPL",
  status: confirmed ? ("cancelled" as const) : ("submitted" as const),
  confirmed,
  message: confirmed ? null : "asked",
  exit: false,
});

test("S31: without arguments it is entries, of every symbol", async () => {
  const venue = testVenue();
  await dataOf("cancel_all_orders", {}, venue);
  expect(venue.calls).toEqual([["cancelAll", { scope: "entries", symbol: null }]]);
});

test("S31: what may still work is told first, and that the sweep is not complete", async () => {
  const data = await dataOf(
    "cancel_all_orders",
    { scope: "all", symbol: "AAPL" },
    swept({ complete: false, orders: [row("1", true), row("2", false)], unread: ["the list: 503"] }),
  );
  expect(data).toMatchObject({
    scope: "all",
    complete: false,
    unread: ["the list: 503"],
    orders: [
      { order_id: "2", cancel_confirmed: false, message: "asked" },
      { order_id: "1", cancel_confirmed: true, exit: false },
    ],
  });
  expect(data.message).toBe(
    "It is not complete: 1 orders are over, 1 may still work, and not everything could be read. Look at orders and unread, then at open_orders.",
  );
});

test("nothing to do, all done and a dry run are three different answers", async () => {
  const message = async (change: Partial<CancelAllAnswer>) =>
    (await dataOf("cancel_all_orders", {}, swept(change))).message;
  expect(await message({})).toBe("No order in the scope was working.");
  expect(await message({ orders: [row("1", true)] })).toBe("All 1 orders are over.");
  expect(await message({ dryRun: true, complete: false, orders: [row("1", false)] })).toContain("Dry run");
});

test("S31: a scope that is misread cancels nothing", async () => {
  const venue = testVenue();
  const error = await errorOf("cancel_all_orders", { scope: "everything" }, venue);
  expect(error.message).toContain(`"scope" has to be "entries", "exits" or "all"`);
  expect(venue.calls).toEqual([]);
});

test("S32: read mode does not serve it", async () => {
  const venue = testVenue();
  const envelope = await call("cancel_all_orders", {}, testContext(venue, { readOnly: true }));
  expect(envelope).toMatchObject({ ok: false, error: { code: "read_only" } });
  expect(venue.calls).toEqual([]);
});
