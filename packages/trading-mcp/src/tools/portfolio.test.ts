import type { Position } from "trading-core/domain/account";
import { decimal } from "trading-core/domain/money";
import { read } from "trading-core/domain/reading";
import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";
import { aPosition, NOW, testVenue } from "../testing/venue.ts";

function holding(...held: Position[]) {
  return testVenue({ guard: { positions: async () => read(held, NOW) } });
}

test("joins summary and positions, with the sum of what is unrealized", async () => {
  const venue = holding(aPosition(), aPosition({ symbol: "MSFT", unrealizedPnl: decimal("-20") }));
  expect(await dataOf("portfolio", {}, venue)).toMatchObject({
    mode: "paper",
    account_type: "PAPER",
    summary: { net_liquidation: "10000.00" },
    positions: [{ symbol: "AAPL" }, { symbol: "MSFT" }],
    unrealized_pnl: "-4.99",
    omitted: 0,
  });
});

test("no sum over an unknown part or over two currencies", async () => {
  const unknown = holding(aPosition(), aPosition({ unrealizedPnl: null }));
  expect((await dataOf("portfolio", {}, unknown)).unrealized_pnl).toBeNull();
  const mixed = holding(aPosition(), aPosition({ currency: "EUR" }));
  expect((await dataOf("portfolio", {}, mixed)).unrealized_pnl).toBeNull();
});

test("an identity that cannot be read is not known to be paper", async () => {
  const venue = testVenue({
    session: {
      identity: async () => {
        throw new Error("503");
      },
    },
  });
  expect((await dataOf("portfolio", {}, venue)).account_type).toBeNull();
});
