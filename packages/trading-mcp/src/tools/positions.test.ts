import { read, unread } from "trading-core/domain/reading";
import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { aPosition, NOW, testVenue } from "../testing/venue.ts";

test("tells what is held and when it was read", async () => {
  expect(await dataOf("positions", {})).toEqual({
    positions: [
      {
        symbol: "AAPL",
        quantity: "2",
        average_cost: "180",
        market_price: "187.505",
        market_value: "375.01",
        unrealized_pnl: "15.01",
        currency: "USD",
      },
    ],
    omitted: 0,
    as_of: "2026-11-20T14:59:59.800Z",
    warnings: [],
  });
});

test("a list that could not be read is an error, not an empty account", async () => {
  const venue = testVenue({ guard: { positions: async () => unread("page 2 failed") } });
  expect(await errorOf("positions", {}, venue)).toMatchObject({ code: "positions_unread", retryable: true });
});

test("a long list is cut and says by how many", async () => {
  const held = Array.from({ length: 203 }, (_, index) => aPosition({ symbol: `S${index}` }));
  const venue = testVenue({ guard: { positions: async () => read(held, NOW) } });
  const data = await dataOf("positions", {}, venue);
  expect(data.positions).toHaveLength(200);
  expect(data.omitted).toBe(3);
});

test("S9: what the guard says about orphaned exits reaches the caller", async () => {
  const warnings = ["orphaned_exit: SELL orders for 10 AAPL work (7), and only 4 is held"];
  const positions = async () => ({ ...read([aPosition()], NOW), warnings });
  expect((await dataOf("positions", {}, testVenue({ guard: { positions } }))).warnings).toEqual(warnings);
});
